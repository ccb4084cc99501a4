"""Files for other programs, made from a scene's marks."""
