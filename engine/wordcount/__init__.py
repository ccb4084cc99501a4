"""Counting words on a picture of a page, by the pieces of a net."""
