"""Networks that have learned what strokes of a brush look like, in torch."""
