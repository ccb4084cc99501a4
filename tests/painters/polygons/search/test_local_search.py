"""The search's parts against what they stand for: boundary caches, annealing, visits, placing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.kernels.simd import LANES
from engine.painters.polygons.objective import boundary as score
from engine.painters.polygons.objective.boundary import boundary
from engine.painters.polygons.objective.planes import target_planes
from engine.painters.polygons.objective.view import Drawn, View
from engine.painters.polygons.search import place, refine
from engine.painters.polygons.search.annealing import SearchPlan, anneal, new_scratch
from engine.painters.polygons.search.local_search import SEARCHES, dual_anneal, search
from engine.painters.polygons.search.mixture import Mixture
from engine.painters.polygons.search.proposals import propose
from engine.painters.polygons.search.validity import is_valid
from engine.scene.drawing import composite
from tests.doubles.toy import picture

SIDE = 48
BACKGROUND = np.array([0.5, 0.4, 0.3], np.float32)
TRIANGLES = Mixture(np.array([3], np.int16), np.ones(1, np.float32))
LIMITS = np.array([-8, -8, SIDE + 8, SIDE + 8], np.float32)
FREE = np.empty((0, 3), np.float32)
SOLVED = score.Looks(np.float32(0.1), np.float32(1), FREE)
seeds = st.integers(0, 2**32 - 1)


def whole(table):
    """A box that is the window."""
    return score.BoxTable(table, SIDE, SIDE, np.float32(0), np.float32(0), tuple(LIMITS))


def plan_of(moves, hot, cold, how="annealing"):
    return SearchPlan(SEARCHES[how], moves, np.float32(hot), np.float32(cold))


class Window:
    """A target with random triangles over one another, as a job has it."""

    def __init__(self, seed, count=12):
        rng = np.random.default_rng(seed)
        self.target = target_planes(picture(SIDE, SIDE, seed))
        centres = rng.uniform(0, SIDE, (count, 1, 2))
        self.points = (centres + rng.normal(0, 10, (count, 3, 2))).clip(-7, SIDE + 7).astype(np.float32)
        self.colours = rng.random((count, 3), np.float32)
        self.opacities = rng.uniform(0.2, 1, count).astype(np.float32)
        self.free = np.ones(count, np.bool_)
        self.sqrt_weights = np.empty((0, SIDE, SIDE), np.float32)
        self.state = np.array([seed], np.uint64)

    def view(self):
        return View(self.target, self.sqrt_weights, BACKGROUND, LIMITS)

    def layers(self, opacities=None):
        layers = np.empty_like(self.target)
        shown = self.opacities if opacities is None else opacities
        composite(BACKGROUND, self.points, self.colours, shown, 0, 0, layers)
        return layers

    def scratch(self):
        """With the table of a polygon on top of all others."""
        scratch = new_scratch(SIDE, SIDE, 3)
        above = np.zeros((4, SIDE, SIDE), np.float32)
        above[3] = 1
        missing, passed = np.empty_like(self.target), np.empty_like(self.target)
        score.residuals(self.target, self.layers(), above, 0, 0, missing, passed)
        score.accumulate(missing, passed, above, 0, 0, SIDE, scratch.table)
        return scratch

    def squared_error(self, opacities=None):
        return float(np.sum((self.layers(opacities) - self.target) ** 2, dtype=np.float64))

    def refine(self, visits=1, moves=60, heat=0.01, looks=SOLVED, how="annealing", fall=100):
        kinds, geometry = np.full(len(self.points), 3, np.int16), self.points.reshape(-1, 6).copy()
        drawn = Drawn(kinds, geometry, self.points, self.colours, self.opacities, self.free)
        temperatures = np.full((visits, 2), heat, np.float32)
        temperatures[:, 1] /= np.float32(fall)
        evaluations = refine.refine(
            self.view(), drawn, TRIANGLES, SEARCHES[how], moves, temperatures, looks, self.state
        )
        np.testing.assert_array_equal(geometry, self.points.reshape(-1, 6))
        return evaluations

    def place(self, new, tries=20, moves=60, looks=SOLVED, how="annealing"):
        first = len(self.points)
        self.points = np.concatenate([self.points, np.zeros((new, 3, 2), np.float32)])
        self.colours = np.concatenate([self.colours, np.zeros((new, 3), np.float32)])
        self.opacities = np.concatenate([self.opacities, np.zeros(new, np.float32)])
        layers = np.empty_like(self.target)
        arrays = (self.points[:first], self.colours[:first], self.opacities[:first])
        composite(BACKGROUND, *arrays, 0, 0, layers)
        self.free = np.concatenate([self.free, np.ones(new, np.bool_)])
        kinds, geometry = np.full(len(self.points), 3, np.int16), self.points.reshape(-1, 6).copy()
        drawn = Drawn(kinds, geometry, self.points, self.colours, self.opacities, self.free)
        plan = plan_of(moves, 0.1, 0.001, how)
        count, evaluations = place.place(
            self.view(), layers, drawn, first, TRIANGLES, tries, plan, looks, self.state
        )
        self.points, self.colours = self.points[:count], self.colours[:count]
        self.opacities, self.free = self.opacities[:count], self.free[:count]
        return layers, evaluations


@given(seeds)
def test_sums_after_a_move_are_those_of_the_new_outline(seed):
    window = Window(seed)
    scratch = window.scratch()
    zero, candidate = np.float32(0), np.empty((3, 2), np.float32)
    flat = candidate.reshape(6)
    for outline in window.points:
        before, after, afresh = (np.zeros(4 * LANES, np.float32) for _ in range(3))
        boundary(scratch.table, SIDE, SIDE, outline, zero, zero, -1, before, before)
        moved = propose(window.state, 3, outline.reshape(6), flat, np.float32(20))
        boundary(scratch.table, SIDE, SIDE, candidate, zero, zero, moved, before, after)
        boundary(scratch.table, SIDE, SIDE, candidate, zero, zero, -1, afresh, afresh)
        np.testing.assert_array_equal(after, afresh)


@given(seeds)
def test_proposals_move_one_vertex_or_all(seed):
    state, candidate = np.array([seed], np.uint64), np.empty((3, 2), np.float32)
    outline = np.array([(10, 10), (30, 12), (18, 33)], np.float32)
    kinds = set()
    for _ in range(60):
        moved = propose(state, 3, outline.reshape(6), candidate.reshape(6), np.float32(8))
        changed = np.flatnonzero((candidate != outline).any(axis=1)).tolist()
        assert set(changed) <= ({moved} if moved >= 0 else {0, 1, 2}), "a step may be too small to show"
        kinds.add(moved)
    assert kinds == {-1, 0, 1, 2}


@given(seeds)
def test_what_annealing_says_is_nearly_what_drawing_shows(seed):
    """On top of all others and away from slivers boundary sums and exact areas agree within some percent."""
    window = Window(seed)
    scratch = window.scratch()
    outline = np.array([(8, 8), (36, 12), (18, 40)], np.float32)
    start, found = outline.reshape(6).copy(), outline.reshape(6)
    box, rest = whole(scratch.table), (SOLVED, window.state, scratch)
    first = anneal(box, 3, start, plan_of(0, 0.1, 0.1), *rest)[0]
    change, opacity, *colour = anneal(box, 3, found, plan_of(400, 0.1, 0.001), *rest)
    assert change < first, "400 moves find something better than the start"
    before = window.squared_error()
    window.points = np.concatenate([window.points, outline[None]])
    window.colours = np.concatenate([window.colours, np.array([colour], np.float32)])
    window.opacities = np.append(window.opacities, np.float32(opacity))
    assert window.squared_error() - before == pytest.approx(change, abs=0.05 * abs(change) + 0.3)


@given(seeds)
def test_every_visit_lowers_the_drawn_error_or_changes_nothing(seed):
    window = Window(seed)
    for k in range(len(window.points)):
        window.free[:] = False
        window.free[k] = True
        before, points = window.squared_error(), window.points.copy()
        window.refine(moves=100)
        assert window.squared_error() <= before + 1e-3
        others = np.arange(len(points)) != k
        np.testing.assert_array_equal(window.points[others], points[others])
        if (window.points[k] != points[k]).any():
            assert window.squared_error() < before


@given(seeds)
def test_where_boundary_sums_are_rough_the_drawn_error_decides(seed):
    """Noise and tiny triangles: the rows' centres miss much of what is drawn."""
    window = Window(seed, count=6)
    window.target[:] = np.random.default_rng(seed).random(window.target.shape, np.float32)
    window.points = window.points[:, :1] + np.array([(0, 0), (4, 1), (1, 4)], np.float32)
    for _ in range(3):
        before = window.squared_error()
        window.refine(moves=40, heat=0.1)
        assert window.squared_error() <= before + 1e-3


