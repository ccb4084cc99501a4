"""The polygon painter: boundary sums, annealing, coarse to fine."""
