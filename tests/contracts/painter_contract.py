"""What every painter promises; a test class of a painter inherits this and says which painter it is."""

from __future__ import annotations

import json
import pickle
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from engine.coordinator.job import Job, Workplace, advance
from engine.coordinator.state import RunState
from engine.grid import Grid
from engine.image import metric
from engine.image.metric import rmse
from engine.image.pixels import Colour
from engine.image.source import TargetWindow
from engine.image.target import Target
from engine.painters.base import Analysis, Painter
from engine.painters.registry import painter_class
from engine.scene.scene import Scene
from engine.storage.checkpoint import with_scene
from tests.doubles.running import jobs_of, open_workplace
from tests.doubles.toy import NOWHERE, picture

SIZES = [(48, 64), (33, 97), (3, 200), (1, 1)]


def content(scene: Scene) -> dict[str, bytes]:
    return {name: array.tobytes() for name, array in scene.arrays().items()}


def squared_errors(drawn, target):
    """Of each pixel, (height, width)."""
    if target.shape[2] == 4:
        return metric.squared_errors(drawn, target)[..., 0]
    return ((drawn.astype(int) - target) ** 2).sum(axis=2)


class PainterContract:
    """Subclasses set `name` and `params`, with little work in it, and another target if need be."""

    name: str
    params: Any
    background: Colour | None = (0.5, 0.4, 0.3)
    target = staticmethod(picture)
    sizes: Sequence[tuple[int, int]] = SIZES
    rounding = 0  # steps of 1/255 by which a scene that was read from its marks may be drawn otherwise

    def analyse(self, height: int, width: int) -> tuple[Painter, Target, Analysis]:
        target = Target(self.target(height, width), self.background, False, (height, width), None, NOWHERE)
        analysis = painter_class(self.name)(self.params).analyse(target)
        return painter_class(self.name)(analysis.params), target, analysis

    def start(self, height: int, width: int, grid: str = "2x3") -> tuple[RunState, Workplace, Any]:
        painter, target, analysis = self.analyse(height, width)
        lattice = Grid.fit(height, width, grid)
        blank = painter.empty_scene(height, width, analysis.background)
        state = RunState(painter, blank, TargetWindow(target.pixels, analysis.weights), lattice)
        return (
            state,
            open_workplace(self.name, analysis.params, 7, target.pixels, analysis.weights),
            painter.plan(lattice, 0.05),
        )

    def paint(self, height: int, width: int, grid: str = "2x3") -> RunState:
        state, workplace, plan = self.start(height, width, grid)
        for index, phase in enumerate(plan):
            for job in jobs_of(state, index, phase):
                state.apply(advance(workplace, job))
        return state

    def adopted(self, scene: Scene, height: int, width: int) -> Scene:
        painter, target, analysis = self.analyse(height, width)
        return painter.warm_start(scene, target, analysis.background)

    def jobs(self) -> list[tuple[Workplace, Scene, Job]]:
        """Every job of a run, with the scene that it was made from."""
        state, workplace, plan = self.start(48, 64)
        found = []
        for index, phase in enumerate(plan):
            for job in jobs_of(state, index, phase):
                found.append((workplace, state.scene, job))
                state.apply(advance(workplace, job))
        return found

    @pytest.mark.parametrize(("height", "width"), SIZES)
    def test_any_size_is_painted(self, height, width):
        if (height, width) not in self.sizes:
            pytest.skip("there is nothing to paint in such a picture")
        state = self.paint(height, width)
        before, _, plan = self.start(height, width)
        assert state.error <= before.error
        assert 0 <= state.error < 1
        assert state.draw().shape[:2] == (height, width)
        assert len(state.scene) <= plan[-1].marks

    def test_what_counts_never_rises_in_a_window(self):
        state, workplace, plan = self.start(48, 64)
        for index, phase in enumerate(plan):
            for job in jobs_of(state, index, phase):
                update = advance(workplace, job)
                assert job.before is None or update.judgement.loss <= job.before
                state.apply(update)

    def test_the_same_job_gives_the_same_bytes(self):
        for workplace, scene, job in self.jobs()[::5]:
            first, second = advance(workplace, job), advance(workplace, pickle.loads(pickle.dumps(job)))
            assert content(scene.put([first.part])) == content(scene.put([second.part]))

    def test_parts_are_put_at_once_as_one_after_the_other(self):
        state, workplace, plan = self.start(48, 64)
        spent = 0
        for index, phase in enumerate(plan):
            before = after = state.scene
            updates = [advance(workplace, job) for job in jobs_of(state, index, phase)]
            for number, update in enumerate(updates, 1):
                after = after.put([update.part])
                state.apply(update)
                assert state.marks == len(after)
                spent += update.evaluations
                assert state.arrays()["spent"].sum() == pytest.approx(spent)
                if number == len(updates) // 2:
                    assert content(state.scene) == content(after), "in the middle of a phase"
            assert content(before.put([update.part for update in updates])) == content(after)
            assert content(state.scene) == content(after)

    def test_the_order_of_a_phases_jobs_does_not_matter(self):
        state, workplace, plan = self.start(48, 64)
        for index, phase in enumerate(plan):
            jobs = list(jobs_of(state, index, phase))
            scene = state.scene
            for job in jobs:
                state.apply(advance(workplace, job))
            painter, target, analysis = self.analyse(48, 64)
            again = RunState(
                painter, scene, TargetWindow(target.pixels, analysis.weights), Grid.fit(48, 64, "2x3")
            )
            for job in reversed(jobs):
                again.apply(advance(workplace, job))
            assert again.error == state.error
            np.testing.assert_array_equal(again.draw(), state.draw())

    def test_a_picture_goes_on_from_any_job_as_if_nothing_had_been(self):
        state, workplace, plan = self.start(48, 64)
        saved = []
        for index, phase in enumerate(plan):
            for job in jobs_of(state, index, phase):
                state.apply(advance(workplace, job))
                arrays = with_scene(state.arrays(), state.scene.arrays())
                arrays = {name: array.copy() for name, array in arrays.items()}
                saved.append((arrays, json.loads(json.dumps(state.facts()))))
        for arrays, facts in saved[::5]:
            painter, target, analysis = self.analyse(48, 64)
            lattice = Grid.fit(48, 64, "2x3")
            again = RunState.restored(
                painter, arrays, facts, TargetWindow(target.pixels, analysis.weights), lattice
            )
            for index in range(again.phase, len(plan)):
                for job in jobs_of(again, index, plan[index]):
                    again.apply(advance(workplace, job))
            assert content(again.scene) == content(state.scene)
            assert (again.error, again.evaluations) == (state.error, state.evaluations)
            assert again.last == state.last
            np.testing.assert_array_equal(again.arrays()["spent"], state.arrays()["spent"])

    def test_another_seed_gives_another_picture(self):
        state, workplace, plan = self.start(48, 64)
        job = next(jobs_of(state, 0, plan[0]))
        seeded = replace(workplace, context=replace(workplace.context, seed=8))
        scenes = [state.scene.put([advance(each, job).part]) for each in (workplace, seeded)]
        assert content(scenes[0]) != content(scenes[1])

    def test_a_scene_survives_its_arrays(self):
        scene = self.paint(48, 64).scene
        again = type(scene).from_arrays(scene.arrays())
        assert content(again) == content(scene)
        np.testing.assert_array_equal(again.draw(60, 70), scene.draw(60, 70))

    def test_marks_are_finite(self):
        scene: Scene = self.paint(48, 64).scene
        marks = list(scene.marks())
        assert len(marks) > 0
        for mark in marks:
            assert np.isfinite(mark.points).all()
            assert all(0 <= part <= 1 for part in mark.colour)
            assert 0 < mark.opacity <= 1

    def test_a_scene_survives_its_marks(self):
        scene: Scene = self.paint(48, 64).scene
        again = type(scene).from_marks(48, 64, scene.background, list(scene.marks()))
        for size in ((48, 64), (200, 267), (60, 70)):
            difference = np.abs(again.draw(*size).astype(int) - scene.draw(*size))
            assert difference.max() <= self.rounding
        assert len(list(again.marks())) == len(list(scene.marks()))
        assert content(type(scene).from_arrays(again.arrays())) == content(again)

    def test_tweening_goes_from_one_scene_to_the_other(self):
        state, workplace, plan = self.start(48, 64)
        scenes = [state.scene]
        for index, phase in enumerate(plan):
            for job in jobs_of(state, index, phase):
                state.apply(advance(workplace, job))
            scenes.append(state.scene)
        for before, after in pairwise(scenes):
            start, goal = before.draw(48, 64), after.draw(48, 64)
            assert rmse(before.tween(after, 0.0).draw(48, 64), start) < 1e-3
            assert rmse(before.tween(after, 1.0).draw(48, 64), goal) < 1e-3
            half = before.tween(after, 0.5).draw(48, 64)
            assert rmse(half, start) <= 1.5 * rmse(goal, start) + 1e-3

    @pytest.mark.parametrize(("height", "width"), [(48, 64), (96, 128), (31, 40), (6, 8), (50, 60)])
    def test_a_scene_of_another_size_is_the_same_picture(self, height, width):
        scene = self.paint(48, 64).scene
        before = content(scene)
        other = scene.resized(height, width)
        assert (other.height, other.width, len(other)) == (height, width, len(scene))
        np.testing.assert_array_equal(other.draw(height, width), scene.draw(height, width))
        again = other.resized(48, 64)
        assert np.abs(again.draw(48, 64).astype(int) - scene.draw(48, 64)).max() <= 1
        part = scene.drawable(96, 128).within(30, 20, 50, 60).within(40, 20, 30, 50)
        whole = scene.draw(96, 128)
        np.testing.assert_array_equal(part.draw_window(41, 22, 28, 48), whole[22:50, 41:89])
        assert content(scene) == before, "a scene is never changed in place"

    def test_a_start_of_the_same_size_by_the_same_painter_stays_as_it_is(self):
        scene = self.paint(48, 64).scene
        assert content(self.adopted(scene, 48, 64)) == content(scene)

    @pytest.mark.parametrize(("height", "width", "grid"), [(48, 64, "1x2"), (72, 96, "2x3"), (24, 32, "3x1")])
    def test_a_run_goes_on_from_another_ones_scene(self, height, width, grid):
        scene = self.paint(48, 64).scene
        state, workplace, _ = self.start(height, width, grid)
        lattice, start = Grid.fit(height, width, grid), self.adopted(scene, height, width)
        assert len(start) <= len(scene)
        assert (start.height, start.width) == (height, width)
        assert scene.fits(height, width)
        painter, target, analysis = self.analyse(height, width)
        state = RunState(painter, start, TargetWindow(target.pixels, analysis.weights), lattice)
        first = state.error
        plan = workplace.painter.plan(lattice, 0.05, len(start))
        assert plan[-1].marks == workplace.painter.plan(lattice, 0.05)[-1].marks
        for index, phase in enumerate(plan):
            for job in jobs_of(state, index, phase):
                before = state.error
                state.apply(advance(workplace, job))
                if painter.is_additive:
                    assert state.error <= before + 1e-6, "a window may round a byte as the whole does not"
        assert state.error < first
        assert len(start) <= len(state.scene) <= plan[-1].marks

    def test_what_is_there_at_the_start_shortens_a_plan(self):
        painter, _, _ = self.analyse(48, 64)
        grid = Grid.fit(512, 512, "4x4")
        plans = [painter.plan(grid, 1, marks) for marks in (0, 5, 10_000)]
        assert plans[0] == painter.plan(grid, 1)
        work = [sum(p.marks * p.effort for p in plan) for plan in plans]
        assert work == sorted(work, reverse=True)
        assert all(plan[-1] == plans[0][-1] for plan in plans)

    def test_a_plan_is_the_longer_the_more_effort_and_ends_at_full_detail(self):
        painter, _, _ = self.analyse(48, 64)
        grid = Grid.fit(512, 512, "4x4")
        work = [sum(p.marks * p.effort for p in painter.plan(grid, effort)) for effort in (0.1, 1, 10)]
        assert work == sorted(work)
        assert painter.plan(grid, 1)[-1].detail == 1


