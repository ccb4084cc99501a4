"""The rasteriser of strokes against a slow one, and its slopes against differences."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.painters.curves.polyline import polylines
from engine.painters.curves.raster import Period, Window, draw, gradients
from engine.painters.curves.strokes import PIECES, POINTS, Strokes
from tests.doubles.slow_strokes import slow_picture, some_strokes

SIZE = 24
WHOLE = Window(0, 0, SIZE, SIZE)
PAPER = (0.9, 1.0, 0.8)
STEPS = (3e-3, 1e-3, 4e-4)
seeds = st.integers(0, 10_000)
places, sizes = st.integers(-40, 40), st.integers(1, 30)
widths = st.sampled_from([0.1, 0.4, 1, 2.5, 6, 40])


def one_stroke(points, width=2.5):
    strokes = Strokes.empty(1)
    strokes.points[0] = points
    strokes.widths[0] = width
    return strokes


def rmse(a, b):
    return float(np.sqrt(np.mean((a - b) ** 2)))


@settings(max_examples=16, deadline=None)
@given(seeds, widths, st.sampled_from(["cover", "multiply"]))
def test_a_drawing_is_what_lies_within_half_a_width_of_the_curves(seed, width, mode):
    strokes = some_strokes(np.random.default_rng(seed), 3, SIZE, width)
    drawn = draw(strokes, PAPER, WHOLE, None, mode)
    picture, coats = slow_picture(strokes, PAPER, SIZE, SIZE, mode == "multiply")
    assert rmse(drawn.picture, picture) < 0.015  # of which the slow one's eighths .01
    assert rmse(drawn.coats, coats) < 0.02
    assert np.abs(drawn.coats - coats).max() < 0.12


@pytest.mark.parametrize("width", [0.05, 0.3, 1, 2.5, 7])
@pytest.mark.parametrize("angle", [0, 0.2, np.pi / 4, 1.4])
def test_a_line_has_as_much_ink_as_its_area(width, angle):
    way = np.array([np.cos(angle), np.sin(angle)])
    points = np.array([60.3, 50.8]) + np.linspace(-40, 40, 4)[:, None] * way
    strokes = one_stroke(np.vstack([points, np.repeat(points[-1:], POINTS - 4, axis=0)]), width)
    coats = draw(strokes, PAPER, Window(0, 0, 120, 120)).coats
    area = 80 * width + np.pi * width**2 / 4
    assert coats.sum() == pytest.approx(area, rel=0.01)


@settings(max_examples=40, deadline=None)
@given(
    seeds, widths, st.booleans(), st.tuples(*[st.integers(-40, 40)] * 2), st.tuples(*[st.integers(1, 30)] * 2)
)
def test_a_window_is_a_part_of_the_whole_to_the_last_bit(seed, width, wraps, place, size):
    strokes = some_strokes(np.random.default_rng(seed), 6, SIZE, width)
    period = Period(SIZE, SIZE + 3) if wraps else None
    whole = draw(strokes, PAPER, Window(-40, -40, 110, 110), period)
    part = draw(strokes, PAPER, Window(*place, *size), period)
    box = np.s_[place[1] + 40 :, place[0] + 40 :]
    for one, all_of_it in ((part.coats, whole.coats), *zip(part.picture, whole.picture, strict=True)):
        np.testing.assert_array_equal(one, all_of_it[box][: size[0], : size[1]])


@settings(max_examples=20, deadline=None)
@given(seeds, widths)
def test_a_torus_shows_all_copies_of_a_stroke(seed, width):
    strokes = some_strokes(np.random.default_rng(seed), 1, SIZE, min(width, 6), 20)
    strokes = replace(strokes, points=strokes.points + np.float32(SIZE * 100))  # as far as it has wandered
    drawn = draw(strokes, PAPER, Window(5, -7, SIZE, SIZE), Period(SIZE, SIZE))
    shifts = range(-103, -95)
    moved = [strokes.points + np.array([SIZE * x, SIZE * y], np.float32) for y in shifts for x in shifts]
    copies = strokes.joined(*[replace(strokes, points=points) for points in moved])
    apart = draw(copies, PAPER, Window(5, -7, SIZE, SIZE))
    np.testing.assert_allclose(drawn.coats, apart.coats, atol=2e-3)
    np.testing.assert_allclose(drawn.picture, apart.picture, atol=2e-3)


def number(strokes, window, period, mode, by_picture, by_coats):
    drawn = draw(strokes, PAPER, window, period, mode)
    return float((drawn.picture * by_picture).sum(dtype=float) + (drawn.coats * by_coats).sum(dtype=float))


def differences(strokes, name, way, steps, measured):
    """Of a number along a way; none where another number of chords is another approximation."""
    chords, values = polylines(strokes).chords, getattr(strokes, name)
    for step in steps:
        ends = [replace(strokes, **{name: values + np.float32(sign * step) * way}) for sign in (1, -1)]
        if all((polylines(end).chords == chords).all() for end in ends):
            yield (number(ends[0], *measured) - number(ends[1], *measured)) / (2 * step)


@pytest.mark.parametrize("mode", ["cover", "multiply"])
@pytest.mark.parametrize("width", [0.3, 1, 2.5, 8])
@pytest.mark.parametrize("period", [None, Period(26, 33)])
def test_slopes_are_differences(mode, width, period):
    random, window = np.random.default_rng(7), Window(-5, 3, 30, 40)
    strokes = some_strokes(random, 6, SIZE, width)
    y, x = np.mgrid[:30, :40]
    waves = [np.sin(x * a + y * b + c).astype(np.float32) for a, b, c in random.uniform(0, 0.7, (4, 3))]
    measured = window, period, mode, np.stack(waves[:3]), waves[3]
    found = gradients(strokes, draw(strokes, PAPER, window, period, mode), np.stack(waves[:3]), waves[3])
    for name in ("points", "widths", "colours", "opacities"):
        slopes = getattr(found, name)
        size, off = np.sqrt((slopes.astype(float) ** 2).sum()), []
        for _ in range(8):
            way = random.normal(size=slopes.shape).astype(np.float32)
            if name == "points":  # those that a stroke lacks don't count
                way[np.arange(POINTS)[None] >= 2 * strokes.pieces[:, None] + 2] = 0
            slope = (slopes * way).sum()
            rests = [abs(each - slope) / size for each in differences(strokes, name, way, STEPS, measured)]
            off += [min(rests)] if rests else []
        assert len(off) > 4
        assert np.median(off) < 0.01
        assert max(off) < 0.05  # a pixel's nearest point may jump within a step


def test_there_are_slopes_without_those_by_the_coats():
    strokes = some_strokes(np.random.default_rng(1), 3, SIZE)
    drawn = draw(strokes, PAPER, WHOLE)
    slopes = np.ones_like(drawn.picture)
    none = gradients(strokes, drawn, slopes, np.zeros_like(drawn.coats))
    for a, b in zip(gradients(strokes, drawn, slopes), none, strict=True):
        np.testing.assert_array_equal(a, b)
    assert (slopes == 1).all(), "they are the caller's own"


def test_the_same_strokes_give_the_same_bits():
    strokes = some_strokes(np.random.default_rng(2), 8, SIZE)
    first, second = (draw(strokes, PAPER, WHOLE, Period(SIZE, SIZE)) for _ in range(2))
    np.testing.assert_array_equal(first.picture, second.picture)
    for a, b in zip(
        *(gradients(strokes, drawn, drawn.picture, drawn.coats) for drawn in (first, second)), strict=True
    ):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("width", [0.0, 0.1, 3, 40])
@pytest.mark.parametrize(
    "points",
    [
        np.full((POINTS, 2), 11.5),
        np.repeat([[3.0, 4.0], [20.0, 15.0]], POINTS // 2, axis=0),
        np.tile([[3.0, 4.0], [20.0, 15.0]], (POINTS // 2, 1)),
        np.linspace([-3e5, 4], [3e5, 9], POINTS),
        np.full((POINTS, 2), 1e30),
        np.full((POINTS, 2), np.nan),
        np.full((POINTS, 2), -np.inf),
    ],
    ids=["a dot", "two places", "to and fro", "long", "far away", "no number", "infinite"],
)
@pytest.mark.parametrize("period", [None, Period(16, 30)])
def test_odd_strokes_are_drawn_and_have_finite_slopes(points, width, period):
    strokes = one_stroke(points, width)
    strokes.pieces[0] = PIECES
    if period and np.abs(points).max() > 1e4 and np.isfinite(points).all():
        period = None  # as many copies as it takes to cross it
    drawn = draw(strokes, PAPER, WHOLE, period)
    assert np.isfinite(drawn.picture).all()
    assert (drawn.picture >= 0).all()
    assert (drawn.picture <= 1).all()
    assert drawn.coats.any() == bool(width and np.isfinite(points).all() and np.abs(points).max() < 1e6)
    found = gradients(strokes, drawn, drawn.picture - 1, drawn.coats)
    assert all(np.isfinite(slopes).all() for slopes in found)


def test_nothing_is_drawn_without_strokes_or_where_there_are_none():
    for strokes in (Strokes.empty(), one_stroke(np.full((POINTS, 2), -50))):
        drawn = draw(strokes, PAPER, WHOLE)
        assert (drawn.picture == np.array(PAPER, np.float32)[:, None, None]).all()
        assert not drawn.coats.any()
        assert len(gradients(strokes, drawn, drawn.picture).points) == len(strokes)
