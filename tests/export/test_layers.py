"""Marks in groups: what overlaps keeps its order, and each mark is in a group that it belongs to."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.export.layers import box, by_level, by_tile, layered
from engine.grid import Grid
from engine.scene.scene import Mark
from tests.export.test_json_shapes import scene

GRID = Grid.fit(120, 200, "3x5")


def mark(x0, y0, x1, y1):
    return Mark("polygon", np.array([(x0, y0), (x1, y0), (x0, y1)], np.float32), (0, 0, 0), 1.0)


sides = st.floats(-20, 60, width=32) | st.floats(-20, 220, width=32)
marks = st.lists(st.builds(mark, sides, sides, sides, sides), max_size=30)


def pixels(mark):
    x0, y0, x1, y1 = (int(np.floor(edge)) for edge in box(mark))
    every = {(x, y) for x in range(x0, x1 + 1) for y in range(y0, y1 + 1)}
    return {(x, y) for x, y in every if 0 <= x < GRID.width and 0 <= y < GRID.height}


@given(marks, st.sampled_from([by_level, by_tile]))
def test_what_overlaps_keeps_its_order(marks, key):
    layers = layered(marks, key(GRID), GRID.height, GRID.width)
    order = [id(each) for layer in layers for each in layer.marks]
    assert sorted(order) == sorted(map(id, marks)), "all of them, once"
    places = [order.index(id(each)) for each in marks]
    for at, one in enumerate(marks):
        for after, other in enumerate(marks[at + 1 :], at + 1):
            assert places[at] < places[after] or not pixels(one) & pixels(other)
    assert all(key(GRID)(box(each)) == layer.label for layer in layers for each in layer.marks)
    assert len({layer.name for layer in layers}) == len(layers)


def test_what_lies_apart_is_in_one_group_each():
    places = [(x, y) for _ in range(3) for y in (10, 50, 90) for x in (10, 50, 90, 130, 170)]
    layers = layered([mark(x, y, x + 9, y + 9) for x, y in places], by_tile(GRID), 120, 200)
    assert [layer.name for layer in layers][:2] == ["tile-1-1-1", "tile-1-2-1"]
    assert [len(layer.marks) for layer in layers] == [3] * 15


@pytest.mark.parametrize(
    ("side", "level"), [(300, 0), (101, 0), (100, 1), (61, 1), (60, 2), (41, 2), (40, 3), (1, 3)]
)
def test_a_level_is_the_finest_whose_tiles_are_large_enough(side, level):
    assert GRID.levels == ((1, 1), (1, 2), (2, 3), (3, 5))
    assert by_level(GRID)((7, 3, 7 + side, 3 + side)) == f"level {level}"


@pytest.mark.parametrize(
    ("centre", "tile"),
    [((0, 0), "1-1"), ((39, 40), "2-1"), ((40, 39), "1-2"), ((-9, 500), "3-1"), ((500, 60), "2-5")],
)
def test_a_tile_is_the_one_of_the_centre_or_the_nearest(centre, tile):
    x, y = centre
    assert by_tile(GRID)((x - 5, y - 2, x + 5, y + 2)) == f"tile {tile}"


def test_a_mark_keeps_within_its_box():
    picture = scene(20)
    outlines = picture.drawable(picture.height, picture.width).points
    for each, outline in zip(picture.marks(), outlines, strict=True):
        x0, y0, x1, y1 = box(each)
        slack = 0.003 * (x1 - x0 + y1 - y0)  # drawn outlines of ellipses lie a little outside
        assert np.all(outline >= np.array([x0, y0]) - slack)
        assert np.all(outline <= np.array([x1, y1]) + slack)
        tight = np.hypot(*(outline.max(axis=0) - outline.min(axis=0)))
        assert tight > 0.4 * np.hypot(x1 - x0, y1 - y0), "and the box is not much too large"
