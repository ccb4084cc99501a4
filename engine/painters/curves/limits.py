"""Limits and words that settings know without numpy."""

from typing import Literal

Ink = Literal["multiply", "cover"]  # what ink does to what lies beneath
PIECES = 3  # curves of a stroke at most
MOST_PENS = 16
