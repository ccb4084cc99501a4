"""What can be done with runs: render, resume, film, animate, export, report, prune."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from engine import __version__
from engine.batch.task_folder import settings_digest
from engine.coordinator.initial_scene import open_start
from engine.coordinator.loop import paint_run
from engine.coordinator.memory import check_memory
from engine.coordinator.prepare import prepare
from engine.coordinator.run import Run, restore_run, start_run, write_first_files
from engine.coordinator.target_copies import read_target
from engine.errors import LockError, RunError, SpaceError, SpecError, TesseraError
from engine.events import (
    EventHandler,
    Finished,
    Notice,
    Resumed,
    ShouldStop,
    Trouble,
)
from engine.film.files import missing_films, remove_films
from engine.fork_server.client import ForkServer, at_hand
from engine.image.target import open_target
from engine.kernels.cache import cache_folder
from engine.named_files import EXPORTS, FILMS, PICTURES
from engine.painters.registry import LOAD_KERNELS
from engine.parallel.open_cluster import check_place
from engine.parallel.place import HERE, Place
from engine.spec.models import RunSpec
from engine.spec.settings import Document
from engine.spec.templates import filled
from engine.storage.checkpoint import Found, read_checkpoint
from engine.storage.checkpoint_header import read_header
from engine.storage.load import open_run
from engine.storage.lock import owner, working
from engine.storage.log import note, recorded
from engine.storage.run_folder import LOCK, SPEC, RunFolder
from engine.storage.status import folders_named
from engine.storage.trust import check_code, left_out, mark, without_programs
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


def render(
    spec: RunSpec, outputs: Path, emit: EventHandler, stopping: Stopping, place: Place = HERE
) -> Rendered:
    """Paint and film what a spec asks for, into its folder or a new one in `outputs`.

    place: where its jobs are done.
    """
    check_place(place)
    with _server(spec, place) as server:
        ends, spec = _ends(spec), _with_folder(spec)
        room = _existing(Path(spec.out).parent if spec.out else outputs)
        target = open_target(spec.target, spec.size, spec.background, spec.importance, spec.frame, room)
        start = open_start(spec, target, emit)
        if spec.film.enabled:
            _check_film(spec)  # now, not when hours have been painted
        if spec.out:
            _check_free(Path(spec.out))  # now, not when kernels have been compiled for a minute
        said = prepare(spec, emit)
        name = spec.name
        if spec.out:
            _check_free(Path(spec.out))
        folder = RunFolder.made(Path(spec.out)) if spec.out else RunFolder.create_in(outputs, name)
        with folder.held(), recorded(folder, emit) as emit_logged:
            RunFolder.check_free(folder.path)  # nobody has painted there just before
            folder.clear()
            note(folder, said)
            for remark in target.remarks:
                emit_logged(Notice(remark))
            if not spec.out and (before := _painted_before(outputs, name, spec, target.origin.sha256)):
                emit_logged(
                    Notice(f"{before}: was painted with the same settings; this run comes to the same.")
                )
            if spec.background == "auto" and target.background is None:
                emit_logged(Notice(f"{Path(target.origin.path).name}: {TRANSPARENT}"))
            run = start_run(spec, target, start)
            if not place.is_remote:
                check_memory(run)  # now, while the folder is as it was
            run = write_first_files(folder, run)
            mark(folder, spec)
            return _carry_out(run, folder, ends, emit_logged, stopping, place, server)


def _existing(path: Path) -> Path:
    """A folder, or the nearest one above it that is there."""
    path = path.absolute()
    return next(each for each in (path, *path.parents) if each.is_dir())


def _check_film(spec: RunSpec) -> None:
    """SpecError or ToolError when nothing can make the films that a spec wants."""
    from engine.film.film import check_film  # which loads much

    check_film(spec.film)


def _with_folder(spec: RunSpec) -> RunSpec:
    """With the name of the run's folder filled in; SpecError for one that must be meant for a file."""
    if spec.out is None:
        return spec
    out = filled(spec.out, spec, is_taken=lambda name: Path(name).exists())
    if Path(out).suffix.lower() in (*EXPORTS, *FILMS, *PICTURES):
        raise SpecError(f"--out: {out} is to be the run's folder; for a file of that name give -o {out}.")
    return spec.model_copy(update={"out": out})


def _painted_before(outputs: Path, name: str, spec: RunSpec, sha256: str) -> Path | None:
    """A finished run of the same picture, by the digest of its file, with the same settings."""
    wanted = settings_digest(spec)
    for path in folders_named(outputs, name):
        header = read_header(RunFolder(path))
        if header is None or header.target_sha256 != sha256 or header.outcome != "finished":
            continue
        with suppress(TesseraError):  # of another version, or damaged
            if settings_digest(open_run(path).spec) == wanted:
                return path
    return None


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
    check_code(folder, spec, strange)
    has_new_deadline = any("budget.until" in each.settings for each in changes)
    return Resumption(folder, before, spec, strange, has_new_deadline)


def resume(plan: Resumption, emit: EventHandler, stopping: Stopping, place: Place = HERE) -> Rendered:
    """Go on with a run, wherever it was begun. place: where its jobs are done now."""
    check_place(place)
    folder, spec = plan.folder, plan.spec
    ends = _ends(spec) if plan.has_new_deadline else _ends_again(spec, emit)
    with (
        _server(spec, place) as server,
        folder.held(),
        recorded(folder, emit) as emit_logged,
    ):
        if plan.left_out:
            emit_logged(Trouble(left_out(folder, plan.wanted, plan.left_out)))
        found = _last_checkpoint(folder, emit_logged)
        checkpoint, header = found.checkpoint, found.checkpoint.header
        target = read_target(folder, checkpoint, emit_logged)
        if spec.film.enabled:
            _check_film(spec)
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
        return _carry_out(state, folder, ends, emit_logged, stopping, place, server)


def _last_checkpoint(folder: RunFolder, emit: EventHandler) -> Found:
    """What a run goes on from; whatever is odd about it is reported."""
    found = read_checkpoint(folder)
    for damaged in found.damaged:
        emit(Trouble(f"{damaged}: is damaged; going on from the checkpoint before, {found.path.name}."))
    if (version := found.checkpoint.facts.get("version")) != __version__:
        emit(Notice(f"Begun by Tessera {version}, gone on with by {__version__}: the bytes may differ."))
    return found


def _carry_out(
    run: Run,
    folder: RunFolder,
    ends: float | None,
    emit: EventHandler,
    stopping: Stopping,
    place: Place,
    server: ForkServer | None,
) -> Rendered:
    """Paint and film a run whose folder is held. ends: the deadline, seconds since the epoch."""
    settings = run.spec.film
    if server is not None:
        server.prepare(LOAD_KERNELS, run.spec.painter.name, str(cache_folder()))
    with stopping as stop:
        finished, shortage = paint_run(run, folder, ends, stop, emit, place, server)
    try:
        if settings.enabled and missing_films(folder, settings) and not stop():
            if shortage is not None:
                raise SpaceError(f"{folder.path}: {NO_SNAPSHOTS}") from shortage
            from engine.film.film import make_films

            films = make_films(folder, run.spec, emit)
            finished = replace(finished, files=(*finished.files, *map(str, films)))
    finally:
        emit(finished)
    return Rendered(folder.path, finished)


def _server(spec: RunSpec, place: Place) -> AbstractContextManager[ForkServer | None]:
    """Where processes come from; none for those of Dask."""
    return nullcontext() if place.is_cluster else at_hand(LOAD_KERNELS, spec.painter.name)


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
