from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.grid import PLAIN, Grid, Tile, Tiling
from engine.image.source import TargetWindow
from engine.painters.base import Phase
from engine.painters.polygons.painter import PolygonPainter
from engine.painters.polygons.params import PolygonParams
from engine.painters.polygons.tile_job import settled
from engine.scene.kinds import CIRCLE
from engine.scene.scene import Mark
from engine.scene.shape_scene import NEW, ShapePart, ShapeScene
from engine.scene.shapes import Shapes
from tests.contracts.painter_contract import LocalPainterContract
from tests.doubles.toy import cut_out, picture


class TestTriangles(LocalPainterContract):
    name = "polygons"
    params = PolygonParams(count=40)


class TestQuads(LocalPainterContract):
    name = "polygons"
    params = PolygonParams(shape="quad", count=30, spread="even", levels="finest", shift=False)


class TestEllipses(LocalPainterContract):
    name = "polygons"
    params = PolygonParams(shape="rotated-ellipse", count=30)


class TestBeziers(LocalPainterContract):
    name = "polygons"
    params = PolygonParams(shape="bezier", count=30)


class TestMixed(LocalPainterContract):
    name = "polygons"
    params = PolygonParams(shape="mixed", count=40)


class TestTransparent(LocalPainterContract):
    name = "polygons"
    params = PolygonParams(count=30, opacity=(0.3, 1.0), palette=("#203040", "#e0c080", "#a03010"))
    background = None
    target = staticmethod(cut_out)


class TestDual(LocalPainterContract):
    name = "polygons"
    params = PolygonParams(count=20, search="dual")


class TestScipy(LocalPainterContract):
    name = "polygons"
    params = PolygonParams(count=20, search="scipy")


def test_searches_differ():
    tile, pixels = Tile(0, 0, 0, 0, 0, 24, 24), picture(24, 24)
    phase = Phase(0, PLAIN, "refine", 4, 200, 2, 1.0)
    outlines = []
    for how in ("annealing", "dual", "hill"):
        painter = PolygonPainter(PolygonParams(count=4, search=how))
        part = painter.empty_scene(24, 24, (0.0, 0.0, 0.0)).take([tile])[0]
        painted = painter.paint(TargetWindow(pixels, None), tile, part, 4, phase, np.random.SeedSequence(0))
        outlines.append(painted.part.shapes.geometry.tobytes())
    assert len(set(outlines)) == 3


