"""The blocks of a GIF (version 89a): its frames, put where viewers show them."""

from __future__ import annotations

import struct

from engine.image.containers.content import Content
from engine.image.containers.parts import Part, file_of

_SCREEN = 13  # bytes of the signature and of the logical screen
_EXTENSION, _CONTROL, _FRAME = 0x21, 0xF9, 0x2C
_MOST_BLOCKS = 1_000_000
_NOTHING = b"\x2c\0\0\0\0\1\0\1\0\0\2\2\x44\1\0"  # a frame of one pixel, of colour 0

Rectangle = tuple[int, int, int, int]  # x, y, width, height


def gif_content(data: memoryview) -> Content:
    """What a GIF holds, without comments; ValueError for one of far too many blocks.

    A first frame that isn't inside the screen is the screen, if it is larger, wholly outside or of version
    87a, as in browsers. Of others that are partly outside what is outside goes; those wholly outside show
    nothing.
    """
    if len(data) < _SCREEN:
        return Content(file_of(data))
    head = bytearray(data[:_SCREEN])
    screen: tuple[int, int] = struct.unpack_from("<HH", head, 6)
    at = _SCREEN + _palette(head[10])
    kept: list[Part] = [head, data[_SCREEN:at]]
    frames = 0
    for _ in range(_MOST_BLOCKS):
        if at + 10 > len(data) or data[at] not in (_EXTENSION, _FRAME):
            break
        end = _end(data, at)
        if data[at] == _EXTENSION:
            if data[at + 1] == _CONTROL:
                kept.append(data[at:end])
            at = end
            continue
        x, y, width, height = struct.unpack_from("<HHHH", data, at + 1)
        if frames == 0 and _is_the_screen((x, y, width, height), screen, bytes(head[:6])):
            screen, x, y = (width, height), 0, 0
            struct.pack_into("<HH", head, 6, *screen)
        if x < screen[0] and y < screen[1]:
            kept += [struct.pack("<BHHHH", _FRAME, x, y, width, height), data[at + 9 : end]]
        else:
            if len(kept[-1]) == 8:  # of what controls this frame
                kept[-1] = bytes((*kept[-1][:3], kept[-1][3] | 1, *kept[-1][4:6], 0, 0))
            else:
                kept.append(b"\x21\xf9\4\1\0\0\0\0")
            kept.append(_NOTHING)
        frames += 1
        at = end
    else:
        raise ValueError(f"more than {_MOST_BLOCKS:,} blocks")
    return Content(file_of(*kept, data[at:]), screen=screen)


def _is_the_screen(frame: Rectangle, screen: tuple[int, int], version: bytes) -> bool:
    """Whether a first frame is to be seen whole instead of the screen."""
    x, y, width, height = frame
    if x + width <= screen[0] and y + height <= screen[1]:
        return False
    is_larger = width > screen[0] or height > screen[1]
    return is_larger or version == b"GIF87a" or x >= screen[0] or y >= screen[1]


def _palette(flags: int) -> int:
    """Bytes of the colours that follow."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _end(data: memoryview, at: int) -> int:
    """Where the block that begins here ends, at most at the end of the file."""
    at += 2 if data[at] == _EXTENSION else 11 + _palette(data[at + 9])
    while at < len(data) and data[at]:
        at += data[at] + 1
    return min(at + 1, len(data))
