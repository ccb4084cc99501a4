"""What a window shows is to the last bit what the whole picture shows there."""

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.scene.shape_scene import ShapeScene
from engine.scene.shapes import Shapes
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
