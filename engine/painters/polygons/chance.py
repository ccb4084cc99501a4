"""Random numbers inside kernels, one uint64 of state."""

from __future__ import annotations

import numpy as np

from engine.chance import bits
from engine.jit import kernel


@kernel
def draw(state):
    """A float32, uniform on [0, 1) in steps of 2^-24. state: uint64 (1,), advanced."""
    return np.float32(bits(state) >> np.uint64(40)) * np.float32(2.0**-24)


@kernel
def choose(choices, shares, chance):
    """The number that a chance in 0..1 falls on. shares: cumulated, one for each of the choices."""
    which = 0
    while which < choices.shape[0] - 1 and chance >= shares[which]:
        which += 1
    return np.int64(choices[which])
