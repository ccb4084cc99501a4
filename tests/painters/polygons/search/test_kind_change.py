import numpy as np
import pytest
from hypothesis import given

from engine.painters.polygons.search.kind_change import fit, moments
from engine.scene.kinds import BEZIER, CIRCLE, ELLIPSE, RECTANGLE, numbers
from tests.scene.test_geometry import KINDS, area, every_kind, random_shape, seeds, traced, valid

UPRIGHT = (RECTANGLE, ELLIPSE)


def fitted(kind, outline, seed=0):
    geometry = np.zeros(numbers(kind), np.float32)
    fit(np.array([seed], np.uint64), kind, outline, geometry)
    return geometry


@given(seeds)
def test_moments_are_those_of_points_inside(seed):
    """A triangle's, from a fine and even grid of points in it."""
    corners = random_shape(3, seed).reshape(3, 2)
    steps = (np.arange(300) + 1 / 3) / 300
    a, b = (each.ravel() for each in np.meshgrid(steps, steps))
    inside = a + b < 1
    a, b = a[inside], b[inside]
    points = corners[0] + a[:, None] * (corners[1] - corners[0]) + b[:, None] * (corners[2] - corners[0])
    (xx, xy), (_, yy) = np.cov(points.T)
    expected = [*points.mean(axis=0), xx, xy, yy]
    np.testing.assert_allclose(moments(corners), expected, rtol=0.02, atol=0.01 * (xx + yy))


@every_kind
@given(seed=seeds)
def test_a_shape_of_another_kind_has_the_same_moments(kind, seed):
    """But for what a circle or an upright shape can't have."""
    source = traced(KINDS[seed % len(KINDS)], random_shape(KINDS[seed % len(KINDS)], seed))
    expected = np.array(moments(source))
    found = np.array(moments(traced(kind, fitted(kind, source, seed))))
    size = expected[2] + expected[4]
    np.testing.assert_allclose(found[:2], expected[:2], atol=0.01 * np.sqrt(size))
    if kind in UPRIGHT:
        np.testing.assert_allclose(found[[2, 4]], expected[[2, 4]], atol=0.02 * size)
    elif kind == CIRCLE:
        known, made = (xx * yy - xy * xy for _, _, xx, xy, yy in (expected, found))
        assert made == pytest.approx(known, rel=0.02)
    else:
        np.testing.assert_allclose(found[2:], expected[2:], atol=0.02 * size)


@every_kind
def test_a_shape_fitted_to_one_of_its_kind_is_sound_and_about_as_large(kind):
    for seed in range(20):
        source = traced(kind, random_shape(kind, seed))
        geometry = fitted(kind, source, seed)
        assert valid(kind, geometry)
        if kind != BEZIER:  # which becomes straight, and as wide as it was bent
            assert area(traced(kind, geometry)) == pytest.approx(area(source), rel=0.4)
