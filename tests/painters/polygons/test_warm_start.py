"""Another run's scene as a start: with this run's looks, and without the shapes that are worth least."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.grid import Tile
from engine.image.target import Target
from engine.painters.polygons.objective.boundary import Looks
from engine.painters.polygons.warm_start import contributions, keep_best, with_looks
from engine.scene.drawing import composite, ground
from engine.scene.kinds import numbers
from engine.scene.shape_scene import ShapeScene
from engine.scene.shapes import Shapes, drawn_outlines
from tests.doubles.toy import NOWHERE, cut_out, picture
from tests.scene.test_geometry import KINDS, random_shape

HEIGHT, WIDTH = 60, 90
GREY = (0.5, 0.5, 0.5)
WHITE = (1.0, 1.0, 1.0)
ANY = Looks(np.float32(0.1), np.float32(1), np.empty((0, 3), np.float32))
seeds = st.integers(0, 2**32 - 1)


def scene_of(seed, count=12, background=GREY, inset=10):
    """Shapes of all kinds, some across the picture's borders; none beyond its margins with an inset of 10."""
    rng = np.random.default_rng(seed)
    shapes = Shapes.empty(count, max(map(numbers, KINDS)), len(ground(background)))
    shapes.ids[:] = 3 * np.arange(count) + 1
    shapes.kinds[:] = rng.choice(KINDS, count)
    for k, kind in enumerate(shapes.kinds):
        around = rng.uniform(inset, WIDTH - inset), rng.uniform(inset, HEIGHT - inset), rng.uniform(5, 12)
        shapes.geometry[k, : numbers(int(kind))] = random_shape(int(kind), rng.integers(2**32), *around)
    shapes.colours[:, :3] = rng.random((count, 3))
    shapes.opacities[:] = rng.uniform(0.1, 1, count)
    return ShapeScene(HEIGHT, WIDTH, background, shapes, born=3 * count)


def target_of(seed, weighted=False, pixels=None, background=GREY):
    pixels = picture(HEIGHT, WIDTH, seed) if pixels is None else pixels
    weights = np.random.default_rng(seed).integers(1, 256, (HEIGHT, WIDTH), np.uint8) if weighted else None
    return Target(pixels, background, True, (HEIGHT, WIDTH), weights, NOWHERE)


def squared_error(scene, target):
    """Weighted, of the picture drawn in floats."""
    shapes = scene.shapes
    channels = target.pixels.shape[2]
    layers = np.empty((channels, HEIGHT, WIDTH), np.float32)
    points = drawn_outlines(shapes.kinds, shapes.geometry)
    composite(ground(scene.background), points, shapes.colours, shapes.opacities, 0, 0, layers)
    missing = layers.astype(np.float64) - target.pixels.transpose(2, 0, 1) / 255
    if channels == 4:
        alpha = target.pixels[..., 3] / 255
        missing[:3] = np.sqrt(alpha) * (missing[:3] - missing[3] / 2)
        missing[3] *= np.sqrt(0.75 * (2 - alpha))
    return np.sum(missing**2 * (1 if target.weights is None else target.weights / 255))


def without(scene, k):
    return replace(scene, shapes=scene.shapes[np.arange(len(scene)) != k])


def by_redrawing(scene, target):
    whole = squared_error(scene, target)
    return [squared_error(without(scene, k), target) - whole for k in range(len(scene))]


def colours_of(scene):
    return {tuple(colour) for colour in scene.shapes.colours[:, :3].tolist()}


@settings(max_examples=20)
@given(seeds, st.booleans(), st.sampled_from([23, 64, 512]))
def test_a_shape_is_worth_the_rise_of_the_error_without_it(seed, weighted, side):
    scene, target = scene_of(seed), target_of(seed % 1000, weighted)
    found = contributions(scene, target, side)
    np.testing.assert_allclose(found, by_redrawing(scene, target), rtol=2e-3, atol=0.02)


def test_worths_know_transparency():
    scene, target = scene_of(0, background=None), target_of(0, pixels=cut_out(HEIGHT, WIDTH), background=None)
    np.testing.assert_allclose(
        contributions(scene, target), by_redrawing(scene, target), rtol=2e-3, atol=0.02
    )


