"""Views: what they show, and that slopes go back the way they came."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.painters.curves.views import View, ViewSettings, look, look_back, random_view

BOLD = ViewSettings(rotation=170, scale=(0.6, 1.7), perspective=0.45, jitter=9)
SHAPE = (23, 31)


def picture(shape=SHAPE, seed=0):
    return np.random.default_rng(seed).uniform(size=(3, *shape)).astype(np.float32)


def slowly(planes, view, side, wraps):
    """One pixel after the other."""
    seen = np.empty((len(planes), side, side))
    height, width = planes.shape[1:]
    for v in range(side):
        for u in range(side):
            x, y, depth = view.matrix @ (u + 0.5 - side / 2, v + 0.5 - side / 2, 1)
            x, y, total = x / depth - 0.5, y / depth - 0.5, 0
            for row in (np.floor(y), np.floor(y) + 1):
                for column in (np.floor(x), np.floor(x) + 1):
                    j, i = int(row), int(column)
                    at = (j % height, i % width) if wraps else (
                        min(max(j, 0), height - 1), min(max(i, 0), width - 1)
                    )  # fmt: skip
                    total = total + planes[:, *at] * (1 - abs(y - row)) * (1 - abs(x - column))
            seen[:, v, u] = total
    return seen


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.booleans(), st.integers(1, 40))
def test_slopes_go_back_the_way_they_came(seed, wraps, side):
    random = np.random.default_rng(seed)
    view = random_view(BOLD, SHAPE, side, wraps, random)
    planes, slopes = picture(seed=seed), random.normal(size=(3, side, side)).astype(np.float32)
    there = (look(planes, view, side, wraps).astype(float) * slopes).sum()
    back = look_back(slopes, view, SHAPE, wraps)
    assert back.shape == planes.shape
    assert back.dtype == np.float32
    assert (planes.astype(float) * back).sum() == pytest.approx(there, abs=1e-4 * side)


@pytest.mark.parametrize("wraps", [False, True])
def test_a_view_lies_between_the_four_nearest_pixels(wraps):
    for seed in range(3):
        view = random_view(BOLD, SHAPE, 12, wraps, np.random.default_rng(seed))
        planes = picture()
        np.testing.assert_allclose(look(planes, view, 12, wraps), slowly(planes, view, 12, wraps), atol=2e-6)


def test_a_plain_view_is_a_crop():
    planes = picture()
    np.testing.assert_array_equal(look(planes, View.crop(5, 3, 10), 10, False), planes[:, 3:13, 5:15])
    around = np.roll(planes, (-18, -27), (1, 2))[:, :11, :11]
    np.testing.assert_array_equal(look(planes, View.crop(27, 18, 11), 11, True), around)
    view = random_view(ViewSettings(), (10, 10), 10, False, np.random.default_rng(0))
    np.testing.assert_allclose(look(planes[:, :10, :10], view, 10, False), planes[:, :10, :10], atol=1e-6)


def test_beyond_a_picture_its_outermost_pixels_repeat():
    planes = picture()
    seen = look(planes, View.crop(-4, -6, 12), 12, False)
    np.testing.assert_array_equal(seen[:, :6, :4], np.broadcast_to(planes[:, :1, :1], (3, 6, 4)))
    np.testing.assert_array_equal(seen[:, 6:, 4:], planes[:, :6, :8])


def corners_of(view, side):
    half = side / 2
    x, y, depth = (
        view.matrix @ np.array([[-half, -half, 1], [half, -half, 1], [half, half, 1], [-half, half, 1]]).T
    )
    return x / depth, y / depth


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000))
def test_views_lie_inside_of_a_picture_where_there_is_room(seed):
    large = (200, 90)
    x, y = corners_of(random_view(BOLD, large, 20, False, np.random.default_rng(seed)), 20)
    assert x.min() > -1e-6
    assert x.max() < large[1] + 1e-6
    assert y.min() > -1e-6
    assert y.max() < large[0] + 1e-6


def test_views_differ_as_much_as_is_said():
    random = np.random.default_rng(0)
    chosen = ViewSettings(rotation=30, scale=(0.8, 1.25))
    views = [random_view(chosen, (50, 60), 16, True, random) for _ in range(200)]
    angles = np.degrees([np.arctan2(view.matrix[1, 0], view.matrix[0, 0]) for view in views])
    scales = np.array([1 / np.hypot(view.matrix[1, 0], view.matrix[0, 0]) for view in views])
    places = np.array([view.matrix[:2, 2] for view in views])
    assert 25 < np.abs(angles).max() <= 30
    assert 0.8 <= scales.min() < 0.85
    assert 1.2 < scales.max() <= 1.25
    assert places.min() < 5
    assert places[:, 0].max() > 55
    assert places[:, 1].max() < 50
    moved = [
        random_view(ViewSettings(jitter=3), (16, 16), 16, False, random).matrix[:2, 2] for _ in range(200)
    ]
    assert 2.5 < np.abs(np.array(moved) - 8).max() <= 3


def test_the_same_numbers_give_the_same_view():
    first, second = (random_view(BOLD, SHAPE, 9, True, np.random.default_rng(4)).matrix for _ in range(2))
    np.testing.assert_array_equal(first, second)
