"""What the user chooses for a brush: which one, how many strokes, of which size, and on what."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from engine.painters.brush.model_file import BUNDLED
from engine.painters.brush.paper import Paper
from engine.spec.fields import expected
from engine.spec.names import FileName
from engine.spec.palettes import Palette

THINNEST, WIDEST = 0.001, 1.0  # shares of the picture's shorter side
ABOUT = {
    "oil": "full, soft strokes that cover",
    "bristle": "a dry brush that shows its hairs",
    "knife": "flat, hard edges",
    "charcoal": "a stick on grain",
    "watercolour": "thin paint that shows what is beneath",
    "marker": "even, with clear ends",
}
_NUMBER = r"([0-9]+\.?[0-9]*|\.[0-9]+)"
_RANGE = re.compile(rf"{_NUMBER} *- *{_NUMBER}")


def _ends(value: object) -> object:
    """The two ends of a range: of a number, of "0.02-0.3"; anything else is left to the field."""
    if isinstance(value, str) and (match := _RANGE.fullmatch(value.strip())):
        return match.groups()
    if isinstance(value, str) and value.strip().lower() == "auto":
        return "auto"
    return (value, value) if isinstance(value, str | int | float) else value


def _within(ends: tuple[float, float] | str) -> tuple[float, float] | str:
    if not isinstance(ends, str) and not THINNEST <= ends[0] <= ends[1] <= WIDEST:
        raise ValueError("no range")
    return ends


def _written(ends: tuple[float, float] | str) -> str | float:
    if isinstance(ends, str):
        return ends
    return ends[0] if ends[0] == ends[1] else f"{ends[0]!r}-{ends[1]!r}"


def _named(value: object) -> object:
    """The name of a brush that comes along in lower case; else it is a file's."""
    if isinstance(value, str) and value.strip().lower() in BUNDLED:
        return value.strip().lower()
    return value


Auto = Literal["auto"]
BrushName = Annotated[
    FileName,
    BeforeValidator(_named),
    expected(
        f"{', '.join(BUNDLED)}, or the path of a file that `tessera brush train` made", "NAME|FILE", ABOUT
    ),
]
Count = Annotated[
    Auto | Annotated[int, Field(ge=1, le=1_000_000)],
    expected("auto, or a whole number from 1 to 1,000,000", "auto|N", ("auto",)),
]
Sizes = Annotated[
    Auto | tuple[float, float],
    BeforeValidator(_ends),
    AfterValidator(_within),
    PlainSerializer(_written, when_used="json"),
    expected(
        f"auto, a share of the picture's shorter side from {THINNEST} to {WIDEST:g}, or a range of two such "
        "as 0.02-0.3",
        "auto|X|X-Y",
        ("auto", "0.02-0.3"),
    ),
]
Opaque = Annotated[Auto | bool, expected("auto, true or false", "WORD", ("auto", "true", "false"))]
WeightsFile = Annotated[FileName, expected("the path of a file that `tessera brush train` made", "FILE")]


class BrushParams(BaseModel):
    """Paints with strokes of a brush, see docs/brush.md."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    brush: BrushName = Field(default="oil", description="the brush, or a file of one that was trained")
    generator: Literal["hybrid", "vae", "gan"] = Field(
        default="hybrid",
        description="what draws a stroke: the brush's own small network, or one that was trained as a VAE or "
        "a GAN, which needs `weights` and the extra `neural`",
    )
    weights: WeightsFile | None = Field(
        default=None, description="of the generators `vae` and `gan`: the file of the network"
    )
    device: Literal["cpu", "cuda", "auto"] = Field(
        default="cpu",
        description="where such a network works; on `cuda` a seed gives about the same picture, not its "
        "bytes",
    )
    count: Count = Field(
        default="auto",
        description="strokes in the whole picture at most; `auto`: 4,000, on a small one fewer",
    )
    size: Sizes = Field(
        default="auto",
        description="width of strokes, in shares of the picture's shorter side, from the finest to the "
        "broadest; `auto`: to 0.25, from as fine as their number wants",
    )
    opaque: Opaque = Field(
        default="auto", description="whether strokes cover what is beneath; `auto`: as the brush does"
    )
    palette: Palette = Field(
        default="none",
        description="the colours that strokes may have: so many, found in the target, or a list. A `mean` "
        "background is one of them, too",
    )
    paper: Paper = Field(
        default="plain", description="what is painted on: its texture, in the background's colour"
    )

    final: Literal["generator", "mypaint"] = Field(
        default="generator",
        description="what draws result.png: the `generator`, or the real paint engine where libmypaint is "
        "installed (`mypaint`)",
    )


class AnalysedParams(BrushParams):
    """The same with all filled in that only the target can tell."""

    count: int
    size: tuple[float, float]
    picture_height: int
    picture_width: int
