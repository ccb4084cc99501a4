"""Another run's scene as a start: at this run's size, with its pens, and no more strokes than it wants."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.painters.curves.begin import usual_of
from engine.painters.curves.inking import Period
from engine.painters.curves.params import AnalysedParams
from engine.painters.curves.repeats import without_copies
from engine.painters.curves.scene import CurveScene
from engine.painters.curves.strokes import Strokes


def adopted(scene: CurveScene, params: AnalysedParams, empty: CurveScene) -> CurveScene:
    """A tile is spread over a sheet, anything else brought to the target's size.

    empty: a scene as this run would begin with.
    """
    height, width = params.picture_height, params.picture_width
    most: int | None = params.count
    if params.wrap and scene.period is None:  # of a file, in which strokes come again at the borders
        scene = replace(scene, strokes=without_copies(scene.strokes, Period(scene.height, scene.width)))
    if (scene.height, scene.width) != (height, width):
        if scene.period is not None and params.tile_size is not None:
            scene = replace(scene, height=height, width=width)
            most = None if most == usual_of(params, params.is_blank).strokes_on(height, width) else most
        else:
            scene = scene.resized(height, width)
    if scene.period not in (None, (height, width)):
        scene = scene.spread()
    strokes = _fewer(scene.strokes, most, params.is_blank)
    strokes = replace(
        strokes,
        widths=np.clip(strokes.widths, *np.array(params.width, np.float32)),
        opacities=np.clip(strokes.opacities, *np.array(params.opacity, np.float32)),
    )
    strokes = _with_pens(strokes, params, empty.strokes.pens.shape[1])
    period = Period(height, width) if params.wrap else None
    return replace(scene, background=empty.background, strokes=strokes, ink=empty.ink, period=period)


def _fewer(strokes: Strokes, most: int | None, is_blank: bool) -> Strokes:
    """So many strokes at most: of a pattern from everywhere, of a photograph those that were begun first."""
    if most is None or len(strokes) <= most:
        return strokes
    return strokes[np.linspace(0, len(strokes) - 1, most).round().astype(int)] if is_blank else strokes[:most]


def _with_pens(strokes: Strokes, params: AnalysedParams, pens: int) -> Strokes:
    """The only pen's colour, or the nearest of several where none has been chosen yet."""
    inks = np.array(params.pen_colours, np.float32).reshape(-1, 3)
    if len(inks) == 1:
        strokes = replace(strokes, colours=np.repeat(inks, len(strokes), axis=0))
    wants = np.zeros((len(strokes), pens), np.float32)
    if len(inks) > 1:
        nearest = ((strokes.colours[:, None] - inks) ** 2).sum(axis=2).argmin(axis=1)
        wants[np.arange(len(strokes)), nearest] = 1
        wants = strokes.pens if strokes.pens.shape == wants.shape else wants
    return replace(strokes, pens=wants)
