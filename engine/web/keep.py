"""What is kept, for how long and how much of it: room for new jobs, old paintings, what nobody needs."""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from engine.errors import SpaceError
from engine.formatting import byte_count
from engine.web.options import INCOMING, JOBS, Limits, ServeOptions
from engine.web.refused import Refused
from engine.web.store import Job, Store

HOUR = 3600.0
SWEEPS = 20  # times that it is looked for old paintings while one gets old; at least once an hour
SOON = 30  # seconds after which it may be tried again
PICTURE_GONE = "Its picture is gone from the server; send it again."
ENOUGH_QUEUED = "You have {count} paintings in the line or under way, and {most} are allowed; wait for one."
ENOUGH_SENT = "You have sent {count} pictures within an hour, and {most} are allowed; try again in {minutes}."
ENOUGH_KEPT = "Your paintings take all the {most} that you may have here; delete some first."
LINE_FULL = "Too many are waiting for their paintings already; try again in a few minutes."
SERVER_FULL = "This server has no room left for more paintings; try again later."


def check_room(store: Store, visitor: str, limits: Limits) -> None:
    """Refused (429, 503, 507) when a visitor, or all of them together, have asked for enough."""
    waiting = store.in_state("queued", "painting")
    own = sum(job.visitor == visitor for job in waiting)
    if own >= limits.queued:
        raise Refused(429, ENOUGH_QUEUED.format(count=own, most=limits.queued), _after(SOON))
    if store.bytes_of(visitor) >= limits.visitor_bytes:
        raise Refused(507, ENOUGH_KEPT.format(most=byte_count(limits.visitor_bytes)))
    if len(waiting) >= limits.line:
        raise Refused(503, LINE_FULL, _after(2 * SOON))
    if store.bytes_of() >= limits.all_bytes:
        raise Refused(507, SERVER_FULL, _after(HOUR))


def check_sent(store: Store, visitor: str, limits: Limits, now: float) -> None:
    """Refused (429) when a visitor has sent enough pictures. now: seconds since the epoch."""
    sent = store.uploads_of(visitor, now - HOUR)
    if len(sent) >= limits.uploads_hour:
        seconds = sent[-limits.uploads_hour] + HOUR - now  # when one less will count
        minutes = math.ceil(seconds / 60)
        text = "a minute" if minutes <= 1 else f"{minutes} minutes"
        raise Refused(
            429, ENOUGH_SENT.format(count=len(sent), most=limits.uploads_hour, minutes=text), _after(seconds)
        )


def clean_up(store: Store, folder: Path) -> None:
    """Remove what a killed server has left: uploads on their way, folders and rows without each other.

    folder: where all is kept. A job that waits for a picture which is gone fails.
    """
    for path in _paths_in(folder / INCOMING):
        _remove(path)
    jobs = {job.id: job for job in store.all()}
    for path in _paths_in(folder / JOBS):
        if path.name not in jobs:
            _remove(path)
    for job in jobs.values():
        if not (folder / JOBS / job.id).is_dir():
            if job.is_waiting:
                store.update(job.id, state="failed", doing=None, message=PICTURE_GONE)
            else:
                store.remove(job.id)


def remove_job(store: Store, folder: Path, job: str) -> None:
    """Let nothing of a job be left; nobody paints it any more.

    folder: where all is kept.
    """
    try:
        store.remove(job)
    except SpaceError:  # even forgetting takes room, which its files have
        _remove_folder(folder / JOBS / job)
        store.remove(job)
    else:
        _remove_folder(folder / JOBS / job)


def _remove_folder(path: Path) -> None:
    aside = path.with_name(f".gone-{path.name}")  # of which no half is ever taken for a painting
    with suppress(OSError):
        path.rename(aside)
    _remove(aside)
    _remove(path)


def expired(store: Store, options: ServeOptions, now: float) -> list[Job]:
    """The jobs that are kept no longer. now: seconds since the epoch."""
    return [] if options.keep is None else store.unchanged_since(now - options.keep)


def seconds_between_sweeps(options: ServeOptions) -> float:
    """How often it is looked for old paintings."""
    return math.inf if options.keep is None else min(HOUR, max(options.keep / SWEEPS, 1.0))


def bytes_of(folder: Path) -> int:
    """What the files of a folder take, with those of folders in it; some may come and go meanwhile."""
    return sum(_sizes(folder))


def _sizes(folder: Path) -> Iterator[int]:
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            with suppress(OSError):
                if entry.is_dir(follow_symlinks=False):
                    yield from _sizes(Path(entry.path))
                else:
                    yield entry.stat(follow_symlinks=False).st_size


def _after(seconds: float) -> dict[str, str]:
    return {"Retry-After": str(max(1, math.ceil(seconds)))}


def _paths_in(folder: Path) -> list[Path]:
    with suppress(OSError):
        return list(folder.iterdir())
    return []


def _remove(path: Path) -> None:
    """A file, or a folder with all that is in it; of a link the link alone."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()
