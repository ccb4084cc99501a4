import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.painters.polygons.search.proposals import propose, start
from engine.painters.polygons.search.validity import is_valid
from engine.scene.geometry import drawn_vertices, outline, push_inside, vjp, vjp_traced
from engine.scene.kinds import (
    BEZIER,
    CIRCLE,
    ELLIPSE,
    LINE,
    RECTANGLE,
    ROTATED_ELLIPSE,
    ROTATED_RECTANGLE,
    numbers,
    outline_vertices,
    search_vertices,
)
from engine.scene.shapes import Shapes, drawn_outlines, extents, scaling, shifting
from tests.scene.test_raster import coverage
from tests.test_oracles import HEIGHT, WIDTH, Stack, row_coverage

KINDS = [3, 4, 7, RECTANGLE, ROTATED_RECTANGLE, ELLIPSE, ROTATED_ELLIPSE, CIRCLE, LINE, BEZIER]
CURVES = [ELLIPSE, ROTATED_ELLIPSE, CIRCLE, BEZIER]
EVERYWHERE = (np.float32(-1e6), np.float32(-1e6), np.float32(1e6), np.float32(1e6))
seeds = st.integers(0, 2**32 - 1)
every_kind = pytest.mark.parametrize("kind", KINDS)


def traced(kind, geometry, vertices=None):
    points = np.empty((vertices or outline_vertices(kind), 2), np.float32)
    outline(kind, np.asarray(geometry, np.float32), points)
    return points


def valid(kind, geometry, region=EVERYWHERE):
    return is_valid(kind, geometry, traced(kind, geometry), region)


def random_shape(kind, seed, cx=50.0, cy=40.0, radius=20.0):
    """A random sound shape."""
    state, geometry = np.array([seed], np.uint64), np.zeros(numbers(kind), np.float32)
    while True:
        start(state, kind, np.float32(cx), np.float32(cy), np.float32(radius), geometry)
        if valid(kind, geometry):
            return geometry


@pytest.mark.parametrize(
    ("kind", "geometry"),
    [
        (3, [5, 5, 5, 5, 5, 5]),
        (ROTATED_ELLIPSE, [5, 5, 0, 0, 2]),
        (ROTATED_RECTANGLE, [5, 5, 0, 0, 2]),
        (LINE, [5, 5, 5, 5, 2]),
        (BEZIER, [5, 5, 5, 5, 12, 12, 2]),
        (BEZIER, [5, 5, 12, 12, 12, 12, 2]),
        (BEZIER, [5, 5, 5, 5, 5, 5, 2]),
    ],
)
def test_what_has_no_length_can_be_drawn_all_the_same_but_is_not_sound(kind, geometry):
    geometry = np.array(geometry, np.float32)
    points = traced(kind, geometry)
    assert np.isfinite(points).all()
    assert not valid(kind, geometry)
    slopes = np.empty_like(geometry)
    vjp(kind, geometry, np.ones_like(points), slopes)
    assert np.isfinite(slopes).all()


def area(points):
    x, y = points.astype(np.float64).T
    return abs(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)) / 2


@pytest.mark.parametrize(
    ("kind", "geometry", "expected"),
    [
        (3, [0, 0, 10, 0, 0, 10], 50),
        (RECTANGLE, [5, 5, 3, 2], 24),
        (ROTATED_RECTANGLE, [5, 5, 3, 4, 2], 40),
        (ELLIPSE, [5, 5, 3, 2], math.pi * 6),
        (ROTATED_ELLIPSE, [5, 5, 3, 4, 2], math.pi * 10),
        (CIRCLE, [5, 5, 3], math.pi * 9),
        (LINE, [0, 0, 6, 8, 1.5], 30),
        (BEZIER, [0, 0, 6, 8, 12, 16, 1.5], 60),
    ],
)
@pytest.mark.parametrize("vertices", [24, 38, 200])
def test_areas_are_those_of_the_formulas(kind, geometry, expected, vertices):
    assert area(traced(kind, geometry, vertices)) == pytest.approx(expected, rel=1e-4)


def test_a_bent_stroke_has_its_length_times_its_width():
    """A parabola's arc length in closed form: y = x^2 from -1 to 1."""
    length = math.sqrt(5) + math.asinh(2) / 2
    points = traced(BEZIER, [-10, 10, 0, -10, 10, 10, 1], 512)
    assert area(points) == pytest.approx(10 * length * 2, rel=1e-3)


