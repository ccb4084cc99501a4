"""What a job does with its strokes: which move, what is remembered, which go."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.grid import PLAIN, Tile
from engine.image.target import open_target
from engine.painters.curves.begin import analysed_of
from engine.painters.curves.objectives.base import Verdict
from engine.painters.curves.objectives.picture import Picture
from engine.painters.curves.params import CurveParams
from engine.painters.curves.plan import DRAW, Steps
from engine.painters.curves.raster import Window
from engine.painters.curves.scene import CurveScene
from engine.painters.curves.strokes import NEW
from engine.painters.curves.window_job import WHITE, Setting, draw_steps
from tests.doubles.slow_strokes import some_strokes
from tests.doubles.toy import target_of

HEIGHT, WIDTH = 40, 56


class Anything:
    """Is content with all drawings."""

    def verdict(self, sight, random):
        return Verdict(0.0, np.zeros_like(sight.picture))

    def map(self, sight):
        return np.zeros(sight.picture.shape[1:], np.float32)


def part_of(count=8, opacity=1.0):
    strokes = some_strokes(np.random.default_rng(3), count, HEIGHT, 2.0)
    strokes.colours[:], strokes.opacities[:] = 0, opacity
    strokes.ids[:] = np.arange(count)
    scene = CurveScene(HEIGHT, WIDTH, WHITE, strokes, born=count)
    free = np.arange(count) % 2 == 0
    return replace(scene.take([Tile(0, 0, 0, 0, 0, WIDTH, HEIGHT)])[0], free=free, lent=strokes.ids[free])


def setting_of(objective, aim, is_blank=False, **chosen):
    target = open_target(f"blank:{WIDTH}x{HEIGHT}", 100) if is_blank else target_of(HEIGHT, WIDTH)
    params = analysed_of(CurveParams.model_validate({"rate": 1.0, **chosen}), target)
    return Setting(params, objective, Window(0, 0, HEIGHT, WIDTH), WHITE, None, aim)


def steps(first, count, course=20, is_sheet=False):
    return Steps(0, PLAIN, DRAW, 8, count, count, 1.0, (), 0, True, False, first, course, is_sheet)


@pytest.fixture(scope="module")
def aim():
    picture = np.ones((3, HEIGHT, WIDTH), np.float32)
    picture[:, 10:14, 5:50] = 0
    return picture


def test_free_strokes_move_towards_the_target_and_others_stay(aim):
    part, setting = part_of(), setting_of(Picture(), aim, width="1-3", opacity="0.5-1")
    random = np.random.default_rng(0)
    first = draw_steps(setting, part, steps(0, 1), random, None)
    last = draw_steps(setting, first.part, steps(1, 19), random, first.carry)
    assert (first.evaluations, last.evaluations) == (4, 19 * 4)
    for name in ("points", "widths", "opacities"):
        before, after = getattr(part.strokes, name), getattr(last.part.strokes, name)
        np.testing.assert_array_equal(after[~part.free], before[~part.free])
        assert (after[part.free] != before[part.free]).any()
    assert (last.part.strokes.widths[part.free] >= 1).all()
    assert (last.part.strokes.widths[part.free] <= 3).all()
    assert (last.part.strokes.opacities >= 0.5).all()
    for row, pieces in enumerate(last.part.strokes.pieces):
        assert (last.part.strokes.points[row, 2 * pieces + 1 :] == last.part.strokes.points[row, -1]).all()


def test_short_jobs_do_what_a_long_one_does(aim):
    part, setting, random = part_of(), setting_of(Picture(), aim), np.random.default_rng(0)
    long = draw_steps(setting, part, steps(0, 7), random, None)
    first = draw_steps(setting, part, steps(0, 3), random, None)
    second = draw_steps(setting, first.part, steps(3, 4), random, first.carry)
    np.testing.assert_array_equal(second.part.strokes.points, long.part.strokes.points)
    forgetful = draw_steps(setting, first.part, steps(3, 4), random, None)
    assert (forgetful.part.strokes.points != long.part.strokes.points).any()


def test_what_is_remembered_belongs_to_strokes_not_to_rows(aim):
    part, setting, random = part_of(), setting_of(Picture(), aim), np.random.default_rng(0)
    first = draw_steps(setting, part, steps(0, 3), random, None)
    whole = draw_steps(setting, first.part, steps(3, 1), random, first.carry)
    fresh = some_strokes(np.random.default_rng(9), 1, HEIGHT)
    fresh.ids[:] = NEW
    more = replace(
        first.part,
        strokes=fresh.joined(first.part.strokes),
        free=np.concatenate([[True], first.part.free]),
    )
    again = draw_steps(setting_of(Anything(), aim, overlap=0, bends=0, evenness=0, darkness=1), more,
                       steps(3, 1), random, first.carry)  # fmt: skip
    moved = again.part.strokes.points[1:] - first.part.strokes.points
    assert (moved[first.part.free] != 0).any(), "they go on as they went before"
    assert (again.part.strokes.points[0] == fresh.points[0]).all(), "what is new has not moved yet"
    assert (whole.part.strokes.points[first.part.free] != first.part.strokes.points[first.part.free]).any()


@pytest.mark.parametrize(
    ("is_blank", "is_sheet", "left"), [(True, False, 7), (True, True, 8), (False, False, 8)]
)
def test_patterns_lose_strokes_that_others_hide(aim, is_blank, is_sheet, left):
    part = part_of()
    strokes = part.strokes
    strokes.points[6], strokes.pieces[6] = strokes.points[4], strokes.pieces[4]  # one lies on another
    setting = setting_of(Anything(), None if is_blank else aim, is_blank, overlap=0, irregularity=0)
    found = draw_steps(setting, part, steps(0, 9, 20, is_sheet), np.random.default_rng(0), None)
    assert len(found.part.strokes) == left == len(found.part.free)
    assert (6 in found.part.strokes.ids) == (left == 8)
    assert found.carry is not None
    assert set(found.carry["ids"]) == set(found.part.strokes.ids[found.part.free])


def test_the_first_step_of_a_sheet_disturbs_its_strokes():
    part = part_of()
    quiet = {"overlap": 0, "bends": 0, "evenness": 0, "darkness": 1}
    setting = setting_of(Anything(), None, True, irregularity=3.0, **quiet)
    random = np.random.default_rng(0)
    first = draw_steps(setting, part, steps(0, 1, is_sheet=True), random, None).part
    moved = np.hypot(*(first.strokes.points - part.strokes.points).mean(axis=1).T)
    assert (moved[part.free] > 0.3).all()
    assert (moved[~part.free] == 0).all()
    later = draw_steps(setting, first, steps(1, 1, is_sheet=True), random, None).part
    np.testing.assert_array_equal(later.strokes.points, first.strokes.points)


def test_several_pens_are_decided_in_the_end(aim):
    part = part_of()
    part = replace(part, strokes=replace(part.strokes, pens=np.zeros((8, 2), np.float32)))
    setting = setting_of(Picture(), aim, pens="black,red")
    found = draw_steps(setting, part, steps(0, 20), np.random.default_rng(0), None).part.strokes
    assert {tuple(colour) for colour in found.colours[part.free].tolist()} <= {(0, 0, 0), (1, 0, 0)}
    np.testing.assert_array_equal(found.colours[~part.free], part.strokes.colours[~part.free])
