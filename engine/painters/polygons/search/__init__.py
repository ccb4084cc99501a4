"""Finding and improving one shape at a time."""
