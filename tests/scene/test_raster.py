import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.scene.raster import SPAN_DTYPE, blend, rasterise

HEIGHT, WIDTH = 11, 13
coordinates = st.floats(-9, 22, width=32)
outlines = st.lists(st.tuples(coordinates, coordinates), min_size=3, max_size=9)
triangles = st.lists(st.tuples(coordinates, coordinates), min_size=3, max_size=3)


def spans_of(points, box=(0, 0, WIDTH, HEIGHT)):
    spans = np.zeros((box[2] - box[0]) * (box[3] - box[1]), SPAN_DTYPE)
    row = np.zeros(box[2] - box[0] + 2, np.float32)
    count = rasterise(np.array(points, np.float32), *box, spans, row)
    assert not row.any(), "the scratch row must be left clean"
    return spans[:count]


def coverage(points, box=(0, 0, WIDTH, HEIGHT)):
    picture = np.zeros((box[3] - box[1], box[2] - box[0]))
    for y, x0, x1, cover in spans_of(points, box):
        picture[y, x0:x1] += cover
    return picture


def clipped_area(points, x, y):
    """The exact area of a polygon inside one pixel, by Sutherland & Hodgman's clipping."""
    polygon = [tuple(map(float, point)) for point in points]
    for axis, bound, sign in ((0, x, 1), (0, x + 1, -1), (1, y, 1), (1, y + 1, -1)):
        clipped = []
        for a, b in zip(polygon, polygon[1:] + polygon[:1], strict=True):
            da, db = sign * (a[axis] - bound), sign * (b[axis] - bound)
            if da >= 0:
                clipped.append(a)
            if (da >= 0) != (db >= 0):
                share = da / (da - db)
                clipped.append((a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])))
        polygon = clipped
    twice = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(polygon, polygon[1:] + polygon[:1], strict=True))
    return abs(twice) / 2


@settings(max_examples=150, deadline=None)
@given(triangles)
def test_coverage_is_the_exact_area_in_each_pixel(points):
    expected = [[clipped_area(np.float32(points), x, y) for x in range(WIDTH)] for y in range(HEIGHT)]
    np.testing.assert_allclose(coverage(points), expected, atol=2e-4)


@settings(max_examples=50, deadline=None)
@given(outlines, st.integers(0, 12), st.integers(0, 10), st.integers(1, 13), st.integers(1, 11))
def test_a_box_is_a_window_of_the_whole_to_the_last_bit(points, x0, y0, width, height):
    x1, y1 = min(x0 + width, WIDTH), min(y0 + height, HEIGHT)
    part = coverage(points, (x0, y0, x1, y1))
    np.testing.assert_array_equal(part, coverage(points)[y0:y1, x0:x1])


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0, 3, width=32), min_size=4, max_size=16), st.floats(-9, 3), st.floats(2, 9))
def test_a_row_may_have_any_number_of_pieces(steps, left, depth):
    xs = left + np.cumsum(steps)
    teeth = [(x, 10 if k % 2 else 10 - depth) for k, x in enumerate(xs)]
    comb = [*teeth, (xs[-1], 10.5), (xs[0], 10.5)]
    check_area(comb)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0, 5, width=32), min_size=5, max_size=5), st.floats(-9, 3), st.integers(0, 5))
def test_the_pieces_of_a_row_come_in_any_order(steps, left, first):
    a, b, c, d, e, f = left + np.cumsum([0, *steps])
    letter = [(a, 0.5), (c, 10), (d, 10), (f, 0.5), (e, 0.5), ((c + d) / 2, 7), (b, 0.5)]
    check_area(letter[first:] + letter[:first])


def check_area(points):
    expected = [[clipped_area(np.float32(points), x, y) for x in range(WIDTH)] for y in range(HEIGHT)]
    np.testing.assert_allclose(coverage(points), expected, atol=2e-4)


def test_an_outline_may_end_where_it_begins():
    corners = [(1, 1), (10, 2), (4, 9)]
    np.testing.assert_array_equal(coverage([*corners, corners[0]]), coverage(corners))
    assert coverage(corners).sum() == pytest.approx(34.5, abs=1e-3)


def test_a_concave_outline():
    arrow = [(1, 1), (10, 5), (1, 9), (4, 5)]
    expected = [[clipped_area(arrow[:2] + arrow[3:], x, y) for x in range(WIDTH)] for y in range(HEIGHT)]
    lower = [[clipped_area(arrow[1:], x, y) for x in range(WIDTH)] for y in range(HEIGHT)]
    np.testing.assert_allclose(coverage(arrow), np.add(expected, lower), atol=1e-5)


def test_the_inside_of_a_row_is_one_span():
    inside = [span for span in spans_of([(0, 2), (12, 2), (12, 6), (0, 6)]) if span["y"] == 3]
    assert [(span["x0"], span["x1"], span["cover"]) for span in inside] == [(0, 12, 1.0)]


@pytest.mark.parametrize("points", [[(-5, -5), (-1, -5), (-3, -1)], [(20, 2), (25, 3), (22, 8)]])
def test_nothing_is_drawn_outside(points):
    assert len(spans_of(points)) == 0


def test_blending_is_weighted_by_coverage_and_opacity():
    layers = np.full((3, HEIGHT, WIDTH), 0.5, np.float32)
    spans = spans_of([(1, 1), (9.5, 1), (9.5, 8), (1, 8)])
    blend(layers, spans, len(spans), np.array([1, 0, 0.5], np.float32), np.float32(0.4))
    np.testing.assert_allclose(layers[:, 4, 4], [0.7, 0.3, 0.5], atol=1e-6)
    np.testing.assert_allclose(layers[:, 4, 9], [0.6, 0.4, 0.5], atol=1e-6)
    assert (layers[:, 0] == 0.5).all()
