"""Seams: whether the lines show on which tiles ended, to an eye, in a print and on a plotter's paper.

Three figures, each at the borders of all passes of a run over the same elsewhere:

 - edges: of polygons and of nets, and dots, that lie along a line: within NEAR pixels of it and within
   PARALLEL degrees. Elsewhere: at the same lines moved by offsets, their mean.
 - hairlines: rows and columns of a large drawing where many pixels differ from both sides, which agree. At
   lines: the share of those that have more than the 99th percentile of all others has; by chance .01.
 - ink: of the plotter's outlines that lie along a line, by length, as with edges.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from skimage import data

from engine.coordinator.run import restore_run
from engine.coordinator.target_copies import read_target
from engine.export.pdf import page_layout
from engine.export.plotter.page import PlotterPage
from engine.export.plotter.pens import find_pens, paper_of
from engine.export.plotter.plotter import Drawing, colours_of, traced
from engine.grid import Grid
from engine.image.pixels import Pixels, encode_png
from engine.painters.base import Phase
from engine.scene.scene import Drawable, Mark, Scene
from engine.spec.models import ExportSettings
from engine.storage.checkpoint import read_checkpoint
from engine.storage.load import open_run
from scripts.benches.collage import collage
from scripts.benches.report import RATIO, WHOLE
from scripts.benches.runs import Bench

NEAR = 0.3  # target pixels
PARALLEL = 2.0  # degrees
OFFSETS = 50
ENLARGED = 6  # pixels of the drawing for a target pixel
LARGEST = 1100  # target pixels: larger pictures are not looked at for hairlines, as they would take minutes
STANDS_OUT, AGREE = 5, 4  # of 255
THICKEST = 2  # pixels of a hairline
PEN = 0.3  # mm

COLUMNS = {
    "along lines": WHOLE,
    "elsewhere": ".1f",
    "edges": RATIO,
    "on one line": WHOLE,
    "ink": RATIO,
    "hairlines": RATIO,
}

Segments = NDArray[np.float64]  # (n, 2, 2): both ends, x and y


class Lines(NamedTuple):
    """Borders of tiles inside a picture, in target pixels."""

    xs: NDArray[np.float64]
    ys: NDArray[np.float64]

    @classmethod
    def of(cls, plan: Iterable[Phase], grid: Grid) -> Lines:
        """Those of all passes."""
        tiles = [
            tile
            for level, tiling in {(phase.level, phase.tiling) for phase in plan}
            for tile in grid.tiles(level, tiling)
        ]
        xs, ys = {tile.x0 for tile in tiles} - {0}, {tile.y0 for tile in tiles} - {0}
        return cls(np.array(sorted(xs), float), np.array(sorted(ys), float))

    def moved(self, x: float, y: float) -> Lines:
        """The same elsewhere."""
        return Lines(self.xs + x, self.ys + y)

    @property
    def room(self) -> float:
        """How far they can be moved either way before one is nearer to the next one's place."""
        gaps = [float(np.diff(lines).min()) for lines in self if len(lines) > 1]
        return min(gaps, default=32.0) / 2


class Excess(NamedTuple):
    """What lies along lines, and along as many elsewhere."""

    here: float
    elsewhere: float
    most: float  # along one line

    @classmethod
    def joined(cls, several: Sequence[Excess]) -> Excess:
        """That of several pictures together."""
        here, elsewhere, most = zip(*several, strict=True)
        return cls(sum(here), sum(elsewhere), max(most))

    @property
    def ratio(self) -> float:
        """1 where lines don't show; a picture without anything along lines has no seams."""
        return self.here / self.elsewhere if self.elsewhere else float(self.here > 0)


class Subject(NamedTuple):
    """A picture that is painted for the figures."""

    name: str
    target: object
    flags: tuple[object, ...]


class Figures(NamedTuple):
    """Of one picture, all seeds together."""

    edges: Excess
    ink: Excess
    hairlines: float | None  # None for large pictures


def seams(bench: Bench) -> None:
    """Ten pictures in polygons, and the looks of the gas."""
    bench.report.table("along tiles' borders, over elsewhere (wanted: median 1.1, none over 1.5)", COLUMNS)
    for painter in (polygons, nets):
        ratios = []
        for subject in painter(bench):
            edges, ink, hairy = _figures(bench, subject)
            ratios.append(edges.ratio)
            bench.report.row(
                subject.name, edges.here, edges.elsewhere, edges.ratio, edges.most, ink.ratio, hairy
            )
        for name, ratio in (("median", statistics.median(ratios)), ("largest", max(ratios))):
            bench.report.row(f"{painter.__name__}: {name}", None, None, ratio, None, None, None)
    bench.report.note("counts are those of all seeds; a ratio of n edges scatters by 1 / sqrt(n)")


