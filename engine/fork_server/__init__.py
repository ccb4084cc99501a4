"""A process that has loaded once what many need, and divides into them within milliseconds."""
