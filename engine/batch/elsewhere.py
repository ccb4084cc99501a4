"""An attempt of a batch in a worker of a Dask cluster: a command in a process of its own, as at home."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from engine.batch.parcel import packed, unpacked
from engine.batch.work import FAILED, Attempt
from engine.errors import reason
from engine.storage.lock import owner
from engine.storage.run_folder import CHECKPOINTS, LOCK, RunFolder
from engine.system.child_process import Ended, Stopping, run

SPEC_NAME, RUN, TARGET, IMPORTANCE, START, FILES = (
    "picture.yaml",
    "run",
    "target",
    "importance",
    "from",
    "files",
)
LINGER = 30.0  # seconds that a command may take to end whose worker was killed
GLANCE = 0.5  # between two looks at whether anybody wants the result still
PROBE = ".batch-shared-"  # what a file's name begins with that is written to see who else sees it

_running: dict[str, list[Stopping]] = {}  # of this process, by batch
_stopped: set[str] = set()


@dataclass(frozen=True)
class Site:
    """What all attempts of a batch have in common."""

    batch: str  # a name that no other one has
    current: str  # the folder that relative paths count from
    outputs: str


@dataclass(frozen=True)
class Errand:
    """An attempt on its way."""

    attempt: Attempt
    parcel: bytes | None  # what it needs; None: all machines see the run's folder

    @property
    def name(self) -> str:
        """How messages speak of it."""
        return f"job {self.attempt.number}"


class Done(NamedTuple):
    """What came of an attempt."""

    number: int  # of its task
    ended: Ended
    parcel: bytes  # the run's folder and the files, when nothing is shared


def open_site(found: Site) -> Site:
    """What a worker opens."""
    return found


def attempt(found: Site, errand: Errand) -> Done:
    """Carry out one; whatever goes wrong is how it ended."""
    number = errand.attempt.number
    stopping, parcel = Stopping(), b""
    try:
        with (
            _listed(found.batch, stopping),
            _wanted(stopping),
            tempfile.TemporaryDirectory(prefix="tessera-") as scratch,
        ):
            if errand.parcel is not None:
                ended, parcel = _apart(errand.attempt, errand.parcel, Path(scratch), stopping)
            else:
                ended = _shared(found, errand.attempt, Path(scratch), stopping)
    except (OSError, ValueError) as exc:
        ended = Ended(FAILED, f"{socket.gethostname()}: {reason(exc)}.", ())
    return Done(number, ended, parcel)


def stop(batch: str) -> None:
    """End all that this process does for a batch, in good order."""
    _stopped.add(batch)
    for stopping in tuple(_running.get(batch, ())):
        stopping.stop(signal.SIGTERM)


def sees(folder: str, token: str) -> str | None:
    """Whether this machine sees a file that was written elsewhere: the name of another one beside it."""
    path = Path(folder, PROBE + token)
    try:
        if path.read_text() != token:
            return None
        answer = path.with_name(f"{path.name}-{socket.gethostname()}-{os.getpid()}")
        answer.write_text(token)
    except OSError:
        return None
    return answer.name


def _shared(found: Site, wanted: Attempt, scratch: Path, stopping: Stopping) -> Ended:
    """Where all machines see the run's folder."""
    folder = RunFolder(wanted.step.folder)
    until = time.monotonic() + LINGER
    while owner(folder / LOCK) is not None and time.monotonic() < until:
        time.sleep(GLANCE)  # of a command that a dead worker has left, which saves its state
    if wanted.step.action == "render" and any(map(folder.has, CHECKPOINTS)):
        wanted = replace(wanted, step=replace(wanted.step, action="resume"))
    spec = scratch / SPEC_NAME
    spec.write_text(wanted.spec.to_yaml())
    where = Path(found.current)
    if not where.is_dir():
        raise FileNotFoundError(f"{where}: is not seen here, and {found.outputs} is; start from a shared one")
    return run(wanted.arguments(spec, folder.path, wanted.files), stopping, _unheard, folder=where)


def _apart(wanted: Attempt, parcel: bytes, scratch: Path, stopping: Stopping) -> tuple[Ended, bytes]:
    """Where nothing is shared: with a parcel that has all that is needed, and one that goes back."""
    unpacked(parcel, scratch)
    (scratch / SPEC_NAME).write_text(wanted.spec.to_yaml())
    made = {f"{FILES}/{number}": Path(name).name for number, name in enumerate(wanted.files)}
    for number in made:
        (scratch / number).mkdir(parents=True)
    own = tuple(str(scratch / number / name) for number, name in made.items())
    words = wanted.arguments(scratch / SPEC_NAME, scratch / RUN, own)
    if wanted.step.action == "render":
        for name, setting in ((TARGET, "target"), (IMPORTANCE, "importance"), (START, "from")):
            if (scratch / name).is_dir():
                (only,) = (scratch / name).iterdir()
                words += ["--set", f"{setting}={only}"]
    ended = run(words, stopping, _unheard, folder=scratch)
    return ended, packed({RUN: scratch / RUN, **{number: scratch / number for number in made}})


@contextlib.contextmanager
def _listed(batch: str, stopping: Stopping) -> Iterator[None]:
    """Be among what is stopped with a batch."""
    if batch in _stopped:
        stopping.stop(signal.SIGTERM)
    _running.setdefault(batch, []).append(stopping)
    try:
        yield
    finally:
        _running[batch].remove(stopping)


@contextlib.contextmanager
def _wanted(stopping: Stopping) -> Iterator[None]:
    """Stop when the client is gone, or the scheduler: nobody would take the result."""
    from distributed import get_worker

    worker: Any = get_worker()
    key, over = worker.get_current_task(), threading.Event()

    def look() -> None:
        while not over.wait(GLANCE):
            task = worker.state.tasks.get(key)
            if task is None or task.state in ("cancelled", "released", "forgotten"):
                stopping.stop(signal.SIGTERM)
                return

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()


def _unheard(event: Any) -> None:
    """What an attempt says is too much for the network; how it ends is told."""
