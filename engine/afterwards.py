"""What can be done with a run that has been painted: film, animate, export, report, prune.

What draws is imported where it is used: commands that draw nothing start without it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from engine.coordinator.prepare import prepare
from engine.errors import SpecError
from engine.events import EventHandler, Exported, Trouble
from engine.export.formats import check_tools, check_used
from engine.spec.models import RunSpec
from engine.spec.settings import Document
from engine.storage.load import StoredRun, open_run
from engine.storage.log import recorded
from engine.storage.prune import Limits, Old, old_runs, remove
from engine.storage.run_folder import RunFolder
from engine.storage.trust import ENCODER, left_out, without_programs


def film(
    run: Path,
    changes: Sequence[Document],
    emit: EventHandler,
    to: Sequence[Path] = (),
    trust: bool = False,
    replace: bool = False,
) -> tuple[Path, ...]:
    """Make the films of a run anew, or elsewhere: `to`, paths with the suffixes of the film's formats.

    trust: as for `resumption`. replace: also films of other settings, which else keep their names.
    """
    from engine.film.film import make_films

    folder, spec, sentence = _open_to_film(run, changes, ("film",), trust)
    with folder.held(), recorded(folder, emit) as emit_logged:
        if sentence:
            emit_logged(Trouble(sentence))
        prepare(spec, emit_logged)
        return tuple(make_films(folder, spec, emit_logged, to, replace))


# What follows is no part of what a run was asked for, so its log says nothing of it.


def animate(
    run: Path,
    changes: Sequence[Document],
    emit: EventHandler,
    to: Sequence[Path] = (),
    trust: bool = False,
    replace: bool = False,
) -> tuple[Path, ...]:
    """Make an animation of what a run has painted so far; to, trust, replace: as for `film`."""
    from engine.film.animation import make_animation

    folder, spec, sentence = _open_to_film(run, changes, ("film", "animation"), trust)
    with folder.held():
        if sentence:
            emit(Trouble(sentence))
        prepare(spec, emit)
        return tuple(make_animation(folder, spec, emit, to, replace))


def export(
    run: Path,
    changes: Sequence[Document],
    emit: EventHandler,
    to: Sequence[tuple[str, Path]] = (),
    replace: bool = False,
) -> tuple[Path, ...]:
    """Write what a run has painted so far for other programs; replace: as for `film`.

    to: formats and paths of files elsewhere.
    """
    from engine.export.export import is_drawn, write_files

    stored, spec = _open(run, changes, ("export",))
    check_used(spec.export, changes)
    check_tools(spec.export)
    folder = stored.folder
    with folder.held():
        if is_drawn(spec.export):
            prepare(spec, emit)
        return tuple(write_files(folder, spec, emit, to, replace))


def report(run: Path, emit: EventHandler, to: Path | None = None) -> Path:
    """Write a page about a run, into its folder or elsewhere; its path."""
    from engine.report.report import write_report

    started = time.monotonic()
    stored, spec = _open(run, (), ())
    folder = stored.folder
    with folder.held():
        prepare(spec, emit)
        path = write_report(folder, spec, emit, to)
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
