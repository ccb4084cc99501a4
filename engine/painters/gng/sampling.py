"""Points drawn from a density: Walker's alias table (Walker 1977), built in linear time (Vose 1991)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.kernels.jit import exact_kernel
from engine.kernels.random import bits

ENTRY_DTYPE = np.dtype([("pixel", np.int32), ("other", np.int32), ("share", np.float32)], align=True)


class Ink(NamedTuple):
    """Where samples come from: a window of pixels, each as likely as its density says."""

    table: NDArray[np.void]  # ENTRY_DTYPE, of the pixels that have any
    width: int  # of the window, pixels
    pixel: float  # target pixels along the side of a pixel
    x0: float  # of the window's upper left corner, target pixels
    y0: float
    inked: NDArray[np.bool_]  # (height, width) of the window
    area: float  # target pixels: how many would hold as much evenly


def ink_of(density: NDArray[np.float32], pixel: float = 1.0, x0: float = 0.0, y0: float = 0.0) -> Ink:
    """The ink of a window; density: (height, width), none below 0."""
    where = np.flatnonzero(density > 0).astype(np.int32)
    amounts = density.ravel()[where].astype(np.float64)
    total = float(amounts.sum())
    table = np.zeros(len(where), ENTRY_DTYPE)
    fill_table(where, amounts * (len(where) / max(total, 1e-300)), table)
    area = total**2 / float(np.square(amounts).sum()) * pixel**2 if len(where) else 0.0
    return Ink(table, density.shape[1], float(pixel), float(x0), float(y0), density > 0, area)


def is_inked(ink: Ink, places: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Whether places (..., 2) in target pixels have any ink."""
    height, width = ink.inked.shape
    column, row = (
        ((places[..., k] - start) / ink.pixel).astype(int) for k, start in ((0, ink.x0), (1, ink.y0))
    )
    return ink.inked[np.clip(row, 0, height - 1), np.clip(column, 0, width - 1)]


def chance_of(seed: np.random.SeedSequence) -> NDArray[np.uint64]:
    """The state that random bits are drawn from: (1,)."""
    return np.array(seed.generate_state(1, np.uint64), np.uint64)


@exact_kernel
def fill_table(where, shares, table):
    """Pair what is below the mean with what is above it. shares: float64, mean 1, changed; (n,)."""
    count = where.shape[0]
    stack = np.empty(count, np.int32)
    small, large = 0, count  # the two ends of the stack
    for i in range(count):
        table[i].pixel = where[i]
        if shares[i] < 1:
            stack[small] = i
            small += 1
        else:
            large -= 1
            stack[large] = i
    while small > 0 and large < count:
        small -= 1
        i, j = stack[small], stack[large]
        table[i].share = shares[i]
        table[i].other = where[j]
        shares[j] -= 1 - shares[i]
        if shares[j] < 1:
            stack[small] = j
            small += 1
            large += 1
    for k in range(small):  # what rounding has left over
        table[stack[k]].share = 1
        table[stack[k]].other = where[stack[k]]
    for k in range(large, count):
        table[stack[k]].share = 1
        table[stack[k]].other = where[stack[k]]


@exact_kernel
def sample(ink, state):
    """(x, y) in target pixels: a pixel by the table, and any place inside it.

    Without that last step nodes settle on the lattice of the pixels.
    """
    first = bits(state)
    high, low = first >> np.uint64(32), first & np.uint64(0xFFFFFFFF)
    entry = ink.table[np.int64((high * np.uint64(ink.table.shape[0])) >> np.uint64(32))]
    pixel = entry.pixel if np.float64(low) * 2.0**-32 < entry.share else entry.other
    second = bits(state)
    right = np.float64(second >> np.uint64(32)) * 2.0**-32
    down = np.float64(second & np.uint64(0xFFFFFFFF)) * 2.0**-32
    x = ink.x0 + (pixel % ink.width + right) * ink.pixel
    y = ink.y0 + (pixel // ink.width + down) * ink.pixel
    return x, y
