"""What can be done with runs: render, resume, film, animate, export, report, prune."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

from engine import __version__
from engine.coordinator.initial_scene import open_start
from engine.coordinator.loop import paint_run
from engine.coordinator.prepare import prepare
from engine.coordinator.run import Run, read_target, restore_run, start_run, write_first_files
from engine.errors import LockError, RunError, SpaceError, SpecError
from engine.events import (
    EventHandler,
    Exported,
    Finished,
    Notice,
    Resumed,
    ShouldStop,
    Trouble,
)
from engine.export.export import check_tools, is_drawn, write_files
from engine.film.animation import make_animation
from engine.film.film import check_film, make_films, missing_films, remove_films
from engine.image.target import open_target
from engine.report.report import write_report
from engine.spec.models import RunSpec
from engine.spec.settings import Document
from engine.storage.checkpoint import Found, read_checkpoint
from engine.storage.load import StoredRun, open_run
from engine.storage.lock import owner, working
from engine.storage.log import recorded
from engine.storage.prune import Limits, Old, old_runs, remove
from engine.storage.run_folder import LOCK, SPEC, RunFolder
from engine.storage.trust import ENCODER, left_out, mark, without_programs
from engine.system.clock import deadline

TRANSPARENT = (
    "is transparent in places, and so will the picture be (films and JPEGs are on white); the setting "
    "background fills it: mean, or a colour."
)
NO_SNAPSHOTS = (
    "the picture is painted, but there was no space for snapshots, so there is no film; free some, and "
    "tessera resume makes one that shows the picture as it is."
)
Stopping = AbstractContextManager[ShouldStop]  # entered while painting goes on; its answer ends that early


@dataclass(frozen=True)
class Rendered:
    """A run that has been painted as far as it was to be, and its folder."""

    folder: Path
    finished: Finished


@dataclass(frozen=True)
class Resumption:
    """How a run is to go on."""

    folder: RunFolder
    before: RunSpec
    wanted: RunSpec  # as its folder will have it
    left_out: frozenset[str]  # settings that name programs which are not run
    has_new_deadline: bool

    @property
    def spec(self) -> RunSpec:
        """What is done."""
        return without_programs(self.wanted, self.left_out)


def render(spec: RunSpec, outputs: Path, emit: EventHandler, stopping: Stopping) -> Rendered:
    """Paint and film what a spec asks for, into its folder or a new one in `outputs`."""
    ends = _ends(spec)
    target = open_target(spec.target, spec.size, spec.background, spec.importance, spec.frame)
    start = open_start(spec, target, emit)
    if spec.film.enabled:
        check_film(spec.film)  # now, not when hours have been painted
    if spec.out:
        _check_free(Path(spec.out))  # now, not when kernels have been compiled for a minute
    prepare(spec, emit)
    name = Path(spec.target).stem
    if spec.out:
        _check_free(Path(spec.out))
    folder = RunFolder.made(Path(spec.out)) if spec.out else RunFolder.create_in(outputs, name)
    with folder.held(), recorded(folder, emit) as emit_logged:
        RunFolder.check_free(folder.path)  # nobody has painted there just before
        folder.clear()
        for remark in target.remarks:
            emit_logged(Notice(remark))
        if spec.background == "auto" and target.background is None:
            emit_logged(Notice(f"{Path(target.origin.path).name}: {TRANSPARENT}"))
        run = write_first_files(folder, start_run(spec, target, start))
        mark(folder, spec)
        return _carry_out(run, folder, ends, emit_logged, stopping)


def _check_free(path: Path) -> None:
    """RunError when a folder has something in it, and LockError when somebody works on that."""
    try:
        RunFolder.check_free(path)
    except RunError as error:
        if (holder := owner(path / LOCK)) is not None:
            raise LockError(
                f"{path.absolute()}: {working(holder)}; wait for it, or stop it first."
            ) from error
        raise


def resumption(run: Path, changes: Sequence[Document], trust: bool = False) -> Resumption:
    """How a run goes on with other settings; SpecError where that is not possible.

    trust: whether programs are run that its spec names, whoever made it.
    """
    stored = open_run(run)
    folder, before, spec = stored.folder, stored.spec, stored.changed(changes)
    if spec.out != before.out:
        raise SpecError("out: a run stays where it is; move its folder instead, and resume it there.")
    strange = frozenset() if trust else stored.strange_programs(changes)
    has_new_deadline = any("budget.until" in each.settings for each in changes)
    return Resumption(folder, before, spec, strange, has_new_deadline)


def resume(plan: Resumption, emit: EventHandler, stopping: Stopping) -> Rendered:
    """Go on with a run."""
    folder, spec = plan.folder, plan.spec
    ends = _ends(spec) if plan.has_new_deadline else _ends_again(spec, emit)
    with folder.held(), recorded(folder, emit) as emit_logged:
        if plan.left_out:
            emit_logged(Trouble(left_out(folder, plan.wanted, plan.left_out)))
        found = _last_checkpoint(folder, emit_logged)
        checkpoint, header = found.checkpoint, found.checkpoint.header
        target = read_target(folder, checkpoint, emit_logged)
        if spec.film.enabled:
            check_film(spec.film)
        prepare(spec, emit_logged)
        state = restore_run(spec, target, checkpoint)
        folder.write(SPEC, plan.wanted.to_yaml(), durable=True)
        if not plan.left_out:
            mark(folder, plan.wanted)
        if plan.wanted.film != plan.before.film:
            remove_films(folder)
        emit_logged(
            Resumed(
                folder=str(folder.path),
                seconds=header.seconds,
                shapes=header.shapes,
                error=header.error,
                checkpoint=found.path.name,
                mark=state.words.mark,
                measure=state.words.error,
            )
        )
        return _carry_out(state, folder, ends, emit_logged, stopping)


def _last_checkpoint(folder: RunFolder, emit: EventHandler) -> Found:
    """What a run goes on from; whatever is odd about it is reported."""
    found = read_checkpoint(folder)
    for damaged in found.damaged:
        emit(Trouble(f"{damaged}: is damaged; going on from the checkpoint before, {found.path.name}."))
    if (version := found.checkpoint.facts.get("version")) != __version__:
        emit(Notice(f"Begun by Tessera {version}, gone on with by {__version__}: the bytes may differ."))
    return found


def _carry_out(
    run: Run, folder: RunFolder, ends: float | None, emit: EventHandler, stopping: Stopping
) -> Rendered:
    """Paint and film a run whose folder is held. ends: the deadline, seconds since the epoch."""
    settings = run.spec.film
    with stopping as stop:
        finished, shortage = paint_run(run, folder, ends, stop, emit)
    try:
        if settings.enabled and missing_films(folder, settings) and not stop():
            if shortage is not None:
                raise SpaceError(f"{folder.path}: {NO_SNAPSHOTS}") from shortage
            films = make_films(folder, run.spec, emit)
            finished = replace(finished, files=(*finished.files, *map(str, films)))
    finally:
        emit(finished)
    return Rendered(folder.path, finished)


def _ends(spec: RunSpec) -> float | None:
    """The deadline that a spec means now, in seconds since the epoch."""
    return None if spec.budget.until is None else deadline(spec.budget.until, time.time())


def _ends_again(spec: RunSpec, emit: EventHandler) -> float | None:
    """The deadline of a run that goes on; that of another night is none."""
    ends = _ends(spec)
    if ends is not None and ends <= time.time():
        emit(Notice(f"The deadline of this run, {spec.budget.until}, is past; it goes on without one."))
        return None
    return ends


def film(
    run: Path,
    changes: Sequence[Document],
    emit: EventHandler,
    to: Path | None = None,
    trust: bool = False,
) -> tuple[Path, ...]:
    """Make the films of a run anew, or one of them elsewhere: `to`, a path in the film's only format.

    trust: as for `resumption`.
    """
    folder, spec, sentence = _open_to_film(run, changes, ("film",), trust)
    with folder.held(), recorded(folder, emit) as emit_logged:
        if sentence:
            emit_logged(Trouble(sentence))
        prepare(spec, emit_logged)
        return tuple(make_films(folder, spec, emit_logged, to))


# What follows is no part of what a run was asked for, so its log says nothing of it.


def animate(
    run: Path,
    changes: Sequence[Document],
    emit: EventHandler,
    to: Path | None = None,
    trust: bool = False,
) -> tuple[Path, ...]:
    """Make an animation of what a run has painted so far; to, trust: as for `film`."""
    folder, spec, sentence = _open_to_film(run, changes, ("film", "animation"), trust)
    with folder.held():
        if sentence:
            emit(Trouble(sentence))
        prepare(spec, emit)
        return tuple(make_animation(folder, spec, emit, to))


def export(
    run: Path, changes: Sequence[Document], emit: EventHandler, to: Path | None = None
) -> tuple[Path, ...]:
    """Write what a run has painted so far for other programs; to: as for `film`."""
    stored, spec = _open(run, changes, ("export",))
    check_tools(spec.export)
    folder = stored.folder
    with folder.held():
        if is_drawn(spec.export):
            prepare(spec, emit)
        return tuple(write_files(folder, spec, emit, to))


def report(run: Path, emit: EventHandler) -> Path:
    """Write a page about a run; its path."""
    started = time.monotonic()
    stored, spec = _open(run, (), ())
    folder = stored.folder
    with folder.held():
        prepare(spec, emit)
        path = write_report(folder, spec, emit)
    emit(Exported(str(path), path.stat().st_size, round(time.monotonic() - started, 3)))
    return path


def prune(
    places: Sequence[Path], limits: Limits, snapshots: bool = False, delete: bool = False
) -> tuple[Old, ...]:
    """The runs of some places that are beyond limits, oldest first; with `delete` those that may go are gone.

    snapshots: only these go, and the runs stay.
    """
    found = old_runs(places, limits, snapshots, time.time())
    return tuple(remove(each, snapshots) for each in found) if delete else tuple(found)


def _open_to_film(
    run: Path, changes: Sequence[Document], sections: Sequence[str], trust: bool
) -> tuple[RunFolder, RunSpec, str]:
    """A run that films are made of; a sentence about an encoder that is not run, or ""."""
    stored, spec = _open(run, changes, sections)
    if trust or ENCODER not in stored.strange_programs(changes):
        return stored.folder, spec, ""
    return stored.folder, without_programs(spec, {ENCODER}), left_out(stored.folder, spec, {ENCODER})


def _open(run: Path, changes: Sequence[Document], sections: Sequence[str]) -> tuple[StoredRun, RunSpec]:
    """A run, which may have other settings in some sections, and no others."""
    stored = open_run(run)
    before, spec = stored.spec, stored.changed(changes)
    if spec.model_copy(update={name: getattr(before, name) for name in sections}) != before:
        where = " or ".join(f"{name}." for name in sections)
        raise SpecError(f"{run}: is painted; other settings than those below {where} are for tessera render.")
    return stored, spec