@settings(max_examples=20)
@given(seeds, st.integers(1, 15))
def test_thinning_keeps_so_many_in_their_order_and_does_not_touch_them(seed, count):
    scene, target = scene_of(seed), target_of(0)
    left = keep_best(scene, count, target)
    assert len(left) == min(count, len(scene))
    kept = np.isin(scene.shapes.ids, left.shapes.ids)
    for name, array in scene.arrays().items():
        expected = array[kept] if len(array.shape) and len(array) == len(kept) else array
        np.testing.assert_array_equal(left.arrays()[name], expected)
    assert len(scene) == 12, "a scene is never changed in place"


@given(seeds)
def test_thinning_by_one_removes_the_one_worth_least(seed):
    scene, target = scene_of(seed), target_of(seed % 1000)
    removed = set(scene.shapes.ids) - set(keep_best(scene, len(scene) - 1, target).shapes.ids)
    slow = by_redrawing(scene, target)
    assert slow[scene.shapes.ids.tolist().index(*removed)] == pytest.approx(min(slow), abs=0.02)


def test_of_two_that_hide_each_other_one_stays():
    shapes = Shapes.empty(8, 8, 3)
    shapes.ids[:], shapes.kinds[:], shapes.opacities[:] = np.arange(8), 4, 1
    places = np.array([0, 0, 1, 2, 3, 4, 5, 6])
    shapes.geometry[:] = np.array([0, 0, 10, 0, 10, 10, 0, 10]) + np.outer(places, [10, 0] * 4)
    shapes.colours[:] = (1 - places[:, None] / 8) * np.float32(1)
    scene = ShapeScene(HEIGHT, WIDTH, (0.0, 0.0, 0.0), shapes, born=8)
    left = keep_best(scene, 4, target_of(0, pixels=scene.draw(HEIGHT, WIDTH)))
    assert left.shapes.ids.tolist() == [1, 2, 3, 4], "the brightest places, on black"


@given(seeds)
def test_looks_become_those_of_the_run(seed):
    palette = np.array([[0, 0, 0], [1, 0.5, 0], [1, 1, 1]], np.float32)
    looks = Looks(np.float32(0.3), np.float32(0.6), palette)
    scene = scene_of(seed)
    after = with_looks(scene, WHITE, 0, looks)
    assert after.background == WHITE
    assert (after.shapes.opacities >= looks.lowest).all()
    assert (after.shapes.opacities <= looks.highest).all()
    within = (scene.shapes.opacities >= looks.lowest) & (scene.shapes.opacities <= looks.highest)
    np.testing.assert_array_equal(after.shapes.opacities[within], scene.shapes.opacities[within])
    for before, found in zip(scene.shapes.colours, after.shapes.colours, strict=True):
        assert found.tolist() == min(palette.tolist(), key=lambda colour: np.square(before - colour).sum())


@given(seeds)
def test_what_suits_the_run_stays_as_it_is(seed):
    scene = scene_of(seed)
    after = with_looks(scene, GREY, 0, ANY)
    for name, array in scene.arrays().items():
        np.testing.assert_array_equal(after.arrays()[name], array)


def test_transparency_comes_and_goes_with_the_background():
    opaque = scene_of(0)
    clear = with_looks(opaque, None, 0, ANY)
    np.testing.assert_array_equal(clear.shapes.colours[:, 3], 1)
    assert clear.draw(HEIGHT, WIDTH).shape == (HEIGHT, WIDTH, 4)
    again = with_looks(clear, GREY, 0, ANY)
    np.testing.assert_array_equal(again.draw(HEIGHT, WIDTH), opaque.draw(HEIGHT, WIDTH))


@given(seeds, st.integers(8, 700), st.sampled_from([0.9, 1, 1.1]))
def test_at_any_size_every_shape_can_still_be_changed(seed, width, squeeze):
    height = max(6, round(width * HEIGHT / WIDTH * squeeze))
    scene = scene_of(seed, inset=-10).resized(height, width)
    after = with_looks(scene, GREY, 0, ANY)
    limits = scene.limits(Tile(0, 0, 0, 0, 0, width, height))
    assert after.shapes.within(limits).all()
    inside = scene.shapes.within(limits)
    np.testing.assert_array_equal(after.shapes.geometry[inside], scene.shapes.geometry[inside])
