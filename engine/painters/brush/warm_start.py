"""Another painting as a start: at this run's size, with its brush, and no more strokes than it wants."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from engine.image.palette import matched
from engine.painters.brush.scene import BrushScene

NEAR = 1.4  # of the logarithm of a radius: so far from that of their level strokes may be moved


def adopted(
    scene: BrushScene, empty: BrushScene, count: int, palette: NDArray[np.float32], radii: list[float]
) -> BrushScene:
    """Its strokes on this run's paper.

    Of too many those stay that were painted first, which are the broadest. empty: a scene as this run would
    begin with. palette: (k, 3), none: any colour. radii: of this run's levels, coarse to fine.
    """
    strokes = scene.resized(empty.height, empty.width).strokes[:count]
    apart = np.abs(np.log(np.maximum(strokes.radii, 1e-3))[:, None] - np.log(radii))
    colours = matched(strokes.colours, palette) if len(palette) else strokes.colours
    own = np.minimum(strokes.levels, len(radii) - 1)
    is_right = np.take_along_axis(apart, own[:, None].astype(np.int64), axis=1)[:, 0] <= NEAR
    levels = np.where(is_right, own, apart.argmin(axis=1)).astype(np.int8)
    strokes = replace(strokes, colours=colours, levels=levels)
    return replace(empty, strokes=strokes, born=scene.born)
