"""Tests of what the scripts work out."""
