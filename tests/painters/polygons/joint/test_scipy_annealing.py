"""Scipy's annealing of a whole window: its gradient against scipy's own, its limits, its bytes."""

import numpy as np
import pytest
from scipy.optimize import approx_fprime

from engine.coordinator.job import advance
from engine.coordinator.state import RunState
from engine.grid import PLAIN, Grid, Tile
from engine.image.source import TargetWindow
from engine.painters.base import Phase
from engine.painters.polygons.joint.vector import ParameterVector
from engine.painters.polygons.painter import PolygonPainter
from engine.painters.polygons.params import PolygonParams
from engine.painters.polygons.plan import STEP
from engine.painters.polygons.tile_job import Work
from tests.doubles.running import jobs_of, open_workplace
from tests.doubles.toy import cut_out, picture

SIZE = 24
TILE = Tile(0, 0, 0, 0, 0, SIZE, SIZE)
MIXED = "triangle=2,rotated-ellipse=1,line=1,bezier=1"


def worked(target=picture, seed=0, count=6, weights=None, **params):
    """A window with shapes placed in it, and nothing spent yet."""
    painter = PolygonPainter(PolygonParams(count=count, search="scipy", **params))
    pixels = target(SIZE, SIZE, seed)
    part = painter.empty_scene(SIZE, SIZE, (0.5, 0.4, 0.3) if pixels.shape[2] == 3 else None).take([TILE])[0]
    phase = Phase(0, PLAIN, "place", count, 60, 1, 1.0)
    work = Work.on(
        TargetWindow(pixels, weights), TILE, part, phase, painter._kernel_params, np.random.SeedSequence(seed)
    )
    work.place(count, 60)
    work.evaluations = 0
    return work


def parameters(work):
    return ParameterVector(work.view, work.kernel_params.looks, work.shapes, work.points, work.free)


def error(work, weights=None):
    squares = (work.view.target - work._layers()) ** 2
    if len(work.view.target) == 4:
        squares *= work.view.sqrt_weights[[0, 0, 0, 1]] ** 2
    return float(np.sum(squares if weights is None else squares * weights / 255, dtype=np.float64))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("target", [picture, cut_out])
def test_the_gradient_is_that_of_finite_differences(seed, target):
    work = worked(target, seed, shape=MIXED)
    work.free[1] = False
    whole = parameters(work)
    inside = np.clip(whole.start, whole.lower + 0.1, whole.upper - 0.1)
    _, depth = whole.value(inside)
    found = whole.gradient(inside, depth)
    wanted = approx_fprime(inside, lambda vector: whole.value(vector)[0], 0.02)
    assert np.linalg.norm(found - wanted) < 0.05 * np.linalg.norm(wanted)


@pytest.mark.parametrize("weights", [None, np.arange(SIZE * SIZE).astype(np.uint8).reshape(SIZE, SIZE)])
def test_the_value_is_the_error_as_drawn(weights):
    work = worked(shape=MIXED, weights=weights)
    whole = parameters(work)
    assert whole.value(whole.start)[0] == pytest.approx(error(work, weights), rel=1e-4)


def test_the_value_is_the_error_with_transparency():
    work = worked(cut_out, shape=MIXED)
    whole = parameters(work)
    assert whole.value(whole.start)[0] == pytest.approx(error(work), rel=1e-4)


@pytest.mark.parametrize(("shape", "most"), [("triangle", 0.9), (MIXED, 0.999)])
@pytest.mark.parametrize("target", [picture, cut_out])
def test_the_error_falls_within_the_budget(target, shape, most):
    work = worked(target, shape=shape)
    before, effort = error(work), 40 * STEP
    work.anneal_together(effort)
    assert error(work) < most * before
    assert 0 < work.evaluations <= 2 * 40 * len(work.shapes)
    assert work.shapes.within(work.view.limits).all()
    assert (work.part().shapes.colours[:, 3:] == 1).all()


def test_annealing_goes_on_where_the_first_local_search_ends():
    work = worked(count=2)
    work.anneal_together(2000 * STEP)
    assert work.evaluations == 2 * 2000 * len(work.shapes)


def test_without_a_budget_nothing_changes():
    work = worked()
    before = work.shapes
    work.anneal_together(0)
    assert work.evaluations == 0
    for name in ("geometry", "colours", "opacities"):
        np.testing.assert_array_equal(getattr(work.shapes, name), getattr(before, name))


def test_what_became_unsound_goes_back():
    whole = parameters(worked(count=3))
    vector = whole.start.copy()
    vector[2:4] = vector[:2]  # a sliver
    vector[-1] -= 1
    mended = whole.mended(vector, whole.start)
    geometry, rest = np.split(mended[: 3 * 10], [10])
    np.testing.assert_array_equal(geometry, whole.start[:10])
    assert rest[-1] == vector[-1]


def test_colours_of_a_palette_and_a_fixed_opacity_stay():
    palette = ("#203040", "#e0c080", "#a03010")
    work = worked(palette=palette, opacity=0.5)
    before = work.shapes
    work.anneal_together(40 * STEP)
    np.testing.assert_array_equal(work.shapes.colours, before.colours)
    np.testing.assert_array_equal(work.shapes.opacities, before.opacities)
    assert (work.shapes.geometry != before.geometry).any()


def test_opacities_keep_to_their_range():
    work = worked(opacity=(0.4, 0.6))
    work.anneal_together(40 * STEP)
    assert (work.shapes.opacities >= np.float32(0.4)).all()
    assert (work.shapes.opacities <= np.float32(0.6)).all()
    assert len(set(work.shapes.opacities.tolist())) > 1


def test_the_same_seed_gives_the_same_bytes_and_another_one_does_not():
    made = []
    for seed in (5, 5, 6):  # which get beyond the first local search
        work = worked(seed=1, count=3)
        work.state[0] = seed
        work.anneal_together(600 * STEP)
        made.append(work.shapes.geometry.tobytes())
    assert made[0] == made[1] != made[2]


def test_a_run_with_it_lowers_the_error_of_every_window():
    params = PolygonParams(count=8, search="scipy", levels="finest", polish="none")
    workplace, grid = open_workplace("polygons", params, 7, picture(32, 32)), Grid.fit(32, 32, "1x2")
    painter = workplace.painter
    state = RunState(
        painter, painter.empty_scene(32, 32, (0.5, 0.4, 0.3)), TargetWindow(picture(32, 32), None), grid
    )
    plan = painter.plan(grid, 0.3)
    assert {phase.action for phase in plan} == {"place", "anneal together"}
    for index, phase in enumerate(plan):
        before = state.error
        for job in jobs_of(state, index, phase):
            state.apply(advance(workplace, job))
        assert state.error < before
