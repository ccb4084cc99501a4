from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.grid import Grid, Tiling

sides = st.integers(1, 400)
counts = st.integers(1, 12)


@given(height=sides, width=sides, rows=counts, cols=counts, tiling=st.sampled_from(get_args(Tiling)))
def test_tiles_of_every_level_cover_each_pixel_exactly_once(height, width, rows, cols, tiling):
    grid = Grid.fit(height, width, f"{rows}x{cols}")
    for level in range(len(grid.levels)):
        covered = np.zeros((height, width), int)
        for tile in grid.tiles(level, tiling):
            assert tile.height > 0
            assert tile.width > 0
            covered[tile.y0 : tile.y1, tile.x0 : tile.x1] += 1
        assert (covered == 1).all()


@given(height=sides, width=sides, rows=counts, cols=counts, tiling=st.sampled_from(get_args(Tiling)))
def test_tiles_are_made_of_whole_cells(height, width, rows, cols, tiling):
    grid = Grid.fit(height, width, f"{rows}x{cols}")
    for level in range(len(grid.levels)):
        seen = np.zeros((len(grid.ys) - 1, len(grid.xs) - 1), int)
        for tile in grid.tiles(level, tiling):
            seen[grid.cells(tile)] += 1
        assert (seen == 1).all()


@pytest.mark.parametrize(
    ("height", "width", "expected"),
    [(512, 512, (4, 4)), (341, 512, (3, 4)), (1, 1, (1, 1)), (3, 2000, (1, 16)), (2160, 3840, (17, 30))],
)
def test_automatic_grid_has_tiles_of_about_128_pixels(height, width, expected):
    grid = Grid.fit(height, width, "auto")
    assert (grid.rows, grid.cols) == expected


def test_levels_go_from_one_tile_to_the_finest_grid():
    assert Grid.fit(500, 900, "5x9").levels == ((1, 1), (1, 2), (2, 3), (3, 5), (5, 9))
    assert Grid.fit(10, 10, "1x1").levels == ((1, 1),)


def test_shifted_tiles_have_the_borders_of_the_others_in_their_middle():
    grid = Grid.fit(512, 512, "4x4")
    assert [tile.x0 for tile in grid.tiles(2, "shifted")[:5]] == [0, 64, 192, 320, 448]
    assert grid.tiles(0, "shifted") == grid.tiles(0, "plain")  # a single tile can't be shifted


def test_tall_and_wide_tiles_are_two_plain_ones_each():
    grid = Grid.fit(512, 512, "4x4")
    assert [(tile.width, tile.height) for tile in grid.tiles(2, "tall")] == [(128, 256)] * 8
    assert [(tile.width, tile.height) for tile in grid.tiles(2, "wide")] == [(256, 128)] * 8
