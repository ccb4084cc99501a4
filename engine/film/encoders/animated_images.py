"""Films in formats of pictures: animated WebP and APNG, which play for ever, and a folder of PNG files.

ffmpeg knows no long frames: it repeats them at a constant rate. So an animation is encoded with each picture
once, and what the file says about how long it is shown is written over afterwards.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import accumulate
from typing import BinaryIO

from engine.errors import SpecError, ToolError
from engine.film.encoders.process import Node, check_written, command, from_pipe, running, writing
from engine.film.encoders.request import EncodeRequest
from engine.film.encoders.tools import name_and_version

FASTEST = 90  # frames a second: browsers show what lasts 10 ms or less for 100
ONE_EACH = Fraction(1000)  # of a WebP: so a picture's beginning, in milliseconds, is its number
LONGEST_WEBP, LONGEST_APNG = 2**24 - 1, 2**16 - 1  # milliseconds; ticks


def write_webp(request: EncodeRequest) -> str:
    """Write an animated WebP.

    https://developers.google.com/speed/webp/docs/riff_container: the duration of a frame is a number of 24
    bits, of milliseconds.
    """
    rate = _rate(request)
    quality: dict[str, str | int] = {
        "c:v": "libwebp_anim",
        "quality": request.manner.between(20, 80),
        "loop": 0,
    }
    ticks = _encode_once_each(request, rate, {**quality, "format": "webp"})
    ends = [round(shown * 1000 / rate) for shown in accumulate(ticks, initial=0)]
    with writing(request.film), request.film.open("rb+") as file:
        frames = list(_webp_frames(file))  # none of a still picture, and none that equals the one before
        firsts = list(accumulate((duration for _, duration in frames), initial=0))[:-1]
        if any(first >= len(ticks) for first in firsts):
            raise ToolError(f"{request.film.name}: ffmpeg has timed its frames wrongly; try another one.")
        for (place, _), first, after in zip(frames, firsts, [*firsts[1:], len(ticks)], strict=False):
            milliseconds = _limited(request, ends[after] - ends[first], LONGEST_WEBP, LONGEST_WEBP / 1000)
            file.seek(place)
            file.write(milliseconds.to_bytes(3, "little"))
    return f"WebP by {name_and_version(request.tools.ffmpeg, '-version')}"


def write_apng(request: EncodeRequest) -> str:
    """Write an animated PNG.

    https://www.w3.org/TR/png-3/#fcTL-chunk: the delay of a frame is a fraction of two numbers of 16 bits.
    """
    rate = _rate(request)
    ticks = _encode_once_each(request, rate, {"c:v": "apng", "plays": 0, "format": "apng"})
    with writing(request.film), request.film.open("rb+") as file:
        places = list(_apng_controls(file))
        if len(places) != len(ticks) > 1:
            raise ToolError(
                f"{request.film.name}: ffmpeg has made {len(places)} frames of {len(ticks)}; try another one."
            )
        for place, each in zip(places, ticks, strict=False):  # a single picture is a plain PNG
            delay = Fraction(each) / rate
            _limited(request, delay.numerator, LONGEST_APNG, LONGEST_APNG / delay.denominator)
            file.seek(place)
            chunk = bytearray(file.read(4 + 26))
            struct.pack_into(">HH", chunk, 4 + 20, delay.numerator, delay.denominator)
            file.seek(place)
            file.write(chunk + zlib.crc32(chunk).to_bytes(4, "big"))
    return f"APNG by {name_and_version(request.tools.ffmpeg, '-version')}"


def write_png(request: EncodeRequest) -> str:
    """Write a folder of PNG files from 000001.png on, one for each frame of the film's rate."""
    with writing(request.film):
        request.film.mkdir()
    rate = Fraction(request.fps)
    numbered = {"c:v": "png", "format": "image2", "start_number": 1}
    graph = _as_given(request, rate).output("file:%06d.png", fps_mode="passthrough", **numbered)
    with running(command(request.tools.ffmpeg, graph), request.film, request.film) as write:
        for pixels, ticks in request.timed(rate):
            write(pixels, ticks)
    return f"PNG by {name_and_version(request.tools.ffmpeg, '-version')}"


def _rate(request: EncodeRequest) -> Fraction:
    return Fraction(request.fps) if request.fps <= FASTEST else Fraction(request.fps, 2)


def _as_given(request: EncodeRequest, rate: Fraction) -> Node:
    """The frames; without an aspect ffmpeg writes one of 0 : 1."""
    return from_pipe(request.size, rate).filter("setsar", 1)


def _encode_once_each(request: EncodeRequest, rate: Fraction, options: Mapping[str, str | int]) -> list[int]:
    """Write each picture that is shown once; for how many ticks of 1/rate seconds each is to be."""
    pictures = _as_given(request, ONE_EACH)
    graph = pictures.output(f"file:{request.film.name}", fps_mode="passthrough", **options)
    counts = []
    with running(command(request.tools.ffmpeg, graph), request.film) as write:
        for pixels, ticks in request.timed(rate):
            write(pixels, 1)
            counts.append(ticks)
    check_written(request.film)
    return counts


def _limited(request: EncodeRequest, count: int, most: int, seconds: float) -> int:
    if count > most:
        raise SpecError(
            f"{request.film.name}: this format shows no picture for more than {seconds:.0f} s; "
            "make the film or its hold shorter, or choose another film.format."
        )
    return count


def _webp_frames(file: BinaryIO) -> Iterator[tuple[int, int]]:
    """Yield where each frame's duration is, and its milliseconds; nothing for a still picture."""
    file.seek(12)  # "RIFF", its size, "WEBP"
    while len(header := file.read(8)) == 8:
        name, size = struct.unpack("<4sI", header)
        beginning = file.tell()
        if name == b"ANMF":
            file.seek(beginning + 12)  # after the window's place and size
            yield beginning + 12, int.from_bytes(file.read(3), "little")
        file.seek(beginning + size + size % 2)


def _apng_controls(file: BinaryIO) -> Iterator[int]:
    """Yield where the name of each fcTL chunk is."""
    file.seek(8)  # the signature
    while len(header := file.read(8)) == 8:
        size, name = struct.unpack(">I4s", header)
        beginning = file.tell()
        if name == b"fcTL":
            yield beginning - 4
        file.seek(beginning + size + 4)
