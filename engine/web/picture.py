"""Pictures that visitors send: a clean copy is made by a process of its own, and this one decodes nothing."""

from __future__ import annotations

import math
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from engine.image.apart import Answer, Bounds, ask
from engine.regular_files import open_regular
from engine.web.options import Limits
from engine.web.refused import Refused, without_paths

KINDS = ("PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP", "AVIF", "HEIF")  # stills, that need no other program
_NAMES = "PNG, JPEG, WebP, GIF, TIFF, BMP, AVIF or HEIC"
_CLEANED = "engine.image.cleaned", "cleaned"
_SOURCE = "The picture"
_MOST_BYTES = 1 << 30  # of a file: uploads have been limited, samples and copies are larger than some of them
_SECONDS = 30  # of a child's processor time,
_PATIENCE = 120.0  # and by the clock: the processors have other things to do
_NICE = 5  # behind answering, before painting
_PIXEL_BYTES = 40  # of memory for each pixel: 64-bit floats of three colours, and what becomes of them
_LEAST_MEMORY = 1 << 30


@dataclass(frozen=True)
class Size:
    """Of the copy, pixels."""

    width: int
    height: int


def clean(source: Path, to: Path, limits: Limits) -> Size:
    """Write a copy of a picture: upright, in sRGB, with nothing beside its pixels, not larger than it may be.

    source: what was sent. to: a file that is not there yet; readable by its owner alone. Refused for what is
    no picture (415), too large (413) or damaged (422). Takes up to minutes: not for the event loop.
    """
    bounds = Bounds(_memory(limits), _SECONDS, _PATIENCE, _NICE)
    most = int(limits.megapixels * 1e6)
    try:
        with (
            open_regular(source, _MOST_BYTES) as file,
            ask(*_CLEANED, file, _SOURCE, KINDS, most, limits.picture_side, bounds=bounds) as answer,
        ):
            if "refusal" in answer.facts:
                why, words = answer.facts["refusal"]
                raise _refusal(why, words, limits)
            _write(answer, to)
            return Size(*map(int, answer.facts["size"]))
    except MemoryError as exc:
        raise _refusal("large", "", limits) from exc
    except ChildProcessError as exc:  # whatever a decoder has died of
        raise Refused(
            422, f"{_SOURCE} is damaged or too hard to read; save it anew, as PNG or JPEG."
        ) from exc


def _memory(limits: Limits) -> int:
    """Bytes that a child may take."""
    return max(_LEAST_MEMORY, math.ceil(limits.megapixels * 1e6 * _PIXEL_BYTES))


def _refusal(why: str, words: str, limits: Limits) -> Refused:
    if why == "large":
        most = f"{limits.megapixels:g} megapixels"
        return Refused(413, f"{_SOURCE} is too large: {most} are taken at most; scale it down first.")
    if why == "kind":
        looks = f" (it looks like {words})" if words else ""
        return Refused(415, f"That is no {_NAMES} picture that can be read here{looks}; send one of those.")
    return Refused(422, without_paths(words))


def _write(answer: Answer, to: Path) -> None:
    """Copy the bytes of the PNG, the only plane, as they are."""
    place = answer.places[0]
    answer.file.seek(place.start)
    descriptor = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as written:
            shutil.copyfileobj(answer.file, written, 1 << 20)
    except BaseException:
        to.unlink(missing_ok=True)
        raise
