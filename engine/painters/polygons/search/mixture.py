"""The kinds that a run's shapes may have, and how often each is tried."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.kernels.jit import kernel
from engine.kernels.random import choose


class Mixture(NamedTuple):
    """Kinds, and the shares of them."""

    choices: NDArray[np.int16]  # (kinds,)
    shares: NDArray[np.float32]  # (kinds,), summed up; the last is 1


@kernel
def draw_kind(mixture, chance):
    """The kind that a chance in 0..1 falls on."""
    return choose(mixture.choices, mixture.shares, chance)
