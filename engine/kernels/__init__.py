"""Compiled code: the one way to make a kernel, vector types, random numbers."""
