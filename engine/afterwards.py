"""What is made of a run once it has painted something: films, animations, files, a page about it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from engine.errors import SpecError
from engine.events import Exported, Report
from engine.export.export import check_tools, is_drawn, write_files
from engine.film.animate import make_animation
from engine.film.film import make_films
from engine.painter import params_of
from engine.produce import prepare, recorded
from engine.report.report import write_report
from engine.run_folder import SPEC, RunFolder
from engine.settings import Document, read_document, resolve
from engine.spec import RunSpec


def film(run: Path, changes: Sequence[Document], report: Report) -> None:
    """Make the films of a run anew."""
    folder, spec = _open(run, changes, ("film",))
    with folder.held(), recorded(folder, report) as told:
        prepare(spec, told)
        make_films(folder, spec, told)


# What follows is no part of what a run was asked for, so its log says nothing of it.


def animate(run: Path, changes: Sequence[Document], report: Report) -> None:
    """Make an animation of what a run has painted so far."""
    folder, spec = _open(run, changes, ("film", "animation"))
    with folder.held():
        prepare(spec, report)
        make_animation(folder, spec, report)


def export(run: Path, changes: Sequence[Document], report: Report) -> None:
    """Write what a run has painted so far for other programs."""
    folder, spec = _open(run, changes, ("export",))
    check_tools(spec.export)
    with folder.held():
        if is_drawn(spec.export):
            prepare(spec, report)
        write_files(folder, spec, report)


def report(run: Path, tell: Report) -> None:
    """Write a page about a run."""
    started = time.monotonic()
    folder, spec = _open(run, (), ())
    with folder.held():
        prepare(spec, tell)
        path = write_report(folder, spec)
    tell(Exported(str(path), path.stat().st_size, round(time.monotonic() - started, 3)))


def _open(run: Path, changes: Sequence[Document], sections: Sequence[str]) -> tuple[RunFolder, RunSpec]:
    """A run, which may have other settings in some sections, and no others."""
    folder = RunFolder.open(run)
    document = read_document(folder / SPEC)
    before, spec = resolve([document], params_of), resolve([document, *changes], params_of)
    if spec.model_copy(update={name: getattr(before, name) for name in sections}) != before:
        where = " or ".join(f"{name}." for name in sections)
        raise SpecError(f"{run}: is painted; other settings than those below {where} are for tessera render.")
    return folder, spec