@every_kind
@given(seed=seeds)
@settings(max_examples=30, deadline=None)
def test_the_gradient_is_that_of_finite_differences(kind, seed):
    geometry = random_shape(kind, seed)
    vertices = search_vertices(KINDS)
    point_gradient = np.random.default_rng(seed).normal(size=(vertices, 2)).astype(np.float32)
    gradient = np.empty_like(geometry)
    vjp(kind, geometry, point_gradient, gradient)
    for at in range(len(geometry)):
        ahead, behind = geometry.astype(np.float64), geometry.astype(np.float64)
        ahead[at] += 1e-4
        behind[at] -= 1e-4
        points = np.empty((2, vertices, 2))
        outline(kind, ahead, points[0])
        outline(kind, behind, points[1])
        slope = ((points[0] - points[1]) / 2e-4 * point_gradient).sum()
        assert gradient[at] == pytest.approx(slope, rel=1e-3, abs=2e-3)


@every_kind
@given(seed=seeds)
@settings(max_examples=10, deadline=None)
def test_the_gradient_of_an_outline_as_drawn_counts_its_repeated_vertices(kind, seed):
    geometry = random_shape(kind, seed)
    point_gradient = np.random.default_rng(seed).normal(size=(80, 2)).astype(np.float32)
    gradient = np.empty_like(geometry)
    vjp_traced(kind, geometry, point_gradient.copy(), gradient)
    used = drawn_vertices(kind, geometry)
    assert used < 80
    folded = point_gradient[:used].copy()
    folded[-1] = point_gradient[used - 1 :].sum(axis=0)
    expected = np.empty_like(geometry)
    vjp(kind, geometry, folded, expected)
    np.testing.assert_allclose(gradient, expected, rtol=1e-3, atol=1e-3)


@every_kind
@given(seed=seeds, vertices=st.integers(12, 128))
@settings(max_examples=30, deadline=None)
def test_an_outline_keeps_within_its_extent_however_fine_it_is(kind, seed, vertices):
    geometry = random_shape(kind, seed)
    x0, y0, x1, y1 = extents(np.array([kind], np.int16), geometry[None])[0]
    points = traced(kind, geometry, 2 * vertices)
    assert (points >= np.array([x0, y0]) - 1e-4).all()
    assert (points <= np.array([x1, y1]) + 1e-4).all()
    if kind != BEZIER:
        np.testing.assert_allclose([points.min(axis=0), points.max(axis=0)], [(x0, y0), (x1, y1)], atol=0.25)


@every_kind
@given(seed=seeds)
@settings(max_examples=30, deadline=None)
def test_neighbours_differ_in_one_part_or_keep_the_form(kind, seed):
    state, geometry = np.array([seed], np.uint64), random_shape(kind, seed)
    candidate = np.full_like(geometry, np.nan)
    moves = set()
    for _ in range(60):
        moved = propose(state, kind, geometry, candidate, np.float32(8))
        assert np.isfinite(candidate).all()
        changed = traced(kind, candidate) != traced(kind, geometry)
        if moved >= 0:
            assert set(np.flatnonzero(changed.any(axis=1))) <= {moved}
        moves.add(tuple(candidate != geometry))
    assert len(moves) > 1
    assert (np.array(list(moves)).any(axis=0)).all(), "every number is tried"


@every_kind
@given(seed=seeds)
@settings(max_examples=20, deadline=None)
def test_what_is_small_enough_is_pushed_inside(kind, seed):
    region = tuple(np.array([0, 0, 64, 48], np.float32))
    geometry = random_shape(kind, seed, 62, 46, 8)
    push_inside(kind, geometry, region)
    x0, y0, x1, y1 = extents(np.array([kind], np.int16), geometry[None])[0]
    assert x0 >= -1e-4
    assert y0 >= -1e-4
    assert x1 <= 64 + 1e-4
    assert y1 <= 48 + 1e-4


@pytest.mark.parametrize(
    ("kind", "geometry", "expected"),
    [
        (CIRCLE, [10, 10, 4], True),
        (CIRCLE, [10, 10, -4], False),
        (CIRCLE, [3, 10, 4], False),  # outside
        (RECTANGLE, [10, 10, 8, 0.3], False),  # a sliver
        (ROTATED_ELLIPSE, [10, 10, 0, 0, 4], False),  # no direction
        (LINE, [5, 5, 5, 5, 2], False),
        (BEZIER, [2, 15, 10, 2, 18, 15, 1.5], True),
        (BEZIER, [8, 17, 10, 0, 12, 17, 1.5], False),  # too wide for its bend
        (BEZIER, [2, 10, 18, 10, 10, 10, 1], False),  # doubles back
    ],
)
def test_soundness(kind, geometry, expected):
    region = tuple(np.array([0, 0, 20, 20], np.float32))
    assert valid(kind, np.array(geometry, np.float32), region) == expected


