"""Which old runs can go, and how they go: only what Tessera has made, and nothing that is in use."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args

from engine.errors import LockError, RunError, SpecError, TesseraError, reason
from engine.spec.export_models import ENDINGS
from engine.spec.fields import FileFormat, FilmFormat
from engine.spec.film_models import AnimationSettings
from engine.storage.documents import written_document
from engine.storage.load import open_run
from engine.storage.lock import owner
from engine.storage.made import MADE
from engine.storage.run_folder import (
    CHECKPOINTS,
    COPIES,
    FILM,
    LOCK,
    LOG,
    MARK,
    OLDER_LOG,
    PICTURE,
    PNG,
    PREVIEW,
    REPORT,
    RESULT,
    SNAPSHOT_FOLDER,
    SNAPSHOTS,
    SPEC,
    SVG,
    RunFolder,
    is_leftover,
)
from engine.storage.snapshots import NAME
from engine.storage.status import find_runs

FIXED = {LOCK, MADE, MARK, SPEC, *COPIES, *CHECKPOINTS, PREVIEW, PNG, SVG, RESULT, LOG, OLDER_LOG,
         SNAPSHOTS, SNAPSHOT_FOLDER, REPORT}  # fmt: skip
EFFECTS = get_args(AnimationSettings.model_fields["effect"].annotation)
PICTURES = "|".join(re.escape(ENDINGS.get(form, form)) for form in get_args(FileFormat))
NEXT = "(-[0-9]+)?"  # of several with other settings
FILMS = rf"({'|'.join((FILM, *EFFECTS))}){NEXT}\.({'|'.join(get_args(FilmFormat))})"
ZOOM = r"index\.html|[^/]+\.dzi|[^/]+_files(/[0-9]{1,2}(/[0-9]+_[0-9]+\.(jpg|png))?)?"  # in a folder .dzi
EXPORTS = rf"{PICTURE}{NEXT}\.({PICTURES})|{PICTURE}{NEXT}\.dzi/({ZOOM})"
OURS = re.compile(  # paths in a run's folder
    rf"{'|'.join(map(re.escape, FIXED))}|{FILMS}(/[0-9]{{6,7}}\.png)?|{EXPORTS}|{NAME.pattern}"
)
LAST = (SPEC, LOCK)  # by which a run is known that was only half removed
REFERENCES = ("from", "animation.to")  # settings that name another run


@dataclass(frozen=True)
class Limits:
    """What may stay; None: no such limit."""

    older: float | None = None  # seconds since a run was last written to
    size: int | None = None  # bytes of all runs
    number: int | None = None  # of runs


@dataclass(frozen=True)
class Old:
    """A run that is beyond the limits."""

    folder: str
    changed: float  # when it was last written to, seconds since the epoch
    bytes: int  # that would be free
    why: str = ""  # it stays all the same, a sentence; "" when it may go
    is_gone: bool = False
    has_failed: bool = False  # to go


@dataclass(frozen=True)
class _Candidate:
    path: Path
    changed: float
    bytes: int  # of the run
    free: int  # of them, when it goes


def old_runs(places: Sequence[Path], limits: Limits, snapshots: bool, now: float) -> list[Old]:
    """The runs at some places that are beyond any limit, oldest first, and whether they may go.

    places: runs, or folders with runs in them. snapshots: only these would go. now: seconds since the epoch.
    RunError for a place that can't be looked at, or is a symbolic link.
    """
    paths = {path for place in places for path in _runs(place)}
    found = [_candidate(path, snapshots) for path in paths]
    found = sorted((each for each in found if each.free), key=lambda each: (each.changed, each.path))
    wanted = _references({path.parent for path in paths})
    left, total = len(found), sum(each.bytes for each in found)
    beyond = []
    for run in found:
        is_old = limits.older is not None and run.changed < now - limits.older
        is_many = limits.number is not None and left > limits.number
        left -= 1
        if is_old or is_many or (limits.size is not None and total > limits.size):
            why = _objection(run.path, wanted, snapshots)
            beyond.append(Old(str(run.path), run.changed, run.free, why))
            total -= 0 if why else run.free
    return beyond


def remove(old: Old, snapshots: bool) -> Old:
    """Remove a run, or its snapshots; what became of it. One that is being worked on stays."""
    folder = RunFolder(Path(old.folder))
    try:
        if old.why or (why := _foreign(folder.path)):
            return replace(old, why=old.why or why)
        with folder.held():
            if why := _foreign(folder.path):  # since then
                return replace(old, why=why)
            for name in (SNAPSHOTS, SNAPSHOT_FOLDER) if snapshots else _names(folder.path):
                folder.remove(name)
        if not snapshots:
            folder.path.rmdir()
    except LockError:
        return replace(old, why="another process is working on it.")
    except TesseraError as error:
        return replace(old, why=str(error), has_failed=True)
    except OSError as error:
        return replace(old, why=f"can't be removed ({reason(error)}).", has_failed=True)
    return replace(old, is_gone=True)


def _runs(place: Path) -> list[Path]:
    """The runs of a place, by absolute paths without links in their last parts."""
    place = Path(os.path.abspath(place))  # noqa: PTH100 - resolve() would go through links
    if place.is_symlink():
        raise RunError(f"{place}: is a symbolic link; name the folder that it leads to, {place.resolve()}.")
    return [path for path in find_runs(place) if not path.is_symlink()]


def _candidate(path: Path, snapshots: bool) -> _Candidate:
    changed, size, free = 0.0, 0, 0
    for each in _all_files(path):
        try:
            found = each.lstat()
        except OSError:  # it has just gone
            continue
        size += found.st_size
        is_snapshot = each == path / SNAPSHOTS or each.parent == path / SNAPSHOT_FOLDER
        free += found.st_size if is_snapshot or not snapshots else 0
        changed = max(changed, found.st_mtime if each.name != LOCK else 0)
    return _Candidate(path, changed, size, free)


def _all_files(path: Path) -> Iterable[Path]:
    for folder, _, names in os.walk(path):  # which doesn't follow links
        yield from (Path(folder, name) for name in names)


def _objection(path: Path, wanted: set[str], snapshots: bool) -> str:
    """Why a run stays; "" when it may go."""
    if holder := owner(path / LOCK):
        who = f"process {holder.pid} on {holder.host}" if holder.pid else "another process"
        return f"{who} is working on it."
    if not snapshots and any(_is_meant(path, name) for name in wanted):
        return "another run names it (--from, or the end of a morph)."
    return _foreign(path)


def _foreign(path: Path) -> str:
    """Why a folder is not all Tessera's; "" when it is."""
    try:
        for each in sorted(path.rglob("*")):  # which doesn't follow links
            name = each.relative_to(path)
            if stat.S_ISLNK(each.lstat().st_mode):
                return f"has a symbolic link in it, {name}."
            is_scrap = any(is_leftover(part) for part in name.parts)
            if not (is_scrap or OURS.fullmatch(name.as_posix())):
                return f"has something in it that Tessera has not made, {name}."
        open_run(path)
    except OSError as error:
        return f"can't be read ({reason(error)})."
    except TesseraError:
        return f"has a {SPEC} that this version can't read."
    return ""


def _names(path: Path) -> list[str]:
    """All that is in a run's folder, in the order in which it goes."""
    names = {each.name for each in path.iterdir()}
    return [*sorted(names - set(LAST)), *(name for name in LAST if name in names)]


def _references(places: Iterable[Path]) -> set[str]:
    """The runs and files that runs in some folders begin with, or turn into, as their specs name them."""
    found = set()
    for place in places:
        for path in find_runs(place):
            try:
                settings = written_document(RunFolder(path)).settings
            except SpecError:
                continue
            values = (settings[name].value for name in REFERENCES if name in settings)
            found |= {value for value in values if isinstance(value, str)}
    return found


def _is_meant(path: Path, name: str) -> bool:
    """Whether a name in a spec is that of a run, or of a file in it. Relative ones count from any folder."""
    parts = tuple(part for part in Path(os.path.normpath(name)).parts if part != "..")
    named = Path(name).resolve()
    if Path(name).is_absolute() or (named.exists() and named.is_relative_to(path.resolve())):
        return named.is_relative_to(path.resolve())
    own = path.resolve().parts
    return any(own[-len(head) :] == head for head in (parts, parts[:-1]) if head)
