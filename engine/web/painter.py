"""One job is painted: a command of ours in a process of its own, and what is told of it meanwhile."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from shutil import rmtree
from typing import Any, NamedTuple

from engine.errors import LockError, TesseraError
from engine.events import Event
from engine.fork_server.client import ForkServer
from engine.kernels.cache import cache_folder
from engine.painters.registry import LOAD_KERNELS
from engine.spec.templates import literal
from engine.storage.lock import owner
from engine.storage.run_folder import CHECKPOINTS, LOCK, SPEC, RunFolder, is_free
from engine.system.child_process import Ended, Stopping, run
from engine.web.figures import Figures
from engine.web.options import RUN
from engine.web.store import Job, Store
from engine.web.verdict import Wish

NICE = 10  # how far painting stands back behind answering
ALWAYS = (
    *("--json", "--nice", str(NICE)),
    *("--set", "record.preview=0.15s", "--set", "checkpoint.every=2s", "--set", "film.enabled=false"),
)
TOLD_EVERY, STORED_EVERY = 0.1, 0.5  # seconds at least
LOOK = 0.1  # seconds between looks at a lock
log = logging.getLogger("tessera.web")


class Patience(NamedTuple):
    """How long a process may take for what should take no time; seconds."""

    stop: float = 30.0  # to save what it has and to end
    step: float = 900.0  # to get further by anything
    lock: float = 60.0  # to let go of a folder, when it was another server's
    end: float = 8.0  # to save and to end when the server ends


class Painter:
    """Paints one job, once. `paint` has a thread of its own; all else is for any thread."""

    def __init__(
        self,
        job: Job,
        folder: Path,
        store: Store,
        tell: Callable[[Job], None],
        patience: Patience,
        workers: int | None,
    ) -> None:
        """folder: the job's. tell: hears of the job as it is by then. workers: None: one for each core."""
        self.job = job
        self.folder = folder
        self.wish = Wish.NONE
        self.changes: dict[str, Any] = {}  # of the job, by what its process has said
        self._store, self._tell, self._patience, self._workers = store, tell, patience, workers
        self._run = folder / RUN
        self._figures = Figures(job, self._run)
        self._stopping = Stopping()
        self._lock = threading.Lock()
        self._asked_to_end = threading.Event()
        self._give_up = float("inf")  # when it has had time enough to end
        self._told = self._stored = float("-inf")
        self._has_spoken = False

    @property
    def now(self) -> Job:
        """The job by what has been heard of it so far."""
        return replace(self.job, **self.changes)

    @property
    def is_kept(self) -> bool:
        """Whether there is something to go on from."""
        folder = RunFolder(self._run)
        return folder.has(SPEC) and any(folder.has(name) for name in CHECKPOINTS)

    def ask(self, wish: Wish) -> None:
        """Let it end; of several wishes the strongest counts."""
        patience = self._patience.end if wish is Wish.LEAVE else self._patience.stop
        with self._lock:
            is_first = self.wish is Wish.NONE
            self.wish = max(self.wish, wish)
            self._give_up = min(self._give_up, time.monotonic() + patience)
            self._asked_to_end.set()
        if (
            wish is Wish.FORGET or not self._has_spoken
        ):  # while it begins it would not hear, nor lose anything
            self._stopping.number = self._stopping.number or signal.SIGKILL
            self._stopping.kill()
        elif is_first:
            self._stopping.stop(signal.SIGINT)

    def watch(self) -> None:
        """End a process that doesn't end by itself, or gets no further."""
        now = time.monotonic()
        if now > self._give_up or now > self._figures.last_step + self._patience.step:
            log.warning("job %s: its process is stuck and is killed", self.job.id)
            self._stopping.kill()

    def paint(self, server: ForkServer | None) -> Ended:
        """Paint it to its end, or until somebody wants it to end."""
        give_up = time.monotonic() + self._patience.lock
        while True:
            self._await_folder(give_up)
            if self.wish is not Wish.NONE:
                return Ended(128 + signal.SIGINT, "was stopped.", ())
            if server is not None:
                with suppress(OSError):  # without it, what is started loads everything itself
                    server.revive()
                server.prepare(LOAD_KERNELS, self.job.painter, str(cache_folder()))
            self._has_spoken = False
            ended = run(self._arguments(), self._stopping, self._hear, server)
            if ended.code != LockError.exit_code or time.monotonic() > give_up:
                break
            self._asked_to_end.wait(LOOK)
        self._figures.look()
        self.changes = self._figures.changes
        return ended

    def _arguments(self) -> list[str]:
        """The command that goes on from what there is, or begins."""
        workers = "auto" if self._workers is None else str(self._workers)
        always = [*ALWAYS, "--workers", workers]
        if self.is_kept:
            return ["resume", str(self._run), "--effort", repr(self.job.effort), *always]
        if not is_free(self._run):  # it is damaged, or nothing that a run has left
            rmtree(self._run, ignore_errors=True)
        return ["render", str(self.folder / "spec.yaml"), "--out", literal(str(self._run)), *always]

    def _await_folder(self, give_up: float) -> None:
        """Wait until nobody works in the run's folder: a killed server's process may, to its end."""
        while (holder := owner(self._run / LOCK)) is not None and not self._asked_to_end.wait(LOOK):
            self._figures.last_step = time.monotonic()
            if time.monotonic() > give_up and holder.pid and holder.host == socket.gethostname():
                log.warning("job %s: process %s holds its folder for too long", self.job.id, holder.pid)
                with suppress(OSError):
                    os.kill(holder.pid, signal.SIGKILL)
                give_up += self._patience.lock

    def _hear(self, event: Event) -> None:
        self._has_spoken = True
        is_news = self._figures.hear(event)
        now = time.monotonic()
        if not is_news and now - self._told < TOLD_EVERY:
            return
        self._told = now
        self.changes = self._figures.changes
        if self.wish is Wish.FORGET:
            return
        if now - self._stored >= STORED_EVERY:
            self._stored = now
            with suppress(TesseraError):  # of a full disk there is more to be heard
                self._store.update(self.job.id, only_in=("painting",), **self.changes)
        self._tell(self.now)
