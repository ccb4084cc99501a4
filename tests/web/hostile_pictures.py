"""Files that visitors might send instead of a picture, or as one that is meant to do harm; all small."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image


def chunk(name: bytes, data: bytes, length: int | None = None) -> bytes:
    """One of a PNG, perhaps with a length that lies."""
    size = len(data) if length is None else length
    return struct.pack(">I", size) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(
    width: int = 8, height: int = 8, *more: bytes, data: bytes | None = None, kind: int = 2, bits: int = 8
) -> bytes:
    """A PNG, as large as it says or not."""
    rows = bytes((1 + 3 * width) * height) if data is None else data
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n"
        + head
        + b"".join(more)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def saved(kind: str, size: tuple[int, int] = (12, 8), mode: str = "RGB", **options: Any) -> bytes:
    """An honest picture of a colour gradient."""
    rng = np.random.default_rng(1)
    image = Image.fromarray(
        rng.integers(0, 255, (size[1], size[0], 4 if mode == "RGBA" else 3), dtype=np.uint8)
    ).convert(mode)
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def zipped() -> bytes:
    """A ZIP."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.png", png())
    return file.getvalue()


def tiff(entries: dict[int, tuple[int, int, int]], after: int = 0, rest: bytes = b"") -> bytes:
    """A TIFF of one directory, of tags with (type, count, value). after: where the next one is."""
    body = struct.pack("<H", len(entries))
    for tag, (kind, count, value) in sorted(entries.items()):
        body += struct.pack("<HHII", tag, kind, count, value)
    return b"II*\0" + struct.pack("<I", 8) + body + struct.pack("<I", after) + rest


def grey_tiff(width: int, height: int, after: int = 0) -> bytes:
    """One that says that it is so large."""
    size = 8 + 2 + 12 * 8 + 4
    tags = {256: width, 257: height, 258: 8, 259: 1, 262: 1, 273: size, 278: height, 279: width * height}
    return tiff({tag: (4, 1, min(value, 2**32 - 1)) for tag, value in tags.items()}, after, bytes(64))


def frames_gif(count: int) -> bytes:
    """A GIF of so many frames of a pixel."""
    frame = b"\x2c\0\0\0\0\1\0\1\0\0\2\2\x44\1\0"
    return b"GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff" + frame * count + b";"


