"""The benches behind scripts/bench: Tessera, measured through its command line, and its goals."""
