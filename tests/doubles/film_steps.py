"""A run whose pictures are known: bars that appear one after the other."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from engine.film.timeline import Timeline
from engine.grid import PLAIN, TileBox
from engine.scene.shape_scene import ShapeScene
from engine.scene.shapes import Shapes
from engine.storage.snapshots import Snapshot

HEIGHT, WIDTH, BARS = 20, 40, 4
WHOLE = TileBox(0, PLAIN, (0, 0, 40, 20))


def growing(bars: int, channels: int = 3) -> ShapeScene:
    """White bars, a quarter of the picture each, on black or on nothing."""
    lefts = np.arange(bars) * 10.0
    points = [[(x, 0), (x + 10, 0), (x + 10, 20), (x, 20)] for x in lefts]
    shapes = Shapes(
        np.arange(bars),
        np.full(bars, 4, np.int16),
        np.array(points, np.float32).reshape(bars, 8),
        np.ones((bars, channels), np.float32),
        np.ones(bars, np.float32),
    )
    return ShapeScene(HEIGHT, WIDTH, (0.0, 0.0, 0.0) if channels == 3 else None, shapes, bars)


def timeline(bars: Sequence[int], seconds: Sequence[float] | None = None) -> Timeline:
    """Snapshots with so many bars; equal neighbours have one place."""
    times = seconds or range(len(bars))
    snapshots = [
        Snapshot(n, second, 100 * n, 0.5 - 0.1 * n, count, "", WHOLE if n else None)
        for n, (count, second) in enumerate(zip(bars, times, strict=True))
    ]
    places = np.cumsum([0, *(one != other for one, other in pairwise(bars))])
    return Timeline(lambda index: growing(bars[index]), snapshots, places)
