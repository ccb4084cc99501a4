"""Forms of the settings of curves, and the words that their refusals need."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer

from engine.painters.curves.limits import MOST_PENS
from engine.spec.colours import Hex, listed
from engine.spec.fields import expected
from engine.spec.names import FileName

OBJECTIVES = {
    "auto": "neuron on a blank target, picture of any other",
    "neuron": "what a channel of a network is most active for",
    "class": "what a network takes for a class of things",
    "features": "what a network sees in the target",
    "picture": "the target's pixels, blurred and not",
}
OF_TARGETS = ("features", "picture")  # objectives that compare a drawing with a target
WIDEST = 64.0  # pixels

PATTERNS = {
    "v4/scallop": "rows of arches",
    "v4/rainbow": "arches within arches",
    "v4/fan": "fans of arches",
    "v4/scales": "the scales of a fish",
    "v4/wave": "waves in lines",
    "v4/water": "rippled water",
    "v4/zigzag": "zigzags in lines",
    "v4/ripple": "long leaves that touch",
    "v4/leaf": "leaves in two directions",
    "v4/grain": "leaves in three directions, as of wood",
    "v4/facets": "leaves in four directions, as of cut glass",
    "v4/curl": "spirals",
    "v4/maze": "curls that run into each other",
    "v4/rings": "rings within rings",
    "v4/basket": "woven straps",
    "v4/lattice": "a lattice",
    "squeezenet/fire6/172": "domes, as a network sees them",
}
_TERM = re.compile(r"([a-z]+) *(?:= *([0-9]*\.?[0-9]+))?")
_CHANNEL = re.compile(r"[a-z][a-z0-9_.:-]*/[a-zA-Z0-9_.-]+(/[0-9]{1,6})?|[\w.]+:\w+/[\w.-]+/[0-9]{1,6}")
_PLACE = re.compile(r"[\w.:-]+/[\w.-]+")
_NUMBER = r"([0-9]+\.?[0-9]*|\.[0-9]+)"
_RANGE = re.compile(rf"{_NUMBER} *- *{_NUMBER}")


def terms(text: str) -> dict[str, float]:
    """The weight of each objective of a sum; ValueError for a text that is none."""
    found: dict[str, float] = {}
    for part in text.lower().split(","):
        match = _TERM.fullmatch(part.strip())
        if match is None or match[1] not in OBJECTIVES:
            raise ValueError("no objective")
        weight = float(match[2] or 1)
        if not 0 < weight <= 1000:
            raise ValueError("no weight")
        found[match[1]] = found.get(match[1], 0.0) + weight
    if "auto" in found and len(found) > 1:
        raise ValueError("no sum")
    return found


def _sum(text: str) -> str:
    """The same in its shortest form."""
    return ",".join(name if weight == 1 else f"{name}={weight:g}" for name, weight in terms(text).items())


def _channel(text: str) -> str:
    if not _CHANNEL.fullmatch(text.strip()):
        raise ValueError("no channel")
    return text.strip()


def _places(value: object) -> object:
    return [each.strip() for each in value.split(",")] if isinstance(value, str) else value


def _place(text: str) -> str:
    if not _PLACE.fullmatch(text):
        raise ValueError("no layer")
    return text


def _ends(value: object) -> object:
    """The two ends of a range: of a number, of "1-3"; anything else is left to the field."""
    if isinstance(value, str) and (match := _RANGE.fullmatch(value.strip())):
        return match.groups()
    if isinstance(value, str) and value.strip().lower() == "auto":
        return "auto"
    return (value, value) if isinstance(value, str | int | float) else value


def _written(ends: tuple[float, float] | str) -> str | float:
    if isinstance(ends, str):
        return ends
    return ends[0] if ends[0] == ends[1] else f"{ends[0]!r}-{ends[1]!r}"


def _widths(ends: tuple[float, float] | str) -> tuple[float, float] | str:
    if not isinstance(ends, str) and not 0.1 <= ends[0] <= ends[1] <= WIDEST:
        raise ValueError("no range")
    return ends


def _opacities(ends: tuple[float, float]) -> tuple[float, float]:
    if not 0.01 <= ends[0] <= ends[1] <= 1:
        raise ValueError("no range")
    return ends


def _pens(value: object) -> object:
    """Colours as they are stored; "any" is a word."""
    if isinstance(value, str) and value.strip().lower() == "any":
        return "any"
    return listed(value)


def _once(pens: str | tuple[str, ...]) -> str | tuple[str, ...]:
    return pens if isinstance(pens, str) else tuple(dict.fromkeys(pens))


Objective = Annotated[
    str,
    AfterValidator(_sum),
    expected(
        f"{', '.join(OBJECTIVES)}, or a sum of some with weights such as features=1,picture=0.3",
        "WORD,...",
        OBJECTIVES,
    ),
]
Channel = Annotated[
    str,
    AfterValidator(_channel),
    expected(
        "NET/LAYER/CHANNEL such as squeezenet/fire6/172, or v4/NAME such as v4/scallop",
        "NET/LAYER/CHANNEL",
        PATTERNS,
    ),
]
Label = Annotated[
    str, AfterValidator(_place), expected("NET/NAME such as efficientnet-lite0/daisy", "NET/NAME")
]
Layers = Annotated[
    tuple[Annotated[str, AfterValidator(_place)], ...],
    BeforeValidator(_places),
    Field(min_length=1, max_length=8),
    expected("NET/LAYER, or several with commas, such as squeezenet/fire2,squeezenet/fire5", "NET/LAYER,..."),
]
WeightsFile = Annotated[FileName, expected("the path of a file such as vgg16.pth", "FILE")]
Widths = Annotated[
    Literal["auto"] | tuple[float, float],
    BeforeValidator(_ends),
    AfterValidator(_widths),
    PlainSerializer(_written, when_used="json"),
    expected(
        f"auto, pixels from 0.1 to {WIDEST:g}, or a range of them such as 1-4",
        "auto|PX|PX-PX",
        ("auto", "2.5", "1-4"),
    ),
]
Opacities = Annotated[
    tuple[float, float],
    BeforeValidator(_ends),
    AfterValidator(_opacities),
    PlainSerializer(_written, when_used="json"),
    expected("a number from 0.01 to 1, or a range of two such as 0.2-0.7", "X|X-Y", ("1", "0.2-0.7")),
]
Pens = Annotated[
    Literal["any"] | Annotated[tuple[Hex, ...], Field(min_length=1, max_length=MOST_PENS)],
    BeforeValidator(_pens),
    AfterValidator(_once),
    expected(
        f"any, or 1 to {MOST_PENS} colours such as black,crimson",
        "any|COLOURS",
        ("black", "black,crimson", "any"),
    ),
]
Auto = Literal["auto"]
Count = Annotated[
    Auto | Annotated[int, Field(ge=1, le=1_000_000)],
    expected("auto, or a whole number from 1 to 1,000,000", "auto|N", ("auto",)),
]
Rate = Annotated[
    Auto | Annotated[float, Field(gt=0, le=50)],
    expected("auto, or pixels above 0 and at most 50", "auto|PX", ("auto",)),
]
Views = Annotated[
    Auto | Annotated[int, Field(ge=1, le=64)],
    expected("auto, or a whole number from 1 to 64", "auto|N", ("auto",)),
]
View = Annotated[
    Auto | Annotated[int, Field(ge=32, le=1024)],
    expected("auto, or pixels from 32 to 1,024", "auto|PX", ("auto",)),
]
Length = Annotated[
    Auto | Annotated[float, Field(gt=0, le=2000)],
    expected("auto, or pixels above 0 and at most 2,000", "auto|PX", ("auto",)),
]
Tile = Annotated[
    Literal["auto", "none"] | Annotated[int, Field(ge=16, le=2048)],
    expected("auto, none, or pixels from 16 to 2,048", "auto|none|PX", ("auto", "none", "256")),
]
Wrap = Annotated[Auto | bool, expected("auto, true or false", "WORD", ("auto", "true", "false"))]
StepCount = Annotated[
    Auto | Annotated[int, Field(ge=1, le=100_000)],
    expected("auto, or a whole number from 1 to 100,000", "auto|N", ("auto",)),
]
