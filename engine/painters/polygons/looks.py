"""What polygons may look like, as the user says it: a range of opacities and a palette."""

from __future__ import annotations

import re
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer

from engine.fields import Hex, expected, listed
from engine.palette import colours_of
from engine.scene import Colour

SOLVED = (0.1, 1.0)  # opacities: what is fainter than that is hardly worth a shape
FAINTEST = 0.01
MOST_COLOURS = 256

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


def _once(palette: int | str | tuple[str, ...]) -> int | str | tuple[str, ...]:
    """Each colour once, in the order given."""
    return tuple(dict.fromkeys(palette)) if isinstance(palette, tuple) else palette


Palette = Annotated[
    Literal["none"]
    | Annotated[int, Field(ge=2, le=MOST_COLOURS)]
    | Annotated[tuple[Hex, ...], Field(min_length=1, max_length=MOST_COLOURS)],
    BeforeValidator(listed),
    AfterValidator(_once),
    expected(
        f"none, a number of colours from 2 to {MOST_COLOURS}, or colours in quotes such as "
        '"#000000,#ffcc00" (an unquoted # starts a comment)'
    ),
]


def nearest(colour: Colour, palette: tuple[str, ...]) -> Colour:
    """The colour of a palette that is nearest in RGB."""
    found = matched(np.array([colour], np.float32), colours_of(palette))[0]
    red, green, blue = np.rint(255 * found).tolist()
    return red / 255, green / 255, blue / 255


def matched(colours: NDArray[np.float32], palette: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each colour's nearest in RGB: (n, 3) and (colours, 3) give (n, 3)."""
    best = np.full(len(colours), np.inf, np.float32)
    found = np.empty_like(colours)
    for colour in palette:
        distance = np.square(colours - colour).sum(axis=1)
        closer = distance < best
        best[closer], found[closer] = distance[closer], colour
    return found
