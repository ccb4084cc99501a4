"""What the user chooses for a net."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from engine.image.pixels import Colour
from engine.spec.fields import Hex, expected, listed

SQUARED, DISTANCE, WINS = 0, 1, 2  # what is added to the winner's error
MEASURES = {"squared": SQUARED, "distance": DISTANCE, "wins": WINS}
# Nodes are as dense as the ink to this power when all have the same error: a cell of side h with density w
# gathers w h^4, w h^3 or w h^2.
CROWDING = {"squared": 1 / 2, "distance": 2 / 3, "wins": 1.0}

Auto = Literal["auto"]
Power = Annotated[Auto | Annotated[float, Field(ge=0.1, le=10)], expected("auto, or a number from 0.1 to 10")]
Decay = Annotated[Auto | Annotated[float, Field(ge=0.9, le=1)], expected("auto, or a number from 0.9 to 1")]
Invert = Annotated[Auto | bool, expected("auto, true or false")]
Line = Annotated[
    Auto | Annotated[float, Field(gt=0, le=1000)], expected("auto, or a width in pixels above 0")
]
Inks = Annotated[
    Auto | Annotated[tuple[Hex, ...], Field(min_length=1, max_length=8)],
    BeforeValidator(listed),
    expected('auto, or one to eight colours in quotes, that of the lightest tones first: "#ffcc00,#14213d"'),
]


BLACK, WHITE = ("#000000",), ("#ffffff",)
DARK = 0.4  # paper whose channels are all below that
INKS = {"layers": ("#f2b134", "#d1495b", "#1d3557")}  # of looks that want others


class GasParams(BaseModel):
    """See README for what they mean."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    look: Literal["net", "colour", "width", "low-poly", "stipple", "layers", "strokes"] = "net"
    count: int = Field(default=5000, ge=1, le=1_000_000)
    points: Literal["binary", "tone", "edges"] = "tone"
    sigma: float = Field(default=0.6, ge=0, le=100)
    threshold: Literal["otsu", "local", "sauvola", "niblack", "union"] = "otsu"
    offset: float = Field(default=0.0, ge=-1, le=1)
    invert: Invert = "auto"
    power: Power = "auto"
    border: float = Field(default=0.0, ge=0, le=1000)
    error: Literal["squared", "distance", "wins"] = "wins"
    step: float = Field(default=0.1, gt=0, le=1)
    neighbour_step: float = Field(default=0.01, ge=0, le=1)
    age: int = Field(default=80, ge=1, le=100_000)
    interval: float = Field(default=60, ge=1, le=100_000)
    split: float = Field(default=0.5, gt=0, le=1)
    decay: Decay = "auto"
    near: float = Field(default=0.0, ge=0, le=100)
    line: Line = "auto"
    dots: Literal["spaced", "sized"] = "spaced"
    inks: Inks = "auto"

    @property
    def colours(self) -> tuple[str, ...]:
        """The inks, that of the lightest tones first."""
        return INKS.get(self.look, BLACK) if self.inks == "auto" else self.inks

    @property
    def is_light(self) -> bool:
        """Whether nodes go where it is light: on black paper they do."""
        return self.look == "colour" if self.invert == "auto" else self.invert


def on_paper(params: GasParams, paper: Colour) -> GasParams:
    """On dark paper ink is light, and nodes go where it is light, unless something else was chosen."""
    if max(paper) >= DARK:
        return params
    invert = True if params.invert == "auto" and params.look != "low-poly" else params.invert
    inks = WHITE if params.inks == "auto" and params.look not in INKS else params.inks
    return params.model_copy(update={"invert": invert, "inks": inks})


class AnalysedParams(GasParams):
    """With what only the target can tell."""

    area: float  # pixels that would hold as many nodes evenly
    ink: int  # the sum of the weights that the error is divided by
    total: float  # of the densities, 0 to 1 each
