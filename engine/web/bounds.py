"""How large and how small a number may be, told from its model."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel

STEPS = 200  # into which the range of a number is divided, about

# Ends of what is offered on a page, where the model goes further than makes sense, or browsers count.
LEAST = {
    "size": 64,
    "budget.effort": 0.1,
    "film.duration": 1,
    "film.size": 64,
    "film.fps": 5,
    "painter.line": 0.2,
}
MOST = {"seed": 2**31 - 1, "film.hold": 20, "film.intro": 20}


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
