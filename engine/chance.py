"""Random bits inside kernels."""

from __future__ import annotations

import numpy as np

from engine.jit import exact_kernel

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
