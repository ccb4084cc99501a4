"""Large pictures, some of their rows at a time."""

from __future__ import annotations

from collections.abc import Iterator

BAND_PIXELS = 1 << 20  # of a picture that are handled as floats at a time


def row_bands(height: int, width: int) -> Iterator[slice]:
    """Yield slices of rows, BAND_PIXELS each: a whole large picture would not fit into memory as floats."""
    step = max(1, BAND_PIXELS // width)
    for start in range(0, height, step):
        yield slice(start, min(start + step, height))
