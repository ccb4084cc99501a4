from dataclasses import replace

import numpy as np
import pytest

from engine.grid import Grid, Tile
from engine.painter import Phase
from engine.painters.polygons.painter import PolygonPainter, PolygonParams
from engine.painters.polygons.scene import NEW, Polygons, PolygonScene
from tests.contracts.painter_contract import PainterContract
from tests.toy import picture


class TestTriangles(PainterContract):
    name = "polygons"
    params = PolygonParams(count=40)


class TestQuads(PainterContract):
    name = "polygons"
    params = PolygonParams(shape="quad", count=30, spread="even", levels="finest", shift=False)


class TestDual(PainterContract):
    name = "polygons"
    params = PolygonParams(count=20, search="dual")


def test_searches_differ():
    tile, pixels = Tile(0, 0, 0, 0, 0, 24, 24), picture(24, 24)
    phase = Phase(0, False, "refine", 4, 200, 2, 1.0)
    outlines = []
    for how in ("annealing", "dual", "hill"):
        painter = PolygonPainter(PolygonParams(count=4, search=how))
        part = painter.blank(24, 24, (0.0, 0.0, 0.0)).take(tile)
        painted = painter.paint(pixels, tile, part, 4, phase, np.random.SeedSequence(0))
        outlines.append(painted.part.polygons.points.tobytes())
    assert len(set(outlines)) == 3


def polygons(*points, ids=None):
    count = len(points)
    return Polygons(
        np.arange(count) if ids is None else np.array(ids),
        np.array(points, np.float32).reshape(count, -1, 2),
        np.full((count, 3), 0.5, np.float32),
        np.full(count, 0.5, np.float32),
    )


LEFT = [(2, 2), (12, 3), (5, 12)]
ACROSS = [(10, 5), (30, 6), (20, 15)]
RIGHT = [(22, 2), (32, 3), (25, 12)]
BEYOND = [(-5, -5), (12, 3), (5, 12)]
TILE = Tile(1, 0, 0, 0, 0, 20, 20)


@pytest.fixture
def scene():
    return PolygonScene(20, 40, (0.0, 0.0, 0.0), polygons(LEFT, ACROSS, RIGHT, BEYOND), born=4)


def test_a_part_holds_all_that_reaches_in_and_frees_what_lies_wholly_inside(scene):
    part = scene.take(TILE)
    assert part.polygons.ids.tolist() == [0, 1, 3]
    assert part.free.tolist() == [True, False, True]  # beyond the picture's border is inside, too


def test_put_changes_only_what_was_free(scene):
    part = scene.take(TILE)
    moved = replace(part, polygons=replace(part.polygons, points=part.polygons.points + 1))
    after = scene.put(TILE, moved)
    changed = (after.polygons.points != scene.polygons.points).any(axis=(1, 2))
    assert changed.tolist() == [True, False, False, True]
    assert (scene.polygons.points[0] == LEFT).all(), "a scene is never changed in place"


def test_put_adds_on_top_and_removes_what_is_gone(scene):
    part = scene.take(TILE)
    keep = part.polygons.ids != 0
    new = polygons([(1, 1), (9, 1), (1, 9)], ids=[NEW])
    changed = replace(part, polygons=part.polygons[keep].joined(new), free=np.append(part.free[keep], True))
    after = scene.put(TILE, changed)
    assert after.polygons.ids.tolist() == [1, 2, 3, 4]
    assert after.born == 5
    np.testing.assert_array_equal(after.polygons.points[-1], [(1, 1), (9, 1), (1, 9)])


def test_new_polygons_appear_one_by_one_and_removed_ones_fade(scene):
    later = replace(scene, polygons=scene.polygons[1:].joined(polygons(LEFT, RIGHT, ids=[4, 5])), born=6)
    between = scene.tween(later, 0.5)
    assert between.polygons.ids.tolist() == [0, 1, 2, 3, 4, 5]
    np.testing.assert_allclose(between.polygons.opacities, [0.25, 0.5, 0.5, 0.5, 0.5, 0.25])


def plan(**params):
    return PolygonPainter(PolygonParams(**params)).plan(Grid.fit(512, 512, "4x4"), 1)


def test_the_plan_goes_from_coarse_to_fine_and_ends_with_all_polygons():
    phases = plan(count=1000)
    placing = [phase for phase in phases if phase.action == "place"]
    assert [phase.level for phase in placing] == [0, 0, 0, 1, 2]
    assert [phase.marks for phase in placing] == sorted(phase.marks for phase in placing)
    assert placing[-1].marks == 1000
    last = phases[phases.index(placing[-1]) + 1 :]
    assert {(phase.level, phase.shifted) for phase in last} == {(1, False), (1, True), (2, False), (2, True)}
    assert {phase.detail for phase in last} == {1}


def test_a_long_run_soon_has_all_its_polygons():
    phases = PolygonPainter(PolygonParams(count=1000)).plan(Grid.fit(512, 512, "4x4"), 1000)
    work = [phase.marks * phase.effort for phase in phases]
    last_placing = max(index for index, phase in enumerate(phases) if phase.action == "place")
    assert sum(work[: last_placing + 1]) < 0.01 * sum(work)


def test_few_polygons_are_not_squeezed_into_small_tiles():
    assert {phase.level for phase in plan(count=10)} == {0}


def test_classic_settings_keep_to_the_finest_grid():
    phases = plan(count=4000, levels="finest", shift=False)
    assert {(phase.level, phase.shifted, phase.detail) for phase in phases} == {(2, False, 1.0)}


def test_new_polygons_go_where_the_error_is_or_evenly():
    tiles = Grid.fit(100, 100, "2x2").tiles(1, False)
    errors = np.array([700, 200, 100, 0])
    by_error = PolygonPainter(PolygonParams()).allot(10, tiles, errors)
    assert by_error == [7, 2, 1, 0]
    even = PolygonPainter(PolygonParams(spread="even")).allot(1000, tiles, errors)
    assert even == [250, 250, 250, 250]
    assert sum(PolygonPainter(PolygonParams()).allot(7, tiles, errors)) == 7
