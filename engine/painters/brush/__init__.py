"""Strokes of brushes that a network has learned from a real paint program."""
