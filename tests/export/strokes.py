"""Strokes of cubic curves with round ends, a scene of any marks, and what such strokes are, by samples."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from hypothesis import strategies as st
from scipy.spatial import KDTree

from engine.scene.scene import Mark

SAMPLES = 8  # of a pixel, along a side
STEPS = 400  # of a curve


@dataclass(frozen=True)
class Marks:
    """A scene as exporters see it."""

    content: tuple
    height: int = 40
    width: int = 60
    background: tuple | None = (1.0, 1.0, 1.0)

    def __len__(self):
        return len(self.content)

    def marks(self):
        return iter(self.content)


def scene(*marks: Mark, **options: Any) -> Any:
    """A scene of these marks."""
    return Marks(marks, **options)


def curve(*points, width=3.0, colour=(0.0, 0.0, 0.0), opacity=1.0, cap="round"):
    return Mark("stroke", np.array(points, np.float64), colour, opacity, width, cap=cap)


WAVE = curve((8, 20), (14, 4), (22, 4), (28, 20), (34, 36), (42, 36), (48, 20), width=4)
LOOP = curve((10, 30), (70, 0), (-10, 0), (50, 32), width=2.5, colour=(0.8, 0.1, 0.0))
HAIRPIN = curve((10, 12), (52, 14), (52, 16), (10, 18), width=8, colour=(0.0, 0.3, 0.6), opacity=0.6)
CORNERS = curve(
    (12, 34), (12, 10), (12, 10), (30, 8), (44, 8), (48, 30), (30, 28), (24, 26), (40, 20), (50, 36), width=5
)
SHORT = curve((30, 20), (30.2, 20.1), (30.3, 20.2), (30.5, 20.2), width=9, opacity=0.5)
LINE = curve((6, 6), (30, 9), width=5, colour=(0.2, 0.6, 0.2))
ARC = curve((8, 30), (30, 2), (52, 30), width=6, colour=(0.5, 0.0, 0.5))
STROKES = (WAVE, LOOP, HAIRPIN, CORNERS, SHORT, LINE, ARC)


def places(mark, steps=STEPS):
    """Points along the middle of a stroke, (n, 2)."""
    points, share = mark.points.astype(np.float64), np.linspace(0, 1, steps + 1)[:, None]
    degree = 3 if len(points) > 3 else len(points) - 1
    pieces = []
    for at in range(0, len(points) - 1, degree):
        level = [np.broadcast_to(point, (steps + 1, 2)) for point in points[at : at + degree + 1]]
        while len(level) > 1:  # de Casteljau
            level = [a + share * (b - a) for a, b in pairwise(level)]
        pieces.append(level[0])
    return np.concatenate(pieces)


def truth(scene, scale=1):
    """What there is of strokes with round ends in each pixel: (height, width, 3) in 0..255."""
    height, width = scale * scene.height, scale * scene.width
    grid = (np.arange(SAMPLES) + 0.5) / SAMPLES
    x = (np.arange(width)[:, None] + grid).ravel() / scale
    y = (np.arange(height)[:, None] + grid).ravel() / scale
    samples = np.stack(np.meshgrid(x, y), axis=-1)
    drawn = np.full((height, width, 3), scene.background or (1.0, 1.0, 1.0))
    for mark in scene.marks():
        near = KDTree(places(mark)).query(samples, distance_upper_bound=mark.width)[0]
        inside = near <= mark.width / 2
        share = mark.opacity * inside.reshape(height, SAMPLES, width, SAMPLES).mean(axis=(1, 3))
        drawn += share[..., None] * (np.array(mark.colour) - drawn)
    return 255 * drawn


numbers = st.floats(-500, 500, width=32)
shares = st.floats(0, 1, width=32)
strokes = st.builds(
    lambda points, colour, opacity, width, cap: Mark(
        "stroke", np.array(points, np.float32), colour, opacity, width, cap=cap
    ),
    st.sampled_from([2, 3, 4, 7, 10]).flatmap(
        lambda count: st.lists(st.tuples(numbers, numbers), min_size=count, max_size=count)
    ),
    st.tuples(shares, shares, shares),
    shares,
    st.floats(0.125, 100, width=32),
    st.sampled_from(["butt", "round"]),
)
