"""JPEG and WebP: the formats that are smaller for being less exact.

A JPEG is written in bands, by all cores: its rows of blocks are coded each by itself (restart intervals), so
that those of several pictures make up one. Pillow has WebP whole, and so memory has.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Mapping
from contextlib import closing
from typing import IO, Any

from PIL import Image

from engine.export.bands import Watch, in_bands, rows_of
from engine.export.srgb import profile
from engine.image.alpha import over_white, straight
from engine.image.pixels import Pixels
from engine.scene.drawing import BAND
from engine.scene.scene import Drawable

FINE = 90  # of quality, from which on colours are kept as sharp as brightness
RESTARTS = 8  # after so many their numbers begin anew
BLOCK = {True: 8, False: 16}  # rows coded together, by whether the colours are as sharp
END = b"\xff\xd9"
FRAME, SCAN = 0xC0, 0xDA  # markers: of the sizes, and of where the pixels begin
LOSSLESS = 100  # quality of a WebP
EFFORT = 4  # of WebP, 0 to 6

DESCRIPTION, SOFTWARE, X_DOTS, Y_DOTS, UNIT, INCH = 0x010E, 0x0131, 0x011A, 0x011B, 0x0128, 2


def write_jpeg(
    file: IO[bytes],
    outlines: Drawable,
    texts: Mapping[str, str],
    quality: int,
    watch: Watch = lambda rows: None,
    dpi: int | None = None,
) -> None:
    """Write what outlines draw, on white, tagged as sRGB; quality: 1 to 100. Others as of `write_tiff`."""
    is_sharp = quality >= FINE
    options = _options(texts, dpi) | {
        "quality": quality,
        "subsampling": "4:4:4" if is_sharp else "4:2:0",
        "restart_marker_rows": 1,
    }

    def encode(pixels: Pixels) -> bytes:
        content = io.BytesIO()
        Image.fromarray(over_white(pixels)).save(content, "JPEG", **options)
        return content.getvalue()

    rows = rows_of(outlines, max(BAND, RESTARTS * BLOCK[is_sharp]))
    is_first = True
    with closing(in_bands(outlines, rows, encode, watch)) as pictures:
        for picture in pictures:
            frame, begin = _places(picture)
            if is_first:
                height = struct.pack(">H", outlines.height)
                file.write(picture[: frame + 5] + height + picture[frame + 7 : begin])
            else:
                file.write(bytes([0xFF, 0xD0 + RESTARTS - 1]))
            file.write(picture[begin : -len(END)])
            is_first = False
    file.write(END)


def write_webp(
    file: IO[bytes],
    outlines: Drawable,
    texts: Mapping[str, str],
    quality: int,
    watch: Watch = lambda rows: None,
    dpi: int | None = None,
) -> None:
    """Write what outlines draw, tagged as sRGB; quality: 1 to 99, or 100 for no loss."""
    image = Image.fromarray(straight(outlines.draw()))
    image.save(
        file,
        "WEBP",
        quality=quality,
        lossless=quality >= LOSSLESS,
        method=EFFORT,
        **{name: value for name, value in _options(texts, dpi).items() if name != "dpi"},
    )
    watch(outlines.height)


def _options(texts: Mapping[str, str], dpi: int | None) -> dict[str, Any]:
    """What Pillow writes beside the pixels."""
    exif = Image.Exif()
    for tag, name in ((DESCRIPTION, "Description"), (SOFTWARE, "Software")):
        if name in texts:
            exif[tag] = texts[name]
    if dpi is not None:
        exif[X_DOTS], exif[Y_DOTS], exif[UNIT] = float(dpi), float(dpi), INCH
    options: dict[str, Any] = {"exif": exif.tobytes(), "icc_profile": profile()}
    return options if dpi is None else options | {"dpi": (dpi, dpi)}


def _places(picture: bytes) -> tuple[int, int]:
    """Where in a JPEG the segment with its sizes is, and where its pixels begin."""
    at, frame = 2, 0
    while True:
        kind, length = picture[at + 1], int.from_bytes(picture[at + 2 : at + 4], "big")
        frame = at if kind == FRAME else frame
        at += 2 + length
        if kind == SCAN:
            return frame, at
