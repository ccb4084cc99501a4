"""A run between two moments: what `render` carries on, from the beginning or from a checkpoint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import takewhile
from typing import Any

from engine import __version__
from engine.coordinator.budget import count_jobs
from engine.coordinator.initial_scene import with_background
from engine.coordinator.recorder import Recorder, kept_snapshots, most_snapshots
from engine.coordinator.state import RunState, has_cells_of
from engine.coordinator.target_copies import write_copies
from engine.errors import SpecError
from engine.events import EventHandler
from engine.formatting import Words
from engine.grid import Grid
from engine.image.source import TargetWindow, WholeSource
from engine.image.target import Target, shown_side
from engine.painters.base import Analysis, Painter, Phase
from engine.painters.registry import earlier_settings, painter_class, words_of
from engine.scene.scene import Scene, scaled
from engine.spec.messages import dashed, show
from engine.spec.models import RunSpec, flat
from engine.storage.checkpoint import Checkpoint, Draft, believed
from engine.storage.checkpoint_header import Header
from engine.storage.run_folder import SPEC, RunFolder

MAY_GROW = {"budget.effort", "painter.count"}  # while a run goes on
MAY_CHANGE = {"budget.error"}
SPARE_BYTES = 1_000_000


@dataclass(frozen=True)
class Run:
    """What was asked for, and the state of it."""

    spec: RunSpec
    target: Target
    analysis: Analysis  # what the painter learnt from the target
    grid: Grid
    plan: tuple[Phase, ...]
    state: RunState
    marks_at_start: int  # of the plan
    copies: Mapping[str, str] = field(default_factory=dict)  # sha256 of the files that hold the target
    seconds: float = 0.0  # of painting so far
    recorded: Mapping[str, Any] | None = None  # the recorder's state
    generation: int = 0  # of the folder's checkpoint

    @property
    def painter(self) -> Painter:
        """Who paints."""
        return painter_class(self.spec.painter.name)(self.analysis.params, self.analysis.assets)

    @property
    def source(self) -> WholeSource:
        """What windows of the target are read from, with what the painter makes of its weights."""
        return _source(self.target, self.analysis)

    @property
    def words(self) -> Words:
        """What its marks and its error are called."""
        return words_of(self.spec.painter.name, self.spec.painter.params)

    def recorder(self, folder: RunFolder, emit: EventHandler) -> Recorder:
        """The recorder as it was; at first it keeps as often as fits a run of effort 1 at most."""
        keep = most_snapshots(self.spec.record, self.plan[-1].marks * self.painter.rows)
        every = self.spec.record.every
        if every == "auto":
            plan = self.painter.plan(self.grid, min(self.spec.budget.effort, 1), self.marks_at_start)
            shown = count_jobs(tuple(phase for phase in plan if phase.is_shown), self.grid)
            every = -(-shown // keep)
        height, width = self.target.full_size
        height, width = scaled(height, width, self.spec.result_size or shown_side(height, width))
        reserve = 4 * height * width + SPARE_BYTES  # what the results may need
        return Recorder(folder, every, keep, reserve, emit, self.recorded)

    def draft(self, share: float, seconds: float, outcome: str | None) -> Draft:
        """Of a checkpoint, as it is now; share of the work done, seconds of painting, how it ended."""
        header = Header(
            outcome=outcome,
            share=share,
            shapes=self.state.marks,
            evaluations=self.state.evaluations,
            error=self.state.error,
            seconds=seconds,
            digest=self.spec.digest(),
            target=self.target.origin.path,
            target_sha256=self.target.origin.sha256,
            mask=self.target.origin.mask,
        )
        facts = {
            **self.state.facts(),
            "spec": self.spec.decisive(),
            "marks_at_start": self.marks_at_start,
            "background": self.target.background,
            "has_mean_background": self.target.has_mean_background,
            "full_size": self.target.full_size,
            "copies": self.copies,
            "version": __version__,
        }
        return Draft(header, self.state.arrays(), facts)


def start_run(spec: RunSpec, target: Target, start: Scene | None) -> Run:
    """A run before its first job; start: a scene to begin with, of any size, None for a blank one."""
    if start is not None:
        target = with_background(target, start)
    analysis = painter_class(spec.painter.name)(spec.painter.params).analyse(target)
    painter = painter_class(spec.painter.name)(analysis.params, analysis.assets)
    height, width = target.pixels.shape[:2]
    grid = Grid.fit(height, width, spec.grid)
    scene = painter.empty_scene(height, width, analysis.background)
    if start is not None:
        scene = painter.warm_start(start, target, analysis.background)
    plan = painter.plan(grid, spec.budget.effort, len(scene))
    state = RunState(painter, scene, _source(target, analysis), grid)
    return Run(spec, target, analysis, grid, plan, state, len(scene))


def _source(target: Target, analysis: Analysis) -> WholeSource:
    if target.stored is not None and analysis.weights is target.weights:
        return target.stored
    return TargetWindow(target.pixels, analysis.weights)


def write_first_files(folder: RunFolder, run: Run) -> Run:
    """Write what a run must find again when it goes on; the run that knows those files."""
    folder.write(SPEC, run.spec.to_yaml(), durable=True)
    target, copies = write_copies(folder, run.target)
    analysis = run.analysis
    if analysis.weights is run.target.weights:
        analysis = replace(analysis, weights=target.weights)
    return replace(run, copies=copies, target=target, analysis=analysis)


def restore_run(spec: RunSpec, target: Target, checkpoint: Checkpoint) -> Run:
    """A run as a checkpoint has it; where more effort or more shapes are wanted by now, with a new plan.

    SpecError when anything else is wanted that decides the picture.
    """
    facts = checkpoint.facts
    with believed():
        before, marks, copies, recorded = (
            facts[name] for name in ("spec", "marks_at_start", "copies", "recorder")
        )
        kept_snapshots(recorded)
    changed = _check_changes(_completed(before, spec), spec.decisive())
    kind = painter_class(spec.painter.name)
    analysis = kind(spec.painter.params).analyse(target)
    painter = kind(analysis.params, analysis.assets)
    height, width = target.pixels.shape[:2]
    grid = Grid.fit(height, width, spec.grid)
    with believed():
        state = RunState.restored(painter, checkpoint.arrays, facts, _source(target, analysis), grid)
    run = Run(
        spec=spec,
        target=target,
        analysis=analysis,
        grid=grid,
        plan=painter.plan(grid, spec.budget.effort, marks),
        state=state,
        marks_at_start=marks,
        copies=copies,
        seconds=checkpoint.header.seconds,
        recorded=recorded,
        generation=checkpoint.header.generation,
    )
    if not has_cells_of(grid, checkpoint.arrays):
        return _continued(run, is_finished=not changed and checkpoint.header.outcome == "finished")
    if changed == {"budget.effort"}:
        run = _extended(run, before["budget"]["effort"])
    elif changed:
        run = _restarted(run)
    with believed():
        run.state.check(run.plan)
    return run


def _continued(run: Run, is_finished: bool) -> Run:
    """A run of a version with other plans, with this one's plan for what it has painted so far."""
    if not is_finished:
        return _restarted(run)
    run.state.turn_to_end(run.plan)
    return run


