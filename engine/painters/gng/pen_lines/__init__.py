"""The look `strokes`: a net becomes few long smooth strokes, as of a pen."""
