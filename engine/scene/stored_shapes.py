"""Shapes from a file, which may say anything."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.scene.kind_numbers import LEAST_VERTICES, MOST_VERTICES, OTHER_KINDS
from engine.scene.kinds import layout
from engine.scene.shapes import Shapes
from engine.scene.stored import Arrays, column, floats, shares


def stored_shapes(arrays: Arrays, prefix: str, channels: int, ids: NDArray[np.int64]) -> Shapes:
    """Shapes whose columns have names with that prefix; ids: theirs."""
    rows = len(ids)
    kinds = column(arrays, f"{prefix}kinds", np.int16, (rows,))
    geometry = floats(arrays, f"{prefix}geometry", (rows, None))
    for kind in np.unique(kinds).tolist():
        if not (LEAST_VERTICES <= kind <= MOST_VERTICES or kind in OTHER_KINDS):
            raise ValueError(f"there is no kind {kind} of shapes")
        points, vectors, lengths = layout(kind)
        begin = 2 * (points + vectors)
        if geometry.shape[1] < begin + lengths:
            raise ValueError(f"{prefix}geometry has no room for the kind {kind}")
        if (geometry[kinds == kind, begin : begin + lengths] < 0).any():
            raise ValueError(f"{prefix}geometry has a negative length")
    colours = shares(arrays, f"{prefix}colours", (rows, channels))
    return Shapes(ids, kinds, geometry, colours, shares(arrays, f"{prefix}opacities", (rows,)))
