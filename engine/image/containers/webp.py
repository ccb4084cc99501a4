"""The chunks of a WebP (RFC 9649): those of its pixels, and what others say of colours."""

from __future__ import annotations

import struct

from engine.image.containers.content import MOST_METADATA, Content, orientation_of
from engine.image.containers.parts import Part, file_of

_OF_PIXELS = (b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF")
_PROFILE, _EXIF, _XMP = b"ICCP", b"EXIF", b"XMP "
_ANNOUNCED = 0x20 | 0x08 | 0x04  # flags of VP8X: that there are these three
_MOST_CHUNKS = 100_000


def webp_content(data: memoryview) -> Content:
    """What a WebP holds; ValueError for one of far too many chunks."""
    kept: list[Part] = []
    said: dict[bytes, bytes] = {}
    at = 12
    for _ in range(_MOST_CHUNKS):
        if at + 8 > len(data):
            break
        name, length = struct.unpack_from("<4sI", data, at)
        end = min(at + 8 + length + (length & 1), len(data))
        if name == b"VP8X" and length >= 10 and end - at >= 18:
            kept += [data[at : at + 8], bytes((data[at + 8] & ~_ANNOUNCED,)), data[at + 9 : end]]
        elif name in _OF_PIXELS:
            kept += [data[at:end], bytes(end - at & 1)]
        elif name in (_PROFILE, _EXIF, _XMP) and name not in said and length <= MOST_METADATA:
            said[name] = bytes(data[at + 8 : min(at + 8 + length, end)])
        at = end
    else:
        raise ValueError(f"more than {_MOST_CHUNKS:,} chunks")
    size = 4 + sum(len(part) for part in kept)
    head = b"RIFF" + struct.pack("<I", min(size, 2**32 - 1)) + b"WEBP"
    orientation = orientation_of(said.get(_EXIF), said.get(_XMP))
    return Content(file_of(head, *kept), said.get(_PROFILE), None, orientation)
