"""What waits is painted, a few jobs at a time, in processes of their own; what was begun is gone on with."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from typing import Any

from engine.errors import SpaceError, TesseraError
from engine.fork_server.client import ForkServer
from engine.system.child_process import Ended
from engine.web.hub import Hub
from engine.web.keep import bytes_of, expired, remove_job, seconds_between_sweeps
from engine.web.line import TURN, Line, cost_left, ordered, turns
from engine.web.options import JOBS, ServeOptions
from engine.web.pace import Pace
from engine.web.painter import Painter, Patience, log
from engine.web.store import Job, Store
from engine.web.verdict import UNKNOWN, Wish, verdict

LOOK = 1.0  # seconds between looks at processes that paint,
LOOK_AT_LINE = 5.0  # and at how long others will have to wait for them
TRY_AGAIN = 5.0  # seconds after a full disk has refused something


class Painting:
    """Keeps up to so many jobs in work; methods are for any thread."""

    def __init__(
        self,
        options: ServeOptions,
        store: Store,
        hub: Hub,
        forks: ForkServer | None,
        patience: Patience | None = None,
    ) -> None:
        """forks: where processes come from; None: they load everything themselves."""
        self.line = Line()
        self._options, self._store, self._hub, self._forks = options, store, hub, forks
        self._patience = patience or Patience()
        self._folder = options.outputs.absolute()
        self._pace = Pace(store)
        self._painters: dict[str, Painter] = {}  # at work, by their jobs
        self._threads: dict[str, threading.Thread] = {}
        self._ended: dict[str, dict[str, Any]] = {}  # what has to be noted still of jobs that have ended
        self._began: dict[str, float] = {}  # the last one of each visitor
        self._changed = threading.Condition(threading.RLock())
        self._is_woken = self._is_closing = False
        self._try_again = 0.0
        self._line_due = self._sweep_due = 0.0
        self._dispatcher = threading.Thread(target=self._dispatch, name="painting", daemon=True)

    def start(self) -> None:
        """Begin; what an earlier server has left in work is gone on with first."""
        for job in self._store.all():
            if job.began is not None:
                self._began[job.visitor] = max(job.began, self._began.get(job.visitor, 0.0))
            if job.state == "painting":
                self._store.update(job.id, state="queued", doing=None, remaining=None, attempts=0)
        self._dispatcher.start()

    def close(self) -> None:
        """Let all that is in work be saved, within seconds; it is gone on with at the next start."""
        with self._changed:
            self._is_closing = self._is_woken = True
            for painter in self._painters.values():
                painter.ask(Wish.LEAVE)
            self._changed.notify_all()
        if self._dispatcher.ident is not None:
            self._dispatcher.join()

    def wake(self) -> None:
        """Something waits that did not before."""
        with self._changed:
            self._is_woken = True
            self._changed.notify_all()

    def stop(self, job: str) -> None:
        """Let a job be what it is by now, if it waits or is in work."""
        with self._changed:
            if (painter := self._painters.get(job)) is not None:
                painter.ask(Wish.STOP)
                return
            now = time.time()
            self._publish(
                self._store.update(job, only_in=("queued",), state="stopped", ended=now, changed=now)
            )
            self.wake()

    def resume(self, job: Job, effort: float) -> None:
        """Let a job that has ended go on, up to so much effort, but never to less than before."""
        effort = max(effort, job.effort)
        cost = job.cost * effort / job.effort  # of it all, as its progress is
        progress = None if job.progress is None else min(1.0, job.progress * job.effort / effort)
        with self._changed:
            changed = self._store.update(
                job.id,
                only_in=("finished", "stopped", "failed"),
                state="queued",
                action="resume",
                effort=effort,
                cost=cost,
                progress=progress,
                began=None,
                ended=None,
                attempts=0,
                message=None,
                changed=time.time(),
            )
            self.wake()
        self._publish(changed)

    def forget(self, job: str) -> None:
        """Let nobody paint a job any more, which is about to be deleted; returns when nobody does."""
        with self._changed:
            with suppress(SpaceError):  # then it can't be begun either
                self._store.update(job, only_in=("queued",), state="stopped")
            painter, thread = self._painters.get(job), self._threads.get(job)
            if painter is not None:
                painter.ask(Wish.FORGET)
            self.wake()
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    def _dispatch(self) -> None:
        """Give work to whoever is free, until all is over."""
        while True:
            with self._changed:
                if self._is_closing and not self._painters:
                    break
                try:
                    self._turn()
                except TesseraError as error:  # a full disk: there will be room again
                    log.warning("%s", error)
                    self._do_again()
                except Exception:
                    log.exception("painting goes on all the same")
                    self._do_again()
                self._changed.wait_for(lambda: self._is_woken, self._until_next_look())
        with suppress(TesseraError):  # the next start knows what to do without it
            self._note_ended()

    def _do_again(self) -> None:
        """Let what has gone wrong be done a little later."""
        self._try_again, self._line_due = time.monotonic() + TRY_AGAIN, 0.0

    def _until_next_look(self) -> float | None:
        """Seconds; None: there is nothing to look at until somebody says so."""
        now = time.monotonic()
        if self._painters or self._ended or now < self._try_again:
            return LOOK
        seconds = max(0.0, self._sweep_due - now)
        return seconds if seconds < float("inf") else None

    def _turn(self) -> None:
        """Look at everything once."""
        for painter in self._painters.values():
            painter.watch()
        now = time.monotonic()
        if now < self._try_again:
            self._is_woken = False
            return
        is_woken, self._is_woken = self._is_woken, False
        self._note_ended()
        if self._is_closing:
            return
        if now >= self._sweep_due:
            self._sweep_due = now + seconds_between_sweeps(self._options)
            self._sweep()
        if is_woken or now >= self._line_due:
            self._line_due = now + LOOK_AT_LINE
            self._fill()

    def _fill(self) -> None:
        """Begin what can be begun, and tell the others of their places."""
        queued = [job for job in self._store.in_state("queued") if job.id not in self._painters]
        painting = [painter.now for painter in self._painters.values()]
        there, recent = {job.visitor for job in queued}, time.time() - TURN
        self._began = {who: at for who, at in self._began.items() if who in there or at > recent}
        order = ordered(queued, painting, self._began)
        while order and len(self._painters) < self._options.jobs:
            self._begin(order.pop(0))
        painting = [painter.now for painter in self._painters.values()]
        self.line.put(turns(order, painting, self._options.jobs, self._seconds))
        for job in order:
            self._hub.publish(job)

    def _seconds(self, job: Job) -> float:
        """That a job will take, estimated."""
        if job.remaining is not None:
            return job.remaining
        return self._pace.seconds(cost_left(job))

    def _begin(self, job: Job) -> None:
        now, folder = time.time(), self._folder / JOBS / job.id
        claimed = self._store.update(
            job.id,
            only_in=("queued",),
            state="painting",
            doing="preparing",
            began=now,
            ended=None,
            bytes=bytes_of(folder),
        )
        if claimed is None:  # it has been deleted meanwhile
            return
        self._began[job.visitor] = now
        painter = Painter(
            claimed, folder, self._store, self._hub.publish, self._patience, self._options.workers
        )
        thread = threading.Thread(target=self._paint, args=(painter,), name=f"painting {job.id}", daemon=True)
        self._painters[job.id], self._threads[job.id] = painter, thread
        thread.start()
        self._hub.publish(claimed)

    def _paint(self, painter: Painter) -> None:
        """One painter's thread."""
        began = time.monotonic()
        try:
            ended = painter.paint(self._forks)
            changes = verdict(painter.now, ended, painter.wish, painter.is_kept, painter.folder)
            if ended.code and changes.get("state") == "failed":
                log.warning("job %s failed (%s): %s", painter.job.id, ended.code, ended.message)
            self._learn(painter, ended, time.monotonic() - began)
        except Exception:
            log.exception("job %s", painter.job.id)
            changes = {"state": "failed", "doing": None, "remaining": None, "message": UNKNOWN}
        now = time.time()
        rest = {} if changes["state"] == "queued" else {"ended": now, "changed": now}
        size = bytes_of(painter.folder)
        with self._changed:
            self._ended[painter.job.id] = {**painter.changes, **changes, **rest, "bytes": size}
            del self._painters[painter.job.id], self._threads[painter.job.id]
            self.wake()

    def _learn(self, painter: Painter, ended: Ended, seconds: float) -> None:
        """Remember how long a whole painting took, in seconds from its beginning to its end."""
        if ended.code == 0:
            self._pace.learn(cost_left(painter.job), seconds)

    def _note_ended(self) -> None:
        """Write down what has come of jobs; it is kept until that is possible."""
        for job, changes in list(self._ended.items()):
            noted = self._store.update(job, only_in=("painting",), **changes)
            del self._ended[job]
            self._publish(noted)

    def _sweep(self) -> None:
        """Let go what is old."""
        for job in expired(self._store, self._options, time.time()):
            remove_job(self._store, self._folder, job.id)
            self._hub.gone(job)

    def _publish(self, job: Job | None) -> None:
        if job is not None:
            self._hub.publish(job)
