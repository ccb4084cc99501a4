"""What a window shows is to the last bit what the whole picture shows there."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.scene import shapes as shapes_module
from engine.scene.drawing import Outlines, as_outlines
from engine.scene.shape_scene import ShapeScene
from engine.scene.shapes import Shapes, UntracedShapes
from tests.scene.test_geometry import KINDS, random_shape, seeds

HEIGHT, WIDTH = 80, 100


def picture(seed, background, count=12):
    """Shapes of all kinds, many of them beyond the picture's borders."""
    random = np.random.default_rng(seed)
    shapes = Shapes.empty(count, 32, 3 if background else 4)
    for k in range(count):
        kind = KINDS[random.integers(len(KINDS))]
        x, y, radius = random.uniform(-10, 110), random.uniform(-10, 90), random.uniform(6, 60)
        geometry = random_shape(kind, int(random.integers(2**32)), x, y, radius)
        shapes.kinds[k], shapes.geometry[k, : len(geometry)] = kind, geometry
        shapes.colours[k, :3] = random.random(3)
        shapes.opacities[k] = random.choice([0.5, random.random(), 1])
    return ShapeScene(HEIGHT, WIDTH, background, shapes, count)


@settings(max_examples=60, deadline=None)
@given(seeds, st.sampled_from([None, (0.2, 0.5, 1.0)]), st.sampled_from([1, 2, 3]), st.data())
def test_any_window_is_a_part_of_the_whole(seed, background, samples, data):
    height, width = data.draw(st.sampled_from([(HEIGHT, WIDTH), (57, 71), (131, 163)]))
    x0, y0 = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    x1, y1 = data.draw(st.integers(x0 + 1, width)), data.draw(st.integers(y0 + 1, height))
    outlines = replace(picture(seed, background).drawable(height, width), samples=samples)
    window = outlines.draw_window(x0, y0, y1 - y0, x1 - x0)
    np.testing.assert_array_equal(window, outlines.draw()[y0:y1, x0:x1])


@settings(max_examples=60, deadline=None)
@given(seeds, st.sampled_from([None, (0.2, 0.5, 1.0)]), st.sampled_from([1, 2]), st.booleans(), st.data())
def test_what_is_left_out_of_a_window_is_not_seen_in_it(seed, background, samples, is_late, data):
    scene = picture(seed, background)
    outlines = scene.drawable(HEIGHT, WIDTH)
    part = UntracedShapes(HEIGHT, WIDTH, background, scene.shapes) if is_late else outlines
    outlines, part = (replace(each, samples=samples) for each in (outlines, part))
    y0, x0 = 0, 0
    y1, x1 = HEIGHT, WIDTH
    for _ in range(2):  # of a part, too
        y0, x0 = data.draw(st.integers(y0, y1 - 1)), data.draw(st.integers(x0, x1 - 1))
        y1, x1 = data.draw(st.integers(y0 + 1, y1)), data.draw(st.integers(x0 + 1, x1))
        part = part.within(x0, y0, y1 - y0, x1 - x0)
    window = part.draw_window(x0, y0, y1 - y0, x1 - x0)
    np.testing.assert_array_equal(window, outlines.draw()[y0:y1, x0:x1])
    assert len(part.outlines().points) <= 12


def test_a_small_window_has_few_of_many_shapes():
    outlines = picture(0, None, 400).drawable(80_000, 100_000)
    part = outlines.within(40_000, 50_000, 100, 100)
    assert len(part.points) < 100
    assert len(part.within(0, 0, 1, 1).points) < len(part.points)


@pytest.mark.parametrize("is_late", [False, True])
def test_far_from_the_corner_pixels_are_still_told_apart(is_late):
    side, step = 2**26, 2**-20  # of a scene of 1 px, and 64 pixels in it
    tip = (0.75 + step * np.array([[0, 0], [1, 0], [1, 1]])).astype(np.float32)
    shapes = Shapes.empty(1, 6, 3)
    shapes.kinds[:], shapes.geometry[0], shapes.opacities[:] = 3, tip.ravel(), 1
    scene = ShapeScene(1, 1, (0.0, 0.0, 0.0), shapes, 1)
    late = UntracedShapes(side, side, scene.background, scene.resized(side, side).shapes)
    drawable = late if is_late else scene.drawable(side, side)
    x0 = 3 * side // 4 - 20
    drawn = drawable.within(x0, x0, 40, 60).draw_window(x0, x0, 40, 60)[..., 0]
    inside = np.add.outer(-np.arange(40), np.arange(60)) > 0
    expected = inside & (np.arange(40) >= 20)[:, None]
    assert (np.abs(drawn - 255.0 * expected) <= 128).all()
    assert drawn[30, 40] == 255
    assert drawn[10, 40] == drawn[30, 25] == 0


def test_outlines_that_would_take_much_memory_are_traced_when_they_are_drawn(monkeypatch):
    scene = picture(3, None)
    eager = scene.drawable(HEIGHT, WIDTH)
    monkeypatch.setattr(shapes_module, "TRACED", 10)
    late = scene.drawable(HEIGHT, WIDTH)
    assert isinstance(eager, Outlines)
    assert isinstance(late, UntracedShapes)
    np.testing.assert_array_equal(late.draw(), eager.draw())
    assert isinstance(as_outlines(late, "a test", "wait"), Outlines)
