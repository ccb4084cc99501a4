"""What the user chooses for a net."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, NamedTuple

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from engine.spec.colours import Hex, listed
from engine.spec.fields import expected

if TYPE_CHECKING:  # which loads numpy, and help wants the settings only
    from engine.image.pixels import Colour

SQUARED, DISTANCE, WINS = 0, 1, 2  # what is added to the winner's error
MEASURES = {"squared": SQUARED, "distance": DISTANCE, "wins": WINS}
# Nodes are as dense as the ink to this power when all have the same error: a cell of side h with density w
# gathers w h^4, w h^3 or w h^2.
CROWDING = {"squared": 1 / 2, "distance": 2 / 3, "wins": 1.0}

Auto = Literal["auto"]
Power = Annotated[
    Auto | Annotated[float, Field(ge=0.1, le=10)],
    expected("auto, or a number from 0.1 to 10", "auto|X", ("auto",)),
]
Decay = Annotated[
    Auto | Annotated[float, Field(ge=0.9, le=1)],
    expected("auto, or a number from 0.9 to 1", "auto|X", ("auto",)),
]
Contrast = Annotated[
    Auto | Annotated[float, Field(ge=0, le=10)],
    expected("auto, or a number from 0 to 10", "auto|X", ("auto",)),
]
Gamma = Annotated[
    Auto | Annotated[float, Field(ge=0.1, le=10)],
    expected("auto, or a number from 0.1 to 10", "auto|X", ("auto",)),
]
Share = Annotated[
    Auto | Annotated[float, Field(ge=0, le=1)], expected("auto, or a number from 0 to 1", "auto|X", ("auto",))
]
Detail = Annotated[
    Auto | Annotated[float, Field(ge=0, le=100)],
    expected("auto, or a number from 0 to 100", "auto|X", ("auto",)),
]
Invert = Annotated[Auto | bool, expected("auto, true or false", "WORD", ("auto", "true", "false"))]
Line = Annotated[
    Auto | Annotated[float, Field(gt=0, le=1000)],
    expected("auto, or a width in pixels above 0", "auto|PX", ("auto",)),
]
Inks = Annotated[
    Auto | Annotated[tuple[Hex, ...], Field(min_length=1, max_length=8)],
    BeforeValidator(listed),
    expected(
        'auto, or one to eight colours, that of the lightest tones first: orange,navy or "#ffcc00,#14213d"',
        "auto|COLOURS",
        ("auto",),
    ),
]


BLACK, WHITE = ("#000000",), ("#ffffff",)
DARK = 0.4  # paper whose channels are all below that
INKS = {"layers": ("#f2b134", "#d1495b", "#1d3557")}  # of looks that want others
DETAIL = {"stipple": 4.0, "strokes": 2.0}  # of looks in which a face is lost without it


class Tones(NamedTuple):
    """How much ink is drawn for how much there is, by place; see tone.py."""

    rows: int = 1
    cols: int = 1
    tables: bytes = b""  # uint8 (rows, cols, knots); empty: as much as there is


class GasParams(BaseModel):
    """Grows a net into the picture (a growing neural gas), see docs/nets.md."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    look: Literal["net", "colour", "width", "low-poly", "stipple", "layers", "strokes"] = Field(
        default="net",
        description="`net`: black on white; `colour`: in the target's colours on black; `width`: lines as "
        "broad as it is dark; `low-poly`: faces between the nodes (Delaunay) in the target's mean colours; "
        "`stipple`: dots; `layers`: several inks, from the lightest tones to the darkest; `strokes`: few "
        "long pen strokes along the middle of dark lines (of signatures and drawings; of photographs with "
        "`points: edges`), with as many nodes as these need, `count` at most",
    )
    count: int = Field(default=5000, ge=1, le=1_000_000, description="nodes")
    points: Literal["binary", "tone", "edges"] = Field(
        default="tone",
        description="where samples fall. `tone`: in proportion to darkness; `binary`: on what is darker than "
        "a threshold; `edges`: on edges",
    )
    sigma: float = Field(
        default=0.6, ge=0, le=100, description="pixels of the Gaussian blur before anything else"
    )
    threshold: Literal["otsu", "local", "sauvola", "niblack", "union"] = Field(
        default="otsu",
        description="of `points: binary`; `union`: Otsu's or the local one, without specks under 12 px",
    )
    offset: float = Field(
        default=0.0, ge=-1, le=1, description="of `points: binary`: what is added to the threshold"
    )
    invert: Invert = Field(
        default="auto", description="whether nodes go where it is light; `auto`: with `look: colour` they do"
    )
    power: Power = Field(
        default="auto",
        description="of the darkness; `auto`: so that the ink on paper is linear in tone, 2 for lines, 1 "
        "for dots",
    )
    contrast: Contrast = Field(
        default="auto",
        description="of the tones, about the middle; `auto`: 1, or where the picture is dark or flat as much "
        "as stretches it from black to white",
    )
    gamma: Gamma = Field(
        default="auto",
        description="power of the ink's amount, above 1 for less ink; `auto`: 1, or where the picture is "
        "dark or flat as much as leaves 42% of ink",
    )
    equalise: Share = Field(
        default="auto",
        description="local equalisation (CLAHE) of the tones, 0 none, 1 all of it; `auto`: 0.6 where the "
        "picture is dark (more than half of it is ink) or flat (its tones span less than 0.6)",
    )
    detail: Detail = Field(
        default="auto",
        description="how many times as many nodes there are besides where there is much to see, such as "
        "faces, with dots that are the smaller and lines that are the finer; `auto`: 4 for `stipple`, 2 for "
        "`strokes`, 0 for others and with a `border`",
    )
    border: float = Field(
        default=0.0,
        ge=0,
        le=1000,
        description="how many times as much ink an outline's pixels have; outlines get nodes of their own",
    )
    error: Literal["squared", "distance", "wins"] = Field(
        default="wins",
        description="what adds up to a node's error: squared distances (the paper's), distances, or wins: "
        "with `wins` nodes are as dense as the ink, else as its power 1/2 or 2/3",
    )
    step: float = Field(
        default=0.1, gt=0, le=1, description="rate of the winner: its step towards a sample, as in the paper"
    )
    neighbour_step: float = Field(default=0.01, ge=0, le=1, description="rate of the winner's neighbours")
    growth: float = Field(
        default=1.7,
        ge=1.1,
        le=4,
        description="by how many times nodes become more from one pass of the tiles to the next; the less, "
        "the smoother a film shows it",
    )
    age: int = Field(default=80, ge=1, le=100_000, description="samples after which an edge goes")
    interval: float = Field(
        default=60, ge=1, le=100_000, description="samples from one new node to the next (times the effort)"
    )
    split: float = Field(default=0.5, gt=0, le=1, description="what is left of errors at a birth")
    decay: Decay = Field(default="auto", description="what is left of errors after each sample")
    near: float = Field(default=0.0, ge=0, le=100, description="pixels below which nobody moves")
    line: Line = Field(
        default="auto", description="a line's width; `auto`: a fifth of the mean distance between nodes"
    )
    dots: Literal["spaced", "sized"] = Field(
        default="spaced", description="of `look: stipple`: equal dots, the closer the darker, or `sized` ones"
    )
    inks: Inks = Field(default="auto", description="one colour, or those of `look: layers`")

    # Settings that came later, and what runs have that were begun without them.
    LATER: ClassVar[dict[str, Any]] = {
        "contrast": 1.0,
        "gamma": 1.0,
        "equalise": 0.0,
        "detail": 0.0,
        "growth": 2.0,
    }

    @property
    def emphasis(self) -> float:
        """How many times as many nodes there are besides where there is much to see."""
        if self.detail != "auto":
            return self.detail
        return 0.0 if self.border else DETAIL.get(self.look, 0.0)  # outlines are told by their weight

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
    tones: Tones = Field(default=Tones(), exclude=True, repr=False)
