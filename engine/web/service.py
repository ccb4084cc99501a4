"""What the server does for its visitors, however they ask: jobs are taken in, stopped, resumed, removed."""

from __future__ import annotations

import os
import shutil
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Self

from engine.fork_server.client import ForkServer
from engine.spec.models import RunSpec
from engine.storage.run_folder import RunFolder
from engine.web.entrance import Entrance
from engine.web.estimate import check_cost, cost
from engine.web.files import Files
from engine.web.hub import Hub
from engine.web.keep import check_room, check_sent, clean_up, remove_job
from engine.web.looks import sample_file
from engine.web.options import DATABASE, INCOMING, JOBS, PICTURE, RUN, Limits, ServeOptions
from engine.web.painting import Painting
from engine.web.picture import Size, clean
from engine.web.refused import Refused
from engine.web.store import Job, Store, new_id
from engine.web.uploads import Form, shown_name
from engine.web.view import JobRecord, record_of
from engine.web.wanted import Wanted, settings_of, wanted

NOT_THERE = "There is no such painting here: it may have been deleted, or be somebody else's."
MORE = 2.0  # times the effort, when a finished painting is to go on
MOST_HERE = 100_000_000  # bytes of a sample, or of a copy of an upload


class Service:
    """Everything behind the routes: a context, in which jobs are painted."""

    def __init__(self, options: ServeOptions, forks: ForkServer | None) -> None:
        self.options = options
        self.folder = RunFolder.made(options.outputs).path
        self.incoming = RunFolder.made(self.folder / INCOMING).path
        self._jobs = RunFolder.made(self.folder / JOBS).path
        self.store = Store(self.folder / DATABASE)
        self.hub = Hub(self.record, self.store.of_visitor)
        self.painting = Painting(options, self.store, self.hub, forks)
        self.files = Files(options, self.store, forks)
        self.entrance = Entrance(options.limits.queued)
        self._one_enters = threading.Lock()

    def __enter__(self) -> Self:
        clean_up(self.store, self.folder)
        self.painting.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.hub.close()
        self.painting.close()
        self.files.close()
        self.store.close()

    def find(self, job: str, visitor: str) -> Job:
        """Somebody's own job; Refused for another's as for none at all."""
        found = self.store.get(job)
        if found is None or found.visitor != visitor:
            raise Refused(404, NOT_THERE)
        return found

    def record(self, job: Job) -> JobRecord:
        """What is told of a job to its visitor."""
        place, wait = self.painting.line.place_of(job)
        return record_of(job, place, wait, self.files.available(job), self.options)

    def check_room(self, visitor: str) -> None:
        """Refused when a visitor, or all of them, have sent or asked for enough."""
        check_room(self.store, visitor, self.options.limits)
        check_sent(self.store, visitor, self.options.limits, time.time())

    def accept(self, form: Form, visitor: str) -> Job:
        """A new job, of an upload or of a picture that is there; Refused. The upload is gone afterwards."""
        settings = settings_of(form.fields.get("settings", ""))
        asked = wanted(settings, self.options.limits, os.environ)
        source, name = self._picture(form, visitor)
        identity = new_id()
        folder = RunFolder.made(self._jobs / identity).path
        try:
            self._note_upload(visitor)
            size = clean(source, folder / PICTURE, self._limits(form))
            spec, seconds = self._spec(folder, asked, size)
            RunFolder(folder).write("spec.yaml", spec.to_yaml(), durable=True)
            with self._one_enters:
                check_room(self.store, visitor, self.options.limits)  # several may have come at once
                now = time.time()
                job = Job(
                    id=identity,
                    visitor=visitor,
                    state="queued",
                    name=shown_name(form.fields.get("name") or name),
                    preset=asked.preset,
                    painter=spec.painter.name,
                    settings=settings,
                    effort=spec.budget.effort,
                    action="render",
                    cost=seconds,
                    created=now,
                    changed=now,
                    width=size.width,
                    height=size.height,
                )
                self.store.add(job)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        self.painting.wake()
        return job

    def _note_upload(self, visitor: str) -> None:
        """Count a picture before it is decoded, which is work however it ends; Refused for one too many."""
        with self._one_enters:
            check_sent(self.store, visitor, self.options.limits, time.time())
            self.store.note_upload(visitor)

    def _limits(self, form: Form) -> Limits:
        """What a picture may be: how large a file that is here is was never the visitor's choice."""
        limits = self.options.limits
        return limits if form.picture is not None else replace(limits, upload_bytes=MOST_HERE)

    def stop(self, job: Job) -> Job:
        """End its painting, in good order; what has been painted stays."""
        if not job.is_waiting:
            raise Refused(409, f"It is {job.state} already.")
        self.painting.stop(job.id)
        return self._again(job)

    def resume(self, job: Job, effort: float | None) -> Job:
        """Go on with a stopped or failed one, or for longer with a finished one."""
        if job.is_waiting:
            raise Refused(409, f"It is {job.state} already; it can go on when that has ended.")
        if job.state == "finished" and effort is None:
            effort = job.effort * MORE
        effort = job.effort if effort is None else effort
        most = self.options.limits.effort
        if not 0 < effort <= most:
            raise Refused(422, f"effort must be a number above 0 and at most {most:g}, not {effort:g}.")
        if job.state == "finished" and effort <= job.effort:
            raise Refused(422, f"It has been painted with effort {job.effort:g}; ask for more than that.")
        seconds = job.cost * effort / job.effort
        if seconds > self.options.limits.job_seconds:
            raise Refused(
                422,
                f"That would take about {seconds:.0f} seconds of a processor in all, and "
                f"{self.options.limits.job_seconds:.0f} are allowed; ask for less effort.",
            )
        check_room(self.store, job.visitor, self.options.limits)
        with self.files.released(job):
            self.painting.resume(job, effort)
        return self._again(job)

    def remove(self, job: Job) -> None:
        """Let nothing of it be left."""
        with self.files.released(job):
            self.painting.forget(job.id)
            remove_job(self.store, self.folder, job.id)
        self.hub.gone(job)

    def _again(self, job: Job) -> Job:
        """As it is now."""
        return self.store.get(job.id) or job

    def _picture(self, form: Form, visitor: str) -> tuple[Path, str]:
        """The file that is to be painted, and what it is called."""
        ways = [form.picture is not None, "sample" in form.fields, "again" in form.fields]
        if sum(ways) != 1:
            raise Refused(422, "Give one of picture (a file), sample (a name) and again (a painting's id).")
        if form.picture is not None:
            return form.picture, form.picture_name
        if name := form.fields.get("sample"):
            path = sample_file(name)
            if path is None:
                raise Refused(422, f"There is no sample {shown_name(name)!r}; GET /api/samples lists them.")
            return path, name
        before = self.find(form.fields["again"], visitor)
        path = self._jobs / before.id / PICTURE
        if not path.is_file():
            raise Refused(409, "The picture of that painting is gone; send it again.")
        return path, before.name

    def _spec(self, folder: Path, asked: Wanted, size: Size) -> tuple[RunSpec, float]:
        """What is painted, and the processor seconds that it takes; Refused when those are too many."""
        spec = asked.spec_for(folder / PICTURE, folder / RUN)
        seconds = cost(spec, size.width, size.height)
        check_cost(seconds, self.options.limits, spec)
        return spec, seconds
