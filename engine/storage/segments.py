"""Segments: files that begin with a whole scene and go on with what has changed from each to the next.

A frame is a line of JSON, the header, and then packed arrays. It names the frame before it by its checksum,
so that whatever is cut off, exchanged or doubled is noticed. Frames are only added; a torn tail is none.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

from numpy.typing import NDArray

from engine import strict_json
from engine.storage.checksum import checksum
from engine.storage.deltas import Arrays, pack, unpack
from engine.storage.run_folder import RunFolder

FORMAT = "tessera snapshot"
VERSION = 1
LONGEST = 32  # frames
MAX_HEADER = 1000  # bytes,
MOST_BYTES = 1_000_000_000  # and of packed arrays
FIRST = ""  # what the first frame names as the one before it


@dataclass(frozen=True)
class Frame:
    """One scene in a segment."""

    index: int  # of its snapshot
    base: str  # the checksum of the frame before; FIRST in a whole one
    size: int  # bytes of its arrays before they were packed
    packed: bytes
    checksum: str
    offset: int = 0  # of its first byte in the file
    end: int = 0  # of its last one, exclusive

    @classmethod
    def of(cls, index: int, arrays: Arrays, base: str, before: Arrays) -> Frame:
        """Pack a scene. base, before: checksum and arrays of the frame before it; FIRST and {} for none."""
        packed, size = pack(arrays, before)
        return cls(index, base, size, packed, checksum(_fields(index, base, size, packed), packed))

    def to_bytes(self) -> bytes:
        """As it lies in a file."""
        fields = _fields(self.index, self.base, self.size, self.packed)
        return json.dumps({**fields, "checksum": self.checksum}).encode() + b"\n" + self.packed

    def arrays(self, before: Arrays) -> dict[str, NDArray[Any]]:
        """Its scene's arrays; before: those of the frame before it. ValueError when they can't be right."""
        return unpack(self.packed, self.size, before)


def frames(folder: RunFolder, name: str, offset: int = 0, base: str = FIRST) -> Iterator[Frame]:
    """The frames of a segment, as far as they are whole, from one that follows the frame `base`; OSError."""
    with folder.opened(name) as file:
        end = file.seek(0, 2)
        while offset < end:
            try:
                frame = _read_frame(file, offset, end)
            except (ValueError, TypeError, KeyError):
                return
            if frame.base != base:
                return
            yield frame
            offset, base = frame.end, frame.checksum


def _read_frame(file: IO[bytes], offset: int, end: int) -> Frame:
    """The frame at a place in a file of `end` bytes; ValueError and the like when it is none, or damaged."""
    file.seek(offset)
    line = file.readline(MAX_HEADER)
    fields = strict_json.parse(line)
    size, count = fields["size"], fields["bytes"]
    begin = offset + len(line)
    if fields["format"] != FORMAT or fields["version"] != VERSION:
        raise ValueError("another format")
    if any(type(each) is not int or each < 0 for each in (size, count, fields["index"])):
        raise ValueError("it has a wrong number")
    if count > end - begin:
        raise ValueError("it is cut off")
    if count > MOST_BYTES:
        raise ValueError("it is too large")
    packed = file.read(count)
    frame = Frame(fields["index"], fields["base"], size, packed, fields["checksum"], offset, begin + count)
    if checksum(_fields(frame.index, frame.base, size, packed), packed) != frame.checksum:
        raise ValueError("the checksum is another one")
    return frame


def _fields(index: int, base: str, size: int, packed: bytes) -> dict[str, Any]:
    return {"format": FORMAT, "version": VERSION, "index": index, "base": base, "bytes": len(packed),
            "size": size}  # fmt: skip
