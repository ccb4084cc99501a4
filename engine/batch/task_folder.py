"""Which folder a task has among the outputs, and what is left to do there."""

from __future__ import annotations

import itertools
from collections.abc import Set
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from engine.errors import RunError, TesseraError
from engine.image.target import find_origin
from engine.spec.models import RunSpec
from engine.storage.load import open_run
from engine.storage.lock import Owner, owner, working
from engine.storage.run_folder import CHECKPOINTS, LOCK, SPEC, RunFolder, is_free
from engine.storage.status import folders_named, read_status


@dataclass(frozen=True)
class Step:
    """What is to be done for a task next, and where."""

    action: Literal["render", "resume", "skip", "wait"]
    folder: Path
    why: str = ""  # a sentence
    time: str | None = None  # a new budget.time


def identity(spec: RunSpec) -> tuple[str, str]:
    """What two tasks have in common when they make the same picture; TargetError without a target."""
    return settings_digest(spec), find_origin(spec.target, spec.importance).sha256


def settings_digest(spec: RunSpec) -> str:
    """A digest of what decides the picture, whatever the files are called that it is made from."""
    importance = spec.importance if spec.importance in ("none", "auto") else "a mask"
    return spec.model_copy(update={"target": "", "importance": importance}).digest()


def next_step(spec: RunSpec, outputs: Path, taken: Set[Path] = frozenset()) -> Step:
    """What a task still needs; TesseraError when it can't have the folder that it wants.

    taken: folders that others are about to begin in.
    """
    folder = _folder_of(spec, outputs, taken)
    if not RunFolder(folder).has(SPEC):
        if (holder := owner(folder / LOCK)) is not None:
            return Step("wait", folder, f"{working(holder)}.")
        return Step("render", folder)
    status = read_status(folder)
    if status.state == "running":
        holder = Owner(status.pid, status.host or "") if status.pid else None
        return Step("wait", folder, f"{working(holder)}.")
    given, wanted = open_run(folder).spec.budget.time, spec.budget.time
    has_more = given is not None and (wanted is None or wanted > given)
    can_resume = any(RunFolder(folder).has(name) for name in CHECKPOINTS)
    if status.state == "finished" and not (status.outcome == "time" and has_more and can_resume):
        return Step("skip", folder, "it was finished before.")
    time = None if wanted == given else "null" if wanted is None else f"{wanted!r}s"
    return Step("resume", folder, time=time) if can_resume else Step("render", folder)


def _folder_of(spec: RunSpec, outputs: Path, taken: Set[Path]) -> Path:
    """The folder that holds the task, or else a free one."""
    if spec.out:
        path = Path(spec.out).absolute()
        if not _may_have(path) and not _holds(path, spec) and not _is_beginning(path):
            raise RunError(f"{path}: holds something else; choose another out, or remove it first.")
        return path
    stem = spec.name
    found = [path for path in folders_named(outputs, stem) if _holds(path, spec)]
    if found:  # several when the same was rendered by hand, again
        return next((path for path in found if read_status(path).state == "finished"), found[0])
    names = (f"{stem}-{number}" if number > 1 else stem for number in itertools.count(1))
    free = (outputs / name for name in names if outputs / name not in taken)
    return next(path for path in free if _may_have(path))


def _holds(path: Path, spec: RunSpec) -> bool:
    """Whether a folder is a run of the same picture with the same settings."""
    if not RunFolder(path).has(SPEC):
        return False
    try:
        there = open_run(path).spec
    except TesseraError:  # of another version, or damaged: not ours to go on with
        return False
    content = read_status(path).target_sha256
    if content is None:
        return there.digest() == spec.digest()
    return (settings_digest(there), content) == identity(spec)


def _is_beginning(path: Path) -> bool:
    """Whether somebody works on a folder that doesn't say yet what of."""
    return owner(path / LOCK) is not None and not (path / SPEC).is_file()


def _may_have(path: Path) -> bool:
    """Whether a folder is free, and nobody is about to begin there."""
    is_dir = path.is_dir() or not path.exists()
    return is_dir and is_free(path) and not owner(path / LOCK)
