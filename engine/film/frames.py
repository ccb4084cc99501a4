"""A film is planned, drawn and encoded; if it may have only so many bytes, several times."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Executor
from contextlib import closing
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from engine.errors import SpecError
from engine.events import EventHandler, Filmed, Filming, Fitting
from engine.film.encoders.encode import TooLargeError, encode
from engine.film.encoders.process import writing
from engine.film.encoders.request import EncoderSettings, Frame
from engine.film.encoders.size_limit import Rung, Tried, best_fitting
from engine.film.encoders.tools import Tools
from engine.film.shots import Shot, still_at
from engine.image.alpha import over_white
from engine.image.pixels import Pixels
from engine.scene.scene import Scene, scaled
from engine.scene.successive import Successive
from engine.spec.models import FilmSettings
from engine.storage.run_folder import SCRATCH
from engine.system.ordered_map import ordered_map

THUMBNAIL = 128  # pixels of the longest side, where pictures are compared
AHEAD = 4  # pictures drawn in advance, at most: in 4K one takes 25 MB

DrawShot = Callable[[Shot], Pixels]  # draws what a shot shows


def thumbnail(scene: Scene, longest: int = THUMBNAIL, after: Successive | None = None) -> Pixels:
    """A scene seen small, on white paper; longest: pixels of its longest side.

    after: what has drawn one that is much like it, which is sooner.
    """
    drawable = scene.drawable(*scaled(scene.height, scene.width, longest))
    return over_white((after or Successive()).draw(drawable))


@dataclass(frozen=True)
class FilmPlan:
    """All that decides a film."""

    path: Path
    settings: FilmSettings
    shots: Sequence[Shot]
    at_size: Callable[[int], DrawShot]  # the way to draw with so many pixels on the longest side
    tools: Tools

    @property
    def finished(self) -> Shot | None:
        """The shot of the finished picture; None in a film that has none."""
        return next((shot for shot in self.shots if shot.shows == "finished" and not shot.wiped), None)

    def frames(self, draw: DrawShot, executor: Executor, emit: EventHandler) -> Generator[Frame, None, None]:
        """All frames, drawn in parallel."""
        with closing(ordered_map(executor, draw, self.shots, AHEAD)) as pictures:
            for number, (shot, pixels) in enumerate(zip(self.shots, pictures, strict=True), 1):
                yield Frame(pixels, shot.frames / self.settings.fps)
                emit(Filming(str(self.path), number, len(self.shots)))


def make_film(plan: FilmPlan, executor: Executor, emit: EventHandler) -> None:
    """Draw and encode a film; SpecError when it can't be made small enough, and what `encode` raises.

    Then there is no film, or the one of before.
    """
    started = time.monotonic()
    if plan.settings.max_bytes is None:
        encoder = _encoded(plan, Rung(plan.settings.size, 1), plan.path, None, executor, emit).encoder
    else:
        encoder = _made_to_fit(plan, plan.settings.max_bytes, executor, emit)
    emit(Filmed(str(plan.path), encoder, round(time.monotonic() - started, 3)))


def _made_to_fit(plan: FilmPlan, max_bytes: int, executor: Executor, emit: EventHandler) -> str:
    """Keep the best film that has at most so many bytes; what encoded it, and in what size and quality."""
    path = plan.path
    with writing(path):
        scratch = tempfile.TemporaryDirectory(prefix=SCRATCH, dir=path.parent)
    with scratch as folder:
        film = Path(folder, path.name)

        def attempt(rung: Rung) -> Tried:
            limit = max_bytes if rung.quality > 0 else None  # to say by how much the last one is too large
            tried = _encoded(plan, rung, film, limit, executor, emit)
            if tried.bytes:
                emit(Fitting(str(path), tried.bytes, max_bytes, rung.size, rung.quality))
            return tried

        best = best_fitting(plan.settings.size, max_bytes, attempt)
        if best.bytes > max_bytes:
            raise SpecError(
                f"{path.name}: has {best.bytes:,} bytes even with {best.rung.size} px and the lowest "
                f"quality, more than film.max-bytes ({max_bytes:,}); make it shorter (film.duration), or "
                "give it fewer frames a second (film.fps)."
            )
        with writing(path):
            film.replace(path)  # each film that fitted has replaced a worse one
    return f"{best.encoder}, {best.rung.size} px, quality {best.rung.quality:g}"


def _encoded(
    plan: FilmPlan, rung: Rung, path: Path, limit: int | None, executor: Executor, emit: EventHandler
) -> Tried:
    """Draw and encode a film once, in a size and quality. limit: bytes at which it is given up."""
    film = plan.settings
    try:
        draw = plan.at_size(rung.size)
    except SpecError:  # too small for all that it shows
        if rung.size == film.size:
            raise
        return Tried(rung, 0, 0, "")
    with closing(plan.frames(draw, executor, emit)) as frames:
        first = next(frames)
        shortest = min(first.pixels.shape[:2])
        try:
            has_cover = film.poster == "result" and limit is None  # the bytes are worth more in the film
            cover = draw(finished) if has_cover and (finished := plan.finished) else None
            manner = EncoderSettings(film.codec, rung.quality, limit, cover, still_at(plan.shots))
            encoder = encode(chain([first], frames), path, film.fps, plan.tools, manner)
        except TooLargeError as large:
            return Tried(rung, large.bytes, shortest, "")
    return Tried(rung, path.stat().st_size, shortest, encoder)
