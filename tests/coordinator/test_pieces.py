"""Large tiles are drawn and judged piece by piece, and it comes to the same."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.coordinator import job as jobs
from engine.coordinator import pieces, state
from engine.coordinator.job import advance
from engine.coordinator.state import RunState
from engine.grid import Grid, Tile
from engine.image.source import TargetWindow
from engine.painters.polygons.params import PolygonParams
from tests.doubles.running import jobs_of, open_workplace
from tests.doubles.toy import cut_out, picture


@given(
    st.lists(st.integers(1, 3000), min_size=1, max_size=20),
    st.lists(st.integers(1, 900), min_size=1, max_size=20),
)
def test_pieces_are_the_tile(rows: list[int], columns: list[int]) -> None:
    ys, xs = ((0, *np.cumsum(sides).tolist()) for sides in (rows, columns))
    tile = Tile(2, 3, 4, 100, 50, 100 + xs[-1], 50 + ys[-1])
    covered = np.zeros((len(ys) - 1, len(xs) - 1), int)
    for piece, (inner_ys, inner_xs) in pieces.pieces_of(tile, (ys, xs)):
        first_row, first_column = ys.index(piece.y0 - 50), xs.index(piece.x0 - 100)
        covered[
            first_row : first_row + len(inner_ys) - 1, first_column : first_column + len(inner_xs) - 1
        ] += 1
        for lines, side in ((inner_ys, piece.height), (inner_xs, piece.width)):
            assert (lines[0], lines[-1]) == (0, side)
            assert side <= pieces.SIDE or len(lines) == 2
            assert all(a < b for a, b in pairwise(lines))
    assert (covered == 1).all()


@pytest.mark.parametrize("make", [picture, cut_out])
def test_a_run_whose_tiles_count_as_large_is_the_same(make, monkeypatch):
    plain = painted(make)
    for module in (jobs, state):
        monkeypatch.setattr(module, "LARGE", 100)
    monkeypatch.setattr(pieces, "SIDE", 17)
    monkeypatch.setattr(state, "SIDE", 17)
    found = painted(make)
    assert found.error == plain.error
    for name, array in plain.arrays().items():
        np.testing.assert_array_equal(found.arrays()[name], array)


def painted(make):
    pixels, weights = make(150, 200), np.arange(1, 30_001).reshape(150, 200).astype(np.uint8) | np.uint8(1)
    workplace = open_workplace("polygons", PolygonParams(count=60), 0, pixels, weights)
    grid = Grid.fit(150, 200, "2x3")
    background = None if pixels.shape[2] == 4 else (0.5, 0.4, 0.3)
    scene = workplace.painter.empty_scene(150, 200, background)
    found = RunState(workplace.painter, scene, TargetWindow(pixels, weights), grid)
    for index, phase in enumerate(workplace.painter.plan(grid, 0.05)):
        for job in jobs_of(found, index, phase):
            found.apply(advance(workplace, job))
    return found
