"""The segments of a JPEG (ITU-T T.81, annex B): those of its pixels, and what applications have added.

Only what an application says of how the pixels are coded (JFIF, Adobe) is left in the decoder's way. An end
is added, so that what has been cut off is missing and nothing else is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from engine.image.containers.content import Content, Scans, orientation_of
from engine.image.containers.parts import Part, file_of

MAX_SCANS = 200  # each takes up to .2 s; encoders make a dozen
END = b"\xff\xd9"

# Between markers there are entropy-coded bytes, in which 0xff is followed by 0 or by a restart's number.
_MARKER = re.compile(rb"\xff+([^\x00\xff\xd0-\xd7])", re.DOTALL)
_START, _END, _SCAN, _TEMPORARY, _COMMENT = 0xD8, 0xD9, 0xDA, 0x01, 0xFE
_FRAMES = tuple(kind for kind in range(0xC0, 0xD0) if kind not in (0xC4, 0xC8, 0xCC))
_PROGRESSIVE = (0xC2, 0xC6, 0xCA, 0xCE)
_MOST_SEGMENTS = 100_000
_APPLICATIONS = range(0xE0, 0xF0)
_LEAST = {
    (0xE0, b"JFIF\0"): 14,
    (0xEE, b"Adobe"): 12,
}  # bytes of those segments that say how pixels are coded
_EXIF, _XMP, _ICC = b"Exif\0\0", b"http://ns.adobe.com/xap/1.0/\0", b"ICC_PROFILE\0"


@dataclass
class _Found:
    """What applications have added."""

    exif: bytes | None = None
    xmp: bytes | None = None
    profile: dict[int, bytes] = field(default_factory=dict)  # its pieces, by their numbers, from 1
    pieces: int = 0

    def take(self, kind: int, segment: bytes) -> None:
        """What a segment says."""
        if kind == 0xE1 and segment.startswith(_EXIF) and self.exif is None:
            self.exif = segment
        elif kind == 0xE1 and segment.startswith(_XMP) and self.xmp is None:
            self.xmp = segment
        elif kind == 0xE2 and segment.startswith(_ICC) and len(segment) > len(_ICC) + 2:
            number, self.pieces = segment[len(_ICC)], segment[len(_ICC) + 1]
            self.profile.setdefault(number, segment[len(_ICC) + 2 :])

    def whole_profile(self) -> bytes | None:
        """The profile, if no piece is missing."""
        if not self.pieces or set(self.profile) != set(range(1, self.pieces + 1)):
            return None
        return b"".join(self.profile[number] for number in sorted(self.profile))


def jpeg_content(data: memoryview) -> Content:
    """What a JPEG holds: the first picture of its file. ValueError for far too much metadata."""
    found, at, last = _Found(), 2, 0
    kept: list[Part] = []
    while at + 4 <= len(data) and data[at] == 0xFF:
        kind = data[at + 1]
        if kind == 0xFF:
            at += 1
            continue
        if kind in (_SCAN, _END):
            break
        if kind in (_START, _TEMPORARY, *range(0xD0, 0xD8)):
            at += 2
            continue
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4])
        if end > len(data):
            break
        if kind == _COMMENT or kind in _APPLICATIONS:
            segment = bytes(data[at + 4 : end])
            found.take(kind, segment)
            if not any(
                kind == other and segment.startswith(name) and len(segment) >= least
                for (other, name), least in _LEAST.items()
            ):
                kept.append(data[last:at])
                last = end
                if len(kept) > _MOST_SEGMENTS:
                    raise ValueError(f"more than {_MOST_SEGMENTS:,} segments of metadata")
        at = end
    kept += [data[last:], END]
    orientation = orientation_of(found.exif, found.xmp)
    return Content(file_of(*kept), found.whole_profile(), None, orientation, scans_of(data))


def scans_of(data: memoryview) -> Scans:
    """The scans of a JPEG up to its end, as far as it can be followed; no more are counted than too many."""
    count = at = 0
    is_progressive, is_ended, first, block, told = False, False, 1, 8, set[int]()
    begun: range | None = None  # coefficients that a scan tells which is not known to be whole
    while count <= MAX_SCANS and (marker := _MARKER.search(data, at)):
        kind, at = marker[1][0], marker.end()
        if begun is not None:
            told.update(begun)
            begun = None
        if kind == _END:
            is_ended = True
            break
        is_progressive |= kind in _PROGRESSIVE
        length = int.from_bytes(data[at : at + 2])
        if kind == _SCAN:
            count += 1
            begun = _coefficients(data[at : at + length], first)
        elif kind in _FRAMES and at + 8 < len(data):
            first, block = data[at + 8], 8 * max(1, _sampled(data[at + 7 : at + length]))
        if kind not in (_START, _TEMPORARY):
            at += length
    return Scans(count, is_ended, block, is_progressive, is_progressive and len(told) < 64)


def _sampled(components: memoryview) -> int:
    """How many rows of blocks of the finest component are coded together; 1 when it is the only one."""
    return max((each & 15 for each in components[2::3]), default=1) if components[0] > 1 else 1


def _coefficients(header: memoryview, component: int) -> range | None:
    """Which coefficients of a component a scan tells; None for none of them."""
    if len(header) < 6 or len(header) < 6 + 2 * header[2]:
        return None
    end = 3 + 2 * header[2]
    return range(header[end], min(header[end + 1], 63) + 1) if component in bytes(header[3:end:2]) else None
