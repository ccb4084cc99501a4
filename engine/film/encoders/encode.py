"""The last stage of the film: frames in, a file out, streamed, never all frames in memory."""

from __future__ import annotations

import itertools
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.errors import SpecError, ToolError
from engine.film.encoders.animated_images import write_apng, write_png, write_webp
from engine.film.encoders.gif import gif_needs, write_gif
from engine.film.encoders.mp4_webm import mp4_needs, write_mp4, write_webm
from engine.film.encoders.process import check_written, writing
from engine.film.encoders.request import EncodeRequest, EncoderSettings, Frame
from engine.film.encoders.tools import Tools, find_tools
from engine.spec.models import FilmSettings
from engine.storage.run_folder import SCRATCH

__all__ = [
    "FORMATS",
    "EncoderSettings",
    "Frame",
    "TooLargeError",
    "Tools",
    "encode",
    "find_tools",
    "lacking",
    "tools_for",
]

USUAL = EncoderSettings()

Needs = Callable[[str, Tools], list[tuple[str, ...]]]


@dataclass(frozen=True)
class Format:
    """How films in a format are made."""

    write: Callable[[EncodeRequest], str]  # says in a few words what encoded it
    needs: Needs  # of a codec of mp4: encoders of ffmpeg, one of each tuple
    fits: bool  # whether a lower quality makes it smaller


class TooLargeError(Exception):
    """A film has become larger than it may; bytes: how large when it was given up."""

    def __init__(self, size: int) -> None:
        super().__init__(f"{size} bytes")
        self.bytes = size


def _always(*names: str) -> Needs:
    return lambda codec, tools: [(name,) for name in names]


# The formats of films by suffix.
FORMATS = {
    "mp4": Format(write_mp4, mp4_needs, fits=True),
    "webm": Format(write_webm, _always("libvpx-vp9"), fits=True),
    "gif": Format(write_gif, gif_needs, fits=True),
    "webp": Format(write_webp, _always("libwebp_anim"), fits=True),
    "apng": Format(write_apng, _always("apng"), fits=False),
    "png": Format(write_png, _always("png"), fits=False),  # a folder of numbered pictures
}


def tools_for(film: FilmSettings) -> Tools:
    """Find the programs that a film's formats need.

    Raises ToolError when one is missing, or has no encoder for a format, and SpecError when a format can't be
    made to fit into film.max_bytes: before anything is drawn.
    """
    if film.max_bytes is not None:
        for name in film.format:
            if name not in FORMATS or not FORMATS[name].fits:
                fit = ", ".join(name for name, form in FORMATS.items() if form.fits)
                raise SpecError(
                    f"film.max-bytes: {name} can't be made smaller by quality; "
                    f"leave it out, or choose another film.format ({fit})."
                )
    tools = find_tools(film.encoder)
    for name in film.format:
        if name in FORMATS and (missing := lacking(name, film.codec, tools)):
            what = f"{name} in {film.codec}" if name == "mp4" else name
            raise ToolError(
                f"{tools.ffmpeg}: makes no {what}, for it was built without {missing}; give the path of "
                "another ffmpeg, or none to use the one that was installed with this program."
            )
    return tools


def lacking(name: str, codec: str, tools: Tools) -> str:
    """The encoders that a format needs and ffmpeg has not; "" when it has all."""
    needs = FORMATS[name].needs(codec, tools)
    return ", ".join(" or ".join(names) for names in needs if tools.encoders.isdisjoint(names))


def encode(
    frames: Iterable[Frame], path: Path, fps: int, tools: Tools, manner: EncoderSettings = USUAL
) -> str:
    """Write the frames as a film in the format of the path's suffix, and say which encoder made it.

    A frame is shown for its seconds rounded to whole ticks of 1/fps; what is rounded off is carried to the
    next one, so the length is exact to a tick. GIF, WebP and APNG use the nearest rate that they can express.
    The file, or folder of PNG files, appears under its name only when it is complete.
    Raises SpecError (format), ToolError (encoder), SpaceError (disk), RunError (folder), TooLargeError, and
    ValueError for no frames, frames of different sizes and impossible durations.
    """
    form = FORMATS.get(path.suffix.lower().removeprefix("."))
    if form is None:
        raise SpecError(f"{path.name}: not a film that an encoder makes (those are {', '.join(FORMATS)}).")
    if fps < 1:
        raise ValueError(f"a film needs at least 1 frame per second, not {fps}.")
    frames = iter(frames)
    first = next(frames, None)
    if first is None:
        raise ValueError(f"{path.name}: a film needs at least one frame.")
    with writing(path):
        scratch = tempfile.TemporaryDirectory(prefix=SCRATCH, dir=path.parent)
    with scratch as folder:
        film = Path(folder, path.name)
        given = _while_it_fits(itertools.chain([first], frames), film, manner.max_bytes)
        height, width = first.pixels.shape[:2]
        encoder = form.write(EncodeRequest(given, (height, width), film, fps, tools, manner))
        check_written(film)
        size = sum(each.stat().st_size for each in _files(film))
        if manner.max_bytes is not None and size > manner.max_bytes:
            raise TooLargeError(size)
        with writing(path):
            _put_in_place(film, path)
    return encoder


def _while_it_fits(frames: Iterable[Frame], film: Path, max_bytes: int | None) -> Iterator[Frame]:
    """The frames, until the encoder has written too much already; TooLargeError."""
    for frame in frames:
        yield frame
        if max_bytes is not None and film.exists() and (size := film.stat().st_size) > max_bytes:
            raise TooLargeError(size)


def _files(film: Path) -> list[Path]:
    return sorted(film.iterdir()) if film.is_dir() else [film]


def _put_in_place(film: Path, path: Path) -> None:
    for each in _files(film):
        with each.open("rb+") as written:
            os.fsync(written.fileno())
    if film.is_dir() and path.exists():  # which a folder can't replace
        path.rename(film.with_name("before"))
    film.replace(path)