def polygons(*points, ids=None):
    count = len(points)
    geometry = np.array(points, np.float32).reshape(count, -1)
    return Shapes(
        np.arange(count) if ids is None else np.array(ids),
        np.full(count, geometry.shape[1] // 2, np.int16),
        geometry,
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
    return ShapeScene(20, 40, (0.0, 0.0, 0.0), polygons(LEFT, ACROSS, RIGHT, BEYOND), born=4)


def test_a_part_holds_all_that_reaches_in_and_frees_what_lies_wholly_inside(scene):
    part = scene.take([TILE])[0]
    assert part.shapes.ids.tolist() == [0, 1, 3]
    assert part.free.tolist() == [True, False, True]  # beyond the picture's border is inside, too


@given(
    st.integers(0, 2**32 - 1),
    st.builds(Tiling, st.sampled_from(["plain", "tall", "wide"]), st.floats(-1, 1), st.floats(-1, 1)),
)
@settings(max_examples=30, deadline=None)
def test_many_tiles_are_shared_out_as_each_shape_says(seed, tiling):
    rng = np.random.default_rng(seed)
    corners = rng.integers(-8, 40, (20, 1, 2)) + rng.integers(-6, 7, (20, 3, 2))  # often on a border
    scene = ShapeScene(32, 32, (0.0, 0.0, 0.0), polygons(*corners), born=20)
    tiles = Grid.fit(32, 32, "4x4").tiles(2, tiling)
    for tile, part in zip(tiles, scene.take(tiles), strict=True):
        low_x, low_y, high_x, high_y = part.limits.tolist()
        assert (low_x, high_y) == (tile.x0 - 8 * (tile.x0 == 0), tile.y1 + 8 * (tile.y1 == 32))
        reaching, lent = [], []
        for which, ((x0, y0), (x1, y1)) in enumerate(zip(corners.min(1), corners.max(1), strict=True)):
            if x0 >= low_x and y0 >= low_y and x1 <= high_x and y1 <= high_y:
                lent.append(which)
            if x0 < tile.x1 and x1 > tile.x0 and y0 < tile.y1 and y1 > tile.y0:
                reaching.append(which)
        assert part.shapes.ids.tolist() == reaching
        assert part.lent.tolist() == lent
        assert part.free.tolist() == [which in lent for which in reaching]
        assert part.gain == len(part) - len(lent)


def test_put_changes_only_what_was_free(scene):
    part = scene.take([TILE])[0]
    moved = replace(part, shapes=replace(part.shapes, geometry=part.shapes.geometry + 1))
    after = scene.put([moved])
    changed = (after.shapes.geometry != scene.shapes.geometry).any(axis=1)
    assert changed.tolist() == [True, False, False, True]
    assert (scene.shapes.outlines(3)[0] == LEFT).all(), "a scene is never changed in place"


def test_put_adds_on_top_and_removes_what_is_gone(scene):
    part = scene.take([TILE])[0]
    keep = part.shapes.ids != 0
    new = polygons([(1, 1), (9, 1), (1, 9)], ids=[NEW])
    changed = replace(part, shapes=part.shapes[keep].joined(new), free=np.append(part.free[keep], True))
    after = scene.put([changed])
    assert after.shapes.ids.tolist() == [1, 2, 3, 4]
    assert after.born == 5
    np.testing.assert_array_equal(after.shapes.outlines(3)[-1], [(1, 1), (9, 1), (1, 9)])


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_parts_are_put_together_as_if_one_after_the_other(seed):
    rng = np.random.default_rng(seed)
    corners = rng.integers(-8, 40, (30, 1, 2)) + rng.integers(-6, 7, (30, 3, 2))
    scene = ShapeScene(32, 32, (0.0, 0.0, 0.0), polygons(*corners), born=30)
    parts = []
    for part in scene.take(Grid.fit(32, 32, "2x2").tiles(1, PLAIN)):
        stays = ~part.free | (rng.random(len(part.free)) < 0.7)
        moved = replace(part.shapes, geometry=part.shapes.geometry + part.free[:, None])[stays]
        new = Shapes.empty(int(rng.integers(0, 3)), 6, 3, NEW)
        free = np.append(part.free[stays], np.ones(len(new), np.bool_))
        parts.append(replace(part, shapes=moved.joined(new), free=free))
    one_by_one = scene
    for part in parts:
        one_by_one = one_by_one.put([part])
    parameters = scene.put(parts)
    assert parameters.born == one_by_one.born
    for name, values in parameters.arrays().items():
        np.testing.assert_array_equal(values, one_by_one.arrays()[name])


def test_new_polygons_appear_one_by_one_and_removed_ones_fade(scene):
    later = replace(scene, shapes=scene.shapes[1:].joined(polygons(LEFT, RIGHT, ids=[4, 5])), born=6)
    between = scene.tween(later, 0.5)
    assert between.shapes.ids.tolist() == [0, 1, 2, 3, 4, 5]
    np.testing.assert_allclose(between.shapes.opacities, [0.25, 0.5, 0.5, 0.5, 0.5, 0.25])


def plan(effort=1, **params):
    return PolygonPainter(PolygonParams(**params)).plan(Grid.fit(512, 512, "4x4"), effort)


def test_the_plan_goes_from_coarse_to_fine_and_ends_with_all_polygons():
    phases = plan(count=1000)
    placing = [phase for phase in phases if phase.action == "place"]
    assert [phase.level for phase in placing] == [0, 0, 0, 1, 2]
    assert [phase.marks for phase in placing] == sorted(phase.marks for phase in placing)
    assert placing[-1].marks == 1000
    last = phases[phases.index(placing[-1]) + 1 :]
    assert {phase.level for phase in last} == {1, 2}
    assert {phase.detail for phase in last} == {1}


def test_no_two_passes_have_the_same_borders():
    """Passes over more than one tile, that is; those of a reduced copy are jobs of one pass."""
    tilings = [(phase.level, phase.tiling) for phase in plan(effort=5, count=1000) if phase.level]
    assert len(set(tilings)) == len(tilings) > 15
    assert {tiling for _, tiling in tilings if tiling.form == "plain"} != {PLAIN}


def test_levels_that_would_place_hardly_any_of_many_polygons_are_left_out():
    phases = PolygonPainter(PolygonParams(count=50_000)).plan(Grid.fit(2560, 3840, "auto"), 1)
    placing = [(phase.level, phase.marks) for phase in phases if phase.action == "place"]
    assert placing == [(0, 150), (3, 1500), (3, 6000), (4, 22_500), (5, 50_000)]
    assert [phase.level for phase in plan(count=4000) if phase.action == "place"] == [0, 0, 0, 1, 2]


def test_films_show_no_tiles_that_are_half_full():
    shown = {(phase.level > 0, phase.action == "place"): phase.is_shown for phase in plan(count=4000)}
    assert shown == {(False, True): True, (True, True): False, (True, False): True}


def test_new_shapes_appear_in_a_film_by_their_size():
    sizes = [3, 30, 9, 1, 20]
    corners = [np.array([(0, 0), (size, 0), (0, size)], float) for size in sizes]
    later = ShapeScene.from_marks(
        32, 32, (0.0, 0.0, 0.0), [Mark("polygon", points, (1.0, 1.0, 1.0), 1.0) for points in corners]
    )
    blank = later.first(0, (0.0, 0.0, 0.0))
    for count in range(6):
        seen = blank.tween(later, count / 6).shapes.geometry.max(axis=1)
        assert sorted(seen) == sorted(sizes)[5 - count :]


def test_phases_on_a_reduced_copy_are_done_by_the_same_jobs():
    phases = plan(count=1000)
    early = [phase for phase in phases if phase.detail < 1]
    assert [(phase.level, phase.marks) for phase in early] == [
        (0, 10), (0, 38), (0, 150), (1, 536), (1, 536)
    ]  # fmt: skip
    *_, placed, moved = early
    assert [phase.action for phase in placed.chain] == ["place", "refine", "relocate", "polish"]
    assert [phase.action for phase in moved.chain] == ["relocate", "polish"] * 2
    assert placed.tiling != moved.tiling, "large shapes must be moved off the borders while they can be"
    chained = {phase.action for phase in phases[len(early) :] if phase.then}
    assert chained == {"relocate"}, "so that a run can be stopped in between"


def test_a_chain_of_phases_is_done_one_after_the_other():
    tile = Tile(0, 0, 0, 0, 0, 24, 24)
    pixels = picture(24, 24)
    painter = PolygonPainter(PolygonParams(count=6))
    blank = painter.empty_scene(24, 24, (0.0, 0.0, 0.0)).take([tile])[0]
    seed = np.random.SeedSequence(0)
    first, second = Phase(0, PLAIN, "place", 6, 100, 1, 1.0), Phase(0, PLAIN, "polish", 6, 100, 8, 1.0)
    both = painter.paint(TargetWindow(pixels, None), tile, blank, 6, replace(first, then=(second,)), seed)
    placed = painter.paint(TargetWindow(pixels, None), tile, blank, 6, first, seed)
    polished = painter.paint(TargetWindow(pixels, None), tile, placed.part, 0, second, seed)
    assert both.evaluations == placed.evaluations + polished.evaluations
    np.testing.assert_array_equal(both.part.shapes.geometry, polished.part.shapes.geometry)
    assert (polished.part.shapes.geometry != placed.part.shapes.geometry).any()


def test_the_last_cycles_are_in_windows_of_all_forms_and_end_with_polishing():
    phases = plan(count=1000)
    first = next(i for i, phase in enumerate(phases) if phase.action == "relocate" and phase.detail == 1)
    last = phases[first:]
    assert all(phase.chain[-1].action == "polish" for phase in last)
    assert {(phase.level, phase.tiling.form) for phase in last} == {
        (1, form) for form in ("plain", "tall", "wide")
    }
    assert {phase.level for phase in plan(count=250)[-2:]} == {0}, "large shapes need large windows"


def test_cycles_become_longer_and_anneal():
    phases = plan(effort=10, count=1000)
    chains = [phase.chain for phase in phases if phase.action == "relocate" and phase.detail == 1]
    assert [phase.action for phase in chains[-1]] == ["relocate", "anneal", "polish"]
    lengths = [sum(phase.effort for phase in chain) for chain in chains]
    assert lengths == sorted(lengths)
    assert chains[0][0].visits < chains[-1][0].visits, (
        "steps, by which the share of relocated shapes is divided"
    )


@pytest.mark.parametrize(("effort", "most"), [(0.1, 1.7), (0.3, 1.5), (1, 1.25), (5, 1.25), (30, 1.25)])
def test_the_plan_keeps_to_its_budget(effort, most):
    """But for a small one: coarse stages are polished all the same."""
    spent = sum(phase.work for phase in plan(effort=effort, count=1000)) / 1000
    assert 0.8 < spent / (5000 * effort) < most


@pytest.mark.parametrize(("polish", "left_out"), [("joint", {"relocate"}), ("none", {"relocate", "polish"})])
def test_polishing_can_be_done_without(polish, left_out):
    phases = plan(effort=10, count=1000, polish=polish)
    assert not left_out & {each.action for phase in phases for each in phase.chain}


def test_a_long_run_soon_has_all_its_polygons():
    phases = PolygonPainter(PolygonParams(count=1000)).plan(Grid.fit(512, 512, "4x4"), 1000)
    work = [phase.work for phase in phases]
    last_placing = max(index for index, phase in enumerate(phases) if phase.action == "place")
    assert sum(work[: last_placing + 1]) < 0.01 * sum(work)


def test_few_polygons_are_not_squeezed_into_small_tiles():
    assert {phase.level for phase in plan(count=10)} == {0}


def test_a_start_enters_where_its_shapes_are_too_few():
    def placing(marks):
        phases = PolygonPainter(PolygonParams(count=1000)).plan(Grid.fit(512, 512, "4x4"), 1, marks)
        return [phase.marks for phase in phases if phase.action == "place"]

    everything = placing(0)
    assert placing(everything[1]) == everything[2:]
    assert placing(everything[2] + 1) == everything[3:]
    assert placing(999) == placing(1000) == [1000]


def test_classic_settings_keep_to_the_finest_grid():
    phases = plan(count=4000, levels="finest", shift=False)
    assert {(phase.level, phase.tiling, phase.detail) for phase in phases} == {(2, PLAIN, 1.0)}


def test_new_polygons_go_where_the_error_is_or_evenly():
    tiles = Grid.fit(100, 100, "2x2").tiles(1, PLAIN)
    errors = np.array([700, 200, 100, 0])
    by_error = PolygonPainter(PolygonParams()).allocate(10, tiles, [0] * len(tiles), errors, None)
    assert by_error == [7, 2, 1, 0]
    even = PolygonPainter(PolygonParams(spread="even")).allocate(1000, tiles, [0] * len(tiles), errors, None)
    assert even == [250, 250, 250, 250]
    assert sum(PolygonPainter(PolygonParams()).allocate(7, tiles, [0] * len(tiles), errors, None)) == 7


def test_what_leaves_its_limits_by_rounding_goes_back_or_is_dropped():
    before = Shapes.empty(2, 3, 3)
    before.kinds[:], before.colours[:] = CIRCLE, 0
    before.geometry[:] = [(10, 10, 5), (8, 8, 4)]
    limits = np.array([0, 0, 20, 20], np.float32)
    part = ShapePart(before, np.ones(2, np.bool_), before.ids, limits, (0.0, 0.0, 0.0))
    after = before.joined(Shapes.empty(2, 3, 3, NEW))
    after.kinds[:] = CIRCLE
    after.geometry[:] = [(14.99, 10, 5), (9, 9, 4), (5, 4.99, 5), (10, 10, 3)]
    after.colours[:] = 1
    left = settled(part, before, after, after)
    np.testing.assert_array_equal(left.shapes.geometry, [(10, 10, 5), (9, 9, 4), (10, 10, 3)])
    np.testing.assert_array_equal(left.shapes.colours[:, 0], [0, 1, 1])
    assert left.free.tolist() == [True] * 3


def test_there_is_one_mark_for_each_shape():
    scene = TestMixed().paint(48, 64).scene
    assert len(list(scene.marks())) == len(scene) > 0


def test_windows_of_a_large_picture_are_small_however_few_its_shapes():
    painter, grid = PolygonPainter(PolygonParams(count=100)), Grid.fit(16_384, 16_384, "auto")
    for phase in painter.plan(grid, 1.0):
        rows, cols = grid.levels[phase.level]
        assert phase.detail * 16_384 / min(rows, cols) <= 1024
        assert phase.is_reduced
    assert painter.plan(Grid.fit(3000, 3000, "auto"), 1.0)[-1].detail == 1
