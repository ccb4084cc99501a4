"""What the end of a process means for the job that it has painted."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from enum import IntEnum
from pathlib import Path
from typing import Any

from engine.errors import LockError, SpaceError
from engine.system.child_process import Ended
from engine.web.options import PICTURE, RUN
from engine.web.refused import without_paths
from engine.web.store import Job

RETRIES = 1  # of a job whose process was killed
INTERRUPTED = (128 + signal.SIGINT, 128 + signal.SIGTERM)  # exit codes
NO_ROOM = "There is no room left on this server's disk; go on with it later."
KILLED = "Its painting was cut short twice, perhaps for want of memory; try a smaller size, or go on with it."
IN_USE = "Something else is at work on it; go on with it in a moment."
UNKNOWN = "Something went wrong here, which is no fault of yours; go on with it, or begin it again."


class Wish(IntEnum):
    """Why a process is asked to end; of several the greatest counts."""

    NONE = 0
    LEAVE = 1  # the server ends
    STOP = 2  # its visitor has enough
    FORGET = 3  # it is deleted


def verdict(job: Job, ended: Ended, wish: Wish, is_kept: bool, folder: Path) -> dict[str, Any]:
    """What of a job is otherwise now.

    is_kept: whether there is something to go on from. folder: the job's, which no sentence names.
    """
    rest = {"doing": None, "remaining": None, "action": "resume" if is_kept else "render"}
    if ended.code == 0:
        return {**rest, "state": "finished", "progress": 1.0, "attempts": 0, "message": None}
    if wish is Wish.LEAVE:
        return {**rest, "state": "queued"}
    if wish in (Wish.STOP, Wish.FORGET):
        return {**rest, "state": "stopped", "attempts": 0, "message": None}
    if ended.code < 0 or ended.code in INTERRUPTED:
        if job.attempts < RETRIES:
            return {**rest, "state": "queued", "attempts": job.attempts + 1}
        return {**rest, "state": "failed", "message": KILLED}
    if ended.code == SpaceError.exit_code:
        return {**rest, "state": "stopped" if is_kept else "failed", "message": NO_ROOM}
    if ended.code == LockError.exit_code:
        return {**rest, "state": "failed", "message": IN_USE}
    return {**rest, "state": "failed", "message": plain(ended.message, [folder])}


def plain(message: str, folders: Sequence[Path]) -> str:
    """A command's last sentence for a visitor, who knows nothing of this machine's files."""
    names = [str(path) for folder in folders for path in (folder / RUN, folder / PICTURE, folder)]
    for name in names:
        message = message.removeprefix(f"{name}: ")
    said = without_paths(message, folders).partition("\n")[0].lstrip(": ").strip()
    if not said or "Traceback" in message or said.startswith("ended with exit code"):
        return UNKNOWN
    return said[0].upper() + said[1:]
