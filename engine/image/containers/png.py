"""The chunks of a PNG (W3C PNG, third edition): those of its pixels, and what others say of colours.

Chunks that are not needed are left out, however large, damaged or many they are; so is what follows the end.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from typing import TypeVar

from engine.image.coding import Chromaticities, Coding, of_code_points, of_gamma
from engine.image.containers.content import MOST_METADATA, Content, orientation_of
from engine.image.containers.parts import file_of

_HEAD = 8
_OF_PIXELS = (b"IHDR", b"PLTE", b"IDAT", b"IEND", b"acTL", b"fcTL", b"fdAT")
_OF_COLOURS = (b"cICP", b"iCCP", b"sRGB", b"gAMA", b"cHRM")
_TEXTS = (b"tEXt", b"zTXt", b"iTXt")
_MOST_CHUNKS = 1_000_000
_RAW_EXIF = (b"Raw profile type exif\0", b"Raw profile type APP1\0")  # as ImageMagick writes it
_XMP = b"XML:com.adobe.xmp\0"

Told = TypeVar("Told")
Chunk = tuple[bytes, int, int]  # its name, and where its data is: start and end


def png_content(data: memoryview) -> Content:
    """What a PNG holds; ValueError for one of far too many chunks."""
    kept: list[slice] = [slice(0, _HEAD)]
    said: dict[bytes, bytes] = {}
    for name, start, end in _chunks(data):
        if name in _OF_PIXELS or (name == b"tRNS" and _is_whole(data, name, start, end)):
            if kept[-1].stop == start - 8:
                kept[-1] = slice(kept[-1].start, end + 4)
            else:
                kept.append(slice(start - 8, end + 4))
        else:
            key = _key(name, data[start : min(end, start + 32)])
            is_new = key and key not in said and end - start <= MOST_METADATA
            if is_new and _is_whole(data, name, start, end):
                said[key] = bytes(data[start:end])
    profile, coding = _colours(said)
    orientation = orientation_of(_exif(said), said.get(_XMP))
    return Content(file_of(*(data[part] for part in kept)), profile, coding, orientation)


def _chunks(data: memoryview) -> Iterator[Chunk]:
    """All chunks up to the last; one that is cut short reaches to the end."""
    at = _HEAD
    for _ in range(_MOST_CHUNKS):
        if at + 8 > len(data):
            return
        length, name = struct.unpack_from(">I4s", data, at)
        end = min(at + 8 + length, len(data))
        yield name, at + 8, end
        if name == b"IEND":
            return
        at = end + 4
    raise ValueError(f"more than {_MOST_CHUNKS:,} chunks")


def _is_whole(data: memoryview, name: bytes, start: int, end: int) -> bool:
    """Whether the checksum of a chunk is right."""
    return bytes(data[end : end + 4]) == struct.pack(">I", zlib.crc32(data[start:end], zlib.crc32(name)))


def _key(name: bytes, head: memoryview) -> bytes:
    """What is told by a chunk that begins like that; nothing for one that doesn't matter."""
    if name in _OF_COLOURS or name == b"eXIf":
        return name
    if name in _TEXTS:
        return next((key for key in (*_RAW_EXIF, _XMP) if bytes(head).startswith(key)), b"")
    return b""


def _colours(said: dict[bytes, bytes]) -> tuple[bytes | None, Coding | None]:
    """A profile or a coding, neither for sRGB: cICP goes before iCCP, then sRGB, then gAMA and cHRM."""
    if (coding := _told(_code_points, said.get(b"cICP"))) is not None:
        return None, coding
    if (profile := _told(_profile, said.get(b"iCCP"))) is not None:
        return profile, None
    if b"sRGB" in said or not {b"gAMA", b"cHRM"} & said.keys():
        return None, None
    return None, of_gamma(_told(_gamma, said.get(b"gAMA")), _told(_chromaticities, said.get(b"cHRM")))


def _told(read: Callable[[bytes], Told | None], chunk: bytes | None) -> Told | None:
    """What a chunk says; None when it is missing or damaged."""
    if chunk is None:
        return None
    try:
        return read(chunk)
    except (ValueError, struct.error, zlib.error):
        return None


def _code_points(chunk: bytes) -> Coding | None:
    primaries, transfer, matrix, is_full = struct.unpack(">4B", chunk)
    return None if matrix else of_code_points(primaries, transfer, not is_full)


def _profile(chunk: bytes) -> bytes | None:
    _, _, packed = chunk.partition(b"\0")
    return _unpacked(packed[1:])


def _gamma(chunk: bytes) -> float | None:
    (value,) = struct.unpack(">I", chunk)
    return value / 100_000 if 10_000 <= value <= 1_000_000 else None


def _chromaticities(chunk: bytes) -> Chromaticities | None:
    values = struct.unpack(">8I", chunk)
    if max(values) > 200_000 or not all(values[1::2]):
        return None
    white_x, white_y, *others = (value / 100_000 for value in values)
    red_x, red_y, green_x, green_y, blue_x, blue_y = others
    return white_x, white_y, red_x, red_y, green_x, green_y, blue_x, blue_y


def _unpacked(packed: bytes) -> bytes:
    """What has been packed, if it is no longer than metadata can be; ValueError, zlib.error."""
    stream = zlib.decompressobj()
    content = stream.decompress(packed, MOST_METADATA)
    if not stream.eof:
        raise ValueError("too long, or cut short")
    return content


def _exif(said: dict[bytes, bytes]) -> bytes | None:
    """EXIF data of a chunk of its own, or of the texts that there were before."""
    if b"eXIf" in said:
        return said[b"eXIf"]
    return next((_told(_raw_exif, said[key]) for key in _RAW_EXIF if key in said), None)


def _raw_exif(chunk: bytes) -> bytes:
    _, _, text = chunk.partition(b"\0")
    lines = (_unpacked(text[1:]) if text[:1] == b"\0" else text).split(b"\n")
    return bytes.fromhex(b"".join(lines[3:]).decode("ascii"))
