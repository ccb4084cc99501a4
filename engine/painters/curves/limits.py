"""Limits that settings know without numpy."""

PIECES = 3  # curves of a stroke at most
