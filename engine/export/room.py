"""How many bytes a large picture will have, tried out on a few pieces of it, and whether a disk has room."""

from __future__ import annotations

import io
import shutil
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from engine.errors import SpaceError
from engine.export.bands import Place, channels_of, drawn
from engine.export.lossy import LOSSLESS
from engine.formatting import byte_count
from engine.image.alpha import over_white, straight
from engine.image.pixels import Pixels
from engine.scene.scene import Drawable

LARGE = 100_000_000  # pixels; smaller pictures are written and found too large then
PROBES, SIDE = 5, 384  # pieces along each side that are tried, and their own sides in pixels
LEVEL = 4  # of zlib, as of the files
CERTAIN = 0.7  # of what was estimated: less there is none, but for odd pictures
PYRAMID = 4 / 3  # how much more the smaller copies of a picture are


def check_room(folder: Path, outlines: Drawable, form: str, quality: int) -> None:
    """SpaceError when a large picture will not go into what is free on a folder's disk."""
    if outlines.height * outlines.width < LARGE:
        return
    wanted, free = estimated_bytes(outlines, form, quality), shutil.disk_usage(folder).free
    if CERTAIN * wanted > free:
        raise SpaceError(
            f"{folder}: {outlines.width:,} x {outlines.height:,} pixels of this picture as {form} take about "
            f"{byte_count(wanted)}, and {byte_count(free)} are free; free some, or choose a smaller size."
        )


def estimated_bytes(outlines: Drawable, form: str, quality: int) -> int:
    """About how many bytes a picture will have in a format, from pieces that lie evenly all over it."""
    encode = _as_jpeg(quality) if _is_lossy(outlines, form, quality) else _deflated
    height, width = min(SIDE, outlines.height), min(SIDE, outlines.width)
    total = 0
    for y in np.linspace(0, outlines.height - height, PROBES).astype(int).tolist():
        for x in np.linspace(0, outlines.width - width, PROBES).astype(int).tolist():
            place = Place(x, y, height, width)
            total += len(encode(drawn(outlines.within(*place), place)))
    share = total / (PROBES**2 * height * width)
    return round(share * outlines.height * outlines.width * (PYRAMID if form in ("tiff", "dzi") else 1))


def _is_lossy(outlines: Drawable, form: str, quality: int) -> bool:
    if form == "dzi":
        return channels_of(outlines) == 3 and quality < LOSSLESS
    return form in ("jpeg", "webp")


def _deflated(pixels: Pixels) -> bytes:
    values = straight(pixels)
    return zlib.compress(np.diff(values, axis=1, prepend=values[:, :1] * np.uint8(0)).tobytes(), LEVEL)


def _as_jpeg(quality: int) -> Callable[[Pixels], bytes]:
    def encode(pixels: Pixels) -> bytes:
        content = io.BytesIO()
        Image.fromarray(over_white(pixels)).save(content, "JPEG", quality=quality)
        return content.getvalue()

    return encode
