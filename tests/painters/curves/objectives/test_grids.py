"""Maps that are not equally fine."""

import numpy as np
import pytest

from engine.painters.curves.objectives.grids import mean_of


def test_one_grid_is_its_own_mean():
    grid = np.random.default_rng(0).random((5, 7)).astype(np.float32)
    np.testing.assert_allclose(mean_of([grid], [3.0]), grid)


@pytest.mark.parametrize(("rows", "cols"), [(4, 6), (3, 9), (1, 1)])
def test_a_slope_stays_a_slope_on_a_finer_grid(rows, cols):
    coarse = np.broadcast_to((np.arange(cols) + 0.5) / cols, (rows, cols)).astype(np.float32)
    fine = np.zeros((24, 36), np.float32)
    found = mean_of([coarse, fine], [3.0, 1.0])
    assert (found.shape, found.dtype) == ((24, 36), np.float32)
    places = np.clip((np.arange(36) + 0.5) / 36, 0.5 / cols, 1 - 0.5 / cols)
    np.testing.assert_allclose(found, np.broadcast_to(0.75 * places, (24, 36)), atol=1e-6)
