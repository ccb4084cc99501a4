"""A picture's file as its decoder gets it, and what it says of colours and of how to turn it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import BinaryIO

from PIL import ExifTags, Image

from engine.image.coding import Coding

MOST_METADATA = 16_000_000  # bytes of a profile or a text, unpacked
_XMP_ORIENTATION = re.compile(rb'tiff:Orientation(?:="|>)([1-8])')


@dataclass(frozen=True)
class Scans:
    """How often a JPEG goes over its picture, and whether it comes to its end."""

    count: int
    is_ended: bool
    block: int = 8  # rows that are coded together
    is_progressive: bool = False
    is_rough: bool = False  # some coefficients of brightness are not told at all


@dataclass(frozen=True, eq=False)
class Content:
    """What a file holds."""

    pixels: BinaryIO  # for the decoder: without all that could be in its way
    profile: bytes | None = None  # ICC
    coding: Coding | None = None  # of a picture without a profile
    orientation: int | None = None  # EXIF; None: the decoder knows
    scans: Scans | None = None  # of a JPEG
    screen: tuple[int, int] | None = None  # (width, height) that a GIF's frames are cut to


def orientation_of(exif: bytes | None, xmp: bytes | None = None) -> int:
    """How to turn a picture, by what of its metadata says so first; 1 (upright) where that is damaged."""
    found = None
    if exif:
        data = Image.Exif()
        try:
            data.load(exif)
            found = data.get(ExifTags.Base.Orientation)
        except Exception:
            # Whatever Pillow stumbles over: the pixels are intact, every viewer shows them.
            found = None
    if found is None and xmp and (match := _XMP_ORIENTATION.search(xmp)):
        found = int(match[1])
    return found if isinstance(found, int) and 1 <= found <= 8 else 1
