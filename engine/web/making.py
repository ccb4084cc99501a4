"""A file of a painting that its run has not made: a command of ours makes it, apart and within limits."""

from __future__ import annotations

import hashlib
import logging
import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.errors import LockError, SpaceError, SpecError, TesseraError
from engine.fork_server.client import ForkServer
from engine.storage.run_folder import CHECKPOINTS, SNAPSHOTS
from engine.system.child_process import Ended, run
from engine.web.limited import Limited
from engine.web.refused import NO_ROOM, Refused, without_paths

MEMORY = 2_000_000_000  # bytes that a file may take to be made,
SECONDS = 300.0  # and how long,
ROOM = 50_000_000  # and bytes that have to be free for it
LOCKED_FOR = 20.0  # seconds that a run may be in use before it is given up
MOST_MADE = 16  # files of a painting that are kept; the oldest go
SCRATCH = ".making-"  # and more: a folder of a file that is being made
BUSY = "This painting is being worked on just now; ask again in a moment."
STOPPED = "This painting has been changed or deleted meanwhile; look at it again."
TOO_MUCH = "It takes more time or memory than this server gives to a file; ask for a smaller one."
# What a command says that has met its limit of memory; "ended with exit code": it had not enough for words.
_WANT = ("memory", "no more processes", "ended with exit code 1.")
_log = logging.getLogger("tessera.web")


@dataclass(frozen=True)
class Order:
    """A file that is to be made."""

    name: str  # as visitors know it
    run: Path  # the run's folder
    path: Path  # of the file, in a folder of files that were made
    command: tuple[str, ...]  # and flags
    stamp: str  # of the run's state, see `stamp_of`; the path's name has it


def stamp_of(run: Path) -> str | None:
    """What tells states of a run apart, without reading them: 16 digits. None when it has painted nothing."""
    found = []
    for name in (*CHECKPOINTS, SNAPSHOTS):
        try:
            state = (run / name).lstat()
        except OSError:
            continue
        found.append((name, state.st_mtime_ns, state.st_size, state.st_ino))
    if not found:
        return None
    return hashlib.sha256(repr(found).encode()).hexdigest()[:16]


def make(order: Order, stopping: Limited, server: ForkServer | None) -> None:
    """Make it; Refused, in one sentence, when that can't be. It appears whole, or not at all."""
    try:
        order.path.parent.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=SCRATCH, dir=order.path.parent) as scratch:
            made = Path(scratch, f"made{order.path.suffix}")
            _carry_out(order, made, stopping, server)
            if stopping.is_late:
                raise Refused(422, TOO_MUCH)
            if stopping.number or stamp_of(order.run) != order.stamp:
                raise Refused(409, STOPPED)
            made.replace(order.path)
    except FileNotFoundError as exc:
        raise Refused(404, STOPPED) from exc


def clear(folder: Path, stamp: str | None, keep: int = MOST_MADE) -> None:
    """Remove what was made of other states of a run, and the oldest files that are too many.

    What is being made stays.
    """
    made = []
    for path in _paths_in(folder):
        if path.name.startswith(SCRATCH):
            continue
        if stamp is None or stamp not in path.name:
            path.unlink(missing_ok=True)
        else:
            made.append(path)
    made.sort(key=_age)
    for path in made[: max(0, len(made) - keep)]:
        path.unlink(missing_ok=True)


def sweep(folder: Path) -> None:
    """Remove what a server that was killed has left half made."""
    for path in _paths_in(folder):
        if path.name.startswith(SCRATCH):
            shutil.rmtree(path, ignore_errors=True)


def _carry_out(order: Order, made: Path, stopping: Limited, server: ForkServer | None) -> None:
    """Let a command make a file there; it is tried again while another command holds the run."""
    if shutil.disk_usage(made.parent).free < ROOM:
        raise Refused(507, NO_ROOM)
    command, *flags = order.command
    arguments = [command, str(order.run), *flags, "-o", str(made), "--quiet"]
    give_up = time.monotonic() + LOCKED_FOR
    while True:
        ended = run(arguments, stopping, lambda _: None, server)
        if ended.code != LockError.exit_code or stopping.number or time.monotonic() > give_up:
            break
    if ended.code == 0 and made.is_file():
        return
    raise _refusal(order, ended, stopping, made.parent)


def _refusal(order: Order, ended: Ended, stopping: Limited, scratch: Path) -> Refused:
    _log.warning("%s: %s: ended with %s: %s", order.run, order.name, ended.code, ended.message)
    if stopping.is_late:
        return Refused(422, TOO_MUCH)
    if stopping.number:
        return Refused(409, STOPPED)
    if ended.code == LockError.exit_code:
        return Refused(409, BUSY, {"Retry-After": "5"})
    if ended.code == SpaceError.exit_code or shutil.disk_usage(scratch).free < ROOM:
        return Refused(507, NO_ROOM)
    if ended.code < 0 or any(words in ended.message.lower() for words in _WANT):
        return Refused(422, TOO_MUCH)
    is_told = ended.code in (SpecError.exit_code, TesseraError.exit_code)
    reason = _reason(order, ended.message) if is_told else "something went wrong here."
    return Refused(422, f"{order.name} can't be made of this painting: {reason}")


def _reason(order: Order, message: str) -> str:
    """What a command has said, without where things lie; a sentence's rest."""
    said = message.removeprefix(f"{order.run}: ").removeprefix(f"{order.path.parent}: ")
    return without_paths(said, (order.run.parent,)).partition("\n")[0]


def _paths_in(folder: Path) -> Sequence[Path]:
    try:
        return list(folder.iterdir())
    except FileNotFoundError:
        return ()


def _age(path: Path) -> int:
    try:
        return path.lstat().st_mtime_ns
    except FileNotFoundError:
        return 0
