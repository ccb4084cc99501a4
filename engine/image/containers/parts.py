"""A file put together from parts of another one and bytes of our own, without a copy."""

from __future__ import annotations

import io
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

Part = memoryview | bytes | bytearray


class _Parts(io.RawIOBase):
    """Bytes to read one after the other, or from any place."""

    def __init__(self, parts: Sequence[Part]) -> None:
        super().__init__()
        self._parts = [part for part in parts if len(part)]
        self._ends = list(accumulate(len(part) for part in self._parts))
        self._at = 0

    @property
    def _length(self) -> int:
        return self._ends[-1] if self._ends else 0

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """Bytes from the start."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place, which may lie behind the end; ValueError for one before the start."""
        at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._length}[whence]
        if at < 0:
            raise ValueError("before the start")
        self._at = at
        return at

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer from one part; 0 at the end."""
        if self._at >= self._length:
            return 0
        index = bisect_right(self._ends, self._at)
        part = self._parts[index]
        start = self._at - (self._ends[index] - len(part))
        count = min(len(buffer), len(part) - start)
        buffer[:count] = part[start : start + count]
        self._at += count
        return count


def file_of(*parts: Part) -> io.BufferedReader:
    """A file of parts, opened to be read."""
    return io.BufferedReader(_Parts(parts))
