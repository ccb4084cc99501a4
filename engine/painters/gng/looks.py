"""What is drawn at and between nodes, by the look that the user chose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import Delaunay

from engine.image.alpha import over_white, straight
from engine.image.importance import Weights
from engine.image.palette import colours_of
from engine.image.pixels import Pixels
from engine.kernels.jit import kernel
from engine.painters.base import Phase
from engine.painters.gng.density import FULL
from engine.painters.gng.net import Floats, Integers, Links, Net
from engine.painters.gng.params import AnalysedParams
from engine.painters.gng.pen_lines.pen_lines import strokes_of
from engine.painters.gng.plan import spacing
from engine.painters.gng.scene import GasPart, GasScene, rim
from engine.painters.gng.tone import toned
from engine.scene.kinds import BEZIER, numbers
from engine.scene.raster import SPAN_DTYPE, rasterise
from engine.scene.shapes import Shapes

SLENDER = 0.2  # of the distance between nodes: a line's width
FIRST = 4  # times the last ones' width that of the first lines is at most
PEN = 0.5  # of the distance between nodes: a stroke's width
BROAD = 0.3  # of a line's length: its width where it is black, when widths follow the tone
FAINTEST = 0.02  # opacity of a face over transparent paper: what is fainter is left out
OVERLAP = 0.35  # pixels that faces reach below their neighbours, so that nothing shines through between them
GREY = np.array([0.2125, 0.7154, 0.0721], np.float32) / np.float32(255)  # of RGB, as rgb2gray has it
PACKED = 0.9  # share of a black place that dots cover: discs can't fill it


@dataclass(frozen=True)
class TargetSampler:
    """What a job sees of the target, to look up tones and colours."""

    params: AnalysedParams
    pixels: NDArray[np.uint8]  # (height, width, 3)
    colouring: NDArray[np.uint8]  # the same, or where the paper is transparent premultiplied RGBA
    weights: Weights
    origin: tuple[int, int]  # x and y of the window
    shape: tuple[int, int]  # height and width of the picture
    line: float  # a line's width

    def colours(self, places: Floats) -> NDArray[np.uint8]:
        """Of the target at places (..., 2)."""
        return self.pixels[self._at(places)]

    def darkness(self, places: Floats) -> Floats:
        """Of the target as it is drawn, 0 to 1, or lightness if that is wanted."""
        grey = self.colours(places).astype(np.float32) @ GREY
        ink = np.clip(grey if self.params.is_light else 1 - grey, 0, 1)
        return toned(ink, self.params.tones, self.shape, places)

    def density(self, places: Floats) -> Floats:
        """How likely a sample falls there, 0 to 1."""
        return self.weights[self._at(places)].astype(np.float32) / np.float32(FULL)

    def _at(self, places: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        height, width = self.weights.shape
        x, y = (np.floor(places[..., k]).astype(np.intp) - self.origin[k] for k in (0, 1))
        return np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)


def dressed(
    params: AnalysedParams,
    pixels: Pixels,
    weights: Weights,
    origin: tuple[int, int],
    part: GasPart,
    phase: Phase,
) -> GasPart:
    """A part with widths, colours, dots and faces.

    pixels, weights: of a window at origin. Faces and strokes are made where the part is the whole picture.
    """
    line = params.line
    if line == "auto":
        line = SLENDER * min(spacing(params, phase.marks), FIRST * spacing(params, params.count))
    colouring = pixels if part.background is None else over_white(pixels)  # whose alpha counts
    shape = part.height, part.width
    sampler = TargetSampler(params, over_white(pixels), colouring, weights, origin, shape, line)
    if part.remade:
        blank = GasScene.empty(part.height, part.width, part.background).net
        part = replace(part, net=replace(part.net, faces=blank.faces, strokes=blank.strokes))
    return replace(part, net=LOOKS[params.look](sampler, part, phase))


def _net(sampler: TargetSampler, part: GasPart, phase: Phase) -> Net:
    """Lines in the ink of their nodes."""
    net = part.net
    inks = np.rint(255 * colours_of(sampler.params.colours)).astype(np.uint8)
    colours = inks[net.nodes.inks[net.lines.ends[:, 0]] % len(inks)]
    return replace(net, lines=_drawn(net.lines, colours, sampler.line))


def _colour(sampler: TargetSampler, part: GasPart, phase: Phase) -> Net:
    """Lines in the target's colours."""
    return replace(part.net, lines=_drawn(part.net.lines, _along(sampler.colours, part.net), sampler.line))


def _width(sampler: TargetSampler, part: GasPart, phase: Phase) -> Net:
    """Lines that are the broader the darker it is below them."""
    net = _net(sampler, part, phase)
    tone = _along(sampler.darkness, net)
    first, second = (net.nodes.places[net.lines.ends[:, k]] for k in (0, 1))
    lengths = np.minimum(np.linalg.norm(second - first, axis=1), 2 * sampler.line / SLENDER)
    widths = (BROAD * lengths * tone).astype(np.float32)
    return replace(net, lines=replace(net.lines, widths=widths))


