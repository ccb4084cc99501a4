from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.grid import Grid, Tile, Tiling
from engine.painters.curves.begin import spread
from engine.painters.curves.raster import Period, Window, draw
from engine.painters.curves.scene import CurveScene
from engine.painters.curves.strokes import NEW, POINTS, Strokes
from engine.scene.scene import Mark

WHITE = (1.0, 1.0, 1.0)


def strokes(count: int, height: int, width: int, seed: int = 0, reach: float = 20.0) -> Strokes:
    random = np.random.default_rng(seed)
    found = Strokes.empty(count)
    found.ids[:] = np.arange(count)
    found.pieces[:] = random.integers(1, 4, count)
    middles = random.uniform(0, (width, height), (count, 1, 2))
    found.points[:] = middles + random.uniform(-reach, reach, (count, POINTS, 2))
    for row, pieces in enumerate(found.pieces):
        found.points[row, 2 * pieces + 2 :] = found.points[row, 2 * pieces + 1]
    found.widths[:] = random.uniform(1, 4, count)
    found.colours[:] = random.uniform(0, 1, (count, 3))
    return found


def scene(count: int = 30, height: int = 60, width: int = 80, period=None, **more) -> CurveScene:
    return CurveScene(height, width, WHITE, strokes(count, height, width, **more), period=period, born=count)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.booleans(), st.integers(0, 40))
def test_each_stroke_is_one_tiles_own(seed: int, wraps: bool, number: int) -> None:
    whole = scene(40, 200, 300, (200, 300) if wraps else None, seed=seed)
    if wraps:
        whole = whole.put(whole.take([Tile(0, 0, 0, 0, 0, 300, 200)]))
    grid = Grid.fit(200, 300, "2x3")
    parts = whole.take(grid.tiles(2, Tiling.numbered(number)), 16)
    assert sorted(np.concatenate([part.lent for part in parts]).tolist()) == list(range(40))
    again = whole.put(parts)
    np.testing.assert_array_equal(again.strokes.points, whole.strokes.points)
    np.testing.assert_array_equal(again.strokes.ids, whole.strokes.ids)


@pytest.mark.parametrize("wraps", [False, True])
def test_a_part_has_all_that_is_to_be_seen_in_its_tile(wraps: bool) -> None:
    whole = scene(60, 120, 160, (120, 160) if wraps else None)
    drawn = whole.draw(120, 160)
    for tile in Grid.fit(120, 160, "2x2").tiles(1, Tiling()):
        part = whole.take([tile], 8)[0]
        seen = CurveScene(120, 160, WHITE, replace(part.strokes, ids=np.arange(len(part.strokes))))
        window = seen.drawable(120, 160).draw_window(tile.x0, tile.y0, tile.height, tile.width)
        np.testing.assert_allclose(window, drawn[tile.y0 : tile.y1, tile.x0 : tile.x1], atol=1)


def test_a_tile_that_repeats_has_no_seam() -> None:
    whole = scene(20, 64, 64, (64, 64))
    rolled = replace(
        whole, strokes=replace(whole.strokes, points=whole.strokes.points + np.array([20, 13], np.float32))
    )
    drawn = np.roll(whole.draw(64, 64), (13, 20), axis=(0, 1))
    np.testing.assert_allclose(rolled.draw(64, 64), drawn, atol=1)


def test_strokes_longer_than_their_tile_are_drawn_as_they_are_optimised() -> None:
    whole = scene(3, 16, 16, (16, 16), reach=60)
    seen = draw(whole.strokes, WHITE, Window(0, 0, 16, 16), Period(16, 16), "multiply").picture
    np.testing.assert_allclose(whole.draw(16, 16), np.rint(255 * seen.transpose(1, 2, 0)), atol=1)
    sheet = scene(3, 48, 48, (48, 48), reach=150)
    for tile in Grid.fit(48, 48, "2x2").tiles(1, Tiling()):
        part = sheet.take([tile])[0]
        alone = CurveScene(48, 48, WHITE, replace(part.strokes, ids=np.arange(len(part.strokes))))
        window = alone.drawable(48, 48).draw_window(tile.x0, tile.y0, tile.height, tile.width)
        np.testing.assert_allclose(window, sheet.draw(48, 48)[tile.y0 : tile.y1, tile.x0 : tile.x1], atol=1)


def test_a_stored_picture_that_repeats_without_end_is_refused() -> None:
    arrays = scene(3, 16, 16, (1, 1)).arrays()
    arrays["points"] = arrays["points"] * np.float32(1e6)
    with pytest.raises(ValueError, match="more than 20,000,000 times"):
        CurveScene.from_arrays(arrays)


