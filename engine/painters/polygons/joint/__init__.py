"""Improving all shapes of a window together."""
