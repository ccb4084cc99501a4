"""The story of a plot: a scene -> lines of its marks -> what can be seen of them -> each pen's way."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.events import PenWork
from engine.export.plotter.hatch import LONGEST, STEP, Tones, hatch, tones
from engine.export.plotter.occlusion import visible
from engine.export.plotter.page import PenLayer, PlotterPage
from engine.export.plotter.path_order import Strand, hops, lengths, route, seconds
from engine.export.plotter.pens import PALE, Pens, find_pens, hex_of, paper_of
from engine.export.plotter.toolpaths import TOUCH, Line, Trace, trace
from engine.scene.drawing import as_outlines
from engine.scene.scene import Scene, scaled
from engine.spec.models import ExportSettings

HIDES = 0.5  # opacity: a shape that has as much hides the lines below it
# Of the picture's shorter side: wider strokes and dots have an outline; and those of nothing but ink.
THIN, INK_THIN = 1 / 50, 1 / 12
PURE = 0.98  # ink: as a dot of a stipple has it
ANGLE, NEXT_ANGLE = 45.0, 68.75  # degrees: of the first pen's hatch, and from one pen to the next
NEAR = 5.0  # mm: ink that comes nearer to the paper's edge is told of
TURN = 1.5  # spacings of a hatch: neighbours whose ends are nearer are drawn to and fro, along a shape's edge


@dataclass(frozen=True)
class Plot:
    """A drawing for a plotter, and what its pens have to do."""

    page: PlotterPage
    width: float  # mm: of the pens' lines
    paper: NDArray[np.float64]  # its colour, (3,)
    inks: NDArray[np.float64]  # of the pens, by their numbers from 1, (n, 3)
    layers: tuple[PenLayer, ...]  # of pens that have something to draw
    work: tuple[PenWork, ...]  # of the same


@dataclass(frozen=True)
class Drawing:
    """A scene's marks as pens draw them, back to front."""

    scene: Scene
    page: PlotterPage
    width: float  # mm: of the pens' lines
    pens: Pens
    numbers: NDArray[np.int64]  # of each mark the index of its pen,
    shares: NDArray[np.float64]  # the share of the paper that its colour covers,
    opacities: NDArray[np.float64]
    traces: Sequence[Trace]

    @classmethod
    def of(cls, scene: Scene, page: PlotterPage, pens: Pens, width: float) -> Drawing:
        """What the pens do for the marks."""
        marks = list(scene.marks())
        numbers, shares = pens.inks(colours_of(scene))
        opacities = np.array([mark.opacity for mark in marks], np.float64)
        side = min(page.picture)
        traces = [
            trace(page.placed(mark), width, ink, side * (INK_THIN if ink >= PURE else THIN))
            for mark, ink in zip(marks, (shares * opacities).tolist(), strict=True)
        ]
        return cls(scene, page, width, pens, numbers, shares, opacities, traces)

    @property
    def is_shape(self) -> NDArray[np.bool_]:
        """Of each mark, whether it has an outline; others are thin."""
        return np.array([trace.area is not None for trace in self.traces], np.bool_)


def to_plot(scene: Scene, page: PlotterPage, settings: ExportSettings, is_chosen: bool) -> Plot:
    """The whole plot; is_chosen: somebody chose the background, so it is the paper's colour."""
    pens = find_pens(colours_of(scene), paper_of(scene.background, is_chosen), settings.pens)
    drawing = Drawing.of(scene, page, pens, settings.pen)
    # A white shape has an outline, too, or those that it covers partly would end nowhere.
    is_traced = drawing.opacities * np.where(drawing.is_shape, 1, drawing.shares) >= PALE
    if settings.hatch == "tone":  # which shows a shape by its tone alone
        is_traced &= ~drawing.is_shape
    strands = [[Strand(lines, TOUCH * settings.pen)] for lines in traced(drawing, is_traced)]
    if settings.hatch != "none":
        spacing = settings.pen if settings.hatch == "tone" else settings.hatch
        for all_, lines in zip(strands, hatched(drawing, spacing), strict=True):
            all_.append(Strand(lines, TURN * spacing))
    layers, work = [], []
    for number, (name, colour, all_) in enumerate(zip(pens.names, pens.colours, strands, strict=True), 1):
        if any(strand.lines for strand in all_):
            layers.append(PenLayer(number, name, hex_of(colour), route(all_, settings.pen)))
            work.append(_work(name, [line for strand in all_ for line in strand.lines], layers[-1].lines))
    return Plot(page, settings.pen, pens.paper, pens.colours, tuple(layers), tuple(work))


