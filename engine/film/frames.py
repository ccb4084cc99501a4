"""Pictures drawn from scenes, in parallel and in order."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future
from itertools import islice
from pathlib import Path
from typing import TypeVar

from engine.events import EventHandler, Filmed, Filming
from engine.film.encoders.request import Frame
from engine.film.encoders.size_limit import encode_within
from engine.film.encoders.tools import Tools
from engine.film.shots import Shot
from engine.image.alpha import over_white
from engine.image.pixels import Pixels
from engine.scene.scene import Scene, scaled
from engine.spec.models import FilmSettings

THUMBNAIL = 128  # pixels of the longest side where visual change is measured
AHEAD = 4  # pictures drawn in advance, at most: in 4K one takes 25 MB

Item = TypeVar("Item")
Drawn = TypeVar("Drawn")


def thumbnail(scene: Scene) -> Pixels:
    """A scene seen small, on white paper."""
    return over_white(scene.draw(*scaled(scene.height, scene.width, THUMBNAIL)))


def in_order(executor: Executor, draw: Callable[[Item], Drawn], items: Iterable[Item]) -> Iterator[Drawn]:
    """Like map, with a bounded number of pictures waiting.

    In the executor's threads, because the kernels release the interpreter lock.
    """
    source = iter(items)
    waiting: deque[Future[Drawn]] = deque(executor.submit(draw, item) for item in islice(source, AHEAD))
    try:
        while waiting:
            drawn = waiting.popleft().result()
            waiting.extend(executor.submit(draw, item) for item in islice(source, 1))
            yield drawn
    finally:
        for future in waiting:
            future.cancel()


DrawShot = Callable[[Shot], Pixels]  # draws what a shot shows


def shoot(
    path: Path,
    film: FilmSettings,
    script: Sequence[Shot],
    at_size: Callable[[int], DrawShot],
    tools: Tools,
    executor: Executor,
    emit: EventHandler,
) -> None:
    """Make one film; at_size: the way to draw with so many pixels on the longest side."""
    started = time.monotonic()

    def draw(size: int) -> Generator[Frame, None, None]:
        pictures = in_order(executor, at_size(size), script)
        for number, (shot, pixels) in enumerate(zip(script, pictures, strict=True), 1):
            yield Frame(pixels, shot.frames / film.fps)
            emit(Filming(str(path), number, len(script)))

    encoder = encode_within(film.max_bytes, draw, film.size, path, film.fps, tools, film.codec, emit)
    emit(Filmed(str(path), encoder, round(time.monotonic() - started, 3)))
