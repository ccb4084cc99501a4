"""A run between two moments: what `render` carries on, from the beginning or from a checkpoint."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import takewhile
from typing import Any

from engine import __version__
from engine.coordinator.budget import count_jobs
from engine.coordinator.initial_scene import with_background
from engine.coordinator.recorder import Recorder, kept_snapshots, most_snapshots
from engine.coordinator.state import RunState, has_cells_of
from engine.errors import CheckpointError, SpecError, TargetError, reason
from engine.events import EventHandler, Notice
from engine.formatting import Words
from engine.grid import Grid
from engine.image.pixels import Pixels, decode_png, encode_png
from engine.image.source import TargetWindow
from engine.image.target import Origin, Target
from engine.painters.base import Analysis, Painter, Phase
from engine.painters.registry import earlier_settings, painter_class, words_of
from engine.scene.scene import Scene
from engine.spec.messages import dashed, show
from engine.spec.models import RunSpec, flat
from engine.storage.checkpoint import Checkpoint, Draft, Header
from engine.storage.load import MOST_TARGET
from engine.storage.run_folder import IMPORTANCE, SPEC, TARGET, RunFolder

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
    state = RunState(painter, scene, TargetWindow(target.pixels, analysis.weights), grid)
    return Run(spec, target, analysis, grid, plan, state, len(scene))


def write_first_files(folder: RunFolder, run: Run) -> Run:
    """Write what a run must find again when it goes on; the run that knows those files."""
    folder.write(SPEC, run.spec.to_yaml(), durable=True)
    copies = {}
    for name, pixels in ((TARGET, run.target.pixels), (IMPORTANCE, run.target.weights)):
        if pixels is not None:
            content = encode_png(pixels, compression=1)
            folder.write(name, content, durable=True)
            copies[name] = hashlib.sha256(content).hexdigest()
    return replace(run, copies=copies)


def read_target(folder: RunFolder, checkpoint: Checkpoint, emit: EventHandler) -> Target:
    """The target of a run, from its folder; TargetError when the file that it came from has changed.

    A file that is no longer there is reported, and not needed.
    """
    header, facts = checkpoint.header, checkpoint.facts
    try:
        now = Origin.again(header.target, header.mask)
    except OSError as exc:
        what = f"{exc.filename}: can't be read any more ({reason(exc)})"
        emit(Notice(f"{what}; the run goes on with its own copy, {TARGET}."))
    else:
        if now.sha256 != header.target_sha256:
            which = f"{header.target} (or {header.mask})" if header.mask else header.target
            raise TargetError(
                f"{which}: has changed since {folder.path} was begun; put the old picture back, or "
                "render the new one into a folder of its own."
            )
    with _believed():
        background, is_mean = facts["background"], facts["has_mean_background"]
        full_size, copies = facts["full_size"], facts["copies"]
    pictures = {name: _read_copy(folder, name, digest) for name, digest in copies.items()}
    pixels, weights = pictures.get(TARGET), pictures.get(IMPORTANCE)
    if (
        pixels is None
        or pixels.ndim != 3
        or (weights is not None and weights.shape != pixels.shape[:2])
        or (pixels.shape[2] == 4) != (background is None)
    ):
        raise CheckpointError(f"{folder / TARGET}: is not what was painted; render the picture again.")
    return Target(
        pixels=pixels,
        background=background,
        has_mean_background=is_mean,
        full_size=full_size,
        weights=weights,
        origin=Origin(header.target, header.target_sha256, header.mask),
    )


def _read_copy(folder: RunFolder, name: str, digest: str) -> Pixels:
    """A picture of a run folder; CheckpointError when it is not the one that was put there."""
    try:
        content = folder.read(name, MOST_TARGET)
        if hashlib.sha256(content).hexdigest() != digest:
            raise CheckpointError(
                f"{folder / name}: has been changed; put it back, or render the picture again."
            )
        return decode_png(content)
    except (OSError, ValueError) as exc:
        raise CheckpointError(
            f"{folder / name}: can't be read ({reason(exc)}); render the picture again."
        ) from exc


def restore_run(spec: RunSpec, target: Target, checkpoint: Checkpoint) -> Run:
    """A run as a checkpoint has it; where more effort or more shapes are wanted by now, with a new plan.

    SpecError when anything else is wanted that decides the picture.
    """
    facts = checkpoint.facts
    with _believed():
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
    window = TargetWindow(target.pixels, analysis.weights)
    with _believed():
        state = RunState.restored(painter, checkpoint.arrays, facts, window, grid)
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
    with _believed():
        run.state.check(run.plan)
    return run


@contextmanager
def _believed() -> Iterator[None]:
    """CheckpointError for what no run can have saved, whatever its checksum says."""
    try:
        yield
    except (ValueError, TypeError, LookupError) as exc:
        what = f"the checkpoint can't be gone on from ({reason(exc)})"
        raise CheckpointError(f"{what}; render the picture again.") from exc


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
