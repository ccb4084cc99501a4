"""Films to make and to look at: pictures that can't be confused, decoders, and stand-ins for encoders."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.film.encoders.tools import find_tools

Pixels = NDArray[np.uint8]
Shown = list[tuple[Pixels, float]]  # pictures, and for how many seconds each

# Where a decoder rounds coarsely, a comparison would measure that.
TO_RGB = ("-vf", "scale=flags=accurate_rnd+full_chroma_int+full_chroma_inp", "-fps_mode", "passthrough")


def plain(value: int | tuple[int, int, int], height: int = 32, width: int = 48) -> Pixels:
    return np.full((height, width, 3), value, np.uint8)


def bars(count: int, height: int = 32, width: int = 48) -> list[Pixels]:
    """Pictures that a film can't confuse: a bright bar that moves over a ramp."""
    pictures = []
    for k in range(count):
        picture = np.empty((height, width, 3), np.uint8)
        picture[:] = np.linspace(20, 120, width, dtype=np.uint8)[None, :, None]
        left = k * width // count
        picture[:, left : left + width // count] = (230, 200, 40)
        pictures.append(picture)
    return pictures


def rmse(a: NDArray[np.generic], b: NDArray[np.generic]) -> float:
    return float(np.sqrt(np.mean((a.astype(float) - b.astype(float)) ** 2)) / 255)


def describe(film: Path) -> str:
    """What ffmpeg says about a file's first video stream and its duration."""
    command = [find_tools().ffmpeg, "-hide_banner", "-i", str(film)]
    said = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    lines = said.stderr.decode().splitlines()
    return " ".join(line for line in lines if "Duration" in line or "Stream #" in line)


def video(film: Path) -> Shown:
    """The frames of an MP4 or WebM, all equally long, as long as the file says."""
    about = describe(film)
    width, height = map(int, re.findall(r", (\d+)x(\d+)", about)[0])
    command = [
        find_tools().ffmpeg,
        "-v",
        "error",
        "-i",
        str(film),
        *TO_RGB,
        "-f",
        "rawvideo",
        "-pix_fmt",
        "rgb24",
    ]
    raw = subprocess.run([*command, "-"], stdin=subprocess.DEVNULL, capture_output=True, check=True).stdout
    pictures = np.frombuffer(raw, np.uint8).reshape(-1, height, width, 3)
    found = re.search(r"Duration: (\d+):(\d+):([\d.]+)", about)
    assert found
    seconds = int(found[1]) * 3600 + int(found[2]) * 60 + float(found[3])
    return [(picture, seconds / len(pictures)) for picture in pictures]


def animation(film: Path) -> Shown:
    """The frames of a GIF, WebP or APNG, which plays for ever unless it is a single picture."""
    shown = []
    with Image.open(film) as image:
        count = getattr(image, "n_frames", 1)
        assert count == 1 or image.info["loop"] == 0
        for index in range(count):
            image.seek(index)
            image.load()
            milliseconds = float(image.info.get("duration", 0))
            shown.append((np.asarray(image.convert("RGB")), milliseconds / 1000))
    return shown


def folder(film: Path) -> Shown:
    """The pictures in a folder, numbered from 1; how long they are shown is nowhere said."""
    paths = sorted(film.iterdir())
    assert [path.name for path in paths] == [f"{number:06d}.png" for number in range(1, len(paths) + 1)]
    return [(np.asarray(Image.open(path)), float("nan")) for path in paths]


def content(film: Path) -> bytes:
    """All bytes of a film, or of the pictures in its folder."""
    return b"".join(path.read_bytes() for path in (sorted(film.iterdir()) if film.is_dir() else [film]))


def script(parent: Path, body: str, name: str = "encoder") -> str:
    """Write an executable that stands in for an encoder."""
    path = parent / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return str(path)
