"""What the user chooses for polygons: shapes, opacities, a palette, and how they are searched for."""

from __future__ import annotations

import math
import re
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
)

from engine.scene.kind_numbers import (
    BEZIER,
    CIRCLE,
    ELLIPSE,
    LEAST_VERTICES,
    LINE,
    MOST_VERTICES,
    RECTANGLE,
    ROTATED_ELLIPSE,
    ROTATED_RECTANGLE,
)
from engine.spec.fields import expected
from engine.spec.palettes import Palette

KINDS = {
    "triangle": 3,
    "quad": 4,
    "rectangle": RECTANGLE,
    "rotated-rectangle": ROTATED_RECTANGLE,
    "ellipse": ELLIPSE,
    "rotated-ellipse": ROTATED_ELLIPSE,
    "circle": CIRCLE,
    "line": LINE,
    "bezier": BEZIER,
}
MIXED = "mixed"  # all of them, that is all but polygon:N, equally often

ABOUT = {
    "triangle": "three corners: the crispest edges",
    "quad": "four corners",
    "polygon:6": "so many corners, from 3 to 16",
    "rectangle": "upright",
    "rotated-rectangle": "at any angle",
    "ellipse": "upright",
    "rotated-ellipse": "at any angle",
    "circle": "of any size",
    "line": "with square ends, of any width: may become a broad bar",
    "bezier": "a bent stroke",
    MIXED: "all but polygon:N, the best one for each place",
}

_WORD = re.compile(r"([a-z-]+|polygon:[0-9]{1,9}) *(?:= *([0-9]*\.?[0-9]+(?:e[-+]?[0-9]{1,2})?))?")


def weights(text: str) -> dict[int, float]:
    """The weight of each kind; ValueError for a text that isn't made of shapes."""
    if text.strip().lower() == MIXED:
        return dict.fromkeys(KINDS.values(), 1.0)
    found: dict[int, float] = {}
    for word, weight in _words(text):
        kind = KINDS[word] if word in KINDS else int(word.removeprefix("polygon:"))
        found[kind] = found.get(kind, 0.0) + weight
    return found


def _words(text: str) -> list[tuple[str, float]]:
    words = []
    for part in text.lower().split(","):
        match = _WORD.fullmatch(part.strip())
        if match is None:
            raise ValueError("no shape")
        word, weight = match[1], float(match[2] or 1)
        if word.startswith("polygon:"):
            vertices = int(word.removeprefix("polygon:"))
            if not LEAST_VERTICES <= vertices <= MOST_VERTICES:
                raise ValueError("no polygon")
            word = f"polygon:{vertices}"
        elif word not in KINDS:
            raise ValueError("no shape")
        if not (weight > 0 and math.isfinite(weight)):
            raise ValueError("no weight")
        words.append((word, weight))
    return words


def _in_short(text: str) -> str:
    """The same in lower case, without spaces and without weights of 1."""
    if text.strip().lower() == MIXED:
        return MIXED
    return ",".join(word if weight == 1 else f"{word}={weight:g}" for word, weight in _words(text))


def _joined(value: object) -> object:
    """A list of words as one text; anything else is left to the field."""
    if isinstance(value, list | tuple) and value and all(isinstance(word, str) for word in value):
        return ",".join(value)
    return value


_EXPECTED = (
    f"{', '.join(KINDS)}, polygon:N (N from {LEAST_VERTICES} to {MOST_VERTICES}), {MIXED}, "
    "or a list of shapes, weights allowed, such as triangle=2,ellipse=1"
)
Shape = Annotated[
    str,
    BeforeValidator(_joined),
    AfterValidator(_in_short),
    expected(_EXPECTED, "SHAPE,...", ABOUT),
]

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
    expected(
        f"solved, a number from {FAINTEST} to 1, or a range of two such as 0.2-0.7",
        "solved|X|X-Y",
        ("solved", "0.5", "0.2-0.7"),
    ),
]


class PolygonParams(BaseModel):
    """Paints with shapes, see docs/shapes.md."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    shape: Shape = Field(
        default="triangle",
        description="several: the best one for each place; weights say how often each kind is tried. "
        "`mixed`: all but `polygon:N`, which has N corners",
    )
    count: int = Field(default=1000, ge=1, le=1_000_000, description="shapes in the whole picture")
    opacity: Opacity = Field(
        default=SOLVED, description="of a shape; `solved`: the best there is; a range: the best within it"
    )
    palette: Palette = Field(
        default="none",
        description="the colours that the shapes may have: so many, found in the target, or a list. A "
        "`mean` background is one of them, too",
    )
    levels: Literal["all", "finest"] = Field(
        default="all", description="coarse to fine, or the `finest` grid alone"
    )
    shift: bool = Field(
        default=True,
        description="whether the borders of tiles lie elsewhere in every pass, so that they don't show",
    )
    spread: Literal["error", "even"] = Field(
        default="error", description="new shapes where the error is, or as many in each tile"
    )
    search: Literal["annealing", "dual", "hill", "scipy"] = Field(
        default="annealing",
        description="how a polygon's outline is looked for: simulated `annealing`, generalised annealing "
        "with local searches (`dual`), downhill only (`hill`), or scipy's own dual annealing of all numbers "
        "of a tile together (`scipy`: the original, which wants much effort; what a job has not finished "
        "when the time is up is lost, and its jobs are long)",
    )
    polish: Literal["relocate", "joint", "none"] = Field(
        default="relocate",
        description="what follows: all shapes of a window together down the gradient of the error "
        "(`joint`), `relocate` with those that contribute least placed anew between, or nothing",
    )
