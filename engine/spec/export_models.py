"""The settings of files for other programs, printers and plotters."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from engine.spec.fields import FROZEN, Files, expected
from engine.spec.paper_fields import Bleed, Hatch, Millimetres, Page, Pen, Pens, Size

ENDINGS = {"plotter": "plotter.svg", "plotter-preview": "plotter.png"}  # of files not called by their format
_Name = Annotated[str, Field(pattern="^[A-Za-z0-9_.-]{1,40}$")]
Device = Annotated[_Name, expected("generic or the name of a plotter such as hp7475a", "NAME")]
Profile = Annotated[_Name, expected("pen or the name of a profile such as gcodemm", "NAME")]


class ExportSettings(BaseModel):
    """Files for other programs; each setting is of some formats only, see docs/exports.md."""

    model_config = FROZEN
    format: Files = Field(
        default=("svg", "png"),
        description="one or several: picture.svg, .pdf, .json (the shapes themselves), .png, .jpeg, .webp, "
        ".tiff, .dzi (a folder), .plotter.svg, .plotter.png (`plotter-preview`), .hpgl, .gcode",
    )
    size: Size | None = Field(
        default=None,
        description="of pictures: the longest side in pixels (`4000`) or on paper (`30cm`), or a box that "
        "it fits into (`30x20cm`, `12x8in`, `1920x1080`); of svg the width and height that it says; null: "
        "result.png's, and of svg the target's",
    )
    dpi: Annotated[int, Field(ge=10, le=4800)] | None = Field(
        default=None,
        description="of png, jpeg, webp, tiff, dzi and plotter-preview: dots an inch; null: 300 where a "
        "length on paper is given, else the file says none",
    )
    fit: Literal["whole", "crop"] = Field(
        default="whole",
        description="how the picture fits into a box or a page: as a `whole`, or with what sticks out on two "
        "sides cut off (`crop`)",
    )
    bleed: Bleed = Field(
        default=0.0,
        description="of pdf and pictures: how far the picture goes on beyond what will be left of the paper, "
        "on all sides",
    )
    quality: int = Field(
        default=92,
        ge=1,
        le=100,
        description="of jpeg, webp and dzi: 1 to 100; a webp of 100 is lossless, and so is a dzi",
    )
    precision: int = Field(default=2, ge=0, le=6, description="decimals of a coordinate in picture.svg")
    group: Literal["none", "level", "tile"] = Field(
        default="none", description="shapes of picture.svg in groups, which Inkscape shows as layers"
    )
    clip: Literal["path", "cut"] = Field(
        default="path",
        description="how picture.svg ends at its borders: by a `path` that viewers clip with, or with all "
        "shapes `cut` there, for lasers and programs that don't clip",
    )
    page: Page | None = Field(
        default=None,
        description="of pdf and plotters: the paper. `300x200` lies as it is written, `a4` as suits the "
        "picture; null: as large as the picture",
    )
    margin: Millimetres | None = Field(
        default=None,
        description="of pdf and plotters: around the picture, at least; null: 0 of a pdf, 10mm of a plotter",
    )
    pen: Pen = Field(
        default=0.3, description="of a plotter: how wide its pens' lines are, see docs/plotter.md"
    )
    pens: Pens = Field(
        default="auto",
        description="of a plotter; `auto`: one for each colour if there are eight at most, else a single "
        "black one",
    )
    hatch: Hatch = Field(
        default="none",
        description="of a plotter; `tone`: tones by lines, without outlines; a distance: outlines and "
        "thinner hatches",
    )
    preview: Literal["pens", "order"] = Field(
        default="pens",
        description="what colours mean in picture.plotter.png: the `pens`, or the `order` of drawing, from "
        "blue to red, with the ways of a lifted pen in grey",
    )
    device: Device = Field(
        default="generic",
        description="of hpgl: a plotter that vpype knows, such as hp7475a; `generic`: 40 units a mm from the "
        "lower left corner, any page",
    )
    profile: Profile = Field(
        default="pen",
        description="of gcode: one of vpype-gcode's profiles or of your ~/.vpype.toml; `pen`: in mm from the "
        "lower left corner, up at Z5 and down at Z0",
    )
