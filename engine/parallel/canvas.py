"""The canvas: pixels in shared memory that many processes write and one reads, without locks."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from engine.parallel.shared_memory import Address, Segment

READ_ATTEMPTS = 8


@dataclass(frozen=True)
class View:
    """How a canvas lies on a picture, which may be larger."""

    height: int  # of the picture
    width: int
    shown_height: int  # of the canvas
    shown_width: int

    @property
    def is_smaller(self) -> bool:
        """Whether the canvas has not all of the picture's pixels."""
        return (self.height, self.width) != (self.shown_height, self.shown_width)

    def box(self, x0: int, y0: int, x1: int, y1: int) -> tuple[int, int, int, int]:
        """Where a window of the picture is shown, perhaps in no pixel; where two meet they meet there."""
        return (
            x0 * self.shown_width // self.width,
            y0 * self.shown_height // self.height,
            x1 * self.shown_width // self.width,
            y1 * self.shown_height // self.height,
        )

    def shown(
        self, x0: int, y0: int, x1: int, y1: int, pixels: npt.NDArray[np.uint8]
    ) -> npt.NDArray[np.uint8]:
        """A window's pixels (y1 - y0, x1 - x0, channels) as large as they are shown."""
        left, top, right, bottom = self.box(x0, y0, x1, y1)
        height, width, channels = bottom - top, right - left, pixels.shape[2]
        if (height, width) == pixels.shape[:2]:
            return pixels
        if not height or not width:
            return np.empty((height, width, channels), np.uint8)
        from PIL import Image

        mode = "RGB" if channels == 3 else "RGBa"
        image = Image.frombytes(mode, (pixels.shape[1], pixels.shape[0]), pixels.tobytes())
        return np.asarray(image.resize((width, height), Image.Resampling.BOX))


