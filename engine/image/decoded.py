"""Decoded pictures: what is left to do until they are a copy of a size, upright, in sRGB."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from mmap import ACCESS_READ, mmap
from typing import IO, Protocol

import numpy as np
from PIL import Image

from engine.image.apart import Place
from engine.image.bands import row_bands
from engine.image.colour import to_srgb
from engine.image.modes import separate
from engine.image.pixels import Pixels

Planes = tuple[Image.Image, Image.Image | None]  # RGB, sRGB, straight; and alpha, L, where there is any

# How to turn a picture upright, by its EXIF orientation; 1 is upright.
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDEWAYS = (5, 6, 7, 8)


class Copy(Protocol):
    """A picture at the size that is worked on, upright, of which some rows are looked at, at a time."""

    @property
    def shape(self) -> tuple[int, int]:
        """(height, width)."""

    @property
    def has_alpha(self) -> bool:
        """Whether it may be transparent somewhere."""

    def bands(self) -> Iterator[Planes]:
        """All of it from top to bottom, some rows each."""


@dataclass(frozen=True, eq=False)
class Decoded:
    """A decoded picture, not yet upright."""

    colour: Image.Image  # RGB, sRGB
    alpha: Image.Image | None  # L, as large as colour
    box: tuple[float, float, float, float]  # where in colour the picture is: (x0, y0, x1, y1)
    orientation: int  # EXIF, what is left to do
    size: tuple[int, int]  # (width, height) of the source; colour may be a reduced version of it
    remarks: tuple[str, ...] = ()  # what is odd about it though it went well, after its name

    @property
    def upright_shape(self) -> tuple[int, int]:
        """The (height, width) of the source once it is upright."""
        return upright_shape(self.size, self.orientation)

    def upright(self, copy: Image.Image) -> Image.Image:
        """Turn a copy of this picture upright."""
        return copy.transpose(TURNS[self.orientation]) if self.orientation in TURNS else copy

    def plane(self, plane: Image.Image, size: int) -> Image.Image:
        """One of the decoded pictures, upright and not larger than `size`."""
        copy_size = fit(self.size, size)
        if copy_size != plane.size:
            plane = plane.resize(copy_size, Image.Resampling.LANCZOS, box=self.box)
        return self.upright(plane)

    @property
    def has_alpha(self) -> bool:
        """Whether it may be transparent somewhere."""
        return self.alpha is not None

    def copy(self, size: int) -> Copy:
        """All of it, not larger than `size`."""
        return _Held(
            self.plane(self.colour, size), None if self.alpha is None else self.plane(self.alpha, size)
        )


@dataclass(frozen=True, eq=False)
class Streamed:
    """A large picture that lies in a file at the size that is worked on, not yet upright or in sRGB."""

    file: IO[bytes]
    place: Place
    profile: bytes | None  # ICC
    orientation: int  # EXIF
    size: tuple[int, int]  # (width, height) of the source
    remarks: tuple[str, ...] = ()

    @property
    def upright_shape(self) -> tuple[int, int]:
        """The (height, width) of the source once it is upright."""
        return upright_shape(self.size, self.orientation)

    @property
    def shape(self) -> tuple[int, int]:
        """See Copy."""
        return upright_shape(self.place.size, self.orientation)

    @property
    def has_alpha(self) -> bool:
        """See Copy."""
        return self.place.mode in ("LA", "RGBA")

    def copy(self, size: int) -> Copy:
        """Itself, as it has been made for that size."""
        return self

    def held(self) -> Decoded:
        """All of it in memory."""
        with mmap(self.file.fileno(), 0, access=ACCESS_READ) as content:
            image = Image.frombytes(
                self.place.mode, self.place.size, content[self.place.start : self.place.end]
            )
        colour, alpha = in_srgb(image, self.profile)
        box = (0, 0, *self.place.size)
        return Decoded(colour, alpha, box, self.orientation, self.size, self.remarks)

    def bands(self) -> Iterator[Planes]:
        """See Copy."""
        width, height = self.place.size
        for rows in row_bands(*self.shape):
            # Mapped anew each time, so that what has been read needn't stay in memory.
            with mmap(self.file.fileno(), 0, access=ACCESS_READ) as content:
                pixels = np.frombuffer(content, np.uint8, self.place.end - self.place.start, self.place.start)
                band = _turned(pixels.reshape(height, width, -1), self.orientation)[rows].copy()
                del pixels
            yield in_srgb(_image(self.place.mode, band), self.profile)


@dataclass(frozen=True, eq=False)
class _Held:
    """A copy in memory."""

    colour: Image.Image
    alpha: Image.Image | None

    @property
    def shape(self) -> tuple[int, int]:
        return self.colour.height, self.colour.width

    @property
    def has_alpha(self) -> bool:
        return self.alpha is not None

    def bands(self) -> Iterator[Planes]:
        for rows in row_bands(*self.shape):
            box = (0, rows.start, self.colour.width, rows.stop)
            yield self.colour.crop(box), None if self.alpha is None else self.alpha.crop(box)


def in_srgb(image: Image.Image, profile: bytes | None) -> Planes:
    """A picture's colours in sRGB, and its alpha."""
    colour, alpha = separate(image)
    return to_srgb(colour, profile), alpha


def upright_shape(size: tuple[int, int], orientation: int) -> tuple[int, int]:
    """The (height, width) of a picture of a size (width, height) once it is upright."""
    width, height = size
    return (width, height) if orientation in _SIDEWAYS else (height, width)


def fit(size: tuple[int, int], longest: int) -> tuple[int, int]:
    """Return (width, height) scaled down to the longest side, rounded, at least 1 pixel each."""
    if max(size) <= longest:
        return size
    width, height = (max(1, (2 * side * longest + max(size)) // (2 * max(size))) for side in size)
    return width, height


def _turned(pixels: Pixels, orientation: int) -> Pixels:
    """A view of pixels, upright; the same as Decoded.upright."""
    if orientation in (5, 7):
        pixels = pixels.swapaxes(0, 1)
    if orientation in (6, 8):
        return np.rot90(pixels, 1 if orientation == 8 else -1)
    if orientation in (3, 4, 7):
        pixels = pixels[::-1]
    return pixels[:, ::-1] if orientation in (2, 3, 7) else pixels


def _image(mode: str, pixels: Pixels) -> Image.Image:
    return Image.frombytes(mode, (pixels.shape[1], pixels.shape[0]), pixels.tobytes())
