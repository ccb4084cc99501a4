"""Whole numbers in proportion to amounts."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def apportioned(total: int, amounts: NDArray[Any]) -> list[int]:
    """Whole numbers with that total, in proportion to amounts, of which one is above 0: largest remainder."""
    quota = total * amounts.astype(np.float64) / amounts.sum()
    shares = np.floor(quota).astype(int)
    largest = np.argsort(shares - quota, kind="stable")[: total - shares.sum()]
    shares[largest] += 1
    return shares.tolist()
