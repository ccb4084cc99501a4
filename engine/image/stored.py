"""Targets that are larger than what is held in memory: written as pyramids, band by band."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops

from engine.errors import SpaceError
from engine.formatting import byte_count
from engine.image.alpha import premultiply, with_alpha
from engine.image.bands import row_bands
from engine.image.decoded import Copy
from engine.image.importance import weights_of
from engine.image.pixels import Pixels, Rgb8
from engine.image.pyramid import Nameless, Pyramid, write_pyramid
from engine.image.source import StoredSource

HELD = 12_000_000  # pixels of a target that are held in memory; of a larger one its file is
LOOKED_AT, MASK = 1024, 4096  # pixels of the longest side of what importances are found on
SAMPLED = 2048  # pixels of the longest side of what is looked at where the whole is too large
TIMES = 4  # as much as the pixels take is free: these, smaller copies, both once more in the run's folder

Means = npt.NDArray[np.float64]


def check_room(folder: Path, height: int, width: int, channels: int) -> None:
    """SpaceError when a folder's disk has no room for a target of that size."""
    wanted, free = TIMES * height * width * channels, shutil.disk_usage(folder).free
    if free < wanted:
        raise SpaceError(
            f"{folder}: a target of {width:,} x {height:,} px takes {byte_count(wanted)} on the disk for a "
            f"while, and {byte_count(free)} are free; free some, or use a smaller --size."
        )


def opacity_of(copy: Copy) -> tuple[float, int, Means]:
    """The mean and the greatest opacity of a picture, 0 to 255, and the mean colour of what is visible."""
    total, weight, most = np.zeros(3), 0.0, 0
    for colour, alpha in copy.bands():
        opacity = np.asarray(alpha or Image.new("L", colour.size, 255), np.float64)
        total += np.einsum("yx,yxc->c", opacity, np.asarray(colour))
        weight += float(opacity.sum())
        most = max(most, int(opacity.max()))
    height, width = copy.shape
    return weight / (height * width), most, total / (weight or 1)


def stored_pixels(copy: Copy, fill: Rgb8 | None, is_clear: bool, folder: Path) -> tuple[Pyramid, Means]:
    """A picture's pixels as a file in a folder; and their mean.

    is_clear: with its own transparency, and not over `fill`, which only one with alpha needs.
    """
    height, width = copy.shape
    total, channels = np.zeros(3), 4 if is_clear else 3

    def bands() -> Iterator[Pixels]:
        for colour, alpha in copy.bands():
            if is_clear:
                opacity = alpha or Image.new("L", colour.size, 255)
                premultiply(colour, opacity)
                pixels = with_alpha(colour, opacity)
            else:
                if alpha is not None and fill is not None:
                    colour.paste(fill, mask=ImageChops.invert(alpha))
                pixels = np.asarray(colour)
            np.add(total, pixels[..., :3].sum(axis=(0, 1), dtype=np.int64), out=total)
            yield pixels

    return _written(folder, height, width, channels, bands()), total / (height * width)


def with_weights(pixels: Pyramid, importance: str, folder: Path) -> tuple[StoredSource, tuple[str, ...]]:
    """A target with how much its pixels count: as `weights_of` has it of a smaller copy, enlarged."""
    if importance == "none":
        return StoredSource(pixels), ()
    height, width = pixels.height, pixels.width
    longest = LOOKED_AT if importance == "auto" else MASK
    weights, remarks = weights_of(importance, sample(StoredSource(pixels), longest))
    if weights is None:
        return StoredSource(pixels), remarks
    small = Image.fromarray(weights)

    def bands() -> Iterator[Pixels]:
        for rows in row_bands(height, width):
            box = (0, rows.start * small.height / height, small.width, rows.stop * small.height / height)
            size = (width, rows.stop - rows.start)
            yield np.asarray(small.resize(size, Image.Resampling.BILINEAR, box=box))[..., None]

    return StoredSource(pixels, _written(folder, height, width, 1, bands())), remarks


def sample(source: StoredSource, longest: int = SAMPLED) -> Pixels:
    """The whole of it, not larger than that: (height, width, channels)."""
    scale = min(1.0, longest / max(source.height, source.width))
    return source.stored_pixels.read((0, 0, source.width, source.height), scale)


def _written(folder: Path, height: int, width: int, channels: int, bands: Iterable[Pixels]) -> Pyramid:
    with tempfile.TemporaryFile(dir=folder) as file:
        write_pyramid(file, height, width, channels, bands)
        return Pyramid(folder, height, width, channels, Nameless(os.dup(file.fileno())))
