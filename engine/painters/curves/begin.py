"""How drawings begin: what is filled in of the settings, and the first strokes."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.grid import Tile
from engine.image.source import TargetWindow
from engine.image.target import Target
from engine.painters.curves import pens
from engine.painters.curves.fields import terms
from engine.painters.curves.ink_map import wanted_in
from engine.painters.curves.params import AnalysedParams, CurveParams, tile_of
from engine.painters.curves.scene import CurvePart
from engine.painters.curves.start import along, on_paper
from engine.painters.curves.strokes import NEW


class Usual(NamedTuple):
    """What is filled in where nobody has chosen, in working pixels."""

    area: float  # square pixels that a stroke has for itself
    width: float
    length: float
    steps: int
    rate: float
    views: int
    view: int

    def strokes_on(self, height: int, width: int) -> int:
        """Strokes of a picture of that size."""
        return max(1, round(height * width / self.area))


PATTERN = Usual(600, 2.5, 40.0, 260, 1.0, 2, 176)
PHOTOGRAPH = Usual(200, 1.2, 32.0, 140, 0.5, 2, 176)
BY_FEATURES = PHOTOGRAPH._replace(steps=100, rate=1.0, views=1, view=192)
LEAST, MOST = 0.5, 3.0  # times the usual width and length


def usual_of(params: CurveParams, is_blank: bool) -> Usual:
    """What is filled in, by the target and the objective."""
    if is_blank:
        return PATTERN
    return BY_FEATURES if "features" in terms(params.objective) else PHOTOGRAPH


def analysed_of(params: CurveParams, target: Target) -> AnalysedParams:
    """The settings with all filled in that depends on the target."""
    height, width = target.pixels.shape[:2]
    is_blank = target.is_blank
    chosen = params.model_dump(include=set(CurveParams.model_fields))
    usual = usual_of(params, is_blank)
    count = usual.strokes_on(height, width) if params.count == "auto" else params.count
    # Fewer strokes on a photograph are broader and longer; a pattern has a size of its own.
    scale = 1.0 if is_blank else min(max(math.sqrt(height * width / count / usual.area), LEAST), MOST)
    wanted: dict[str, object] = {
        "objective": "neuron" if is_blank else "picture",
        "count": count,
        "width": (round(usual.width * scale, 2),) * 2,
        "length": round(usual.length * scale, 1),
        "steps": usual.steps,
        "rate": usual.rate,
        "views": usual.views,
        "view": usual.view,
        "wrap": is_blank,
    }
    chosen |= {name: value for name, value in wanted.items() if chosen[name] == "auto"}
    tile = tile_of(params, height, width, is_blank) if chosen["wrap"] else None
    return AnalysedParams(
        **chosen, picture_height=height, picture_width=width, is_blank=is_blank, tile_size=tile
    )


def begin(
    params: AnalysedParams,
    window: TargetWindow,
    tile: Tile,
    part: CurvePart,
    new: int,
    halo: int,
    random: np.random.Generator,
) -> CurvePart:
    """With new strokes on paper, or along what is to be seen of a photograph."""
    middle = sum(params.width) / 2
    if window.weights is None:
        period = part.period_of(tile)
        height, width = period or (tile.height, tile.width)
        strokes = on_paper(new, height, width, params.length, params.curves, middle, random, period)
    else:
        own = window.crop(min(tile.x0, halo), min(tile.y0, halo), tile.height, tile.width)
        assert own.weights is not None
        wanted = wanted_in(own.weights, max(part.height, part.width))
        density, direction, fineness = wanted
        strokes = along(density, direction, new, params.length, params.curves, random, middle, fineness)
    colours, wants = inked(params, len(strokes), random)
    strokes = replace(
        strokes,
        points=strokes.points + np.array([tile.x0, tile.y0], np.float32),
        opacities=np.full(len(strokes), params.opacity[1], np.float32),
        colours=colours,
        pens=wants,
    )
    free = np.concatenate([part.free, np.ones(len(strokes), np.bool_)])
    return replace(part, strokes=part.strokes.joined(strokes), free=free)


def inked(
    params: CurveParams, count: int, random: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Colours that strokes begin with, (n, 3), and how much they want each pen, (n, pens)."""
    inks = np.array(params.pen_colours, np.float32).reshape(-1, 3)
    if len(inks) == 0:
        return random.uniform(0.2, 0.6, (count, 3)).astype(np.float32), np.zeros((count, 0), np.float32)
    if len(inks) == 1:
        return np.repeat(inks, count, axis=0), np.zeros((count, 0), np.float32)
    wants = random.normal(0, 0.3, (count, len(inks))).astype(np.float32)
    return pens.colours(wants, inks, 0.0), wants


def spread(part: CurvePart) -> CurvePart:
    """All strokes of a tile as often as its sheet has room for them."""
    scene = part.as_scene(part.period).spread()
    strokes = replace(scene.strokes, ids=np.full(len(scene), NEW, np.int64))
    return replace(part, strokes=strokes, free=np.ones(len(strokes), np.bool_), period=scene.period)