def _figures(bench: Bench, subject: Subject) -> Figures:
    each = [figures_of(run.folder) for run in bench.renders(subject.target, *subject.flags)]
    hairy = [one.hairlines for one in each if one.hairlines is not None]
    return Figures(
        Excess.joined([one.edges for one in each]),
        Excess.joined([one.ink for one in each]),
        statistics.mean(hairy) if hairy else None,
    )


def polygons(bench: Bench) -> Iterator[Subject]:
    """Smooth ones, where a line would show most, and photographs of all sizes."""
    smooth = made(bench.scratch)
    yield Subject("gradient, 1,024 px", smooth["gradient"], ("--size", 1024, "--count", 1500))
    yield Subject("astronaut, 512 px", "astronaut", ("--size", 512))
    if bench.quick:
        return
    yield Subject("skin, 800 px", smooth["skin"], ("--size", 800, "--count", 1500))
    yield Subject("sky, 1,500 px", smooth["sky"], ("--size", 1500, "--count", 2000))
    for name, size, count in (
        ("chelsea", 512, 1000), ("rocket", 640, 1500), ("hubble_deep_field", 1000, 2000),
        ("coffee", 1024, 4000), ("retina", 1411, 3000),
    ):  # fmt: skip
        yield Subject(f"{name}, {size:,} px", name, ("--size", size, "--count", count))
    yield Subject("collage, 3,000 px", smooth["collage"], ("--size", 3000, "--count", 8000))


def nets(bench: Bench) -> Iterator[Subject]:
    """Looks whose edges or dots could lie in a row."""
    for look in ("net",) if bench.quick else ("net", "stipple", "low-poly"):
        flags = ("--painter", "gng", "--set", f"painter.look={look}", "--count", 8000, "--size", 1024)
        yield Subject(f"camera, {look}", "camera", flags)


def made(folder: Path) -> dict[str, Path]:
    """Pictures that nobody has tuned for, as files in a folder."""
    pictures = {
        "gradient": gradient(1024),
        "sky": _enlarged(data.rocket()[:300, 100:600], 1500),
        "skin": _enlarged(data.astronaut()[30:200, 150:320], 800),
        "collage": collage(3600)[125:2125, 125:3125],  # so that no square's edge lies on a tile's border
    }
    paths = {name: folder / f"{name}.png" for name in pictures}
    for name, path in paths.items():
        path.write_bytes(encode_png(pictures[name], compression=1))
    return paths


def gradient(side: int) -> Pixels:
    """Smooth, with noise that hides where its colours go from one whole number to the next."""
    y, x = np.mgrid[0:side, 0:side] / (side - 1)
    plain = np.stack([40 + 120 * y + 30 * x, 80 + 100 * y, 180 - 60 * y + 20 * x], -1)
    return np.clip(plain + np.random.default_rng(0).normal(0, 1, plain.shape), 0, 255).astype(np.uint8)


def _enlarged(pixels: Pixels, width: int) -> Pixels:
    size = width, round(width * pixels.shape[0] / pixels.shape[1])
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS))


def figures_of(path: Path) -> Figures:
    """Those of a run's folder."""
    scene, lines = painted(path)
    hairy = None
    if max(scene.height, scene.width) <= LARGEST:
        hairy = hairlines(scene.drawable(ENLARGED * scene.height, ENLARGED * scene.width), lines)
    edges, ink = excess(segments_of(scene.marks()), lines), excess(plotted(scene), lines, by_length=True)
    return Figures(edges, ink, hairy)


def painted(path: Path) -> tuple[Scene, Lines]:
    """What a run has painted, and the borders of its passes' tiles."""
    stored = open_run(path)
    checkpoint = read_checkpoint(stored.folder).checkpoint
    run = restore_run(stored.spec, read_target(stored.folder, checkpoint, print), checkpoint)
    return run.state.scene, Lines.of(run.plan, run.grid)


def segments_of(marks: Iterable[Mark]) -> Segments:
    """The straight edges of marks; of an ellipse its centre, as dots can lie in a row, too."""
    return np.array([segment for mark in marks for segment in _segments(mark)], float).reshape(-1, 2, 2)


