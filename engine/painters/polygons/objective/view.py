"""What the kernels of a window compare, and what they change."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.kernels.jit import kernel
from engine.kernels.random import uniform

ZERO = np.float32(0)
INSET = np.float32(1)  # of the mean distance between shapes: how far from the limits shapes stay, at most,
NARROW = np.float32(0.25)  # and of the shorter side


class View(NamedTuple):
    """What the shapes of a window are compared with."""

    target: NDArray[np.float32]  # (channels, height, width)
    sqrt_weights: NDArray[np.float32]  # as planes.sqrt_weights gives them
    background: NDArray[np.float32]  # (channels,)
    limits: NDArray[np.float32]  # x0, y0, x1, y1 where outlines may be


class Drawn(NamedTuple):
    """The shapes of a window, from the back to the front; kernels change those that are free in place."""

    kinds: NDArray[np.int16]  # (n,)
    geometry: NDArray[np.float32]  # (n, numbers)
    points: NDArray[np.float32]  # (n, vertices, 2), the outlines as drawn
    colours: NDArray[np.float32]  # (n, channels)
    opacities: NDArray[np.float32]  # (n,)
    free: NDArray[np.bool_]  # (n,)


@kernel
def region_of(limits):
    """Limits (4,) as four numbers."""
    return limits[0], limits[1], limits[2], limits[3]


@kernel
def longest_insets(limits, height, width, count):
    """How far shapes stay from the limits' sides in a window of so many pixels and shapes, at most.

    Each stays at a random distance: edges that were pressed against the limits would lie in one line, where
    a tile ends, and the eye finds lines. At the picture's borders, where limits lie beyond the window, there
    is nothing to see.
    """
    spacing = np.sqrt(np.float32(height * width) / np.float32(max(count, 1)))
    inset = min(INSET * spacing, NARROW * np.float32(min(height, width)))
    return (
        ZERO if limits[0] < 0 else inset,
        ZERO if limits[1] < 0 else inset,
        ZERO if limits[2] > width else inset,
        ZERO if limits[3] > height else inset,
    )


@kernel
def narrowed(limits, insets, state):
    """Limits as four numbers, each side at a random distance inwards, up to its inset."""
    return (
        limits[0] + _share(insets[0], state),
        limits[1] + _share(insets[1], state),
        limits[2] - _share(insets[2], state),
        limits[3] - _share(insets[3], state),
    )


@kernel
def _share(inset, state):
    return inset * uniform(state) if inset > ZERO else ZERO
