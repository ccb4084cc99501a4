"""The canvas: pixels in shared memory that many processes write and one reads, without locks."""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from engine.errors import SpaceError

SHM_FOLDER = Path("/dev/shm")  # where Linux shows its segments as files; macOS shows them nowhere
NAME_LENGTH = 29  # macOS allows 31 characters (PSHMNAMLEN), one of them for the leading slash
READ_ATTEMPTS = 8


@dataclass(frozen=True)
class CanvasHandle:
    """What a worker needs to attach to a canvas: a small picklable value."""

    name: str
    height: int
    width: int
    channels: int
    xs: tuple[int, ...]
    ys: tuple[int, ...]


class Canvas:
    """A picture in shared memory, cut by a lattice into cells that each carry a version.

    `xs` are the borders of the lattice's columns, from 0 to the width, `ys` those of its rows. A window that
    is written is a union of whole cells, and no two writers may have the same cell in hand at one time.
    A version is even when its cell is at rest, odd while the cell is being written, and only ever grows.
    """

    # Assumed of memory: aligned int64 are never torn, and stores show in the order made. x86 promises both;
    # ARM may reorder stores nanoseconds apart, and the interpreter puts microseconds between the steps here.

    def __init__(self, memory: SharedMemory, handle: CanvasHandle, *, owner: bool) -> None:
        self.handle = handle
        self._memory = memory
        self._owner = owner
        # What read() gave last. Untouched zeros take no memory, so a worker that only writes pays nothing.
        self._seen_versions = np.full(_lattice_shape(handle), -1, np.int64)
        self._seen_pixels = np.zeros((handle.height, handle.width, handle.channels), np.uint8)

    @classmethod
    def create(
        cls, run_id: str, pixels: npt.NDArray[np.uint8], xs: Sequence[int], ys: Sequence[int]
    ) -> Canvas:
        """Put a copy of `pixels` (height, width, 3 or 4) into a new segment; those of dead owners go.

        Raises SpaceError when shared memory has no room, ValueError for pixels or a lattice that don't fit.
        """
        if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] not in (3, 4) or pixels.size == 0:
            raise ValueError(
                f"a canvas needs uint8 (height, width, 3 or 4), not {pixels.dtype} {pixels.shape}"
            )
        height, width, channels = pixels.shape
        name = f"tessera-{os.getpid()}-{secrets.token_hex(3)}-{re.sub(r'[^A-Za-z0-9_-]', '-', run_id)}"
        handle = CanvasHandle(
            name=name[:NAME_LENGTH],
            height=height,
            width=width,
            channels=channels,
            xs=_borders("xs", xs, width),
            ys=_borders("ys", ys, height),
        )
        _sweep()
        size = _versions_bytes(handle) + pixels.size
        _check_room(size, handle)
        try:
            memory = SharedMemory(handle.name, create=True, size=size)
        except OSError as exc:
            raise SpaceError(
                f"shared memory: no segment of {_megabytes(size)} for a canvas of {width}x{height} pixels "
                f"({exc.strerror}): free some memory or use a smaller --size"
            ) from exc
        canvas = cls(memory, handle, owner=True)
        canvas._views()[1][:] = pixels
        canvas._seen_pixels[:] = pixels
        canvas._seen_versions[:] = 0
        return canvas

    @classmethod
    def attach(cls, handle: CanvasHandle) -> Canvas:
        """Open the creator's canvas in a process that the creator spawned.

        Only such a process shares the creator's resource tracker; any other one's would delete the segment
        when that process ends.
        """
        return cls(SharedMemory(handle.name), handle, owner=False)

    def write(self, x0: int, y0: int, x1: int, y1: int, pixels: npt.NDArray[np.uint8]) -> None:
        """Put `pixels` (y1 - y0, x1 - x0, channels) into a half-open window that is made of whole cells.

        Raises ValueError for any other window. Cells that a killed writer left odd are at rest afterwards.
        """
        cells = _span("columns", self.handle.xs, x0, x1), _span("rows", self.handle.ys, y0, y1)
        shape = (y1 - y0, x1 - x0, self.handle.channels)
        if pixels.dtype != np.uint8 or pixels.shape != shape:
            raise ValueError(
                f"window ({x0}, {y0}, {x1}, {y1}) needs uint8 {shape}, not {pixels.dtype} {pixels.shape}"
            )
        versions, canvas = self._views()
        touched = versions[cells[1], cells[0]]
        touched[...] = (touched + 1) | 1  # the next odd number, also from one that a killed writer left
        canvas[y0:y1, x0:x1] = pixels
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
        """Let go of the memory; the creator also removes the segment. May be called twice."""
        if self._memory.buf is not None:
            self._memory.close()
            if self._owner:
                self._memory.unlink()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _copy_row(
        self, versions: npt.NDArray[np.int64], pixels: npt.NDArray[np.uint8], row: int
    ) -> npt.NDArray[np.bool_]:
        """Bring a row of the last read up to date; false for the cells that a writer has in hand."""
        xs, ys = self.handle.xs, self.handle.ys
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
        if self._memory.buf is None:  # numpy would take None for "allocate something" and write there
            raise ValueError(f"canvas {self.handle.name} is closed")
        handle = self.handle
        versions = np.ndarray(_lattice_shape(handle), np.int64, self._memory.buf)
        pixels = np.ndarray(
            (handle.height, handle.width, handle.channels),
            np.uint8,
            self._memory.buf,
            _versions_bytes(handle),
        )
        return versions, pixels


def _lattice_shape(handle: CanvasHandle) -> tuple[int, int]:
    return len(handle.ys) - 1, len(handle.xs) - 1


def _versions_bytes(handle: CanvasHandle) -> int:
    rows, columns = _lattice_shape(handle)
    return rows * columns * np.dtype(np.int64).itemsize


def _borders(name: str, borders: Sequence[int], end: int) -> tuple[int, ...]:
    result = tuple(int(border) for border in borders)
    rising = all(a < b for a, b in itertools.pairwise(result))
    if len(result) < 2 or result[0] != 0 or result[-1] != end or not rising:
        raise ValueError(f"{name} must rise from 0 to {end}, not {result}")
    return result


def _span(name: str, borders: tuple[int, ...], start: int, stop: int) -> slice:
    """Return the cells between two borders of the lattice."""
    if start >= stop or start not in borders or stop not in borders:
        raise ValueError(f"{start} to {stop} is not made of whole {name} of the lattice {borders}")
    return slice(borders.index(start), borders.index(stop))


def _sweep() -> None:
    """Remove the segments of coordinators that were killed; a segment's name carries its owner's pid."""
    for path in SHM_FOLDER.glob("tessera-*"):
        owner = re.match(r"tessera-(\d{1,7})-", path.name)
        with contextlib.suppress(FileNotFoundError):  # another coordinator may be sweeping too
            # Another user's segments can't be removed.
            if owner and path.stat().st_uid == os.getuid() and not _is_alive(int(owner[1])):
                path.unlink()


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it is alive, and someone else's
        return True
    return True


def _check_room(size: int, handle: CanvasHandle) -> None:
    """Refuse what would not fit now, since a write to missing shared memory is a SIGBUS and not an error."""
    if not SHM_FOLDER.is_dir():
        return
    status = os.statvfs(SHM_FOLDER)
    free = status.f_bavail * status.f_frsize
    if size > free:
        raise SpaceError(
            f"{SHM_FOLDER}: a canvas of {handle.width}x{handle.height} pixels needs {_megabytes(size)} and "
            f"{_megabytes(free)} are free: remove something there, use a smaller --size, or give a container "
            f"more (docker run --shm-size)"
        )


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"
