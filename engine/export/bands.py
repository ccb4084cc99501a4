"""A drawing encoded in bands by all cores, so that memory only ever holds a few of them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import NamedTuple, TypeVar

import numpy as np

from engine.image.pixels import Pixels
from engine.scene.drawing import ground
from engine.scene.scene import Drawable
from engine.system.ordered_map import ordered_map
from engine.system.resources import available_cores

PIECE = 4_000_000  # bytes of pixels that are drawn at a time, about
MOST = 8_000_000  # and at most, where a row has more
COLUMNS = 2048  # drawn at a time of a row: floats and spans of a band of them stay in the processor's cache

Encoded = TypeVar("Encoded")
Watch = Callable[[int], None]  # is told how many rows are written


class Place(NamedTuple):
    """A window of a drawing, in its pixels."""

    x0: int
    y0: int
    height: int
    width: int


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
    return in_pieces(outlines, rows, outlines.width, lambda place, pixels: encode(pixels), watch)


def in_pieces(
    outlines: Drawable, rows: int, columns: int, encode: Callable[[Place, Pixels], Encoded], watch: Watch
) -> Generator[Encoded, None, None]:
    """The same of bands that are cut into so many columns, from left to right, with where each lies."""
    height, width, cores = outlines.height, outlines.width, available_cores()

    def pieces() -> Iterator[tuple[Place, Drawable]]:
        for y0, band in _bands(outlines, 0, -(-height // rows), rows):
            for x0 in range(0, width, columns):
                yield Place(x0, y0, min(rows, height - y0), min(columns, width - x0)), band

    def made(piece: tuple[Place, Drawable]) -> tuple[Place, Encoded]:
        place, band = piece
        return place, encode(place, drawn(band, place))

    with (
        ThreadPoolExecutor(cores) as executor,
        closing(ordered_map(executor, made, pieces(), 2 * cores)) as results,
    ):
        for place, encoded in results:
            yield encoded
            if place.x0 + place.width == width:
                watch(place.y0 + place.height)


def drawn(part: Drawable, place: Place) -> Pixels:
    """The pixels of a window, drawn a few columns at a time where it is wide."""
    x0, y0, height, width = place
    if width <= COLUMNS:
        return part.draw_window(x0, y0, height, width)
    picture = np.empty((height, width, channels_of(part)), np.uint8)
    for x in range(0, width, COLUMNS):
        columns = min(COLUMNS, width - x)
        piece = part.within(x0 + x, y0, height, columns)
        picture[:, x : x + columns] = piece.draw_window(x0 + x, y0, height, columns)
    return picture


def _bands(part: Drawable, first: int, last: int, rows: int) -> Iterator[tuple[int, Drawable]]:
    """Where each band from the first to before the last begins, with what reaches into it.

    That is looked for among what reaches into twice as many: for all bands together not much oftener than
    there are marks.
    """
    y0 = first * rows
    part = part.within(0, y0, min(last * rows, part.height) - y0, part.width)
    if last - first <= 1:
        yield y0, part
        return
    middle = (first + last) // 2
    yield from _bands(part, first, middle, rows)
    yield from _bands(part, middle, last, rows)
