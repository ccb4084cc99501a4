"""A TIFF of any size, in strips that all cores draw and compress, so that memory only ever holds a few."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import IO

import numpy as np

from engine.export.bands import Watch, channels_of, in_bands, rows_of
from engine.export.srgb import profile
from engine.image.alpha import straight
from engine.image.pixels import Pixels
from engine.scene.drawing import BAND
from engine.scene.scene import Drawable

LEVEL = 4  # of zlib, as of a PNG
ROOM = 4_000_000_000  # bytes of pixels, compressed or not, that plain TIFF has offsets for
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


def write_tiff(
    file: IO[bytes],
    outlines: Drawable,
    texts: Mapping[str, str],
    watch: Watch = lambda rows: None,
    dpi: int | None = None,
    room: int = ROOM,
) -> None:
    """Write what outlines draw into a file that can seek, tagged as sRGB.

    texts: "Description" and "Software". dpi: None when nobody has said how large it is. A picture with more
    than `room` bytes of pixels becomes a BigTIFF.
    """
    height, width, channels = outlines.height, outlines.width, channels_of(outlines)
    form = BIG if height * width * channels > room else PLAIN
    rows = rows_of(outlines, BAND)
    file.write(form.header + struct.pack(f"<{form.offset}", 0))
    places, lengths = [], []
    with closing(in_bands(outlines, rows, _strip, watch)) as strips:
        for strip in strips:
            places.append(file.tell())
            lengths.append(len(strip))
            file.write(strip + bytes(len(strip) % 2))
    entries: dict[int, tuple[int, bytes | list[int]]] = {
        256: (LONG, [width]),
        257: (LONG, [height]),
        258: (SHORT, [8] * channels),
        259: (SHORT, [DEFLATE]),
        262: (SHORT, [RGB]),
        270: (BYTES, texts.get("Description", "").encode() + b"\0"),
        273: (form.type, places),
        277: (SHORT, [channels]),
        278: (LONG, [rows]),
        279: (form.type, lengths),
        282: (RATIO, [dpi or 72, 1]),
        283: (RATIO, [dpi or 72, 1]),
        284: (SHORT, [1]),  # the channels of a pixel together
        296: (SHORT, [INCH if dpi else NO_UNIT]),
        305: (BYTES, texts.get("Software", "").encode() + b"\0"),
        317: (SHORT, [DIFFERENCES]),
        **({338: (SHORT, [STRAIGHT_ALPHA])} if channels == 4 else {}),
        34675: (UNDEFINED, profile()),
    }
    directory = file.tell()
    file.write(_directory(entries, directory, form))
    file.seek(len(form.header))
    file.write(struct.pack(f"<{form.offset}", directory))


def _strip(pixels: Pixels) -> bytes:
    """Compressed rows, each pixel less the one to its left."""
    differences = straight(pixels).copy()
    differences[:, 1:] -= differences[:, :-1].copy()
    return zlib.compress(np.ascontiguousarray(differences).tobytes(), LEVEL)


def _directory(entries: Mapping[int, tuple[int, bytes | list[int]]], begin: int, form: _Form) -> bytes:
    """The entries, by tag, and behind them what doesn't fit into one; begin: its offset in the file."""
    slot = struct.calcsize(form.offset)
    entry = struct.calcsize(f"<HH{form.offset}{form.offset}")
    end = begin + struct.calcsize(f"<{form.count}") + len(entries) * entry + slot
    lines, behind = [struct.pack(f"<{form.count}", len(entries))], b""
    for tag, (kind, values) in sorted(entries.items()):
        content = values if isinstance(values, bytes) else _packed(kind, values)
        count = len(content) // SIZES[kind]
        if len(content) > slot:
            at = struct.pack(f"<{form.offset}", end + len(behind))
            behind += content + bytes(len(content) % 2)
        else:
            at = content.ljust(slot, b"\0")
        lines.append(struct.pack(f"<HH{form.offset}", tag, kind, count) + at)
    return b"".join(lines) + bytes(slot) + behind


def _packed(kind: int, values: list[int]) -> bytes:
    letters = {SHORT: "H", LONG: "I", RATIO: "I", LONG8: "Q"}
    return struct.pack(f"<{len(values)}{letters[kind]}", *values)
