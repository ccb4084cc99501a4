"""How large and how small a setting may be, told from its model and from a server's limits."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel

from engine.web.options import Limits

STEPS = 200  # into which the range of a number is divided, about
LARGEST_SEED = 2**31 - 1  # which every browser can count to

# Ends beyond which a setting only spoils a picture, narrower than the model's.
SENSIBLE: dict[str, tuple[float | None, float | None]] = {
    "painter.sigma": (0, 20),
    "painter.border": (0, 100),
    "painter.detail": (0, 20),
    "painter.line": (0.2, 20),
    "painter.length": (2, 200),
    "painter.overlap": (0, 200),
    "painter.bends": (0, 200),
    "painter.evenness": (0, 200),
}


@dataclass(frozen=True)
class Bounds:
    """What a number may be, both ends included; and how many a list of colours may have."""

    least: float | None
    most: float | None
    is_whole: bool

    @property
    def step(self) -> float:
        """By how much it changes at a time: 1, 2 or 5 times a power of ten."""
        if self.is_whole or self.least is None or self.most is None:
            return 1
        wanted = min((self.most - self.least) / STEPS, 0.1)
        power = 10.0 ** math.floor(math.log10(wanted))
        return float(f"{next(each * power for each in (1, 2, 5, 10) if each * power >= wanted * 0.999):g}")


def bounds_of(model: type[BaseModel], name: str) -> Bounds:
    """Those of the numbers that a field takes, whatever else it takes; None for an end that is open.

    An end that doesn't belong to the range is taken a step further in.
    """
    field = model.model_fields[name]
    told = [*field.metadata, *_told(field.annotation)]
    kinds = set(_kinds(field.annotation))
    least, most = _end(told, "ge", max), _end(told, "le", min)
    above, below = _end(told, "gt", max), _end(told, "lt", min)
    found = Bounds(
        least if above is None else above,
        most if below is None else below,
        int in kinds and float not in kinds,
    )
    return Bounds(
        found.least if above is None else above + found.step,
        found.most if below is None else below - found.step,
        found.is_whole,
    )


def most_colours(model: type[BaseModel], name: str) -> int | None:
    """How many colours a list of them may have."""
    field = model.model_fields[name]
    found = [each.max_length for each in _told(field.annotation) if hasattr(each, "max_length")]
    return max((int(most) for most in found if most is not None), default=None)


def capped(path: str, limits: Limits) -> tuple[float | None, float | None]:
    """What a server lets its visitors ask for at least and at most; None: as much as the model does.

    path: of the setting, with dots.
    """
    seconds = limits.film_seconds
    ends: dict[str, tuple[float | None, float | None]] = {
        "painter.count": (None, limits.count),
        "size": (64, limits.size),
        "budget.effort": (0.1, limits.effort),
        "seed": (0, LARGEST_SEED),
        "film.duration": (1, seconds),
        "film.hold": (0, seconds / 2),
        "film.intro": (0, seconds / 2),
        "film.size": (64, limits.film_size),
        "film.fps": (5, 60),
    }
    return ends.get(path) or SENSIBLE.get(path, (None, None))


def _end(told: Sequence[Any], name: str, choose: Any) -> float | None:
    ends = [getattr(each, name) for each in told if getattr(each, name, None) is not None]
    return choose(ends) if ends else None


def _told(annotation: Any) -> Iterator[Any]:
    """What Annotated says anywhere in an annotation, pydantic's fields taken apart."""
    for each in getattr(annotation, "__metadata__", ()):
        yield from getattr(each, "metadata", None) or (each,)
    for inner in get_args(annotation):
        if not isinstance(inner, str):
            yield from _told(inner)


def _kinds(annotation: Any) -> Iterator[type]:
    """The plain types in an annotation."""
    if isinstance(annotation, type) and not get_args(annotation):
        yield annotation
    for inner in get_args(annotation):
        if not isinstance(inner, str):
            yield from _kinds(inner)
