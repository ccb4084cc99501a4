"""What can be done with runs: render, resume, film, animate, export, report, prune."""

from __future__ import annotations

import time
import traceback
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from engine import __version__
from engine.coordinator.initial_scene import open_start
from engine.coordinator.loop import paint_run
from engine.coordinator.run import Run, read_target, restore_run, start_run, write_first_files
from engine.errors import SpecError, TesseraError
from engine.events import (
    EventHandler,
    Exported,
    Failed,
    Finished,
    Notice,
    Preparing,
    Resumed,
    ShouldStop,
    Trouble,
)
from engine.export.export import check_tools, is_drawn, write_files
from engine.film.animation import make_animation
from engine.film.film import check_film, make_films, missing_films, remove_films
from engine.image.target import open_target
from engine.kernels.jit import is_compiled, note_compiled
from engine.painters.registry import entry_of
from engine.parallel.process_pool import ProcessPool
from engine.report.report import write_report
from engine.spec.models import RunSpec
from engine.spec.settings import Document
from engine.storage.checkpoint import Found, read_checkpoint
from engine.storage.load import open_run
from engine.storage.log import logged
from engine.storage.prune import Limits, Old, old_runs, remove
from engine.storage.run_folder import SPEC, RunFolder
from engine.system.clock import deadline

