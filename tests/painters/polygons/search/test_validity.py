"""Which outlines are sound; that of every kind of shape is in test_shapes."""

import numpy as np
import pytest

from engine.painters.polygons.search.validity import is_simple

REGION = (np.float32(0), np.float32(0), np.float32(20), np.float32(20))


@pytest.mark.parametrize(
    ("points", "valid"),
    [
        ([(1, 1), (15, 2), (8, 12)], True),
        ([(1, 1), (15, 2), (8, 21)], False),  # outside
        ([(1, 1), (19, 1), (19, 1.5)], False),  # a sliver
        ([(2, 2), (12, 2), (12, 12), (2, 12)], True),
        ([(2, 2), (18, 2), (4, 12), (12, 12)], False),  # crosses itself, with area enough
        ([(2, 2), (18, 2), (18, 12), (10, 5)], True),  # concave, but simple
        ([(1, 1), (15, 2), (8, np.nan)], False),
    ],
)
def test_soundness_of_outlines(points, valid):
    assert is_simple(len(points), np.array(points, np.float32), REGION) == valid
