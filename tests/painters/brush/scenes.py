"""Paintings for tests, by a brush that was made by hand: dense in the middle, grainy, soft at its border."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.painters.brush.brush import Brush
from engine.painters.brush.scene import BrushScene
from engine.painters.brush.strokes import GRAIN, Strokes
from tests.painters.brush.model_double import made_model

PAPER = (0.9, 0.85, 0.8)
DISTANCE, SPOTS, STREAKS = 0, 9, 11  # features


def handmade_brush(is_opaque: bool = False, streaks: float = 1.5) -> Brush:
    """Alpha = sigmoid(6 - 6 distance + spots + streaks), by a network that passes features on."""
    w0, w1, w2 = np.zeros((8, 13)), np.eye(8), np.zeros((1, 8))
    b0, b2 = np.zeros(8), np.array([6.0])
    for row, (feature, weight) in enumerate(((DISTANCE, -6.0), (SPOTS, 1.0), (STREAKS, streaks))):
        w0[row, feature] = 1
        b0[row] = 20  # so that the activation, which bends at 0, doesn't
        w2[0, row] = weight
        b2 -= 20 * weight
    noise = np.fft.rfft2(np.random.default_rng(1).standard_normal((4, GRAIN, GRAIN)))
    v, u = np.meshgrid(np.fft.fftfreq(GRAIN), np.fft.rfftfreq(GRAIN), indexing="ij")
    grain = np.fft.irfft2(noise * np.exp(-np.square(np.hypot(u, v) / 0.15)))
    grain /= grain.std(axis=(1, 2), keepdims=True)
    model = made_model(
        grain=grain.astype(np.float32),
        weights=tuple(each.astype(np.float32) for each in (w0, w1, w2)),
        biases=tuple(each.astype(np.float32) for each in (b0, np.zeros(8), b2)),
        reach=1.6,
    )
    return Brush.of(model, is_opaque)


def some_strokes(count: int, height: int, width: int, seed: int = 0, size: float = 0.08) -> Strokes:
    """Strokes all over a picture; size: of the largest radius, as a share of the height."""
    random, strokes = np.random.default_rng(seed), Strokes.empty(count)
    strokes.ids[:] = np.arange(count)
    middles = random.uniform(0, (width, height), (count, 1, 2))
    strokes.points[:] = middles + random.normal(0, 2 * size * height, (count, 3, 2))
    strokes.radii[:] = height * random.uniform(size / 4, size, count)
    strokes.pressures[:] = random.uniform(0.1, 1, (count, 2))
    strokes.colours[:] = random.random((count, 3))
    strokes.opacities[:] = random.uniform(0.6, 1, count)
    strokes.grains[:] = random.uniform(0, GRAIN, (count, 2))
    strokes.levels[:] = np.arange(count) * 3 // max(count, 1)
    return strokes


def painting(count: int = 30, height: int = 60, width: int = 80, seed: int = 0, **more) -> BrushScene:
    """A scene of such strokes."""
    fields: dict[str, Any] = {"background": PAPER, "brush": handmade_brush(), "born": count} | more
    return BrushScene(height, width, strokes=some_strokes(count, height, width, seed), **fields)