@given(seeds)
def test_refining_is_worth_its_while(seed):
    window = Window(seed)
    before = window.squared_error()
    evaluations = window.refine(visits=3, moves=300, heat=0.3)
    assert evaluations == 3 * 12 * 301
    assert window.squared_error() < 0.6 * before


def test_annealing_beats_colour_alone():
    """Three visits that only find colours are far behind three that move the outlines as well."""
    moving, still = Window(1), Window(1)
    moving.refine(visits=3, moves=300, heat=0.3)
    still.refine(visits=3, moves=0)
    assert moving.squared_error() < 0.75 * still.squared_error()


def test_a_warm_search_leaves_minima_that_a_cold_one_is_caught_in():
    warm: list[float] = []
    cold: list[float] = []
    for seed in range(40):
        for heat, found in ((0.3, warm), (1e-6, cold)):
            window = Window(seed)
            window.refine(visits=6, moves=300, heat=heat)
            found.append(window.squared_error())
    assert np.mean(warm) < np.mean(cold)


def test_at_a_constant_temperature_the_error_is_that_of_the_temperature():
    """Whatever it was before: it falls from a bad start, and rises again when it gets warmer."""
    errors = []
    window = Window(3)
    for heat in (0.01, 10.0, 0.01):
        window.refine(visits=10, moves=200, heat=heat, fall=1)
        errors.append(window.squared_error())
    assert errors[1] > 1.5 * max(errors[0], errors[2])


