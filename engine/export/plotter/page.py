"""The page of a plot, in mm from its upper left corner, and its SVG: strokes alone, a layer for each pen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from xml.sax.saxutils import escape

import numpy as np
from reportlab.lib import units

from engine.export.metadata import Metadata
from engine.export.pdf import PageLayout
from engine.export.plotter.toolpaths import Line
from engine.export.svg import INKSCAPE, NAME, named
from engine.scene.scene import Mark, Scene

DECIMALS = 3  # of a millimetre


@dataclass(frozen=True)
class PlotterPage:
    """Where the picture lies on the page."""

    page: tuple[float, float]  # width, height
    picture: tuple[float, float]
    x: float
    y: float
    scale: float  # mm for a target pixel

    @classmethod
    def of(cls, scene: Scene, place: PageLayout) -> PlotterPage:
        """A layout, which is in points from the lower left corner; below and above the picture is as much."""
        width, height, x, y, scale = (
            length / units.mm for length in (place.width, place.height, place.x, place.y, place.scale)
        )
        return cls((width, height), (scale * scene.width, scale * scene.height), x, y, scale)

    @property
    def borders(self) -> tuple[float, float, float, float]:
        """Of the picture: x0, y0, x1, y1."""
        return self.x, self.y, self.x + self.picture[0], self.y + self.picture[1]

    def placed(self, mark: Mark) -> Mark:
        """A mark in mm."""
        points = [self.x, self.y] + self.scale * mark.points.astype(np.float64)
        return replace(mark, points=points, width=self.scale * mark.width)


@dataclass(frozen=True)
class PenLayer:
    """What one pen draws; name: its number first, which plotters' programs go by."""

    number: int  # from 1
    name: str
    colour: str
    lines: Sequence[Line]


def to_svg(page: PlotterPage, metadata: Metadata, layers: Sequence[PenLayer], pen: float) -> str:
    """The file; pen: the width of the lines."""
    width, height = (_number(side) for side in page.page)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg"{INKSCAPE} '
        f'viewBox="0 0 {width} {height}" width="{width}mm" height="{height}mm">',
        f"<title>{escape(metadata.title)}</title>",
        f"<desc>{escape(metadata.description)}</desc>",
    ]
    for layer in layers:
        lines += _group(layer, pen)
    return named("\n".join([*lines, "</svg>\n"]))


def _group(layer: PenLayer, pen: float) -> Iterator[str]:
    label = f'inkscape:groupmode="layer" inkscape:label="{layer.name}"'
    stroke = f'stroke="{layer.colour}" stroke-width="{_number(pen)}"'
    ends = 'stroke-linecap="round" stroke-linejoin="round"'
    yield f'<g id="pen-{layer.number}-{NAME}" {label} fill="none" {stroke} {ends}>'
    for line in layer.lines:
        # Absolute, and apart: not every plotter's program reads all that SVG allows.
        first, *others = (f"{_number(x)},{_number(y)}" for x, y in line.tolist())
        yield f'<path d="M{first} L{" ".join(others)}"/>'
    yield "</g>"


def _number(value: float) -> str:
    text = f"{value:.{DECIMALS}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
