"""Pictures as pixels: the target, and how far a picture is from it."""
