"""Penalties against plain numpy, their slopes against differences, and what shares tell."""

from dataclasses import replace

import numpy as np
import pytest

from engine.painters.curves import penalties
from engine.painters.curves.polyline import polylines
from engine.painters.curves.raster import Period, Window, draw
from engine.painters.curves.strokes import POINTS, Strokes
from tests.doubles.slow_strokes import some_strokes


@pytest.fixture(scope="module")
def strokes():
    found = some_strokes(np.random.default_rng(3), 12, 60)
    found.points[::2] += np.random.default_rng(4).normal(0, 6, found.points[::2].shape).astype(np.float32)
    return found


def polyline_of(strokes, i):
    lines = polylines(strokes, penalties.CHORDS)
    ways = np.diff(lines.vertices[lines.starts[i] : lines.starts[i + 1]].astype(float), axis=0)
    return ways, np.hypot(*ways.T)


def check_slopes(penalty, strokes, step=2e-3):
    slopes, random = penalty(strokes).slopes, np.random.default_rng(0)
    assert slopes.shape == strokes.points.shape
    assert slopes.any()
    for _ in range(8):
        way = random.normal(size=slopes.shape).astype(np.float32)
        way[np.arange(POINTS)[None] >= 2 * strokes.pieces[:, None] + 2] = 0
        upper, lower = (
            penalty(replace(strokes, points=strokes.points + np.float32(sign * step) * way)).loss
            for sign in (1, -1)
        )
        size = np.sqrt((slopes.astype(float) ** 2).sum())
        assert (slopes * way).sum() == pytest.approx((upper - lower) / (2 * step), abs=0.02 * size)


def test_bends_are_turns_beyond_a_radius_against_the_mean_segment(strokes):
    excess = []
    for i in range(len(strokes)):
        ways, lengths = polyline_of(strokes, i)
        angles = np.diff(np.arctan2(ways[:, 1], ways[:, 0]))
        turns = np.abs((angles + np.pi) % (2 * np.pi) - np.pi)
        excess.append(np.maximum(turns - lengths.mean() / 8, 0) ** 2)
    assert penalties.bends(strokes, 5).loss == pytest.approx(5 * np.concatenate(excess).mean(), rel=1e-5)
    check_slopes(lambda those: penalties.bends(those, 5), strokes)


def test_evenness_is_the_variance_of_segments_by_their_mean(strokes):
    lengths = [polyline_of(strokes, i)[1] for i in range(len(strokes))]
    expected = np.mean([own.var() / own.mean() ** 2 for own in lengths])
    assert penalties.evenness(strokes, 3).loss == pytest.approx(3 * expected, rel=1e-5)
    check_slopes(lambda those: penalties.evenness(those, 3), strokes)


def test_only_what_is_over_one_coat_is_punished():
    sums = np.array([[0, 0.5, 1.0], [1.5, 3, 1.25]], np.float32)
    found = penalties.coats(sums, 10)
    assert found.loss == pytest.approx(10 * (0.25 + 4 + 0.0625) / 6)
    np.testing.assert_allclose(found.slopes, 10 * 2 * np.array([[0, 0, 0], [0.5, 2, 0.25]]) / 6, rtol=1e-6)


def test_only_ink_above_the_limit_is_punished():
    picture = np.random.default_rng(0).uniform(0.2, 0.8, (3, 9, 7)).astype(np.float32)
    over = 1 - picture.mean() - 0.33
    found = penalties.ink(picture, 200, 0.33)
    assert found.loss == pytest.approx(200 * over**2, rel=1e-4)
    lighter = penalties.ink(picture + np.float32(1e-3), 200, 0.33)
    assert found.slopes.sum() * 1e-3 == pytest.approx(lighter.loss - found.loss, rel=0.01)
    light = penalties.ink(picture, 200, 0.7)
    assert light.loss == 0
    assert not light.slopes.any()


def lines(*ends, width=2.0):
    strokes = Strokes.empty(len(ends))
    for points, (a, b) in zip(strokes.points, ends, strict=True):
        points[:4] = np.linspace(a, b, 4)
        points[4:] = b
    strokes.widths[:] = width
    return strokes


def test_later_strokes_hide_on_earlier_ones():
    strokes = lines(((5, 10), (35, 10)), ((5, 10), (35, 10)), ((20, 2), (20, 38)), ((90, 5), (95, 5)))
    hidden = penalties.hidden(draw(strokes, (1, 1, 1), Window(0, 0, 40, 40)))
    assert hidden[0] == 0
    assert hidden[1] > 0.9
    assert hidden[3] == 0
    assert 0.03 < hidden[2] < 0.1  # where it crosses, though two lie there
    faint = replace(strokes, opacities=np.full(4, 0.25, np.float32))
    hidden = penalties.hidden(draw(faint, (1, 1, 1), Window(0, 0, 40, 40)))
    assert 0.2 < hidden[1] < 0.25
    over_the_border = lines(((30, 10), (70, 10)), ((-10, 10), (30, 10)))
    hidden = penalties.hidden(draw(over_the_border, (1, 1, 1), Window(0, 0, 40, 40), Period(40, 40)))
    assert hidden[1] > 0.9


def test_what_bends_tightly_is_told_by_its_length():
    straight = lines(((0, 0), (40, 0)))
    assert penalties.bent(straight) == 0
    kappa, arcs = 0.5523, Strokes.empty(2)
    for points, radius in zip(arcs.points, (10, 3), strict=True):  # quarters of circles
        points[:4] = np.array([[radius, 0], [radius, kappa * radius], [kappa * radius, radius], [0, radius]])
        points[4:] = points[3]
    arcs.widths[:] = 2
    assert penalties.bent(arcs) == pytest.approx(3 / 13, abs=0.02)
    assert penalties.bent(replace(arcs, widths=np.array([2, 1], np.float32))) == 0


def test_nothing_and_dots_are_not_punished():
    dots = Strokes.empty(3)
    for those in (Strokes.empty(), dots):
        for penalty in (penalties.bends, penalties.evenness):
            found = penalty(those, 5)
            assert found.loss == 0
            assert not found.slopes.any()
        assert penalties.bent(those) == 0
    assert len(penalties.hidden(draw(Strokes.empty(), (1, 1, 1), Window(0, 0, 9, 9)))) == 0