class LocalPainterContract(PainterContract):
    """Of painters whose jobs change no pixel outside their windows, and whose error is that of the pixels."""

    @pytest.mark.parametrize(("height", "width"), SIZES)
    def test_any_size_is_painted_and_the_error_is_that_of_the_drawn_picture(self, height, width):
        state = self.paint(height, width)
        before, _, _ = self.start(height, width)
        assert state.error <= before.error
        assert state.error == pytest.approx(rmse(state.draw(), self.target(height, width)), abs=1e-4)

    @pytest.mark.parametrize(
        ("height", "width", "grid"), [(48, 64, "2x3"), (37, 37, "9x11"), (3, 200, "1x4")]
    )
    def test_the_error_of_every_window_never_rises(self, height, width, grid):
        state, workplace, plan = self.start(height, width, grid)
        for index, phase in enumerate(plan):
            for job in jobs_of(state, index, phase):
                tile, target = job.tile, self.target(height, width)
                window = np.s_[tile.y0 : tile.y1, tile.x0 : tile.x1]
                before = squared_errors(state.draw()[window], target[window]).sum()
                state.apply(advance(workplace, job))
                assert squared_errors(state.draw()[window], target[window]).sum() <= before

    def test_with_weights_the_weighted_error_of_every_window_never_rises(self):
        state, workplace, plan = self.start(48, 64)
        weights = np.linspace(1, 255, 48 * 64).reshape(48, 64).astype(np.uint8)
        target = self.target(48, 64)
        workplace = replace(
            workplace, context=replace(workplace.context, target=TargetWindow(target, weights))
        )
        state = RunState(
            workplace.painter, state.scene, TargetWindow(target, weights), Grid.fit(48, 64, "2x3")
        )

        def weighted():
            each = squared_errors(state.draw(), target)
            return (each * weights)[job.tile.y0 : job.tile.y1, job.tile.x0 : job.tile.x1].sum()

        for index, phase in enumerate(plan):
            for job in jobs_of(state, index, phase):
                before = weighted()
                assert job.before == before
                state.apply(advance(workplace, job))
                assert weighted() <= before
        assert state.error == pytest.approx(rmse(state.draw(), target), abs=1e-4), "which has no weights"

    def test_a_job_never_changes_a_pixel_outside_its_window(self):
        state, workplace, plan = self.start(48, 64)
        for index, phase in enumerate(plan):
            for job in jobs_of(state, index, phase):
                before = state.draw()
                state.apply(advance(workplace, job))
                after = state.draw()
                after[job.tile.y0 : job.tile.y1, job.tile.x0 : job.tile.x1] = before[
                    job.tile.y0 : job.tile.y1, job.tile.x0 : job.tile.x1
                ]
                np.testing.assert_array_equal(after, before)

    def test_the_window_that_a_job_draws_is_the_scenes(self):
        state, workplace, plan = self.start(48, 64)
        for index, phase in enumerate(plan):
            for job in jobs_of(state, index, phase):
                update = advance(workplace, job)
                state.apply(update)
                tile = job.tile
                drawn = state.draw()[tile.y0 : tile.y1, tile.x0 : tile.x1]
                np.testing.assert_array_equal(update.pixels, drawn)
