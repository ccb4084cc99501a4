"""One picture out of several: a frame of what moves. imageio reads them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, BinaryIO

from PIL import Image

from engine.errors import TargetError
from engine.image.formats import FILMS
from engine.image.refusals import check_size


def moving_frame(source: str, file: BinaryIO, number: int) -> tuple[Image.Image, bytes | None]:
    """A frame of a GIF, APNG, WebP, AVIF or HEIC, mode RGB, RGBA or of 16 bits, and its ICC profile."""
    from imageio.core.request import Request
    from imageio.plugins.pillow import PillowPlugin

    film: Any  # whose modes imageio's general interface doesn't know
    with PillowPlugin(Request(file, "r")) as film:
        check_number(source, number, film.properties(index=...).n_images or 1)
        said = film.metadata(index=number, exclude_applied=False)
        check_size(source, *said["shape"])
        pixels = film.read(index=number, mode=None if said["mode"].startswith("I") else "RGBA")
    image = Image.fromarray(pixels)
    if image.mode == "RGBA" and image.getchannel("A").getextrema() == (255, 255):
        image = image.convert("RGB")
    return image, said.get("icc_profile")


def film_frame(source: str, path: Path, kind: str, number: int) -> Image.Image:
    """A frame of a film, as ffmpeg decodes it: RGB, upright."""
    import imageio.v3 as iio

    film: Any  # whose arguments imageio's general interface doesn't know
    # The demuxer is named, so that a file can't be a list of other files, and only files are opened.
    only = ["-f", FILMS[kind], "-protocol_whitelist", "file"]
    # Frames are counted, and not found by their time: a telephone's come at odd ones.
    wanted = ["-vf", f"select=eq(n\\,{number})", "-fps_mode", "passthrough", "-frames:v", "1"]
    try:
        # imageio believes a suffix, ffmpeg the demuxer.
        with iio.imopen(path.absolute(), "r", plugin="FFMPEG", extension=".mkv") as film:  # type: ignore[call-overload]
            pixels = film.read(index=0, input_params=only, output_params=wanted)
    except Exception as exc:
        check_number(source, number, _count(path))
        raise TargetError(
            f"{source}: a film that is damaged or cut short, or has no pictures; copy it anew."
        ) from exc
    check_size(source, pixels.shape[1], pixels.shape[0])
    return Image.fromarray(pixels)


def _count(path: Path) -> int:
    """The frames of a film; more than one can ask for where it doesn't tell."""
    from imageio_ffmpeg import count_frames_and_secs

    try:
        return int(count_frames_and_secs(str(path.absolute()))[0]) or sys.maxsize
    except RuntimeError:
        return sys.maxsize


def check_number(source: str, number: int, count: int) -> None:
    """TargetError for a frame that there isn't; they count from 0."""
    if number < count:
        return
    if count == 1:
        raise TargetError(f"{source}: a still picture, so there is no frame {number}; leave --frame out.")
    raise TargetError(
        f"{source}: has {count:,} frames, so there is no frame {number:,}; give one up to {count - 1:,}."
    )
