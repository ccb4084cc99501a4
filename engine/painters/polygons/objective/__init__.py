"""How good shapes are: boundary sums, the drawn error, and their gradients."""
