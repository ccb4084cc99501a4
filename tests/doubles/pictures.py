"""Pictures made in code, files of them, and what is said when one is refused."""

import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from engine.errors import TargetError
from engine.image.pixels import Pixels
from engine.image.target import open_target

RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)


def noise(height: int, width: int, seed: int = 0) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def smooth(height: int, width: int) -> Pixels:
    y, x = np.mgrid[0:height, 0:width]
    ramps = np.stack([x / width, y / height, (x + y) / (height + width)], axis=-1)
    return (ramps * 255).astype(np.uint8)


def saved(path: Path, picture: Image.Image, kind: str, **options: Any) -> str:
    picture.save(path, kind, **options)
    return str(path)


def png(width: int, height: int, depth: int, colour: int, rows: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    """Write a PNG by hand: the modes that Pillow can't write, and forged headers."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    parts = [(b"IHDR", header), *chunks, (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(name, data) for name, data in parts)


def damaged_fax(path: Path) -> str:
    """Write a TIFF that is damaged, but can be decoded, of which libtiff complains."""
    y, x = np.mgrid[:64, :80]
    picture = Image.fromarray(((x // 7 + y // 5) % 2 * 255).astype(np.uint8)).convert("1")
    saved(path, picture, "TIFF", compression="group4")
    content = bytearray(path.read_bytes())
    content[20] ^= 255
    path.write_bytes(content)
    return str(path)


def refusal(source: str) -> str:
    with pytest.raises(TargetError) as caught:
        open_target(source, 10)
    message = str(caught.value)
    assert message.startswith(f"{source}: ")
    assert message.endswith(".")
    assert "\n" not in message
    assert caught.value.exit_code == 2
    return message