TRANSPARENT = (
    "is transparent in places, and so will the picture be (films and JPEGs are on white); the setting "
    "background fills it: mean, or a colour."
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
    spec: RunSpec
    has_new_deadline: bool


def render(spec: RunSpec, outputs: Path, emit: EventHandler, stopping: Stopping) -> Rendered:
    """Paint and film what a spec asks for, into its folder or a new one in `outputs`."""
    ends = _ends(spec)
    target = open_target(spec.target, spec.size, spec.background, spec.importance)
    start = open_start(spec, target)
    if spec.film.enabled:
        check_film(spec.film)  # now, not when hours have been painted
    if spec.out:
        RunFolder.check_free(Path(spec.out))  # now, not when kernels have been compiled for a minute
    prepare(spec, emit)
    name = Path(spec.target).stem
    folder = RunFolder.create(Path(spec.out)) if spec.out else RunFolder.create_in(outputs, name)
    with folder.held(), recorded(folder, emit) as emit_logged:
        folder.clear()
        for remark in target.remarks:
            emit_logged(Notice(remark))
        if spec.background == "auto" and target.background is None:
            emit_logged(Notice(f"{Path(target.origin.path).name}: {TRANSPARENT}"))
        run = write_first_files(folder, start_run(spec, target, start))
        return _carry_out(run, folder, ends, emit_logged, stopping)


def resumption(run: Path, changes: Sequence[Document]) -> Resumption:
    """How a run goes on with other settings; SpecError where that is not possible."""
    stored = open_run(run)
    folder, before, spec = stored.folder, stored.spec, stored.changed(changes)
    if spec.out != before.out:
        raise SpecError("out: a run stays where it is; move its folder instead, and resume it there.")
    return Resumption(folder, before, spec, any("budget.until" in each.settings for each in changes))


def resume(plan: Resumption, emit: EventHandler, stopping: Stopping) -> Rendered:
    """Go on with a run."""
    folder, spec = plan.folder, plan.spec
    ends = _ends(spec) if plan.has_new_deadline else _ends_again(spec, emit)
    with folder.held(), recorded(folder, emit) as emit_logged:
        found = _last_checkpoint(folder, emit_logged)
        checkpoint, header = found.checkpoint, found.checkpoint.header
        target = read_target(folder, checkpoint, emit_logged)
        if spec.film.enabled:
            check_film(spec.film)
        prepare(spec, emit_logged)
        state = restore_run(spec, target, checkpoint)
        folder.write(SPEC, spec.to_yaml(), durable=True)
        if spec.film != plan.before.film:
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
    if (version := found.checkpoint.facts["version"]) != __version__:
        emit(Notice(f"Begun by Tessera {version}, gone on with by {__version__}: the bytes may differ."))
    return found


def _carry_out(
    run: Run, folder: RunFolder, ends: float | None, emit: EventHandler, stopping: Stopping
) -> Rendered:
    """Paint and film a run whose folder is held. ends: the deadline, seconds since the epoch."""
    settings = run.spec.film
    with stopping as stop:
        finished = paint_run(run, folder, ends, stop, emit)
    try:
        if settings.enabled and missing_films(folder, settings) and not stop():
            films = make_films(folder, run.spec, emit)
            finished = replace(finished, files=(*finished.files, *map(str, films)))
    finally:
        emit(finished)
    return Rendered(folder.path, finished)


def prepare(spec: RunSpec, emit: EventHandler) -> None:
    """Compile the painter's kernels, if that has not been done on this machine.

    That takes a process that does nothing else: what it has linked itself rounds sums in another order than
    what all others load.
    """
    name = spec.painter.name
    emit(Preparing(is_compiled(name)))
    if not is_compiled(name):
        with closing(ProcessPool("engine.coordinator.job:warm_up", 1)) as pool:
            pool.submit(entry_of(name).painter)
            deque(pool.completed(), maxlen=0)
        note_compiled(name)


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


@contextmanager
def recorded(folder: RunFolder, emit: EventHandler) -> Iterator[EventHandler]:
    """A report that is also written to the folder's log, and so is the error that ends it all.

    A wrong command says nothing about the run.
    """
    emit_logged = logged(folder, emit)
    try:
        yield emit_logged
    except TesseraError as error:
        if error.exit_code != SpecError.exit_code:
            emit_logged(Failed(str(error), error.exit_code, traceback.format_exc()))
        raise
    except Exception as error:
        what = f"{folder.path}: something unexpected went wrong ({error!r})"
        failure = TesseraError(f"{what}; please report it, with what log.jsonl says.")
        emit_logged(Failed(str(failure), failure.exit_code, traceback.format_exc()))
        raise failure from error


def film(
    run: Path, changes: Sequence[Document], emit: EventHandler, to: Path | None = None
) -> tuple[Path, ...]:
    """Make the films of a run anew, or one of them elsewhere: `to`, a path in the film's only format."""
    folder, spec = _open(run, changes, ("film",))
    with folder.held(), recorded(folder, emit) as emit_logged:
        prepare(spec, emit_logged)
        return tuple(make_films(folder, spec, emit_logged, to))


# What follows is no part of what a run was asked for, so its log says nothing of it.


def animate(
    run: Path, changes: Sequence[Document], emit: EventHandler, to: Path | None = None
) -> tuple[Path, ...]:
    """Make an animation of what a run has painted so far; to: as for `film`."""
    folder, spec = _open(run, changes, ("film", "animation"))
    with folder.held():
        prepare(spec, emit)
        return tuple(make_animation(folder, spec, emit, to))


def export(
    run: Path, changes: Sequence[Document], emit: EventHandler, to: Path | None = None
) -> tuple[Path, ...]:
    """Write what a run has painted so far for other programs; to: as for `film`."""
    folder, spec = _open(run, changes, ("export",))
    check_tools(spec.export)
    with folder.held():
        if is_drawn(spec.export):
            prepare(spec, emit)
        return tuple(write_files(folder, spec, emit, to))


def report(run: Path, emit: EventHandler) -> Path:
    """Write a page about a run; its path."""
    started = time.monotonic()
    folder, spec = _open(run, (), ())
    with folder.held():
        prepare(spec, emit)
        path = write_report(folder, spec)
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


def _open(run: Path, changes: Sequence[Document], sections: Sequence[str]) -> tuple[RunFolder, RunSpec]:
    """A run, which may have other settings in some sections, and no others."""
    stored = open_run(run)
    folder, before, spec = stored.folder, stored.spec, stored.changed(changes)
    if spec.model_copy(update={name: getattr(before, name) for name in sections}) != before:
        where = " or ".join(f"{name}." for name in sections)
        raise SpecError(f"{run}: is painted; other settings than those below {where} are for tessera render.")
    return folder, spec
