"""Where strokes begin: spread, inside, along directions, in proportion to a density."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.painters.curves.start import along, on_paper
from engine.painters.curves.strokes import NEW


def rng(seed=0):
    return np.random.default_rng(seed)


def middles(strokes):
    return strokes.points[:, 3].astype(float)  # the end of the first of two curves


def lengths(strokes):
    return np.hypot(*np.diff(strokes.points, axis=1).transpose(2, 0, 1)).sum(axis=1)


@settings(max_examples=30, deadline=None)
@given(
    st.integers(0, 150),
    st.integers(1, 90),
    st.integers(1, 90),
    st.integers(1, 3),
    st.booleans(),
    st.integers(0, 2**32 - 1),
)
def test_any_paper_gets_its_strokes(count, height, width, pieces, wraps, seed):
    period = (height, width) if wraps else None
    paper = on_paper(count, height, width, 30, pieces, 2.5, rng(seed), period)
    density, direction = rng(seed).random((2, height, width))
    seen = along(density, 9 * direction, count, 30, pieces, rng(seed), 1.5)
    for strokes, pen in ((paper, 2.5), (seen, 1.5)):
        assert len(strokes) == count
        assert (strokes.ids == NEW).all() and (strokes.pieces == pieces).all()  # noqa: PT018 - of both
        assert (strokes.widths == np.float32(pen)).all()
        assert np.isfinite(strokes.points).all()
        np.testing.assert_array_equal(
            strokes.points[:, 2 * pieces + 2 :],
            np.repeat(strokes.points[:, 2 * pieces + 1, None], 6 - 2 * pieces, 1),
        )
    if not wraps:
        assert (paper.points >= 0).all() and (paper.points <= [width, height]).all()  # noqa: PT018


def test_on_paper_strokes_are_spread_evenly_and_about_as_long_as_asked():
    strokes = on_paper(100, 200, 100, 20, 2, 2.5, rng(), (200, 100))
    x, y = middles(strokes).T
    counts = np.bincount(np.clip(x // 50, 0, 1).astype(int) + 2 * np.clip(y // 50, 0, 3).astype(int))
    assert counts.min() >= 9
    assert np.abs(np.median(lengths(strokes)) - 20) < 2


def test_strokes_lie_where_the_density_is():
    density = np.zeros((120, 120))
    density[20:50, 30:90] = 1
    density[80:100, 30:90] = 3
    strokes = along(density, np.zeros((120, 120)), 60, 16, 2, rng())
    y = middles(strokes)[:, 1]
    upper, lower = ((y > 16) & (y < 54)).sum(), ((y > 76) & (y < 104)).sum()
    assert upper + lower == 60
    assert 1.4 < lower / upper < 2.9  # 2 by density times area


def test_no_stroke_lies_on_another_one():
    strokes = along(np.ones((100, 100)), np.full((100, 100), 0.5), 50, 20, 2, rng())
    apart = np.hypot(*(middles(strokes)[:, None] - middles(strokes)[None]).transpose(2, 0, 1))
    apart[np.diag_indices(50)] = np.inf
    assert np.median(apart.min(axis=1)) > 6  # of a square grid 14; anyhow 7 on average, and often less than 3
    assert apart.min() > 2


def test_strokes_follow_the_directions():
    y, x = np.mgrid[:160, :160] - 80 + 0.5
    around = np.arctan2(y, x) + np.pi / 2 + np.pi * (x > 0)  # circles, lines being the same both ways
    ring = np.exp(-((np.hypot(x, y) - 50) ** 2) / 50)
    strokes = along(ring, around, 12, 50, 2, rng())
    ends = strokes.points[:, [0, 3, 5]].astype(float) - 80
    away = np.hypot(ends[..., 0], ends[..., 1])
    assert np.ptp(away, axis=1).max() < 6
    assert np.hypot(*(ends[:, 0] - ends[:, 2]).T).min() > 15


def test_strokes_are_shorter_where_detail_is_fine():
    fine = np.zeros((100, 200))
    fine[:, 100:] = 1
    strokes = along(np.ones((100, 200)), np.full((100, 200), 1.5), 60, 30, 2, rng(), fineness=fine)
    length, right = lengths(strokes), middles(strokes)[:, 0] > 100
    assert np.median(length[right]) < 0.6 * np.median(length[~right])


def test_strokes_have_one_tangent_where_their_curves_meet():
    strokes = along(np.ones((60, 60)), np.mgrid[:60, :60][1] / 20, 20, 30, 3, rng())
    controls = strokes.controls().astype(float)
    before, after = controls[:, 3] - controls[:, 2], controls[:, 4] - controls[:, 3]
    np.testing.assert_allclose(before, after, atol=1e-3)


def test_more_curves_than_a_stroke_can_have_are_refused():
    with pytest.raises(ValueError, match="1 to 3 curves"):
        on_paper(3, 20, 20, 5, 4, 1.0, rng())
