"""A copy of a picture with nothing in it but its pixels: upright, in sRGB, not too large, as a PNG.

For a process of its own, whose limits hold: pictures of strangers are hostile.
"""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from PIL import Image

from engine.errors import TargetError
from engine.image.alpha import premultiply, straight, with_alpha
from engine.image.decode import first_picture, stored_size
from engine.image.decoded import Decoded, fit
from engine.image.formats import HEAD_BYTES, missing, name_of, told
from engine.image.refusals import MAX_SIDE, refusing

_LEVEL = 4  # of deflate: less than half the time of the usual 6, and hardly larger


@dataclass(frozen=True)
class File:
    """Bytes among the planes of an answer."""

    content: bytes
    mode: str = "L"

    @property
    def size(self) -> tuple[int, int]:
        """All of them in a row."""
        return len(self.content), 1

    def write(self, descriptor: int) -> None:
        """Write them."""
        with os.fdopen(descriptor, "wb", closefd=False) as to:
            to.write(self.content)


def cleaned(
    file: BinaryIO, source: str, kinds: Sequence[str], most_pixels: int, side: int
) -> tuple[dict[str, Any], list[File]]:
    """What `apart.ask` is answered: {"size": [width, height]} and the PNG, or {"refusal": [why, words]}.

    kinds: Pillow's names of formats that are taken. side: of the copy at most, pixels. why: "kind", "large"
    or "damaged"; words: a format's name, or for "damaged" a sentence that begins with `source`.
    """
    kind = told(file.read(HEAD_BYTES))
    if kind not in kinds or missing(kind):
        return _no("kind", name_of(kind))
    Image.MAX_IMAGE_PIXELS = None  # of this process: ours is looked at
    try:
        with refusing(source):
            width, height = stored_size(file, kind)
            if width * height > most_pixels or max(width, height) > MAX_SIDE:
                return _no("large", name_of(kind))
            found = first_picture(source, file, kind, side)
    except TargetError as error:
        if isinstance(error.__cause__, MemoryError):
            return _no("large", name_of(kind))
        return _no("damaged", str(error))
    picture = _copy(found, side)
    packed = io.BytesIO()
    picture.save(packed, "PNG", compress_level=_LEVEL)
    return {"size": picture.size}, [File(packed.getvalue())]


def _no(why: str, words: str) -> tuple[dict[str, Any], list[File]]:
    return {"refusal": [why, words]}, []


def _copy(found: Decoded, side: int) -> Image.Image:
    """Colour and alpha at their size; what is clear lends nothing of its colour to what is beside it."""
    if found.alpha is None:
        return _bare(found.plane(found.colour, side))
    if fit(found.size, side) == found.colour.size:
        picture = _bare(found.plane(found.colour, side))
        picture.putalpha(found.plane(found.alpha, side))
        return picture
    premultiply(found.colour, found.alpha)
    planes = found.plane(found.colour, side), found.plane(found.alpha, side)
    return Image.fromarray(straight(with_alpha(*planes)))


def _bare(picture: Image.Image) -> Image.Image:
    """A picture of which nothing is said beside its pixels."""
    return Image.frombytes(picture.mode, picture.size, picture.tobytes())
