"""Paintings made of brush strokes, whose looks a network has learned from a real paint program."""
