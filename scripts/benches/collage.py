"""A large photograph made of scikit-image's small ones, the same on every machine."""

from __future__ import annotations

import itertools

import numpy as np
from PIL import Image, ImageOps

from engine.image.pixels import Pixels
from engine.image.target import open_target
from scripts.benches.runs import PHOTOGRAPHS

ROWS, COLUMNS = 4, 6
NATIVE = 10_000  # pixels: larger than any of them


def collage(width: int) -> Pixels:
    """Squares of the photographs, mirrored or upside down when they come again: three to two in shape."""
    side = width // COLUMNS
    picture = Image.new("RGB", (COLUMNS * side, ROWS * side))
    sources = [Image.fromarray(open_target(name, NATIVE).pixels) for name in PHOTOGRAPHS]
    squares = [ImageOps.fit(source, (side, side), Image.Resampling.LANCZOS) for source in sources]
    looks = [*squares, *map(ImageOps.mirror, squares), *map(ImageOps.flip, squares)]
    looks += map(ImageOps.mirror, looks[-len(squares) :])
    places = itertools.product(range(ROWS), range(COLUMNS))
    for (row, column), look in zip(places, looks, strict=False):
        picture.paste(look, (column * side, row * side))
    return np.asarray(picture)
