"""A TIFF of any size, in pieces that all cores draw and compress, so that memory only ever holds a few.

A small one is in strips, which every program reads. A large one is in tiles, and has a pyramid of smaller
copies behind it, which programs that show large pictures look for.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import IO

import numpy as np

from engine.export.bands import Watch, channels_of, in_bands, rows_of
from engine.export.pyramid import TILE, in_tiles, levels_of, tiles_along
from engine.export.srgb import profile
from engine.image.alpha import straight
from engine.image.pixels import Pixels
from engine.scene.drawing import BAND
from engine.scene.scene import Drawable

LEVEL = 4  # of zlib, as of a PNG
ROOM = 4_000_000_000  # bytes of pixels, compressed or not, that plain TIFF has offsets for
LARGE = 100_000_000  # pixels; from there on in tiles
REDUCED = 1  # a smaller copy of another picture of the file
BYTES, SHORT, LONG, RATIO, LONG8, UNDEFINED = 2, 3, 4, 5, 16, 7  # types of entries; the first is ASCII
SIZES = {BYTES: 1, SHORT: 2, LONG: 4, RATIO: 8, LONG8: 8, UNDEFINED: 1}
DEFLATE, RGB, INCH, NO_UNIT, DIFFERENCES, STRAIGHT_ALPHA = 8, 2, 2, 1, 2, 2


@dataclass(frozen=True)
class _Form:
    """How offsets are written: in four bytes, or in eight of a BigTIFF."""

    header: bytes  # before the offset of the directory
    offset: str  # struct's letter
    count: str  # of a directory's entries
    type: int  # of the strips' offsets


PLAIN = _Form(b"II*\0", "I", "H", LONG)
BIG = _Form(b"II+\0\x08\0\0\0", "Q", "Q", LONG8)


Values = bytes | list[int]
Entries = dict[int, tuple[int, Values]]  # by their tags: types and values


def write_tiff(
    file: IO[bytes],
    outlines: Drawable,
    texts: Mapping[str, str],
    watch: Watch = lambda rows: None,
    dpi: int | None = None,
    room: int = ROOM,
    large: int = LARGE,
) -> None:
    """Write what outlines draw into a file that can seek, tagged as sRGB.

    texts: "Description" and "Software". dpi: None when nobody has said how large it is. A picture with more
    than `room` bytes of pixels becomes a BigTIFF, one of `large` pixels or more a pyramid of tiles.
    """
    height, width, channels = outlines.height, outlines.width, channels_of(outlines)
    is_tiled = height * width >= large
    levels = levels_of(height, width, TILE) if is_tiled else [(height, width)]
    pixels = sum(rows * columns for rows, columns in levels)
    form = BIG if pixels * channels > room else PLAIN
    file.write(form.header + struct.pack(f"<{form.offset}", 0))
    write = _write_tiles if is_tiled else _write_strips
    link = len(form.header)  # where the offset of the next directory is to be
    for level, (size, places) in enumerate(
        zip(levels, write(file, outlines, levels, form, watch), strict=True)
    ):
        kind: Entries = {254: (LONG, [REDUCED if level else 0])} if is_tiled else {}
        begin = file.tell()
        entries = kind | _described(size, channels) | _about(texts, dpi, 2**level) | places
        content, next_link = _directory(entries, begin, form)
        file.write(content)
        file.seek(link)
        file.write(struct.pack(f"<{form.offset}", begin))
        file.seek(0, os.SEEK_END)
        link = begin + next_link


def _described(size: tuple[int, int], channels: int) -> Entries:
    """How the pixels of a copy are stored."""
    return {
        256: (LONG, [size[1]]),
        257: (LONG, [size[0]]),
        258: (SHORT, [8] * channels),
        259: (SHORT, [DEFLATE]),
        262: (SHORT, [RGB]),
        277: (SHORT, [channels]),
        284: (SHORT, [1]),  # the channels of a pixel together
        317: (SHORT, [DIFFERENCES]),
        **({338: (SHORT, [STRAIGHT_ALPHA])} if channels == 4 else {}),
        34675: (UNDEFINED, profile()),
    }


def _about(texts: Mapping[str, str], dpi: int | None, reduction: int) -> Entries:
    """What a copy says of itself that is smaller by so much."""
    resolution = [dpi or 72, reduction if dpi else 1]
    return {
        270: (BYTES, texts.get("Description", "").encode() + b"\0"),
        282: (RATIO, resolution),
        283: (RATIO, resolution),
        296: (SHORT, [INCH if dpi else NO_UNIT]),
        305: (BYTES, texts.get("Software", "").encode() + b"\0"),
    }


def _write_strips(
    file: IO[bytes], outlines: Drawable, levels: list[tuple[int, int]], form: _Form, watch: Watch
) -> list[Entries]:
    """Write the only level in strips; what its directory says of them."""
    rows = rows_of(outlines, BAND)
    places, lengths = [], []
    with closing(in_bands(outlines, rows, _compressed, watch)) as strips:
        for strip in strips:
            places.append(_put(file, strip))
            lengths.append(len(strip))
    return [{273: (form.type, places), 278: (LONG, [rows]), 279: (form.type, lengths)}]


def _write_tiles(
    file: IO[bytes], outlines: Drawable, levels: list[tuple[int, int]], form: _Form, watch: Watch
) -> list[Entries]:
    """Write all levels in tiles; what the directory of each says of them."""
    across = [tiles_along(width) for _, width in levels]
    counts = [tiles_along(height) * columns for (height, _), columns in zip(levels, across, strict=True)]
    places, lengths = ([[0] * count for count in counts] for _ in range(2))
    with closing(in_tiles(outlines, levels, _tile, watch)) as tiles:
        for tile in tiles:
            at = tile.row * across[tile.level] + tile.column
            places[tile.level][at] = _put(file, tile.content)
            lengths[tile.level][at] = len(tile.content)
    return [
        {
            322: (SHORT, [TILE]),
            323: (SHORT, [TILE]),
            324: (form.type, places[level]),
            325: (form.type, lengths[level]),
        }
        for level in range(len(levels))
    ]


def _put(file: IO[bytes], content: bytes) -> int:
    """Write at the end, so that what follows begins at an even place; where it was put."""
    place = file.tell()
    file.write(content + bytes(len(content) % 2))
    return place


def _tile(pixels: Pixels) -> bytes:
    """A compressed tile, which is filled up where there is nothing more of the picture."""
    height, width = pixels.shape[:2]
    if (height, width) != (TILE, TILE):
        pixels = np.pad(pixels, ((0, TILE - height), (0, TILE - width), (0, 0)), "edge")
    return _compressed(pixels)


def _compressed(pixels: Pixels) -> bytes:
    """Compressed rows, each pixel less the one to its left."""
    differences = straight(pixels).copy()
    differences[:, 1:] -= differences[:, :-1].copy()
    return zlib.compress(np.ascontiguousarray(differences).tobytes(), LEVEL)


def _directory(entries: Entries, begin: int, form: _Form) -> tuple[bytes, int]:
    """The entries, by tag, and behind them what doesn't fit into one; begin: its offset in the file.

    Also where in it the offset of the next one is to be.
    """
    slot = struct.calcsize(form.offset)
    entry = struct.calcsize(f"<HH{form.offset}{form.offset}")
    link = struct.calcsize(f"<{form.count}") + len(entries) * entry
    end = begin + link + slot
    lines, behind = [struct.pack(f"<{form.count}", len(entries))], bytearray()
    for tag, (kind, values) in sorted(entries.items()):
        content = values if isinstance(values, bytes) else _packed(kind, values)
        count = len(content) // SIZES[kind]
        if len(content) > slot:
            at = struct.pack(f"<{form.offset}", end + len(behind))
            behind += content + bytes(len(content) % 2)
        else:
            at = content.ljust(slot, b"\0")
        lines.append(struct.pack(f"<HH{form.offset}", tag, kind, count) + at)
    return b"".join(lines) + bytes(slot) + behind, link


def _packed(kind: int, values: list[int]) -> bytes:
    letters = {SHORT: "H", LONG: "I", RATIO: "I", LONG8: "Q"}
    return struct.pack(f"<{len(values)}{letters[kind]}", *values)
