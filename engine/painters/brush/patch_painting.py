"""Paintings by a network that draws whole strokes, a VAE's or a GAN's: drawn by patches.

What is fainter than FAINT a network never meant; it is left out, so that a stroke ends where its paint does.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.painters.brush.patch_boxes import MARGIN, Floats
from engine.painters.brush.patches import PatchTape, draw_patches
from engine.painters.brush.reach import extents
from engine.painters.brush.strokes import Strokes

FAINT = np.float32(0.02)  # of opacity
TOGETHER = 256  # strokes whose patches are there at a time


def paint_patches(
    layers: Floats,
    corner: tuple[int, int],
    strokes: Strokes,
    colours: Floats,
    network: bytes,
    gain: np.float32,
) -> None:
    """Paint strokes over layers (height, width, channels), in place; the same in any window.

    corner: the pixel (x, y) at the layers' corner. strokes: in pixels, as much of each as is shown. colours:
    (n, channels). network: a file of weights. gain: times which opacities are taken, up to 1.
    """
    from engine.painters.brush.generators.patch_store import store_of

    store, some = store_of(network), begun(strokes)
    for first in range(0, len(some), TOGETHER):
        rows = slice(first, first + TOGETHER)
        part = some[rows]
        alpha, boxes = store.patches(part)
        draw_within(layers, corner, part, colours[rows], (clear(alpha, gain), boxes))


def begun(strokes: Strokes) -> Strokes:
    """Strokes as whole ones, those of which less is shown as the part of their path that is there."""
    less = strokes.shown < 1
    if not less.any():
        return strokes
    share = np.clip(strokes.shown, 0, 1)[:, None]
    first, control, last = (strokes.points[:, k] for k in range(3))
    onto = first + share * (control - first)
    end = onto + share * (control + share * (last - control) - onto)
    mean = strokes.pressures.mean(1)
    late = np.clip(4 * strokes.shown - 3, 0, 1)
    pressure = mean + late * (strokes.pressures[:, 1] - mean)
    points = np.where(less[:, None, None], np.stack([first, onto, end], axis=1), strokes.points)
    pressures = np.stack([strokes.pressures[:, 0], np.where(less, pressure, strokes.pressures[:, 1])], axis=1)
    whole = np.ones(len(strokes), np.float32)
    found = replace(
        strokes, points=points.astype(np.float32), pressures=pressures.astype(np.float32), shown=whole
    )
    return (
        found
        if strokes.shown.all()
        else replace(found, opacities=np.where(strokes.shown > 0, strokes.opacities, np.float32(0)))
    )


def clear(alpha: Floats, gain: np.float32) -> Floats:
    """Opacities as they are painted."""
    return np.clip((alpha - FAINT) * (gain / (1 - FAINT)), 0, 1).astype(np.float32)


def draw_within(
    layers: Floats,
    corner: tuple[int, int],
    strokes: Strokes,
    colours: Floats,
    patches: tuple[Floats, Floats],
    is_recorded: bool = False,
) -> PatchTape:
    """Patches within what strokes reach at most, whatever a network has painted beyond it."""
    limits = np.concatenate(extents(strokes, MARGIN), axis=1)
    return draw_patches(*patches, colours, strokes.opacities, layers, corner, is_recorded, limits)
