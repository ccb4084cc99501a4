import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.grid import MOST_OFFSET, PLAIN, SHIFTED, Grid, TileBox, Tiling

sides = st.integers(1, 400)
counts = st.integers(1, 12)
offsets = st.floats(-1, 1)
tilings = st.builds(Tiling, st.sampled_from(["plain", "tall", "wide"]), offsets, offsets)


@given(height=sides, width=sides, rows=counts, cols=counts, tiling=tilings)
def test_tiles_of_every_level_cover_each_pixel_exactly_once(height, width, rows, cols, tiling):
    grid = Grid.fit(height, width, f"{rows}x{cols}")
    for level in range(len(grid.levels)):
        covered = np.zeros((height, width), int)
        for tile in grid.tiles(level, tiling):
            assert tile.height > 0
            assert tile.width > 0
            covered[tile.y0 : tile.y1, tile.x0 : tile.x1] += 1
        assert (covered == 1).all()


@given(height=sides, width=sides, rows=counts, cols=counts, tiling=tilings)
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
    assert [tile.x0 for tile in grid.tiles(2, SHIFTED)[:5]] == [0, 64, 192, 320, 448]
    assert grid.tiles(0, SHIFTED) == grid.tiles(0, PLAIN)  # a single tile can't be shifted


def test_tall_and_wide_tiles_are_two_plain_ones_each():
    grid = Grid.fit(512, 512, "4x4")
    assert [(tile.width, tile.height) for tile in grid.tiles(2, Tiling("tall"))] == [(128, 256)] * 8
    assert [(tile.width, tile.height) for tile in grid.tiles(2, Tiling("wide"))] == [(256, 128)] * 8


@pytest.mark.parametrize("level", [1, 2, 3])
def test_borders_of_the_passes_of_a_run_spread_evenly(level):
    grid, passes, parts = Grid.fit(1024, 1024, "16x16"), 32, 4
    side = 1024 >> level
    found = [grid.tiles(level, Tiling.numbered(number)) for number in range(passes)]
    assert {len(tiles) for tiles in found} == {4**level}, "as many as in the plain tiling"
    for borders in ([tiles[1].x0 for tiles in found], [tiles[-2].x1 - 1024 + 2 * side for tiles in found]):
        offsets = (np.array(borders) - side) / side
        assert np.abs(offsets).max() <= MOST_OFFSET + 1 / (8 * side // 64)
        least = np.histogram(offsets, np.linspace(-0.5, 0.5, parts + 1))[0].min()
        assert least >= passes / parts / 2


def test_borders_of_the_finest_tiles_lie_on_all_lines_of_the_lattice_that_they_may():
    grid = Grid.fit(1024, 1024, "8x8")
    found = [grid.tiles(3, Tiling.numbered(number)) for number in range(30)]
    assert {tiles[1].x0 for tiles in found} == {tiles[8].y0 for tiles in found} == set(range(80, 192, 16))


@given(level=counts, tiling=tilings, x0=counts, y0=counts)
def test_where_a_job_has_painted_can_be_written_down_and_read(level, tiling, x0, y0):
    box = TileBox(level, tiling, (x0, y0, x0 + 8, y0 + 8))
    assert TileBox.from_record(json.loads(json.dumps(box.to_record()))) == box


@pytest.mark.parametrize(
    ("lay", "tiling"), [("plain", PLAIN), ("shifted", SHIFTED), ("tall", Tiling("tall"))]
)
def test_places_of_before_there_were_offsets_can_be_read(lay, tiling):
    assert TileBox.from_record({"level": 1, "lay": lay, "box": [0, 0, 1, 2]}) == TileBox(
        1, tiling, (0, 0, 1, 2)
    )


@pytest.mark.parametrize("offset", [["a", 0], [0, 0, 0], 7])
def test_a_place_with_a_wrong_offset_is_refused(offset):
    with pytest.raises((ValueError, TypeError)):
        TileBox.from_record({"level": 1, "lay": "plain", "offset": offset, "box": [0, 0, 1, 2]})
