"""Counting the words in a picture of text."""