def too_near(plot: Plot) -> str:
    """A sentence when ink comes so near to the page's edge that plotters may lose it; "" when none does."""
    lines = [line for layer in plot.layers for line in layer.lines]
    if not lines:
        return ""
    places = np.concatenate(lines)
    free = float(min(places.min(), (plot.page.page - places).min())) - plot.width / 2
    if free >= NEAR:
        return ""
    return (
        f"The ink comes within {max(free, 0):.1f} mm of the paper's edge, where many plotters hold the paper "
        "or don't reach; a --margin of 10mm is usual."
    )


def colours_of(scene: Scene) -> NDArray[np.float64]:
    """Of its marks, (n, 3)."""
    return np.array([mark.colour for mark in scene.marks()], np.float64).reshape(-1, 3)


def traced(drawing: Drawing, is_traced: NDArray[np.bool_]) -> list[list[Line]]:
    """Of each pen the lines along and around some of its marks, as far as they can be seen."""
    hiding = np.flatnonzero((drawing.opacities >= HIDES) & drawing.is_shape).tolist()
    areas = {level: area for level in hiding if (area := drawing.traces[level].area) is not None}
    some = np.flatnonzero(is_traced).tolist()
    lines = [line for level in some for line in drawing.traces[level].lines]
    levels = np.repeat(some, [len(drawing.traces[level].lines) for level in some]).astype(np.int64)
    pieces, owners = visible(lines, levels, areas, drawing.page.borders, drawing.width)
    by_pen: list[list[Line]] = [[] for _ in drawing.pens.colours]
    for piece, number in zip(pieces, drawing.numbers[levels[owners]].tolist(), strict=True):
        by_pen[number].append(piece)
    return by_pen


def hatched(drawing: Drawing, spacing: float) -> list[list[Line]]:
    """Of each pen parallel lines that show the tones of all shapes with an outline, and of the background."""
    scene, page = drawing.scene, drawing.page
    longest = min(math.ceil(max(page.picture) / STEP), LONGEST)
    picture = as_outlines(
        scene.drawable(*scaled(scene.height, scene.width, longest)),
        "export.hatch: a plotter's hatching",
        "leave it out, as strokes are plotted as they are",
    )
    picture = replace(picture, opacities=np.where(drawing.is_shape, picture.opacities, np.float32(0)))
    (ground,), (ground_share,) = drawing.pens.inks(np.array([scene.background or drawing.pens.paper]))
    by_pen = []
    for number in range(len(drawing.pens.colours)):
        inks = np.where(drawing.numbers == number, drawing.shares, 0.0)
        shares = tones(picture, inks, ground_share if number == ground else 0.0)
        angle = ANGLE + number * NEXT_ANGLE
        by_pen.append(hatch(Tones(shares, page.borders), spacing, angle, drawing.width))
    return by_pen


def _work(name: str, before: Sequence[Line], after: Sequence[Line]) -> PenWork:
    ink, pen_up_before, pen_up = (
        round(float(each.sum()) / 1000, 3) for each in (lengths(after), hops(before), hops(after))
    )
    return PenWork(name, len(after), ink, pen_up_before, pen_up, round(seconds(after) / 60, 1))
