"""The joint polish: its error against the drawn picture, its gradient against finite differences."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.painters.polygons.joint import adam
from engine.painters.polygons.objective import planes
from engine.painters.polygons.objective.boundary import Looks
from engine.painters.polygons.objective.draw_buffers import new_buffers
from engine.painters.polygons.objective.drawn_error import gradient, value
from engine.painters.polygons.objective.view import Drawn, View
from engine.scene.drawing import composite
from engine.scene.kinds import BEZIER, ELLIPSE, LINE, ROTATED_ELLIPSE
from engine.scene.shapes import drawn_outlines
from tests.doubles.toy import cut_out, picture

HEIGHT, WIDTH = 20, 24
COLOUR = (0.5, 0.4, 0.3)
BACKGROUND = planes.background_planes(COLOUR)
LIMITS = np.array([-8, -8, WIDTH + 8, HEIGHT + 8], np.float32)
SAME = np.empty((0, HEIGHT, WIDTH), np.float32)
seeds = st.integers(0, 2**32 - 1)


class Stack:
    """Random quads over one another, some opaque, some turned the other way round, the lowest frozen.

    Every other target has transparency.
    """

    def __init__(self, seed, count=6):
        self.rng = rng = np.random.default_rng(seed)
        pixels = (cut_out if seed % 2 else picture)(HEIGHT, WIDTH, seed)
        self.background = planes.background_planes(None if seed % 2 else COLOUR)
        self.target = planes.target_planes(pixels)
        self.sqrt_weights = planes.sqrt_weights(pixels, rng.integers(25, 256, (HEIGHT, WIDTH), np.uint8))
        turns = (np.arange(4) + rng.uniform(0, 0.8, (count, 4))) * np.pi / 2
        radii = rng.uniform(3, 12, (count, 4))
        star = np.stack([radii * np.cos(turns), radii * np.sin(turns)], axis=2)
        self.points = (rng.uniform(0, 22, (count, 1, 2)) + star).astype(np.float32)
        self.points[::2] = self.points[::2, ::-1]
        self.tints = np.zeros((count, 4), np.float32)
        self.tints[:, :3] = rng.random((count, 3), np.float32)
        self.opacities = rng.uniform(0.2, 1, count).astype(np.float32)
        self.opacities[[1, 3]] = 1, 0.99
        self.free = np.ones(count, np.bool_)
        self.free[0] = False

    def buffers(self):
        return new_buffers(self.target, self.sqrt_weights, self.background, self.points, self.opacities)

    def error(self, points=None, tints=None, opacities=None):
        points = self.points if points is None else points
        tints = self.tints if tints is None else tints
        opacities = self.opacities if opacities is None else opacities
        buffers = new_buffers(self.target, self.sqrt_weights, self.background, points, opacities)
        return value(points, tints, opacities, buffers)[0]

    def drawn_error(self, keep=slice(None)):
        layers = np.empty_like(self.target)
        colours = np.ascontiguousarray(self.tints[keep, : len(self.target)])
        composite(self.background, self.points[keep], colours, self.opacities[keep], 0, 0, layers)
        weights = self.sqrt_weights[[0, 0, 0, 1][: len(self.target)]] ** 2
        return float(np.sum(weights * (layers - self.target) ** 2, dtype=np.float64))

    def slopes(self):
        buffers, slopes = self.buffers(), adam.slopes_for(self.points)
        _, depth = value(self.points, self.tints, self.opacities, buffers)
        gradient(self.points, self.tints, self.opacities, self.free, depth, buffers, slopes)
        return slopes


def difference(error, array, index, step=0.02):
    """The central difference of a function by one number of an array."""
    ends = []
    for sign in (1, -1):
        moved = array.copy()
        moved[index] += sign * step
        ends.append(error(moved))
    return (ends[0] - ends[1]) / (2 * step)


@given(seeds)
def test_the_error_is_that_of_the_drawn_picture(seed):
    stack = Stack(seed)
    assert stack.error() == pytest.approx(stack.drawn_error(), rel=1e-4)


@settings(max_examples=15, deadline=None)
@given(seeds)
def test_the_gradient_is_that_of_finite_differences(seed):
    stack = Stack(seed)
    slopes = stack.slopes()
    for k in range(1, len(stack.points)):
        for index in np.ndindex(4, 2):
            wanted = difference(lambda points: stack.error(points=points), stack.points, (k, *index))
            assert slopes.points[k][index] == pytest.approx(wanted, abs=0.08 + 0.05 * abs(wanted))
        for channel in range(3):
            wanted = difference(lambda tints: stack.error(tints=tints), stack.tints, (k, channel))
            assert slopes.colours[k, channel] == pytest.approx(wanted, abs=0.01 + 0.01 * abs(wanted))
        wanted = difference(lambda opacities: stack.error(opacities=opacities), stack.opacities, k)
        assert slopes.opacities[k] == pytest.approx(wanted, abs=0.01 + 0.01 * abs(wanted))


@given(seeds)
def test_what_a_shape_is_worth_is_the_rise_without_it(seed):
    stack = Stack(seed)
    contributions = stack.slopes().contributions
    for k in range(1, len(stack.points)):
        without = np.arange(len(stack.points)) != k
        assert contributions[k] == pytest.approx(stack.drawn_error(without) - stack.drawn_error(), abs=2e-3)


def test_what_many_nearly_opaque_layers_hide_is_worth_nothing():
    stack = Stack(0, count=60)
    stack.points[:] = np.array([(-6, -6), (30, -6), (30, 26), (-6, 26)], np.float32)
    stack.points += stack.rng.normal(0, 1, stack.points.shape).astype(np.float32)
    stack.opacities[:] = 0.97
    slopes = stack.slopes()
    for found in slopes:
        assert np.isfinite(found).all()
        assert np.abs(found[:30]).max() < 1e-6
    assert (np.abs(slopes.contributions[-3:]) > 1e-3).all()


def polish(shapes, steps, seed=0, free=None, palette=False, lowest=0.1, highest=1.0):
    """Polish shapes; returns the drawn errors before and after, and what has become of the shapes."""
    kinds, geometry = shapes
    rng = np.random.default_rng(seed)
    count = len(kinds)
    target = planes.target_planes(picture(HEIGHT, WIDTH, seed))
    points = drawn_outlines(kinds, geometry, 64)
    colours = rng.random((count, 3), np.float32)
    opacities = np.full(count, np.float32(0.5))
    free = np.ones(count, np.bool_) if free is None else free

    def drawn():
        layers = np.empty_like(target)
        composite(BACKGROUND, drawn_outlines(kinds, geometry), colours, opacities, 0, 0, layers)
        return float(np.sum((layers - target) ** 2))

    before = drawn()
    looks = Looks(np.float32(lowest), np.float32(highest), np.zeros((int(palette), 3), np.float32))
    view, drawn_shapes = View(target, SAME, BACKGROUND, LIMITS), (kinds, geometry, points, colours, opacities)
    adam.polish(view, Drawn(*drawn_shapes, free), looks, steps, np.array([seed], np.uint64))
    return before, drawn(), geometry, colours, opacities


def shapes():
    """One of each sort, apart from one another."""
    kinds = np.array([3, ELLIPSE, ROTATED_ELLIPSE, LINE, BEZIER], np.int16)
    geometry = np.zeros((5, 7), np.float32)
    geometry[0, :6] = 2, 2, 12, 4, 5, 12
    geometry[1, :4] = 16, 6, 5, 3
    geometry[2, :5] = 7, 14, 4, 2, 3
    geometry[3, :5] = 2, 18, 20, 16, 1.5
    geometry[4] = 12, 18, 18, 11, 23, 18, 1.2
    return kinds, geometry


def test_polishing_lowers_the_error_of_every_kind():
    before, after, *_ = polish(shapes(), 60)
    assert after < 0.5 * before
    for k in range(5):
        kinds, geometry = shapes()
        start = geometry[k].copy()
        before, after, *_ = polish((kinds[k : k + 1], geometry[k : k + 1]), 60)
        assert after < 0.95 * before
        assert (geometry[k] != start).any()


def test_frozen_shapes_stay_and_a_palette_keeps_its_colours():
    kinds, geometry = shapes()
    free = np.array([True, False, True, True, True])
    colours = np.random.default_rng(0).random((5, 3), np.float32)
    _, _, moved, tints, opacities = polish((kinds, geometry.copy()), 20, free=free, palette=True)
    np.testing.assert_array_equal(tints, colours)
    np.testing.assert_array_equal(moved[1], geometry[1])
    assert opacities[1] == 0.5
    assert (moved[free] != geometry[free]).any(axis=1).all()


def test_opacities_keep_to_their_range():
    *_, opacities = polish(shapes(), 40, lowest=0.45, highest=0.55)
    assert (opacities >= np.float32(0.45)).all()
    assert (opacities <= np.float32(0.55)).all()
    assert len(set(opacities.tolist())) > 1


def test_no_steps_change_nothing():
    kinds, geometry = shapes()
    start = geometry.copy()
    before, after, geometry, *_ = polish((kinds, geometry), 0)
    assert after == before
    np.testing.assert_array_equal(geometry, start)
