"""The networks that draw a stroke from its action. They need torch; painting with a model does not."""
