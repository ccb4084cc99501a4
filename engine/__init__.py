"""Tessera: paints a picture out of shapes, tile by tile, and films itself doing it."""

__version__ = "0.1.0"