def _segments(mark: Mark) -> Iterator[Sequence[NDArray[np.floating]]]:
    if mark.form == "polygon":
        yield from pairwise([*mark.points, mark.points[0]])
    elif mark.form == "rectangle":
        centre, first, second = mark.points
        a, b = first - centre, second - centre
        corners = [centre + a + b, centre - a + b, centre - a - b, centre + a - b]
        yield from pairwise([*corners, corners[0]])
    elif mark.form == "stroke":
        yield mark.points[0], mark.points[-1]
    else:
        yield mark.points[0], mark.points[0]


def plotted(scene: Scene) -> Segments:
    """What a pen draws of the outlines that can be seen, in target pixels."""
    pens = find_pens(colours_of(scene), paper_of(scene.background, False), 1)
    page = PlotterPage.of(scene, page_layout(scene.height, scene.width, ExportSettings(page="a3")))
    drawing = Drawing.of(scene, page, pens, PEN)
    lines = [line for each in traced(drawing, np.ones(len(drawing.traces), np.bool_)) for line in each]
    segments = [pair for line in lines for pair in pairwise((line - [page.x, page.y]) / page.scale)]
    return np.array(segments, float).reshape(-1, 2, 2)


def excess(segments: Segments, lines: Lines, by_length: bool = False) -> Excess:
    """What lies along lines, counted or measured, and its mean at OFFSETS others."""
    sides = [_along(segments, axis, by_length) for axis in (0, 1)]

    def at(some: Lines) -> NDArray[np.float64]:
        return np.concatenate([_within(*side, each) for side, each in zip(sides, some, strict=True)])

    rng = np.random.default_rng(0)
    moves = rng.uniform(5 * NEAR, max(lines.room, 10 * NEAR), (OFFSETS, 2)) * rng.choice(
        (-1, 1), (OFFSETS, 2)
    )
    here = at(lines)
    elsewhere = statistics.mean(float(at(lines.moved(*move)).sum()) for move in moves.tolist())
    return Excess(float(here.sum()), elsewhere, float(here.max(initial=0)))


def _along(segments: Segments, axis: int, by_length: bool) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where segments lie that are about at right angles to an axis, in order, and running sums of them."""
    across, along = (np.abs(segments[:, 1, each] - segments[:, 0, each]) for each in (axis, 1 - axis))
    chosen = across <= math.tan(math.radians(PARALLEL)) * along
    places = segments[chosen, :, axis].mean(axis=1)
    order = np.argsort(places)
    amounts = along[chosen][order] if by_length else np.ones(len(places))
    return places[order], np.concatenate([[0.0], np.cumsum(amounts)])


def _within(
    places: NDArray[np.float64], sums: NDArray[np.float64], lines: NDArray[np.float64]
) -> NDArray[np.float64]:
    """How much lies along each line."""
    return sums[np.searchsorted(places, lines + NEAR, "right")] - sums[np.searchsorted(places, lines - NEAR)]


def hairlines(drawable: Drawable, lines: Lines) -> float:
    """The share of lines with more of a hairline than 99 of 100 rows and columns elsewhere."""
    pixels = drawable.draw()[:, :, :3]
    beyond = total = 0
    for picture, places in ((pixels, lines.ys), (pixels.transpose(1, 0, 2), lines.xs)):
        rows = hairs(picture)
        shares = np.maximum(rows[:-1], rows[1:])  # of both sides of each border between two
        at = np.clip(np.rint(ENLARGED * places).astype(int) - 1, 0, len(shares) - 1)
        others = np.delete(shares, at)
        beyond += int((shares[at] > np.quantile(others, 0.99)).sum())
        total += len(at)
    return beyond / max(total, 1)


def hairs(picture: Pixels) -> NDArray[np.float64]:
    """Of each row the share of pixels that differ from both sides, which agree; none at the ends."""
    shares = np.zeros(len(picture))
    values = picture.astype(np.int16)
    for row in range(THICKEST, len(values) - THICKEST):
        above, here, below = values[row - THICKEST], values[row], values[row + THICKEST]
        differs = np.minimum(np.abs(here - above).max(axis=1), np.abs(here - below).max(axis=1)) > STANDS_OUT
        shares[row] = (differs & (np.abs(above - below).max(axis=1) <= AGREE)).mean()
    return shares
