"""The words for shapes, as a user writes them: one, a list, or a list with weights."""

from __future__ import annotations

import math
import re
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema

from engine.painters.polygons.kinds import (
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
    str, BeforeValidator(_joined), AfterValidator(_in_short), WithJsonSchema({"expected": _EXPECTED})
]