def test_a_tile_spread_over_its_sheet_is_the_same_picture() -> None:
    tiled = scene(12, 128, 192, (64, 64))
    tiled = tiled.put(tiled.take([Tile(0, 0, 0, 0, 0, 192, 128)]))
    part = tiled.take([Tile(0, 0, 0, 0, 0, 192, 128)])[0]
    assert len(part) == 12
    sheet = tiled.put([spread(part)])
    assert (len(sheet), sheet.period) == (72, (128, 192))
    assert spread(part).gain == 60
    difference = np.abs(sheet.draw(128, 192).astype(int) - tiled.draw(128, 192))
    assert np.sqrt((difference**2).mean()) < 4  # the order in which strokes overlap differs


def test_a_tile_that_does_not_fill_a_sheet_is_stretched() -> None:
    sheet = scene(5, 100, 100, (34, 34)).spread()
    assert (len(sheet), sheet.period) == (45, (100, 100))
    first, last = sheet.strokes.points[0, 0], sheet.strokes.points[40, 0]
    np.testing.assert_allclose(last - first, np.array([68, 68]) * 100 / 102, rtol=1e-4)


def test_strokes_that_leave_a_picture_that_repeats_come_in_at_its_other_side() -> None:
    whole = scene(20, 64, 64, (64, 64))
    part = whole.take([Tile(0, 0, 0, 0, 0, 64, 64)])[0]
    moved = replace(
        part, strokes=replace(part.strokes, points=part.strokes.points + np.array([64, -128], np.float32))
    )
    after = whole.put([moved])
    np.testing.assert_allclose(after.draw(64, 64), whole.draw(64, 64), atol=1)
    middles = after.strokes.points.mean(axis=1)
    assert (middles > -40).all()
    assert (middles < 104).all()


def test_a_stroke_moves_the_short_way_in_a_film() -> None:
    before = scene(1, 64, 64, (64, 64))
    points = np.zeros((1, POINTS, 2), np.float32) + np.array([62, 30], np.float32)
    before = replace(before, strokes=replace(before.strokes, points=points))
    after = replace(before, strokes=replace(before.strokes, points=points - np.array([60, 0], np.float32)))
    half = before.tween(after, 0.5).strokes.points
    np.testing.assert_allclose(half[0, 0], [64, 30])


def test_new_strokes_get_the_next_ids_and_those_that_went_are_gone() -> None:
    whole = scene(4)
    part = whole.take([Tile(0, 0, 0, 0, 0, 80, 60)])[0]
    fresh = replace(strokes(2, 60, 80, seed=5), ids=np.full(2, NEW))
    kept = part.strokes[[0, 2, 3]].joined(fresh)
    after = whole.put([replace(part, strokes=kept, free=np.ones(5, np.bool_))])
    assert after.strokes.ids.tolist() == [0, 2, 3, 4, 5]
    assert after.born == 6


def test_marks_come_back() -> None:
    whole = scene(15)
    again = CurveScene.from_marks(60, 80, WHITE, list(whole.marks()))
    np.testing.assert_allclose(again.strokes.points, whole.strokes.points, atol=1e-3)
    np.testing.assert_array_equal(again.strokes.pieces, whole.strokes.pieces)
    assert len(list(again.marks())) == 15


@pytest.mark.parametrize(
    ("mark", "sentence"),
    [
        (Mark("polygon", np.zeros((3, 2)), WHITE, 1.0), "round ends"),
        (Mark("stroke", np.zeros((4, 2)), WHITE, 1.0, 2.0), "round ends"),
        (Mark("stroke", np.arange(14.0).reshape(7, 2) ** 2, WHITE, 1.0, 2.0, cap="round"), "smoothly"),
    ],
)
def test_marks_that_are_no_smooth_strokes_are_refused(mark: Mark, sentence: str) -> None:
    with pytest.raises(ValueError, match=f"mark 1: .*{sentence}"):
        CurveScene.from_marks(60, 80, WHITE, [mark])


def test_lines_and_quadratic_curves_are_curves_too() -> None:
    line = Mark("stroke", np.array([[10.0, 20.0], [40.0, 20.0]]), (0, 0, 0), 1.0, 3.0, cap="round")
    bend = Mark(
        "stroke", np.array([[10.0, 40.0], [25.0, 60.0], [40.0, 40.0]]), (0, 0, 0), 1.0, 3.0, cap="round"
    )
    points = CurveScene.from_marks(60, 80, WHITE, [line, bend]).strokes.points
    np.testing.assert_allclose(points[0, :4], [[10, 20], [20, 20], [30, 20], [40, 20]])
    np.testing.assert_allclose(
        points[1, :4], np.array([[10, 40], [20, 160 / 3], [30, 160 / 3], [40, 40.0]]), rtol=1e-6
    )


def test_arrays_that_no_scene_has_are_refused() -> None:
    arrays = scene(3).arrays()
    for name, value, sentence in (
        ("pieces", np.array([1, 2, 4], np.int8), "1 to 3 curves"),
        ("ink", np.array(2), "no ink"),
        ("period", np.array([0, 5]), "can't repeat"),
        ("points", np.full((3, POINTS, 2), np.nan, np.float32), "points has a number"),
    ):
        with pytest.raises(ValueError, match=sentence):
            CurveScene.from_arrays({**arrays, name: value})
