"""A run as one page for a browser: what was painted, how the error fell, where the work went."""
