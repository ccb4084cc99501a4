"""The boxes of an AVIF or HEIC (ISO/IEC 14496-12): what they say of colours by numbers."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from engine.image.coding import Coding, of_code_points

_MOST_BOXES = 10_000
_WAY = (b"meta", b"iprp", b"ipco")  # to the properties of pictures


def coding_of(data: memoryview) -> Coding | None:
    """The coding of the first picture that says one by numbers (a box colr of the kind nclx), if any."""
    for name in _WAY:
        found = next((box for kind, box in _boxes(data) if kind == name), None)
        if found is None:
            return None
        data = found[4:] if name == b"meta" else found  # which has a version
    for kind, box in _boxes(data):
        if kind == b"colr" and bytes(box[:4]) == b"nclx" and len(box) >= 11:
            primaries, transfer, _, _ = struct.unpack_from(">HHHB", box, 4)
            return of_code_points(primaries, transfer)  # the decoder has made full range of it
    return None


def _boxes(data: memoryview) -> Iterator[tuple[bytes, memoryview]]:
    """The boxes that lie one after the other, by kind, up to one that can't be."""
    at = 0
    for _ in range(_MOST_BOXES):
        if at + 8 > len(data):
            return
        length, kind = struct.unpack_from(">I4s", data, at)
        head = 8
        if length == 1 and at + 16 <= len(data):
            (length,), head = struct.unpack_from(">Q", data, at + 8), 16
        elif length == 0:
            length = len(data) - at
        if length < head or at + length > len(data):
            return
        yield kind, data[at + head : at + length]
        at += length