@dataclass(frozen=True)
class CanvasHandle:
    """What a worker needs to attach to a canvas: a small picklable value."""

    memory: Address
    height: int
    width: int
    channels: int
    xs: tuple[int, ...]
    ys: tuple[int, ...]

    @cached_property
    def view(self) -> View:
        """How it lies on the picture that the lattice is of."""
        return View(self.ys[-1], self.xs[-1], self.height, self.width)

    @cached_property
    def rows(self) -> dict[int, int]:
        """The numbers of the lattice's horizontal lines."""
        return {y: row for row, y in enumerate(self.ys)}

    @cached_property
    def columns(self) -> dict[int, int]:
        """The numbers of the lattice's vertical lines."""
        return {x: column for column, x in enumerate(self.xs)}

    @cached_property
    def shown(self) -> tuple[list[int], list[int]]:
        """Where the lattice's lines are on the canvas: xs, ys."""
        width, height = self.xs[-1], self.ys[-1]
        return [x * self.width // width for x in self.xs], [y * self.height // height for y in self.ys]


class Canvas:
    """A picture in shared memory, cut by a lattice into cells that each carry a version.

    `xs` are the borders of the lattice's columns, from 0 to the width of the picture, `ys` those of its rows;
    the canvas may be smaller than that. A window that is written is a union of whole cells, and no two
    writers may have the same cell in hand at one time.
    A version is even when its cell is at rest, odd while the cell is being written, and only ever grows.
    """

    # Assumed of memory: aligned int64 are never torn, and stores show in the order made. x86 promises both;
    # ARM may reorder stores nanoseconds apart, and the interpreter puts microseconds between the steps here.

    def __init__(self, memory: Segment, handle: CanvasHandle) -> None:
        self.handle = handle
        self.shortage = memory.shortage  # why it is a file and not in shared memory: a sentence
        self._segment = memory
        # What read() gave last. Untouched zeros take no memory, so a worker that only writes pays nothing.
        self._seen_versions = np.full(_lattice_shape(handle.xs, handle.ys), -1, np.int64)
        self._seen_pixels = np.zeros((handle.height, handle.width, handle.channels), np.uint8)

    @classmethod
    def create(
        cls, folder: Path, pixels: npt.NDArray[np.uint8], xs: Sequence[int], ys: Sequence[int]
    ) -> Canvas:
        """Put a copy of `pixels` (height, width, 3 or 4) into shared memory, or a file in the run folder.

        Raises SpaceError when neither has room, ValueError for pixels or a lattice that don't fit.
        """
        if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] not in (3, 4) or pixels.size == 0:
            raise ValueError(
                f"a canvas needs uint8 (height, width, 3 or 4), not {pixels.dtype} {pixels.shape}"
            )
        height, width, channels = pixels.shape
        xs, ys = _borders("xs", xs, width), _borders("ys", ys, height)
        memory = Segment.create(_versions_bytes(xs, ys) + pixels.size, folder)
        canvas = cls(memory, CanvasHandle(memory.address, height, width, channels, xs, ys))
        canvas._views()[1][:] = pixels
        canvas._seen_pixels[:] = pixels
        canvas._seen_versions[:] = 0
        return canvas

    @classmethod
    def attach(cls, handle: CanvasHandle) -> Canvas:
        """Open the creator's canvas in another process."""
        return cls(Segment.attach(handle.memory), handle)

    def write(self, x0: int, y0: int, x1: int, y1: int, pixels: npt.NDArray[np.uint8]) -> None:
        """Put `pixels` into a half-open window of the picture that is made of whole cells.

        pixels: (height, width, channels) of where the window is shown. Raises ValueError for any other
        window. Cells that a killed writer left odd are at rest afterwards.
        """
        handle = self.handle
        cells = _span("columns", handle.columns, x0, x1), _span("rows", handle.rows, y0, y1)
        left, top, right, bottom = handle.view.box(x0, y0, x1, y1)
        shape = (bottom - top, right - left, handle.channels)
        if pixels.dtype != np.uint8 or pixels.shape != shape:
            raise ValueError(
                f"window ({x0}, {y0}, {x1}, {y1}) needs uint8 {shape}, not {pixels.dtype} {pixels.shape}"
            )
        versions, canvas = self._views()
        touched = versions[cells[1], cells[0]]
        touched[...] = (touched + 1) | 1  # the next odd number, also from one that a killed writer left
        canvas[top:bottom, left:right] = pixels
        touched += 1

    def read(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
        """Return the cells' versions (rows, columns) and a copy of the pixels (height, width, channels).

        No cell is ever a mixture of two writes. One that finds no rest while it is looked at keeps the
        version and the content that this object read before: at first 0 and the initial pixels for the
        creator, -1 and black for a process that attached.
        """
        versions, pixels = self._views()
        unsettled = versions != self._seen_versions
        for _ in range(READ_ATTEMPTS):
            for row in np.flatnonzero(unsettled.any(axis=1)).tolist():
                unsettled[row] &= ~self._copy_row(versions, pixels, row)
            if not unsettled.any():
                break
        return self._seen_versions.copy(), self._seen_pixels.copy()

    def close(self) -> None:
        """Let go of the memory; it ends with its creator's canvas. May be called twice."""
        self._segment.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _copy_row(
        self, versions: npt.NDArray[np.int64], pixels: npt.NDArray[np.uint8], row: int
    ) -> npt.NDArray[np.bool_]:
        """Bring a row of the last read up to date; false for the cells that a writer has in hand."""
        xs, ys = self.handle.shown
        seen = self._seen_pixels[ys[row] : ys[row + 1]]
        before = versions[row].copy()
        content = pixels[ys[row] : ys[row + 1]].copy()
        settled = (versions[row] == before) & (before % 2 == 0)
        for column in np.flatnonzero(~settled):
            cell = np.s_[:, xs[column] : xs[column + 1]]
            content[cell] = seen[cell]
        seen[:] = content
        self._seen_versions[row, settled] = before[settled]
        return settled

    def _views(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
        """Return views of versions and pixels, made for each use because a kept one would forbid to close."""
        handle, buffer = self.handle, self._segment.buffer
        versions = np.ndarray(_lattice_shape(handle.xs, handle.ys), np.int64, buffer)
        pixels = np.ndarray(
            (handle.height, handle.width, handle.channels),
            np.uint8,
            buffer,
            _versions_bytes(handle.xs, handle.ys),
        )
        return versions, pixels


def _lattice_shape(xs: tuple[int, ...], ys: tuple[int, ...]) -> tuple[int, int]:
    return len(ys) - 1, len(xs) - 1


def _versions_bytes(xs: tuple[int, ...], ys: tuple[int, ...]) -> int:
    rows, columns = _lattice_shape(xs, ys)
    return rows * columns * np.dtype(np.int64).itemsize


def _borders(name: str, borders: Sequence[int], least: int) -> tuple[int, ...]:
    result = tuple(int(border) for border in borders)
    rising = all(a < b for a, b in itertools.pairwise(result))
    if len(result) < 2 or result[0] != 0 or result[-1] < least or not rising:
        raise ValueError(f"{name} must rise from 0 to {least} or more, not {result}")
    return result


def _span(name: str, borders: dict[int, int], start: int, stop: int) -> slice:
    """Return the cells between two borders of the lattice, whose numbers are given."""
    if start >= stop or start not in borders or stop not in borders:
        raise ValueError(f"{start} to {stop} is not made of whole {name} of the lattice {tuple(borders)}")
    return slice(borders[start], borders[stop])