@pytest.mark.parametrize("kind", CURVES)
@given(seed=seeds)
@settings(max_examples=30, deadline=None)
def test_boundary_sums_of_a_curve_are_sums_over_its_pixels(kind, seed):
    points = traced(kind, random_shape(kind, seed, 7, 6, 5), 48)
    stack = Stack(seed)
    inside = np.abs(row_coverage(points))
    a, t = stack.missing, stack.above[3]
    sums = np.abs(stack.sums(points))
    np.testing.assert_allclose(sums[0], (inside * t * t).sum(), atol=2e-3)
    np.testing.assert_allclose(sums[1:4], np.abs((inside * t * a).sum(axis=(1, 2))), atol=2e-3)


@pytest.mark.parametrize(
    ("kind", "geometry"),
    [
        (ELLIPSE, [7, 6, 6, 4]),
        (ROTATED_ELLIPSE, [7, 6, 3, 4, 3]),
        (CIRCLE, [7, 6, 5]),
        (BEZIER, [1, 6, 7, 1, 13, 8, 2]),
    ],
)
def test_boundary_sums_of_a_curve_are_nearly_those_of_its_exact_areas(kind, geometry):
    points = traced(kind, geometry, 48)
    stack = Stack(1)
    exact = coverage(points, (0, 0, WIDTH, HEIGHT))
    expected = (exact * stack.above[3] ** 2).sum()
    assert abs(stack.sums(points)[0]) == pytest.approx(expected, abs=1), "within a pixel, of 47 to 79"


@pytest.mark.parametrize("kind", CURVES)
def test_curves_are_drawn_the_finer_the_larger_they_are(kind):
    small = random_shape(kind, 1)
    large = small * np.float32(20)
    assert drawn_vertices(kind, large) > 2 * drawn_vertices(kind, small) > 0
    kinds = np.array([kind], np.int16)
    drawn = drawn_outlines(kinds, large[None])[0]
    fine = traced(kind, large, 2000)
    distances = np.sqrt(((drawn[:, None] - fine) ** 2).sum(axis=2)).min(axis=1)
    assert distances.max() < 1.5
    assert area(drawn) == pytest.approx(area(fine), rel=2e-3)


@every_kind
@given(seed=seeds)
@settings(max_examples=20, deadline=None)
def test_repeated_vertices_change_nothing(kind, seed):
    points = traced(kind, random_shape(kind, seed, 7, 6, 5))
    padded = np.concatenate([points, np.repeat(points[-1:], 9, axis=0)])
    np.testing.assert_array_equal(coverage(padded), coverage(points))


def test_outlines_of_different_kinds_fill_one_array():
    shapes = Shapes.empty(2, 7, 3)
    shapes.kinds[:] = 3, CIRCLE
    shapes.geometry[0, :6] = 1, 2, 9, 2, 5, 8
    shapes.geometry[1, :3] = 10, 10, 5
    points = shapes.outlines(search_vertices({3, CIRCLE}))
    assert points.shape == (2, 24, 2)
    np.testing.assert_array_equal(points[0, :3], [(1, 2), (9, 2), (5, 8)])
    assert (points[0, 3:] == (5, 8)).all()
    assert area(points[1]) == pytest.approx(math.pi * 25, rel=1e-4)


@every_kind
@given(seed=seeds)
@settings(max_examples=20, deadline=None)
def test_scaling_and_shifting_a_geometry_does_so_to_its_outline(kind, seed):
    geometry = random_shape(kind, seed)
    shapes = Shapes.empty(1, len(geometry), 3)
    shapes.kinds[:] = kind
    shapes.geometry[0] = geometry
    upright = kind in (3, 4, 7, RECTANGLE, ELLIPSE)
    scale = np.array([2.5, 0.5] if upright else [1.5, 1.5], np.float32)
    origin = np.array([7, -3], np.float32)
    moved = (geometry - shifting(shapes, origin)[0]) * scaling(shapes, scale)[0]
    np.testing.assert_allclose(traced(kind, moved), (traced(kind, geometry) - origin) * scale, atol=2e-3)
