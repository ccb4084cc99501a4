"""Scenes of brush strokes: tiles, films, marks, arrays."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.film.effects import EFFECTS
from engine.grid import Grid, Tile, Tiling
from engine.image.metric import rmse
from engine.painters.brush.model_file import BUNDLED, bundled_path
from engine.painters.brush.scene import BrushScene
from engine.painters.brush.strokes import NEW
from engine.scene.scene import Mark
from tests.painters.brush.scenes import PAPER, handmade_brush, painting, some_strokes

WHOLE = Tile(0, 0, 0, 0, 0, 80, 60)
needs_bundled = pytest.mark.skipif(
    not bundled_path(BUNDLED[0]).exists(), reason="the brushes have not been trained yet"
)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 40))
def test_each_stroke_is_one_tiles_own(seed, number):
    whole = painting(40, 200, 300, seed)
    parts = whole.take(Grid.fit(200, 300, "2x3").tiles(2, Tiling.numbered(number)), 16)
    assert sorted(np.concatenate([part.lent for part in parts]).tolist()) == list(range(40))
    again = whole.put(parts)
    np.testing.assert_array_equal(again.strokes.points, whole.strokes.points)
    np.testing.assert_array_equal(again.strokes.ids, whole.strokes.ids)


def test_a_part_has_all_that_is_to_be_seen_in_its_tile():
    whole = painting(60, 120, 160)
    drawn = whole.draw(120, 160)
    for tile in Grid.fit(120, 160, "2x2").tiles(1, Tiling()):
        seen = whole.take([tile], 8)[0].as_scene().drawable(120, 160)
        window = seen.draw_window(tile.x0, tile.y0, tile.height, tile.width)
        np.testing.assert_array_equal(window, drawn[tile.y0 : tile.y1, tile.x0 : tile.x1])


def test_new_strokes_get_the_next_ids_and_those_that_went_are_gone():
    whole = painting(4)
    part = whole.take([WHOLE])[0]
    fresh = replace(some_strokes(2, 60, 80, 5), ids=np.full(2, NEW))
    kept = part.strokes[[0, 2, 3]].joined(fresh)
    changed = replace(part, strokes=kept, free=np.ones(5, np.bool_))
    after = whole.put([changed])
    assert (after.strokes.ids.tolist(), after.born) == ([0, 2, 3, 4, 5], 6)
    assert changed.gain == 1


def later(scene: BrushScene) -> BrushScene:
    """Some strokes moved, one went, five are new."""
    strokes = scene.strokes[1:]
    points = strokes.points.copy()
    points[:4] += 6
    new = some_strokes(5, 60, 80, 77)
    new.ids[:] = scene.born + np.arange(5)
    strokes = replace(strokes, points=points).joined(new)
    return replace(scene, strokes=strokes, born=scene.born + 5)


def test_new_strokes_are_drawn_one_after_the_other_along_their_paths():
    before = painting(10)
    after = later(before)
    for share in np.linspace(0.05, 0.95, 13).tolist():
        strokes = before.tween(after, share).strokes
        shown = strokes.shown[strokes.ids >= before.born]
        assert (shown[:-1] == 1).all(), "a hand draws one at a time"
        assert (strokes.shown[strokes.ids < before.born] == 1).all()
    halves = [before.tween(after, share).strokes.shown.sum() for share in np.linspace(0, 1, 30)]
    assert (np.diff(halves) >= -1).all(), "the one that went fades"
    assert len(before.tween(after, 0).strokes) == 10
    assert rmse(before.tween(after, 1).draw(60, 80), after.draw(60, 80)) == 0


def test_old_strokes_move_smoothly_and_those_that_went_fade():
    before = painting(10)
    after = later(before)
    half = before.tween(after, 0.5).strokes
    np.testing.assert_allclose(half.points[1:5], before.strokes.points[1:5] + 3, atol=1e-4)
    assert half.opacities[0] == before.strokes.opacities[0] / 2
    assert (np.diff(half.ids) > 0).all()


def test_strokes_can_appear_as_wholes_instead():
    before = painting(10)
    drawn = before.tween(later(before), 0.37)
    appearing = drawn.appearing()
    assert (drawn.strokes.shown < 1).any()
    assert (appearing.strokes.shown == 1).all()
    np.testing.assert_allclose(appearing.strokes.opacities, drawn.strokes.opacities * drawn.strokes.shown)


@needs_bundled
@pytest.mark.parametrize("paper", ["plain", "rough"])
def test_marks_come_back(paper):
    brush = type(handmade_brush()).bundled(BUNDLED[0], True)
    whole = painting(15, brush=brush, paper=paper)
    again = BrushScene.from_marks(60, 80, PAPER, list(whole.marks()))
    np.testing.assert_array_equal(again.draw(90, 120), whole.draw(90, 120))
    for name in ("points", "radii", "pressures", "opacities", "grains", "levels", "colours"):
        np.testing.assert_array_equal(getattr(again.strokes, name), getattr(whole.strokes, name))


@needs_bundled
def test_strokes_of_other_programs_are_strokes_of_the_first_brush():
    line = Mark("stroke", np.array([[10.0, 20.0], [40.0, 20.0]]), (0, 0, 0), 1.0, 6.0)
    bend = np.array([[10.0, 40.0], [25.0, 60.0], [40.0, 40.0]])
    first, control, last = bend
    cubic = np.array([first, (first + 2 * control) / 3, (last + 2 * control) / 3, last])
    marks = [line, *(Mark("stroke", each, (0, 0, 0), 1.0, 6.0, cap="round") for each in (bend, cubic))]
    scene = BrushScene.from_marks(60, 80, PAPER, marks)
    assert scene.brush.model.name == BUNDLED[0]
    np.testing.assert_allclose(scene.strokes.points[0], [[10, 20], [25, 20], [40, 20]])
    np.testing.assert_allclose(scene.strokes.points[1:], [bend, bend], rtol=1e-6)
    widths = [mark.width for mark in scene.marks()]
    assert widths == pytest.approx([6, 6, 6], rel=1e-5)
    for other in (
        Mark("polygon", bend, (0, 0, 0), 1.0),
        Mark("stroke", np.zeros((7, 2)), (0, 0, 0), 1.0, 2.0),
    ):
        with pytest.raises(ValueError, match="mark 1: a brush's strokes are single curves, and this is none"):
            BrushScene.from_marks(60, 80, PAPER, [other])


def test_marks_are_as_dark_as_their_strokes():
    whole = painting(1, 60, 200, background=(1.0, 1.0, 1.0))
    strokes = whole.strokes
    strokes.points[0] = [[40, 30], [100, 30], [160, 30]]
    strokes.radii[:], strokes.colours[:], strokes.opacities[:] = 8, 0, 0.7
    (mark,) = whole.marks()
    across = 1 - whole.draw(60, 200)[:, 60:140].mean() / 255
    assert mark.width * mark.opacity / 60 == pytest.approx(across, rel=0.15)
    assert 10 < mark.width < 20


def test_arrays_come_back_and_hold_a_brush_of_ones_own():
    whole = painting(12, paper="canvas")
    arrays = whole.arrays()
    again = BrushScene.from_arrays(arrays)
    assert again.brush.model.digest == whole.brush.model.digest
    assert (again.paper, again.born, again.background) == ("canvas", 12, PAPER)
    np.testing.assert_array_equal(again.draw(70, 95), whole.draw(70, 95))
    assert {name: array.tobytes() for name, array in again.arrays().items()} == {
        name: array.tobytes() for name, array in arrays.items()
    }


def test_arrays_that_no_scene_has_are_refused():
    arrays = painting(3).arrays()
    for name, value, sentence in (
        ("paper", np.array(9), "no paper 9"),
        ("opaque", np.array(2), "opaque is neither"),
        ("levels", np.array([0, -1, 0], np.int8), "negative"),
        ("radii", np.array([1, -1, 2], np.float32), "radii has a number"),
        ("points", np.full((3, 3, 2), np.nan, np.float32), "points has a number"),
        ("pressures", np.full((3, 2), 2, np.float32), "pressures has a number"),
        ("grains", np.zeros((3, 3), np.float32), "grains is float32"),
        ("ids", np.array([2, 1, 0]), "not in their order"),
        ("brush_file", np.frombuffer(b"no such thing", np.uint8), "no brush"),
    ):
        with pytest.raises(ValueError, match=sentence):
            BrushScene.from_arrays({**arrays, name: value})
    with pytest.raises(ValueError, match="no brush"):
        BrushScene.from_arrays(
            arrays | {"brush": np.frombuffer(b"broom", np.uint8), "brush_file": arrays["brush"]}
        )


def test_a_picture_of_another_size_is_the_same_picture():
    whole = painting(12)
    other = whole.resized(30, 40)
    np.testing.assert_array_equal(other.draw(90, 120), whole.draw(90, 120))
    assert other.strokes.radii[0] == whole.strokes.radii[0] / 2
    assert whole.fits(120, 160)
    assert not whole.fits(80, 60)


@pytest.mark.parametrize("effect", EFFECTS)
def test_strokes_can_be_animated(effect):
    drawable = painting(20).drawable(60, 80)
    moment = EFFECTS[effect](drawable, "size", np.random.default_rng(3))
    np.testing.assert_array_equal(moment(1.0).draw(), drawable.draw())
    assert rmse(moment(0.4).draw(), drawable.draw()) > 0.01
