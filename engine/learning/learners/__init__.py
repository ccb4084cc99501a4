"""The three kinds of generators, each with what is particular about learning one. They need torch."""
