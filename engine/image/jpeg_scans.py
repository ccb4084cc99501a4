"""How often a JPEG goes over its picture: a few bytes let a decoder do so once more (ITU-T T.81, annex B)."""

from __future__ import annotations

import re
from mmap import ACCESS_READ, mmap
from typing import BinaryIO

# Between markers there are entropy-coded bytes, in which 0xff is followed by 0 or by a restart's number.
_MARKER = re.compile(rb"\xff+([^\x00\xff\xd0-\xd7])", re.DOTALL)
_START, _END, _SCAN, _TEMPORARY = 0xD8, 0xD9, 0xDA, 0x01


def count_scans(file: BinaryIO, most: int) -> int:
    """The scans of a JPEG up to its end, as far as it can be followed; it gives up counting above `most`."""
    scans = at = 0
    with mmap(file.fileno(), 0, access=ACCESS_READ) as content:
        while scans <= most and (marker := _MARKER.search(content, at)):
            kind = marker[1][0]
            if kind == _END:
                break
            at = marker.end()
            if kind not in (_START, _TEMPORARY):
                at += int.from_bytes(content[at : at + 2], "big")
            scans += kind == _SCAN
    return scans
