"""Random numbers inside kernels, one uint64 of state."""

from __future__ import annotations

import numpy as np

from engine.kernels.jit import exact_kernel, kernel

_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)


@exact_kernel
def bits(state):
    """64 random bits: splitmix64 (Steele, Lea & Flood 2014). state: uint64 (1,), advanced."""
    state[0] += _GAMMA
    z = state[0]
    z = (z ^ (z >> np.uint64(30))) * _MIX_1
    z = (z ^ (z >> np.uint64(27))) * _MIX_2
    return z ^ (z >> np.uint64(31))


@kernel
def uniform(state):
    """A float32, uniform on [0, 1) in steps of 2^-24. state: uint64 (1,), advanced."""
    return np.float32(bits(state) >> np.uint64(40)) * np.float32(2.0**-24)


@kernel
def choose(choices, shares, chance):
    """The number that a chance in 0..1 falls on. shares: cumulated, one for each of the choices."""
    which = 0
    while which < choices.shape[0] - 1 and chance >= shares[which]:
        which += 1
    return np.int64(choices[which])
