"""How well a file of weights draws strokes that it was not trained on, and a sheet of them by real ones."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image

from engine.learning.measures import grain, iou, mse
from engine.learning.shards import StrokeSet
from engine.painters.brush.generators.maps import maps_of, paths_of
from engine.painters.brush.generators.opening import open_generator
from engine.painters.brush.model_file import GRAIN_SIDE

if TYPE_CHECKING:
    from engine.painters.brush.generators.base import StrokeGenerator

MOST = 1000  # strokes that are drawn for the figures
AT_ONCE = 100
COLUMNS, ROWS, GAP, PAPER = 12, 3, 2, 208  # strokes in a row, rows, pixels between them, their grey
_NEAR, _LARGE = 0.5, 0.5  # radii from the path; size of a stroke from which on it is large

Floats = npt.NDArray[np.float32]


def drawn(generator: StrokeGenerator, actions: Floats, seed: int, device: str = "cpu") -> Floats:
    """One draw of each action (n, 12): (n, 64, 64)."""
    grains = np.random.default_rng(seed).random((len(actions), 2), np.float32) * GRAIN_SIDE
    parts = []
    with torch.no_grad():
        for start in range(0, len(actions), AT_ONCE):
            some = slice(start, start + AT_ONCE)
            asked, offsets = (torch.from_numpy(each[some]).to(device) for each in (actions, grains))
            parts.append(generator.alpha(asked, offsets).cpu().numpy())
    return np.concatenate(parts)


def figures_of(content: bytes, strokes: StrokeSet, device: str = "cpu", most: int = MOST) -> dict[str, float]:
    """What a file of weights reaches on held-out strokes, by one draw of each.

    mse: mean squared error over pixels; floor: that of the engine itself, drawing once more, where that is
    known; grain: energy of what is fine, over the real strokes'; iou: of what is covered; width: as of
    `width_of`.
    """
    actions, real = (each[:most] for each in strokes.held_out())
    again = strokes.again()
    made = drawn(open_generator(content, device), actions, 1, device)
    found = {"mse": mse(made, real), "grain": grain(made, real), "iou": iou(made, real)}
    if again is not None:
        found["floor"] = mse(again[:most], real)
    return {**found, "width": width_of(actions, made)}


def width_of(actions: Floats, alpha: Floats) -> float:
    """How wide strokes are, in diameters: where they cover half as much as near their path, and more.

    Of large strokes, away from their ends.
    """
    large = actions[:, 1] >= _LARGE
    if not large.any():
        return 1.0
    maps = maps_of(paths_of(torch.from_numpy(actions[large])), 2.0)
    here = alpha[large].reshape(int(large.sum()), -1)[maps.stroke.numpy(), maps.pixel.numpy()]
    distance, before, after = (maps.features[:, column].numpy() for column in (0, 2, 3))
    inside = (before > 1) & (after > 1)
    near = inside & (distance < _NEAR)
    if not near.any():
        return 1.0
    length = near.sum() / (2 * _NEAR)  # in pixels squared over the radius
    covered = (inside & (here >= here[near].mean() / 2)).sum()
    return float(covered / (2 * length))


def sheet(content: bytes, strokes: StrokeSet, device: str = "cpu") -> bytes:
    """A PNG: real strokes above, the engine once more where that is known, and two draws below them."""
    count = COLUMNS * ROWS
    actions, real = (each[:count] for each in strokes.held_out())
    again = strokes.again()
    generator = open_generator(content, device)
    rows = [real, *([] if again is None else [again[:count]])]
    rows += [drawn(generator, actions, seed, device) for seed in (1, 2)]
    side = real.shape[1] + GAP
    picture = np.full((ROWS * len(rows) * side + (ROWS - 1) * 3 * GAP, COLUMNS * side), PAPER, np.uint8)
    for number, strokes_of in enumerate(rows):
        for index, alpha in enumerate(strokes_of):
            block, column = divmod(index, COLUMNS)
            y = (block * len(rows) + number) * side + block * 3 * GAP
            ink = np.rint(255 * (1 - alpha)).astype(np.uint8)
            picture[y : y + alpha.shape[0], column * side : column * side + alpha.shape[1]] = ink
    content_of = io.BytesIO()
    Image.fromarray(picture).save(content_of, "PNG", optimize=True)
    return content_of.getvalue()
