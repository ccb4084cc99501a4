"""What a film shows, from the first frame to the last."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.errors import SpecError
from engine.spec.models import FilmSettings

MOST_FRAMES = 1_000_000  # of a film: more than four hours
POSTER_RATE = 60  # a poster is seen for a frame, or for 1 / POSTER_RATE seconds, at least,
SLOWEST_POSTER = 10  # frames a second, where a frame is not yet a picture of its own


@dataclass(frozen=True)
class Shot:
    """What is seen for a number of frames."""

    shows: Literal["target", "painting", "finished"]
    at: float = 0.0  # the place on the track
    frames: int = 1
    wiped: float = 0.0  # share of the picture, from the left, where the target is seen instead


@dataclass(frozen=True)
class Lengths:
    """Frames of a film's parts, duration * fps in all."""

    intro: int
    moving: int  # one at least
    held: int  # after the first frame of the finished picture

    @classmethod
    def of(cls, film: FilmSettings) -> Lengths:
        """Intro and hold take half of a film together at most, in proportion."""
        total = max(1, round(film.duration * film.fps))
        share = min(1.0, film.duration / 2 / max(film.intro + film.hold, 1e-9))
        intro, held = (round(seconds * share * film.fps) for seconds in (film.intro, film.hold))
        intro = min(intro, total - 1)
        held = min(held, total - 1 - intro)
        return cls(intro, total - intro - held, held)

    @property
    def total(self) -> int:
        """Frames of the film."""
        return self.intro + self.moving + self.held


def check_script(film: FilmSettings) -> None:
    """SpecError when settings of a film contradict each other."""
    if film.duration * film.fps > MOST_FRAMES:
        raise SpecError(
            f"film.duration: that makes more than {MOST_FRAMES:,} frames; "
            "make the film shorter, or give it fewer a second (film.fps)."
        )
    plain = film.model_copy(
        update={
            "play": "forward", "compare": "none", "caption": False, "grid": False, "aspect": "picture",
        }
    )  # fmt: skip
    if "svg" in film.format and film != plain:
        raise SpecError(
            "film.format: svg shows shapes as they appear, and no film.play, .compare, .caption, .grid or "
            ".aspect; leave those out, or choose another format."
        )
    if film.compare == "wipe" and film.hold == 0:
        raise SpecError("film.compare: wipe needs the last picture to stay for a while; give a film.hold.")


def write_script(film: FilmSettings, paced: Callable[[int], NDArray[np.float64]]) -> list[Shot]:
    """The shots of a film, duration * fps frames in all.

    paced: the places on the track of so many frames, from the beginning to the end.
    """
    lengths = Lengths.of(film)
    there = lengths.moving if film.play != "boomerang" else lengths.moving // 2 + 1
    places = paced(there).tolist()
    moving = [Shot("painting", at) for at in places[:-1]]
    finale = _finale(places[-1], lengths.held, film.compare == "wipe")
    film_of = {
        "forward": lambda: [*moving, *finale],
        "reverse": lambda: [*finale, *reversed(moving)],
        # The first frame isn't shown again, if that can be, for such films are played in a loop.
        "boomerang": lambda: [*moving, *finale, *moving[::-1][: lengths.moving - there]],
    }
    return [*_intro(film, lengths.intro), *film_of[film.play]()]


def with_poster(shots: Sequence[Shot], fps: int) -> list[Shot]:
    """The finished picture first, for a moment that is taken from its stay at the end; the length stays.

    Shots stay as they are where that would disturb: with another picture at the beginning that stays, without
    the finished one at the end (another picture would follow in a loop), and where a frame is long.
    """
    first, last = shots[0], shots[-1]
    count = math.ceil(fps / POSTER_RATE)
    held = sum(shot.frames for shot in shots if shot.shows == "finished")
    is_calm = first.shows == "painting" and first.frames == 1 and last.shows == "finished"
    if not is_calm or fps < SLOWEST_POSTER or held <= count:
        return list(shots)
    kept, left = list(shots), count
    while left:
        taken = min(left, kept[-1].frames)
        left -= taken
        end = kept.pop()
        if end.frames > taken:
            kept.append(replace(end, frames=end.frames - taken))
    return [Shot("finished", last.at, count), *kept]


def still_at(shots: Sequence[Shot]) -> tuple[int, ...]:
    """The frames, from 0, where a picture begins to stay, or the finished one is seen first."""
    begins = accumulate((shot.frames for shot in shots), initial=0)
    kinds = ["", *(shot.shows for shot in shots)]
    return tuple(
        at
        for at, shot, before in zip(begins, shots, kinds, strict=False)
        if shot.frames > 1 or (shot.shows == "finished" and before != "finished")
    )


def _intro(film: FilmSettings, frames: int) -> list[Shot]:
    shows: Literal["target", "painting"] = "target" if film.intro_shows == "target" else "painting"
    return [Shot(shows, frames=frames)] if frames else []


def _finale(end: float, held: int, is_wiped: bool) -> list[Shot]:
    """The finished picture, which may be compared with the target: from left to right and back."""
    if not is_wiped:
        return [Shot("finished", end, 1 + held)]
    shares = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(1, held + 1) / (held + 1))
    return [Shot("finished", end), *(Shot("finished", end, wiped=share) for share in shares.tolist())]
