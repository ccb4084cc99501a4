"""What the kernels of a window compare, and what they change."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.kernels.jit import kernel


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
