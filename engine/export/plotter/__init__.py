"""A picture for pen plotters: what its pens draw, in which order, and how long that takes."""
