"""A PNG of any size, drawn, filtered and compressed in bands, so that memory only ever holds a few of them.

Written by hand, because Pillow and numpngw want the whole picture at once, and pypng, which takes rows,
neither filters them nor writes text, and uses one core. Here each band is a piece of the zlib stream on its
own, as pigz does it, so that all cores draw and compress, and the bytes don't depend on how many there are.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from contextlib import closing
from typing import IO

import numpy as np

from engine.export.bands import MOST, Place, Watch, channels_of, in_pieces, rows_of
from engine.image.alpha import straight
from engine.image.pixels import Pixels
from engine.scene.drawing import BAND
from engine.scene.scene import Drawable

SIGNATURE = b"\x89PNG\r\n\x1a\n"
COLOUR_TYPES = {3: 2, 4: 6}  # by channels
NOTHING, UP = 0, 2  # filters: a row as it is, or less the row above
LEVEL = 4  # of zlib: astronaut at 6,000 px takes 0.9 s and 5.3 MB; 6 takes half as long again for 3% less
STREAM_HEADER = b"\x78\x5e"  # zlib's, for a level below the default
LAST_BLOCK = b"\x03\x00"  # of a deflate stream, empty
PERCEPTUAL = b"\0"  # how other devices are to show colours that they lack
METRE = 0.0254  # of an inch


def write_png(
    file: IO[bytes],
    outlines: Drawable,
    texts: Mapping[str, str],
    watch: Watch = lambda rows: None,
    dpi: int | None = None,
) -> None:
    """Write what outlines draw, tagged as sRGB.

    texts: by their keywords. dpi: None when nobody has said how large it is.
    """
    height, width = outlines.height, outlines.width
    channels = channels_of(outlines)

    rows = min(rows_of(outlines, BAND), max(1, MOST // (width * channels)))
    columns = min(width, max(1, MOST // channels))  # of a row that is too long by itself

    def encode(place: Place, pixels: Pixels) -> tuple[bytes, bytes]:
        whole = _filtered(straight(pixels))
        filtered = whole if place.x0 == 0 else whole[1:]  # then it is one row, as it is
        deflate = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
        return filtered, deflate.compress(filtered) + deflate.flush(zlib.Z_SYNC_FLUSH)

    file.write(SIGNATURE)
    _chunk(file, b"IHDR", struct.pack(">IIBBBBB", width, height, 8, COLOUR_TYPES[channels], 0, 0, 0))
    _chunk(file, b"sRGB", PERCEPTUAL)
    if dpi is not None:
        dots = round(dpi / METRE)
        _chunk(file, b"pHYs", struct.pack(">IIB", dots, dots, 1))
    for keyword, text in texts.items():
        _chunk(file, b"iTXt", keyword.encode("latin-1") + bytes(5) + text.encode())
    _chunk(file, b"IDAT", STREAM_HEADER)
    checksum = zlib.adler32(b"")
    with closing(in_pieces(outlines, rows, columns, encode, watch)) as pieces:
        for filtered, compressed in pieces:
            checksum = zlib.adler32(filtered, checksum)
            _chunk(file, b"IDAT", compressed)
    _chunk(file, b"IDAT", LAST_BLOCK + struct.pack(">I", checksum))
    _chunk(file, b"IEND", b"")


def _filtered(pixels: Pixels) -> bytes:
    """The rows, each but the first less the one above, after a byte that says so."""
    height = len(pixels)
    flat = pixels.reshape(height, -1)
    rows = np.empty((height, 1 + flat.shape[1]), np.uint8)
    rows[0, 0], rows[1:, 0] = NOTHING, UP
    rows[0, 1:] = flat[0]
    np.subtract(flat[1:], flat[:-1], out=rows[1:, 1:])
    return rows.tobytes()


def _chunk(file: IO[bytes], kind: bytes, content: bytes) -> None:
    checksum = zlib.crc32(content, zlib.crc32(kind))
    file.write(struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum))