def test_dual_annealing_finds_better_outlines_than_going_downhill():
    """From the same starts, each triangle by itself."""
    found: dict[str, list[float]] = {"dual": [], "hill": []}
    for seed in range(6):
        for how, changes in found.items():
            window = Window(seed)
            scratch = window.scratch()
            for start in window.points.copy():
                box, plan = whole(scratch.table), plan_of(300, 0.3, 0.003, how)
                changes.append(search(box, 3, start.ravel(), plan, SOLVED, window.state, scratch)[0])
    assert np.mean(found["dual"]) < np.mean(found["hill"])


@given(seeds)
def test_dual_annealing_returns_what_its_outline_is_worth(seed):
    window = Window(seed)
    scratch = window.scratch()
    outline = np.array([(8, 8), (36, 12), (18, 40)], np.float32)
    box, rest = whole(scratch.table), (SOLVED, window.state, scratch)
    found = dual_anneal(box, 3, outline.ravel(), plan_of(200, 0.3, 0.003), *rest)
    again = anneal(box, 3, outline.ravel(), plan_of(0, 0.3, 0.3), *rest)
    assert found == again
    assert is_valid(3, outline.ravel(), outline, tuple(LIMITS))


@pytest.mark.parametrize("how", SEARCHES)
def test_every_search_lowers_the_error(how):
    for seed in range(4):
        window = Window(seed)
        before = window.squared_error()
        window.refine(visits=2, moves=150, heat=0.3, how=how)
        assert window.squared_error() < 0.7 * before
        refined = window.squared_error()
        window.place(3, how=how)
        assert window.squared_error() < refined


@given(seeds)
def test_each_placed_polygon_lowers_the_drawn_error(seed):
    window = Window(seed, count=4)
    before = window.squared_error()
    layers, evaluations = window.place(6)
    np.testing.assert_allclose(layers, window.layers(), atol=1e-5)
    assert evaluations > 6 * 61
    errors = []
    for shown in range(4, len(window.points) + 1):
        opacities = window.opacities.copy()
        opacities[shown:] = 0
        errors.append(window.squared_error(opacities))
    assert errors[0] == pytest.approx(before)
    assert (np.diff(errors) < 0).all()
    assert len(window.points) == 10
    assert errors[-1] < 0.75 * before


def test_nothing_is_placed_where_nothing_can_be_gained():
    window = Window(0, count=0)
    window.target[:] = BACKGROUND[:, None, None]
    _, evaluations = window.place(5)
    assert len(window.points) == 0
    assert evaluations > 0


def test_every_polygon_found_has_a_colour_of_the_palette():
    palette = np.random.default_rng(5).random((4, 3), np.float32)
    window, looks = Window(3, count=0), score.Looks(np.float32(0.1), np.float32(1), palette)
    before = window.squared_error()
    window.place(12, looks=looks)
    window.refine(visits=2, looks=looks)
    assert len(window.points) == 12
    assert window.squared_error() < 0.7 * before
    used = set(map(tuple, window.colours.tolist()))
    assert len(used) > 1
    assert used <= set(map(tuple, palette.tolist()))


@pytest.mark.parametrize("ends", [(0.5, 0.5), (0.2, 0.3), (1, 1)])
def test_every_polygon_found_keeps_to_its_range_of_opacities(ends):
    window, looks = Window(3, count=6), score.Looks(np.float32(ends[0]), np.float32(ends[1]), FREE)
    known = window.opacities.copy()
    window.place(6, looks=looks)
    assert len(window.points) == 12
    window.refine(visits=2, looks=looks)
    changed = window.opacities[np.append(window.opacities[:6] != known, np.ones(6, np.bool_))]
    assert len(changed) > 6
    assert (changed >= looks.lowest).all()
    assert (changed <= looks.highest).all()
