"""Pen strokes whose control points are moved down the gradient of what an objective says of the picture."""
