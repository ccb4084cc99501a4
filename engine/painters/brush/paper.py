"""What a painting is painted on: plain, woven as canvas is, or rough as paper for water colours.

It shows as light and shade of about nothing on average, so that colours stay. It is the same in every window,
and as fine in proportion to the picture however large that is drawn.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Paper = Literal["plain", "canvas", "rough"]
Layers = NDArray[np.float32]  # (channels, height, width)
Numbers = NDArray[np.float32]

THREADS = 400  # of canvas, along the picture's shorter side
WEAVE, THREAD = 0.1, 0.35  # how much light there is between threads' middles and borders; their unevenness
WAVES, SWAY = 40, 0.45  # along the shorter side; by how many threads threads sway
LUMPS = 40  # of rough paper, along the shorter side: the largest, then twice as many ...
OCTAVES, ROUGHNESS = 4, 0.5
FADED, CLEAR = 1.5, 3.0  # pixels of a thread: what is finer would be a moire, and is not drawn
_MEAN = 2 / 3 * (0.7 + 0.3 * 2 / 3)  # of a thread's light


def shaded(layers: Layers, paper: Paper, size: tuple[int, int], x0: int, y0: int) -> Layers:
    """What has been painted in a window at (x0, y0) of a picture of a size (height, width), on its paper.

    layers: three channels, 0..1, or four, premultiplied. They may be changed.
    """
    if paper == "plain":
        return layers
    xs, ys = (
        (start + np.arange(count, dtype=np.float32) + np.float32(0.5)) / np.float32(min(size))
        for start, count in ((x0, layers.shape[2]), (y0, layers.shape[1]))
    )
    light = (_woven if paper == "canvas" else _rough)(xs, ys, min(size))
    layers[:3] *= light
    np.minimum(layers[:3], layers[3:] if len(layers) == 4 else np.float32(1), out=layers[:3])
    return layers


def _woven(xs: Numbers, ys: Numbers, side: int) -> Numbers:
    """Light of threads that go over and under each other, (height, width), about 1."""
    waves, sway = np.float32(WAVES), np.float32(SWAY)
    u = xs * np.float32(THREADS) + sway * _lumps(xs * waves, ys * waves, 11)
    v = (ys * np.float32(THREADS))[:, None] + sway * _lumps(xs * waves, ys * waves, 12)
    columns, rows = np.floor(u), np.floor(v)
    across, along = _bump(u - columns), _bump(v - rows)
    is_warp = (columns + rows) % 2 == 0
    share = np.float32(0.3)
    warp = across * (1 - share + share * along) * _uneven(columns, 1)
    weft = along * (1 - share + share * across) * _uneven(rows, 2)
    strength = np.float32(WEAVE * _clearness(side / THREADS))
    return 1 + strength * (np.where(is_warp, warp, weft) - np.float32(_MEAN))


def _rough(xs: Numbers, ys: Numbers, side: int) -> Numbers:
    """Light from the upper left on lumps of several sizes, (height, width), about 1."""
    light = np.ones((len(ys), len(xs)), np.float32)
    for octave in range(OCTAVES):
        count = np.float32(LUMPS * 2**octave)
        strength = np.float32(ROUGHNESS * 0.07 * 0.8**octave * _clearness(side / float(count)))
        step = np.float32(0.35)
        here = _lumps(xs * count, ys * count, octave)
        light += strength * (here - _lumps(xs * count - step, ys * count - step, octave))
    return light


def _lumps(u: Numbers, v: Numbers, number: int) -> Numbers:
    """Smooth heights, -1 to 1, between random ones at whole numbers: (len(v), len(u)), both rising."""
    columns, rows = np.floor(u).astype(np.int64), np.floor(v).astype(np.int64)
    s, t = _smooth(u - columns.astype(np.float32)), _smooth(v - rows.astype(np.float32))[:, None]
    i, j = np.arange(columns[0], columns[-1] + 2), np.arange(rows[0], rows[-1] + 2)
    heights = _random(i, j[:, None], number)
    left, above = columns - i[0], rows - j[0]
    along = heights[:, left] + s * (heights[:, left + 1] - heights[:, left])
    found: Numbers = along[above] + t * (along[above + 1] - along[above])
    return found


def _uneven(threads: Numbers, number: int) -> Numbers:
    """How light each thread is, about 1."""
    return 1 + np.float32(THREAD) * _random(threads.astype(np.int64), np.int64(0), number)


def _random(i: NDArray[np.int64], j: NDArray[np.int64] | np.int64, number: int) -> Numbers:
    """Of each place a number from -1 to 1: Wang's hash of 32 bits."""
    seed = (i * 73_856_093) ^ (j * 19_349_663) ^ (number * 83_492_791)
    seed = seed & 0xFFFFFFFF
    seed = (seed ^ 61) ^ (seed >> 16)
    seed = (seed * 9) & 0xFFFFFFFF
    seed ^= seed >> 4
    seed = (seed * 0x27D4EB2D) & 0xFFFFFFFF
    seed ^= seed >> 15
    found: Numbers = (seed & 0xFFFF).astype(np.float32) / np.float32(32767.5) - 1
    return found


def _bump(share: Numbers) -> Numbers:
    """A thread's light from one border to the other: 0, 1 in its middle, 0."""
    return 1 - (2 * share - 1) ** 2


def _smooth(share: Numbers) -> Numbers:
    return share * share * (3 - 2 * share)


def _clearness(pixels: float) -> float:
    """0: too fine to be drawn."""
    return min(max((pixels - FADED) / (CLEAR - FADED), 0.0), 1.0)
