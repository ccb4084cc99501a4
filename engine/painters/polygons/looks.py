"""What polygons may look like, as the user says it: a range of opacities."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, PlainSerializer

from engine.spec import expected

SOLVED = (0.1, 1.0)  # opacities: what is fainter than that is hardly worth a shape
FAINTEST = 0.01

_NUMBER = r"([0-9]+\.?[0-9]*|\.[0-9]+)"
_RANGE = re.compile(rf"{_NUMBER} *- *{_NUMBER}")


def _ends(value: object) -> object:
    """The two ends of a range: of solved, of a number, of "0.2-0.7"; anything else is left to the field."""
    if isinstance(value, str) and value.lower() == "solved":
        return SOLVED
    if isinstance(value, str) and (match := _RANGE.fullmatch(value.strip())):
        return match.groups()
    return (value, value) if isinstance(value, str | int | float) else value


def _within(ends: tuple[float, float]) -> tuple[float, float]:
    """Ends in order, within what can be drawn; ValueError otherwise."""
    if not FAINTEST <= ends[0] <= ends[1] <= 1:
        raise ValueError("no range")
    return ends


def _as_written(ends: tuple[float, float]) -> str | float:
    if ends == SOLVED:
        return "solved"
    return ends[0] if ends[0] == ends[1] else f"{ends[0]!r}-{ends[1]!r}"


Opacity = Annotated[
    tuple[float, float],
    BeforeValidator(_ends),
    AfterValidator(_within),
    PlainSerializer(_as_written, when_used="json"),
    expected(f"solved, a number from {FAINTEST} to 1, or a range of two such as 0.2-0.7"),
]
