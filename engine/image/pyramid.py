"""A picture in a file, with copies of half, a quarter ... of its size, of which windows are read one by one.

The file is a line of JSON, filled up to a block, and then each level's pixels, row by row, the largest first.
A pixel of a level is the mean of four of the level below it, whose last row and column stand for those that
an odd side lacks.
"""

from __future__ import annotations

import errno
import hashlib
import json
import math
import os
import weakref
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path
from typing import IO, Any, BinaryIO, TypeGuard

import numpy as np

from engine import strict_json
from engine.image.bands import row_bands
from engine.image.pixels import LONGEST, Pixels, resample
from engine.regular_files import check_regular

FORMAT = "tessera pyramid"
VERSION = 1
BLOCK = 4096  # bytes of the head
SMALLEST = 512  # pixels of the longest side of the last level, at most
MOST_BYTES = BLOCK + 2 * 4 * LONGEST * LONGEST  # of a file

Shape = tuple[int, int]


class Nameless:
    """An open file without a name, which goes when nobody has this any more."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        weakref.finalize(self, os.close, descriptor)


@dataclass(frozen=True)
class Pyramid:
    """Where a picture lies: a picklable value, which holds none of it. Each reading opens the file."""

    path: Path
    height: int
    width: int
    channels: int
    nameless: Nameless | None = None  # the file itself, when it has no path

    @classmethod
    def of(cls, path: Path) -> Pyramid:
        """The picture of a file; OSError when it can't be read, ValueError when it is none."""
        with _opened(path) as descriptor:
            head = os.pread(descriptor, BLOCK, 0)
            size = os.fstat(descriptor).st_size
        fields = strict_json.parse(head.partition(b"\n")[0])
        if not isinstance(fields, dict) or (fields.get("format"), fields.get("version")) != (FORMAT, VERSION):
            raise ValueError("it is no pyramid of this version")
        height, width, channels = (fields.get(name) for name in ("height", "width", "channels"))
        if not (_is_side(height) and _is_side(width) and channels in (1, 3, 4)):
            raise ValueError("it has no size that a picture can have")
        found = cls(path.absolute(), height, width, channels)
        if size != found.size:
            raise ValueError(f"it has {size} bytes and not {found.size}")
        return found

    @property
    def levels(self) -> tuple[Shape, ...]:
        """(height, width) of each, the largest first."""
        return tuple(_levels(self.height, self.width))

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return self._offsets[-1]

    @property
    def pixels(self) -> Pixels:
        """All of it, (height, width, channels), mapped from the file: what is looked at is read then."""
        with self._open() as descriptor, os.fdopen(os.dup(descriptor), "rb") as file:
            return np.memmap(file, np.uint8, "r", BLOCK, (self.height, self.width, self.channels))

    def read(self, box: tuple[int, int, int, int], scale: float = 1.0) -> Pixels:
        """What lies in a box x0, y0, x1, y1 that is inside, in `scale` pixels for each of its own, at most 1.

        OSError when the file is shorter than it was, or can't be read.
        """
        x0, y0, x1, y1 = box
        if scale == 1.0:
            return self._window(0, box)
        level = min(len(self.levels) - 1, math.floor(math.log2(1 / scale)))
        step, (rows, columns) = 2**level, self.levels[level]
        left, top = x0 // step, y0 // step
        right, bottom = min(-(-x1 // step), columns), min(-(-y1 // step), rows)
        window = self._window(level, (left, top, right, bottom))
        height, width = max(1, round((y1 - y0) * scale)), max(1, round((x1 - x0) * scale))
        return resample(
            window,
            height,
            width,
            (y0 / step - top, min(y1 / step, rows) - top),
            (x0 / step - left, min(x1 / step, columns) - left),
        )

    def copied(self, to: BinaryIO | IO[bytes] | None) -> str:
        """Write all of it to a file; its sha256 in hex."""
        digest = hashlib.sha256()
        with self._open() as descriptor:
            at = 0
            while piece := os.pread(descriptor, 1 << 22, at):
                digest.update(piece)
                if to is not None:
                    to.write(piece)
                at += len(piece)
        return digest.hexdigest()

    def digest(self) -> str:
        """The sha256 of all of it, in hex."""
        return self.copied(None)

    @property
    def _offsets(self) -> list[int]:
        return _offsets(self.height, self.width, self.channels)

    def _window(self, level: int, box: tuple[int, int, int, int]) -> Pixels:
        x0, y0, x1, y1 = box
        columns = self.levels[level][1]
        found = np.empty((y1 - y0, x1 - x0, self.channels), np.uint8)
        start, stride = self._offsets[level], columns * self.channels
        with self._open() as descriptor:
            if x1 - x0 == columns:
                _fill(descriptor, found, start + y0 * stride)
                return found
            for row, y in zip(found, range(y0, y1), strict=True):
                _fill(descriptor, row, start + y * stride + x0 * self.channels)
        return found

    @contextmanager
    def _open(self) -> Iterator[int]:
        if self.nameless is not None:
            yield self.nameless.descriptor
            return
        with _opened(self.path) as descriptor:
            yield descriptor


def _is_side(value: Any) -> TypeGuard[int]:
    return type(value) is int and 1 <= value <= LONGEST


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    """A descriptor of a plain file, which is no link; OSError for anything else."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        check_regular(os.fstat(descriptor), path, MOST_BYTES)
        yield descriptor
    finally:
        os.close(descriptor)


def _fill(descriptor: int, row: Pixels, at: int) -> None:
    """Fill contiguous pixels from a place in a file."""
    view = row.data.cast("B")
    while view:
        count = os.preadv(descriptor, [view], at)
        if not count:
            raise OSError(errno.EIO, "the picture's file has been cut short")
        view, at = view[count:], at + count


def write_pyramid(file: BinaryIO, height: int, width: int, channels: int, bands: Iterable[Pixels]) -> None:
    """Write a picture, given as bands of (rows, width, channels) from top to bottom, into an empty file.

    file: open to be written and read. OSError when there is no room.
    """
    fields = {"format": FORMAT, "version": VERSION, "height": height, "width": width, "channels": channels}
    file.write((json.dumps(fields) + "\n").encode().ljust(BLOCK))
    for band in bands:
        file.write(np.ascontiguousarray(band).data.cast("B"))
    file.flush()
    levels, offsets = list(_levels(height, width)), _offsets(height, width, channels)
    for (above, below), start in zip(pairwise(levels), offsets, strict=False):
        stride = above[1] * channels
        for rows in row_bands(below[0], above[1]):
            first, last = 2 * rows.start, min(2 * rows.stop, above[0])
            band = np.empty((last - first, above[1], channels), np.uint8)
            _fill(file.fileno(), band, start + first * stride)
            file.write(_halved(band).data.cast("B"))
        file.flush()


def _halved(band: Pixels) -> Pixels:
    """Means of two by two pixels, rounded."""
    height, width = band.shape[:2]
    if height % 2 or width % 2:
        band = np.pad(band, ((0, height % 2), (0, width % 2), (0, 0)), "edge")
    rows = band[0::2].astype(np.uint16)
    rows += band[1::2]
    found = rows[:, 0::2] + rows[:, 1::2]
    found += 2
    found >>= 2
    return found.astype(np.uint8)


def _levels(height: int, width: int) -> Iterator[Shape]:
    yield height, width
    while max(height, width) > SMALLEST:
        height, width = -(-height // 2), -(-width // 2)
        yield height, width


def _offsets(height: int, width: int, channels: int) -> list[int]:
    """Where each level begins, and where the file ends."""
    sizes = [rows * columns * channels for rows, columns in _levels(height, width)]
    return list(accumulate(sizes, initial=BLOCK))
