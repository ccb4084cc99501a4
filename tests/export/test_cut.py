"""Shapes that are cut off at the picture's borders: the same picture, and nothing beyond it."""

import re

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from engine.export.cut import TOLERANCE, cut, within
from engine.export.flatten import outline
from engine.export.layers import KEYS
from engine.export.svg import Look, to_svg
from engine.grid import Grid
from engine.scene.scene import Mark
from engine.scene.shape_scene import ShapeScene
from tests.export.plotter.test_plotter import box, circle, polygon, stroke
from tests.export.test_svg import drawn, many

HEIGHT, WIDTH = 80, 120
PAGE = (0, 0, WIDTH, HEIGHT)
RED = (0.8, 0.2, 0.0)
CUT = Look(clip="cut")
MIXED = [
    polygon((-30, -20), (60, 10), (20, 110), colour=RED, opacity=0.5),
    polygon((90, 20), (150, 30), (90, 40), (150, 60), (100, 100), colour=(0.1, 0.5, 0.2)),
    box(100, -10, 140, 30, (0.2, 0.3, 0.9), 0.7),
    Mark("ellipse", np.array([(10, 70), (40, 80), (4, 88)], np.float64), RED, 0.6),
    circle(118, 78, 30, (0.9, 0.7, 0.1)),
    stroke((-10, 5), (130, 75), width=9, colour=(0.3, 0.0, 0.4), opacity=0.6),
    stroke((20, 70), (60, 150), (110, 60), width=12, colour=(0.0, 0.4, 0.5), opacity=0.8),
    stroke((60, -20), (62, 40), width=0.4),
    box(30, 30, 50, 50, RED),
    circle(200, 40, 20),
]


def scene(marks=MIXED):
    return ShapeScene.from_marks(HEIGHT, WIDTH, (0.9, 0.9, 0.8), marks)


coordinates = st.floats(-200, 300, allow_nan=False).map(lambda value: round(value, 3))
corners = st.lists(st.tuples(coordinates, coordinates), min_size=3, max_size=8)


@given(corners)
def test_what_is_left_of_a_polygon_is_its_part_within(points):
    whole = np.array(points, np.float64)
    left = within(whole, PAGE)
    assert (left >= 0).all()
    assert (left <= [WIDTH, HEIGHT]).all()
    rng = np.random.default_rng(0)
    places = rng.uniform(0, [WIDTH, HEIGHT], (200, 2))
    far = shapely.distance(shapely.points(places), shapely.linestrings([*whole, whole[0]])) > 1e-3
    np.testing.assert_array_equal(turns(left, places[far]), turns(whole, places[far]))


def turns(polygon, places):
    """How often a polygon goes around each place: the sum of the angles that its edges are seen at."""
    if len(polygon) < 2:
        return np.zeros(len(places), int)
    to = polygon[None] - places[:, None]
    after = np.roll(to, -1, axis=1)
    cross = to[..., 0] * after[..., 1] - to[..., 1] * after[..., 0]
    angles = np.arctan2(cross, (to * after).sum(axis=2))
    return np.rint(angles.sum(axis=1) / (2 * np.pi)).astype(int)


@pytest.mark.parametrize("mark", MIXED)
def test_the_outline_of_what_is_cut_is_within_its_tolerance(mark):
    flat, fine = (shapely.linearrings(outline(mark, each)) for each in (TOLERANCE, TOLERANCE / 100))
    assert flat.hausdorff_distance(fine) <= 1.3 * TOLERANCE


def test_what_lies_within_stays_as_it_is_and_what_lies_outside_goes():
    inside, outside = MIXED[-2], MIXED[-1]
    touching = box(0, 0, WIDTH, HEIGHT)
    assert list(cut([inside, outside, touching], PAGE)) == [inside, touching]
    whole = MIXED[5]
    (part,) = cut([whole], PAGE)
    assert (part.form, part.colour, part.opacity) == ("polygon", whole.colour, whole.opacity)


@pytest.mark.parametrize("picture", [scene(), many(count=80, side=60)], ids=["mixed", "triangles"])
def test_an_independent_renderer_draws_the_same_with_and_without(picture):
    """It fills bent and thin strokes less exactly than their outlines."""
    size = 4 * picture.height, 4 * picture.width
    clipped, ended = (drawn(to_svg(picture, look=look), *size)[..., :3] for look in (Look(), CUT))
    assert distance(clipped, ended) < 0.002
    own = picture.draw(*size)
    assert distance(ended, own) < distance(clipped, own) + 0.0002


def distance(first, second):
    return np.sqrt(np.square(np.subtract(first, second, dtype=float)).mean()) / 255


@pytest.mark.parametrize("key", [None, "tile"])
def test_nothing_lies_beyond_the_page_and_there_is_no_clipping(key):
    look = Look(clip="cut", key=KEYS[key](Grid.fit(HEIGHT, WIDTH, "2x3")) if key else None)
    text = to_svg(scene(), look=look)
    assert "clip" not in text
    beyond = re.sub(r'viewBox="[^"]*"', f'viewBox="-60 -40 {2 * WIDTH} {2 * HEIGHT}"', text)
    around = drawn(beyond, 2 * HEIGHT, 2 * WIDTH)
    around[40 : 40 + HEIGHT, 60 : 60 + WIDTH] = 0
    assert not around.any()


def test_a_part_of_the_picture_is_cut_at_its_own_borders():
    window = (20.5, 10, 100.5, 70)
    clipped, ended = (to_svg(scene(), look=Look(clip=clip, window=window)) for clip in ("path", "cut"))
    whole = drawn(to_svg(scene()), 4 * HEIGHT, 4 * WIDTH)[40:280, 82:402]
    for svg in (clipped, ended):
        assert 'viewBox="20.5 10 80 60" width="80" height="60"' in svg
        assert distance(drawn(svg, 240, 320), whole) < 0.003
    beyond = drawn(re.sub(r'viewBox="[^"]*"', 'viewBox="-59.5 -50 240 180"', ended), 180, 240)
    beyond[60:120, 80:160] = 0
    assert not beyond.any()
