"""A drawing encoded in bands by all cores, so that memory only ever holds a few of them."""

from __future__ import annotations

from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TypeVar

from engine.image.pixels import Pixels
from engine.scene.drawing import ground
from engine.scene.scene import Drawable
from engine.system.ordered_map import ordered_map
from engine.system.resources import available_cores

PIECE = 4_000_000  # bytes of pixels that are drawn at a time, about

Encoded = TypeVar("Encoded")
Watch = Callable[[int], None]  # is told how many rows are written


def channels_of(outlines: Drawable) -> int:
    """3, or 4 over a transparent background."""
    return len(ground(outlines.background))


def rows_of(outlines: Drawable, multiple: int) -> int:
    """How many rows a band has, of which there may be fewer in the last one."""
    return multiple * max(1, PIECE // (multiple * outlines.width * channels_of(outlines)))


def in_bands(
    outlines: Drawable, rows: int, encode: Callable[[Pixels], Encoded], watch: Watch
) -> Generator[Encoded, None, None]:
    """What `encode` makes of each band, premultiplied pixels, from top to bottom.

    It is called in threads. The bands don't depend on how many there are.
    """
    height, width = outlines.height, outlines.width
    places, cores = range(0, height, rows), available_cores()

    def piece(y: int) -> Encoded:
        return encode(outlines.draw_window(0, y, min(rows, height - y), width))

    with (
        ThreadPoolExecutor(cores) as executor,
        closing(ordered_map(executor, piece, places, 2 * cores)) as pieces,
    ):
        for y, encoded in zip(places, pieces, strict=True):
            yield encoded
            watch(min(y + rows, height))