def _low_poly(sampler: TargetSampler, part: GasPart, phase: Phase) -> Net:
    """Faces in the target's colours; they change when the whole picture is seen."""
    net = replace(part.net, lines=_hidden(part.net.lines))
    if not part.remade:
        return net
    edge = rim(part.height, part.width)
    ends = triangles(net.nodes.places, edge)
    places = np.concatenate([net.nodes.places, edge[::-1]])[ends]
    colours = coloured(places, sampler.colouring)
    ink = np.ones(len(ends), np.float32)
    if part.background is None:
        ink = colours[:, 3].astype(np.float32) / np.float32(255)
    faces = Links(ends, np.full(len(ends), OVERLAP, np.float32), straight(colours[:, None])[:, 0, :3], ink)
    return replace(net, faces=faces[ink > FAINTEST])


def _stipple(sampler: TargetSampler, part: GasPart, phase: Phase) -> Net:
    """Dots that hold as much ink as their place wants."""
    net, params = part.net, sampler.params
    cells = params.total / (phase.marks * np.maximum(sampler.density(net.nodes.places), 1e-3))
    wanted = PACKED * sampler.darkness(net.nodes.places) * cells
    radii = np.sqrt(np.minimum(wanted, 9 * spacing(params, phase.marks) ** 2) / np.pi)
    inks = np.rint(255 * colours_of(params.colours)).astype(np.uint8)
    nodes = replace(net.nodes, radii=radii.astype(np.float32), colours=inks[net.nodes.inks % len(inks)])
    return replace(net, nodes=nodes, lines=_hidden(net.lines))


def _strokes(sampler: TargetSampler, part: GasPart, phase: Phase) -> Net:
    """A pen's strokes along the finished net; its lines as long as it isn't finished."""
    net = _net(sampler, part, phase)
    if phase.action != "finish":
        return net
    pieces = [stroke.pieces() for stroke in strokes_of(net.nodes.places, net.lines.ends)]
    curves = np.concatenate([np.empty((0, 3, 2), np.float32), *pieces])
    shapes = Shapes.empty(len(curves), numbers(BEZIER), 4 if part.background is None else 3)
    shapes.kinds[:] = BEZIER
    shapes.geometry[:, :6] = curves.reshape(-1, 6)
    shapes.geometry[:, 6] = PEN / SLENDER * sampler.line / 2
    shapes.colours[:, :3] = colours_of(sampler.params.colours)[0]
    shapes.opacities[:] = 1
    return replace(net, lines=_hidden(net.lines), strokes=shapes)


LOOKS: dict[str, Callable[[TargetSampler, GasPart, Phase], Net]] = {
    "net": _net,
    "colour": _colour,
    "width": _width,
    "low-poly": _low_poly,
    "stipple": _stipple,
    "layers": _net,
    "strokes": _strokes,
}


def _drawn(lines: Links, colours: NDArray[np.uint8], width: float) -> Links:
    return replace(lines, colours=colours, widths=np.full(len(lines), width, np.float32))


def _hidden(lines: Links) -> Links:
    return replace(lines, widths=np.zeros(len(lines), np.float32))


def _along(measure: Callable[[Floats], NDArray[Any]], net: Net) -> NDArray[Any]:
    """The mean of something along lines, from three places on each."""
    first, second = (net.nodes.places[net.lines.ends[:, k]] for k in (0, 1))
    shares = np.array([1 / 6, 1 / 2, 5 / 6], np.float32)[:, None, None]
    found = measure(first + shares * (second - first))
    mean = found.astype(np.float32).mean(axis=0)
    return np.rint(mean).astype(np.uint8) if found.dtype == np.uint8 else mean


def triangles(places: Floats, rim: Floats) -> Integers:
    """Triangles (n, 3) that cover the picture: indices of places; -1 - k for the k-th point of the rim."""
    points = np.concatenate([places, rim]).astype(np.float64)
    corners = Delaunay(points).simplices.astype(np.int64)
    corners = np.sort(corners, axis=1)
    corners = corners[np.lexsort(corners.T[::-1])]
    return np.where(corners < len(places), corners, len(places) - 1 - corners)


@kernel
def mean_colours(corners, pixels, colours):
    """corners: float32 (n, 3, 2). pixels: uint8 (height, width, channels). colours: float32 (n, channels)."""
    height, width = pixels.shape[0], pixels.shape[1]
    spans = np.empty(height * width, SPAN_DTYPE)
    row = np.zeros(width + 2, np.float32)
    for i in range(corners.shape[0]):
        count = rasterise(corners[i], 0, 0, width, height, spans, row)
        covered = np.float32(0)
        for s in range(count):
            span = spans[s]
            covered += span.cover * (span.x1 - span.x0)
            for x in range(span.x0, span.x1):
                for channel in range(pixels.shape[2]):
                    colours[i, channel] += span.cover * pixels[span.y, x, channel]
        if covered > 0:
            for channel in range(pixels.shape[2]):
                colours[i, channel] /= covered


def coloured(places: NDArray[np.float32], pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The mean colour of each triangle: places (n, 3, 2), in pixels of the picture; (n, channels)."""
    colours = np.zeros((len(places), pixels.shape[2]), np.float32)
    mean_colours(np.ascontiguousarray(places, np.float32), pixels, colours)
    return np.rint(colours).astype(np.uint8)
