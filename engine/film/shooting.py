"""A script becomes films: pictures drawn ahead, in parallel, and streamed to an encoder."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Executor
from pathlib import Path

from engine.events import Filmed, Filming, Report
from engine.film.fitting import encode_within
from engine.film.frames import in_order
from engine.film.reel import Frame
from engine.film.script import Shot
from engine.film.tools import Tools
from engine.image import Pixels
from engine.spec import Film

Picture = Callable[[Shot], Pixels]  # draws what a shot shows


def shoot(
    path: Path,
    film: Film,
    script: Sequence[Shot],
    at_size: Callable[[int], Picture],
    tools: Tools,
    executor: Executor,
    report: Report,
) -> None:
    """Make one film; at_size: the way to draw with so many pixels on the longest side."""
    started = time.monotonic()

    def draw(size: int) -> Generator[Frame, None, None]:
        pictures = in_order(executor, at_size(size), script)
        for number, (shot, pixels) in enumerate(zip(script, pictures, strict=True), 1):
            yield Frame(pixels, shot.frames / film.fps)
            report(Filming(str(path), number, len(script)))

    encoder = encode_within(film.max_bytes, draw, film.size, path, film.fps, tools, film.codec, report)
    report(Filmed(str(path), encoder, round(time.monotonic() - started, 3)))