def jpeg_with_position() -> bytes:
    """A photograph that says where it was taken, on its side."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "SECRET camera"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (48.0, 8.0, 14.0)
    return saved("JPEG", (24, 16), exif=exif, comment=b"SECRET comment")


def many_scans(count: int) -> bytes:
    """A progressive JPEG that goes over its picture again and again."""
    data = saved("JPEG", (64, 64), progressive=True)
    at = data.rindex(b"\xff\xda")
    return data[:at] + data[at:-2] * count + b"\xff\xd9"


def ftyp(brand: bytes, rest: bytes = b"") -> bytes:
    """The begin of a HEIC, AVIF or MP4."""
    return struct.pack(">I", 16) + b"ftyp" + brand + bytes(4) + rest


SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
PHP = b"<?php system($_GET['c']); ?>"

# What each is answered: a status, or None for a picture that is taken.
HOSTILE: dict[str, tuple[Callable[[], bytes], int | None]] = {
    "nothing": (lambda: b"", 415),
    "one byte": (lambda: b"\x89", 415),
    "zeros": (lambda: bytes(1000), 415),
    "text": (lambda: b"hello\n" * 100, 415),
    "a page with a script": (lambda: b"<!DOCTYPE html><script>alert(1)</script>", 415),
    "a drawing with a script": (lambda: SVG, 415),
    "a drawing after a declaration": (lambda: b"<?xml version='1.0'?>" + SVG, 415),
    "an entity bomb": (
        lambda: b"<?xml version='1.0'?><!DOCTYPE l [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]><svg>&b;</svg>",
        415,
    ),
    "a ZIP": (zipped, 415),
    "a PDF": (lambda: b"%PDF-1.7\n1 0 obj\n", 415),
    "PostScript": (lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n(ls) run\n", 415),
    "a program": (lambda: b"\x7fELF" + bytes(200), 415),
    "PHP": (lambda: PHP, 415),
    "a portable pixmap": (lambda: b"P6 99999 99999 255\n", 415),
    "an icon": (lambda: b"\0\0\1\0\1\0\x10\x10", 415),
    "a film": (lambda: ftyp(b"isom", bytes(100)), 415),
    "a list of films": (lambda: b"#EXTM3U\nhttp://127.0.0.1/\n", 415),
    "a WebM": (lambda: b"\x1a\x45\xdf\xa3" + bytes(100), 415),
    "the name of a PNG alone": (lambda: b"\x89PNG\r\n\x1a\n", 422),
    "a PNG cut short": (lambda: saved("PNG", (64, 64))[:200], 422),
    "a PNG of no pixels": (lambda: png(0, 0), 422),
    "a PNG bomb": (lambda: png(60_000, 60_000, data=bytes(1000)), 413),
    "a thin PNG bomb": (lambda: png(2**31 - 1, 1, data=bytes(10)), 413),
    "a PNG that is longer than wide": (lambda: png(1, 300_000, data=bytes(10)), 413),
    "a PNG of an odd kind": (lambda: png(kind=9), 422),
    "a PNG with a chunk that lies": (lambda: png(8, 8, chunk(b"tEXt", b"a", length=2**31)), 422),
    "a PNG with a text bomb": (
        lambda: png(8, 8, chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(10_000_000)))),
        None,
    ),
    "a PNG with a profile bomb": (
        lambda: png(8, 8, chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(10_000_000)))),
        None,
    ),
    "a PNG with many chunks": (lambda: png(8, 8, chunk(b"tEXt", b"a\0b") * 20_000), None),
    "a PNG with a page after it": (lambda: png() + b"<script>alert(1)</script>", None),
    "a PNG and ZIP": (lambda: png() + zipped(), None),
    "a PNG with PHP in a text": (lambda: png(8, 8, chunk(b"tEXt", b"Comment\0" + PHP)), None),
    "a JPEG cut short": (lambda: saved("JPEG", (256, 256))[:3000], 422),
    "a JPEG bomb": (lambda: saved("JPEG").replace(b"\0\x08\0\x0c", b"\xff\xff\xff\xff", 1), 413),
    "a JPEG of many scans": (lambda: many_scans(2000), 422),
    "a JPEG that says where it was taken": (jpeg_with_position, None),
    "a JPEG and page": (lambda: saved("JPEG") + b"<script>alert(1)</script>", None),
    "a GIF of very many frames": (lambda: frames_gif(100_000), None),
    "a GIF with a large screen": (lambda: b"GIF89a\xff\xff\xff\xff" + frames_gif(1)[10:], 413),
    "a GIF that is a script": (lambda: b"GIF89a/*" + bytes(20) + b"*/=1;alert(1)", 422),
    "a TIFF that is a circle": (lambda: grey_tiff(8, 8, after=8), None),
    "a TIFF that leads to nowhere": (lambda: b"II*\0\xff\xff\xff\x7f", 422),
    "a TIFF bomb": (lambda: grey_tiff(100_000, 100_000), 413),
    "a TIFF without its pixels": (lambda: grey_tiff(1000, 1000), 422),
    "a TIFF of no pages": (lambda: b"II*\0\0\0\0\0", 422),
    "a BMP bomb": (
        lambda: saved("BMP").replace(struct.pack("<ii", 12, 8), struct.pack("<ii", 60_000, 60_000)),
        413,
    ),
    "a BMP of less than no size": (
        lambda: saved("BMP").replace(struct.pack("<ii", 12, 8), struct.pack("<ii", -12, 8)),
        413,
    ),
    "a WebP cut short": (lambda: saved("WEBP", (64, 64))[:60], 422),
    "a WebP that lies about its size": (lambda: b"RIFF\xff\xff\xff\xffWEBPVP8 " + bytes(40), 422),
    "an AVIF that is none": (lambda: ftyp(b"avif", bytes(100)), 422),
    "a HEIC that is none": (lambda: ftyp(b"heic", bytes(100)), 422),
}