def _extended(run: Run, effort: float) -> Run:
    """A run that goes on with its new plan where that and the old one part, if all marks are placed by then.

    effort: that the old plan was made for.
    """
    old, state = run.painter.plan(run.grid, effort, run.marks_at_start), run.state
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, run.plan, strict=False)))
    if not same or run.plan[same - 1].marks < run.plan[-1].marks:
        return _restarted(run)
    if state.phase >= same:
        state.turn_to(same)
    return run


def _restarted(run: Run) -> Run:
    """A run with a new plan for what it has painted so far."""
    run.state.turn_to(0)
    marks = run.state.marks
    plan = run.painter.plan(run.grid, run.spec.budget.effort, marks)
    return replace(run, plan=plan, marks_at_start=marks)


def _completed(before: Mapping[str, Any], spec: RunSpec) -> dict[str, Any]:
    """What was decisive, with the settings that its painter has only had since then."""
    return {**before, "painter": {**earlier_settings(type(spec.painter.params)), **before["painter"]}}


def _check_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> set[str]:
    """The settings that differ; SpecError for one that can't be changed while a run goes on."""
    old, new = dict(flat(before)), dict(flat(after))
    changed = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)} - MAY_CHANGE
    for name in sorted(changed):
        before_it = old.get(name)
        is_larger = (
            name in MAY_GROW and isinstance(before_it, int | float) and name in new and new[name] > before_it
        )
        if not is_larger:
            only = ", and can only be raised" if name in MAY_GROW else ""
            raise SpecError(
                f"{dashed(name)}: this run was begun with {show(old.get(name))}{only}, not "
                f"{show(new.get(name))}; keep it, or begin another run with what this one has painted: "
                "tessera render TARGET --from RUN."
            )
    return changed
