"""What the user chooses for curves: what they are to be, with which pens, and how they are moved."""

from __future__ import annotations

import math
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from engine.painters.curves.fields import (
    Channel,
    Count,
    Label,
    Layers,
    Length,
    Objective,
    Opacities,
    Pens,
    Rate,
    StepCount,
    Tile,
    View,
    Views,
    WeightsFile,
    Widths,
    Wrap,
)
from engine.painters.curves.limits import PIECES, Ink

BUILT_IN = "v4/"  # how channels begin that need no network
LARGEST = 400  # pixels of a side of what is drawn in one window


class CurveParams(BaseModel):
    """Draws with pen strokes, see docs/curves.md."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    objective: Objective = Field(
        default="auto",
        description="what the strokes are to be: what a network's `neuron` or `class` likes, a photograph's "
        "`features`, or its pixels (`picture`); or a sum of some with weights. `auto`: `neuron` on a blank "
        "target, else `picture`",
    )
    neuron: Channel = Field(
        default="v4/scallop",
        description="of the objective `neuron`: the channel of a network's layer; `v4/...` are built in, "
        "others need the extra `neural`",
    )
    label: Label = Field(
        default="efficientnet-lite0/daisy",
        description="of the objective `class`: a class of ImageNet by name",
    )
    layers: Layers = Field(
        default=("squeezenet/fire3",),
        description="of the objective `features`: the layers in which drawing and target are to be alike",
    )
    weights: WeightsFile | None = Field(
        default=None, description="a file of weights as torchvision has them, for vgg16, vgg19 and resnet18"
    )
    device: Literal["cpu", "cuda", "auto"] = Field(
        default="cpu",
        description="where a network works; on `cuda` a seed gives about the same picture, not its bytes",
    )
    count: Count = Field(
        default="auto", description="strokes in the whole picture at first; covered ones are dropped later"
    )
    curves: int = Field(
        default=2, ge=1, le=PIECES, description="cubic Bezier curves of a stroke, one after the other"
    )
    width: Widths = Field(
        default="auto",
        description="of a stroke, in pixels of the working size; a range: the best within it; `auto`: 2.5, "
        "of photographs 1.2, more of few strokes",
    )
    length: Length = Field(default="auto", description="of a stroke at first, in pixels of the working size")
    opacity: Opacities = Field(default=(1.0, 1.0), description="of a stroke; a range: the best within it")
    pens: Pens = Field(
        default=("#000000",), description="the colours of the pens, or `any` colour for each stroke"
    )
    ink: Ink = Field(default="multiply", description="whether ink over ink makes it darker, or covers it")
    tile: Tile = Field(
        default="auto",
        description="the side in pixels of a pattern that is drawn once and spread over a sheet, where it is "
        "varied; `auto`: about 256 px on a larger blank target, else `none`",
    )
    wrap: Wrap = Field(
        default="auto",
        description="whether the picture goes on at its left where it ends at its right, so that copies "
        "lie side by side without a seam; `auto`: on a blank target",
    )
    irregularity: float = Field(
        default=4.0,
        ge=0,
        le=100,
        description="pixels by which each copy of a tile's strokes is moved on a sheet",
    )
    steps: StepCount = Field(
        default="auto",
        description="that strokes are moved, at effort 1; `auto`: 260, of photographs 140, by features 100",
    )
    sheet_steps: int = Field(default=60, ge=1, le=100_000, description="more of them on a sheet, at effort 1")
    rate: Rate = Field(
        default="auto",
        description="pixels that a point moves in a step at most, about; `auto`: 1, by pixels alone 0.5",
    )
    views: Views = Field(
        default="auto",
        description="random views that a network gets in each step; `auto`: 2, for features 1",
    )
    view: View = Field(
        default="auto",
        description="side in pixels of what a network sees; `auto`: 176, for features 192",
    )
    rotation: float = Field(
        default=5.0, ge=0, le=180, description="degrees by which views are turned at most"
    )
    zoom: float = Field(default=0.1, ge=0, le=0.9, description="by which share views are larger or smaller")
    perspective: float = Field(default=0.05, ge=0, le=0.4, description="how far views are seen from aside")
    jitter: float = Field(default=0.5, ge=0, le=32, description="pixels by which views are moved besides")
    overlap: float = Field(default=30.0, ge=0, le=1e6, description="how much ink over ink counts against it")
    darkness: float = Field(
        default=0.33,
        ge=0,
        le=1,
        description="mean darkness of the picture, from which on ink counts against it",
    )
    bends: float = Field(default=15.0, ge=0, le=1e6, description="how much sharp bends count against it")
    evenness: float = Field(default=1.0, ge=0, le=1e6, description="how much uneven curves count against it")

    @property
    def own_code(self) -> dict[str, str]:
        """The settings that name Python code of a user's, such as module:function/layer/7."""
        named = {"neuron": self.neuron, "label": self.label, "layers": ", ".join(self.layers)}
        return {name: said for name, said in named.items() if ":" in said}

    @property
    def pen_colours(self) -> tuple[tuple[float, float, float], ...]:
        """Of the pens, 0..1; none when a stroke may have any colour."""
        if isinstance(self.pens, str):
            return ()
        return tuple(
            (r / 255, g / 255, b / 255) for r, g, b in map(bytes.fromhex, (p[1:] for p in self.pens))
        )


class AnalysedParams(CurveParams):
    """The same with all filled in that only the target can tell."""

    count: int
    width: tuple[float, float]
    length: float
    steps: int
    rate: float
    views: int
    view: int
    wrap: bool
    picture_height: int
    picture_width: int
    is_blank: bool
    tile_size: tuple[int, int] | None  # height and width of what is drawn once; None: all of it


def tile_of(params: CurveParams, height: int, width: int, is_blank: bool) -> tuple[int, int] | None:
    """Height and width of the tile that a sheet is made of; None for a picture that is drawn as one."""
    side = params.tile
    if side == "auto":
        side = 256 if is_blank and max(height, width) > LARGEST else "none"
    if side == "none" or not is_blank:
        return None
    assert isinstance(side, int)
    rows, cols = max(1, round(height / side)), max(1, round(width / side))
    if rows == cols == 1:
        return None
    return math.ceil(height / rows), math.ceil(width / cols)
