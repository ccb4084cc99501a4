"""Another painting as a start: at this run's size, with its brush, and no more strokes than it wants."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from engine.image.palette import matched
from engine.painters.brush.scene import BrushScene


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
    strokes = replace(strokes, colours=colours, levels=apart.argmin(axis=1).astype(np.int8))
    return replace(empty, strokes=strokes, born=scene.born)
