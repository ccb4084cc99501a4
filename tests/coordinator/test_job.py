import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.coordinator.job import JobContext, advance, open_context
from engine.coordinator.state import RunState
from engine.errors import TargetError
from engine.grid import Grid
from engine.image.metric import squares
from engine.image.pyramid import Pyramid
from engine.image.source import StoredSource, TargetWindow
from engine.painters.polygons.params import PolygonParams
from engine.painters.registry import PAINTERS
from tests.doubles.running import jobs_of, like_polygons, open_workplace
from tests.doubles.toy import cut_out, picture

GRID = Grid.fit(48, 64, "2x3")


def run(painter):
    """Paint the last phase with another painter; errors and numbers of shapes before and after it."""
    workplace = open_workplace("polygons", PolygonParams(count=40), 0, picture(48, 64))
    *plan, last = workplace.painter.plan(GRID, 0.2)
    state = RunState(
        workplace.painter,
        workplace.painter.empty_scene(48, 64, (0.5, 0.5, 0.5)),
        TargetWindow(picture(48, 64), None),
        GRID,
    )
    for index, phase in enumerate(plan):
        for job in jobs_of(state, index, phase):
            state.apply(advance(workplace, job))
    before, marks = state.error, len(state.scene)
    other = open_workplace(painter, PolygonParams(count=40), 0, picture(48, 64))
    for job in jobs_of(state, len(plan), last):
        state.apply(advance(other, job))
    return before, state.error, marks, len(state.scene)


def test_a_target_that_is_not_there_is_one_sentence(tmp_path):
    source = StoredSource(Pyramid(tmp_path / "target.pyramid", 48, 64, 3))
    context = JobContext(PAINTERS["polygons"].painter, PolygonParams(count=40), 0, source, None)
    with pytest.raises(TargetError, match=r"target\.pyramid: can't be read on .* \(No such file .*; let all"):
        open_context(context)


def test_what_makes_a_window_worse_is_dropped(monkeypatch):
    monkeypatch.setitem(PAINTERS, "vandal", like_polygons("tests.doubles.toy:Vandal"))
    before, after, marks, marks_after = run("vandal")
    assert after == pytest.approx(before, rel=1e-4), "windows of other tiles may round a pixel otherwise"
    assert marks_after == marks
    before, after, _, _ = run("polygons")
    assert after < before


@given(
    st.sampled_from([picture, cut_out]),
    st.integers(0, 99),
    st.lists(st.integers(1, 19), max_size=4),
    st.lists(st.integers(1, 24), max_size=4),
)
def test_squares_are_exact_sums_over_cells(make, seed, rows, cols):
    a, b = make(20, 25, seed), make(20, 25, seed + 1)[::-1, ::-1] // 2
    ys, xs = tuple(sorted({0, *rows, 20})), tuple(sorted({0, *cols, 25}))
    weights = np.random.default_rng(seed).integers(1, 256, (20, 25), np.uint8)
    found, weighted = squares(a, b, weights, ys, xs)
    for plain in squares(a, b, None, ys, xs):
        np.testing.assert_array_equal(plain, found)
    for row in range(len(ys) - 1):
        for col in range(len(xs) - 1):
            cell = np.s_[ys[row] : ys[row + 1], xs[col] : xs[col + 1]]
            each = slow_squares(a[cell].astype(int), b[cell].astype(int))
            assert found[row, col] == each.sum()
            assert weighted[row, col] == (each * weights[cell]).sum()


def slow_squares(target, pixels):
    """Of each pixel, summed over RGB; with alpha 4 * 255 times as large."""
    if target.shape[2] == 3:
        return ((target - pixels) ** 2).sum(axis=2)
    found = np.empty(target.shape[:2], int)
    for y, x in np.ndindex(found.shape):
        alpha, miss = target[y, x, 3], pixels[y, x] - target[y, x]
        black, white = miss[:3], miss[:3] - miss[3]
        papers = sum(2 * black**2 + 2 * white**2)  # 4 times the mean of both
        found[y, x] = alpha * papers + (255 - alpha) * 6 * miss[3] ** 2
    return found
