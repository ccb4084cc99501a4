"""A drawing as a pyramid of square tiles: each pixel drawn once, each level the half of the one below.

The drawing is cut into blocks, each drawn and encoded by itself, by all cores. What is left of a block, its
quarter, is put together with its three neighbours', and so on up to the top. Blocks come in the order of a
Z (a quadtree's), so that of each level only the tiles are in memory that the one above still waits for,
however large the picture is.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice, product
from typing import NamedTuple

import numpy as np
from PIL import Image

from engine.export.bands import Place, Watch, channels_of, drawn
from engine.image.pixels import Pixels
from engine.scene.scene import Drawable
from engine.system.resources import available_cores

TILE = 512  # pixels of a side
BLOCK = 2 * TILE  # drawn at a time
MODES = {3: "RGB", 4: "RGBX"}  # Pillow's, by channels, in which a pixel's four are one like the other

Size = tuple[int, int]  # height, width
Encode = Callable[[Pixels], bytes]


class Tile(NamedTuple):
    """An encoded tile; level 0 is the finest."""

    level: int
    row: int
    column: int
    content: bytes


def levels_of(height: int, width: int, least: int) -> list[Size]:
    """The sizes of the levels: halves, rounded up, until the longest side has `least` pixels at most."""
    sizes = [(height, width)]
    while max(sizes[-1]) > least:
        sizes.append((-(-sizes[-1][0] // 2), -(-sizes[-1][1] // 2)))
    return sizes


def tiles_along(side: int) -> int:
    """How many tiles there are along a side."""
    return -(-side // TILE)


def half(pixels: Pixels) -> Pixels:
    """Half as high and wide, rounded up: each pixel the mean of the four, or fewer, that it covers."""
    height, width, channels = pixels.shape
    mode = MODES[channels]
    image = Image.frombuffer(mode, (width, height), np.ascontiguousarray(pixels), "raw", mode, 0, 1)
    return np.asarray(image.reduce(2)).reshape(-(-height // 2), -(-width // 2), channels)


def in_tiles(
    outlines: Drawable, levels: list[Size], encode: Encode, watch: Watch
) -> Generator[Tile, None, None]:
    """All tiles of these levels; `encode` makes one of premultiplied pixels, TILE or less along a side.

    It is called in threads. The order of the tiles doesn't depend on how many there are.
    """
    cores, done = available_cores(), 0
    count = -(-outlines.height // BLOCK) * -(-outlines.width // BLOCK)
    with ThreadPoolExecutor(cores) as executor:
        blocks = (
            executor.submit(_encoded_block, part, place, levels, encode) for place, part in _blocks(outlines)
        )
        line: deque[Future[_Piece]] = deque(islice(blocks, 2 * cores))
        parents = _Parents(levels, channels_of(outlines))
        try:
            while line:
                piece = line.popleft().result()
                line.extend(islice(blocks, max(0, 2 * cores - len(line))))
                yield from piece.tiles
                if piece.level <= 2:  # a block, and not put together
                    done += 1
                    watch(outlines.height * done // count)
                if (whole := parents.put(piece)) is not None:
                    line.appendleft(executor.submit(_encoded_parent, whole, levels, encode))
        finally:
            for future in line:
                future.cancel()


@dataclass(frozen=True)
class _Piece:
    """Tiles that have been encoded, and what is left of them for the level above."""

    tiles: list[Tile]
    level: int  # of what is left
    y0: int  # where it lies there
    x0: int
    pixels: Pixels


@dataclass(frozen=True)
class _Parent:
    """A tile that is put together."""

    level: int
    row: int
    column: int
    pixels: Pixels


class _Parents:
    """Tiles that wait for parts of them."""

    def __init__(self, levels: list[Size], channels: int) -> None:
        self._levels, self._channels = levels, channels
        self._waiting: dict[tuple[int, int, int], tuple[Pixels, int]] = {}  # and how many pixels are missing

    def put(self, piece: _Piece) -> _Parent | None:
        """Put a piece into its tile; the tile, if that is whole now."""
        if piece.level >= len(self._levels):
            return None
        (row, y), (column, x) = divmod(piece.y0, TILE), divmod(piece.x0, TILE)
        key = piece.level, row, column
        if key not in self._waiting:
            height, width = (
                min(TILE, side - TILE * at)
                for side, at in zip(self._levels[piece.level], (row, column), strict=True)
            )
            self._waiting[key] = np.empty((height, width, self._channels), np.uint8), height * width
        pixels, missing = self._waiting[key]
        height, width = piece.pixels.shape[:2]
        pixels[y : y + height, x : x + width] = piece.pixels
        missing -= height * width
        self._waiting[key] = pixels, missing
        if missing:
            return None
        del self._waiting[key]
        return _Parent(*key, pixels)


def _encoded_block(part: Drawable, place: Place, levels: list[Size], encode: Encode) -> _Piece:
    """Draw a block: its tiles at the finest level, and at the next one."""
    tiles, pixels = [], drawn(part, place)
    y0, x0, level = place.y0, place.x0, 0
    while level < min(2, len(levels)):
        for y, x in product(range(0, len(pixels), TILE), range(0, pixels.shape[1], TILE)):
            content = encode(pixels[y : y + TILE, x : x + TILE])
            tiles.append(Tile(level, (y0 + y) // TILE, (x0 + x) // TILE, content))
        pixels, y0, x0, level = half(pixels), y0 // 2, x0 // 2, level + 1
    return _Piece(tiles, level, y0, x0, pixels)


def _encoded_parent(whole: _Parent, levels: list[Size], encode: Encode) -> _Piece:
    level, row, column, pixels = whole.level, whole.row, whole.column, whole.pixels
    tile = Tile(level, row, column, encode(pixels))
    side = TILE // 2
    return _Piece([tile], level + 1, row * side, column * side, half(pixels))


def _blocks(outlines: Drawable) -> Iterator[tuple[Place, Drawable]]:
    """The blocks of a drawing in the order of a Z, each with what reaches into it."""
    height, width = outlines.height, outlines.width
    side = BLOCK
    while side < max(height, width):
        side *= 2

    def within(part: Drawable, y0: int, x0: int, side: int) -> Iterator[tuple[Place, Drawable]]:
        if y0 >= height or x0 >= width:
            return
        place = Place(x0, y0, min(side, height - y0), min(side, width - x0))
        part = part.within(*place)
        if side == BLOCK:
            yield place, part
            return
        step = side // 2
        for y, x in product((y0, y0 + step), (x0, x0 + step)):
            yield from within(part, y, x, step)

    return within(outlines, 0, 0, side)
