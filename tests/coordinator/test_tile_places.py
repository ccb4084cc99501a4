"""Tiles on the lattice, and sums over them, against one tile at a time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.coordinator.tile_places import TilePlaces
from engine.grid import Grid, Tiling


@given(st.integers(20, 200), st.integers(20, 200), st.integers(0, 5), st.integers(0, 2))
def test_sums_over_tiles_are_those_of_their_cells(height, width, number, level):
    grid = Grid.fit(height, width, "3x4")
    tiles = grid.tiles(level, Tiling.numbered(number))
    cells = np.random.default_rng(height).integers(0, 2**50, (len(grid.ys) - 1, len(grid.xs) - 1))
    expected = [int(cells[grid.cells(tile)].sum()) for tile in tiles]
    places = TilePlaces(grid)
    assert places.sums(cells, tiles).tolist() == expected
    assert places.sums(cells / 4, tiles).tolist() == pytest.approx([each / 4 for each in expected])
    for tile in tiles:
        _, (ys, xs), areas = places.of(tile)
        assert (ys[0], xs[0], ys[-1], xs[-1]) == (0, 0, tile.height, tile.width)
        assert areas.shape == (len(ys) - 1, len(xs) - 1)
        assert areas.sum() == tile.height * tile.width
        assert places.of(tile) is places.of(tile)
