"""Jobs of a web server, and one that only paints: without HTTP, and with all else as it is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image

from engine.fork_server.client import ForkServer
from engine.spec.yaml_writer import as_yaml
from engine.web.hub import Hub
from engine.web.options import ServeOptions
from engine.web.painter import Patience
from engine.web.painting import Painting
from engine.web.store import Job, Store, new_id
from tests.doubles.toy import picture

SIDE = 64  # pixels of the picture
LONG = 60  # seconds that something may take on a busy machine
DEFAULTS: Mapping[str, Any] = {
    "visitor": "ann", "state": "queued", "name": "photo", "preset": None, "painter": "polygons",
    "settings": {}, "effort": 0.02, "action": "render", "cost": 0.1, "created": 1.0, "changed": 1.0,
    "width": SIDE,
    "height": SIDE,
}  # fmt: skip


def job_of(**changes: Any) -> Job:
    """A job of 64 x 64 pixels that waits."""
    return Job(**{"id": new_id(), **DEFAULTS, **changes})


@dataclass
class Said:
    """What a hub tells of a job here: the job."""

    job: Job

    def model_dump_json(self) -> str:
        """Its state."""
        return f'{{"id": "{self.job.id}", "state": "{self.job.state}", "preview": {self.job.preview}}}'


@dataclass
class Studio:
    """A server without HTTP."""

    options: ServeOptions
    store: Store
    painting: Painting
    told: list[Job] = field(default_factory=list)  # all that the hub has been told of

    def order(self, **changes: Any) -> Job:
        """Have something painted."""
        settings = changes.pop("spec", {})
        now = time.time()
        job = job_of(created=now, changed=now, **changes)
        folder = self.folder(job)
        folder.mkdir(parents=True)
        Image.fromarray(picture(SIDE, SIDE)).save(folder / "picture.png")
        spec = {
            "target": str(folder / "picture.png"), "size": SIDE, "grid": "2x2", "painter": {"count": 30},
            "budget": {"effort": job.effort}, "film": {"enabled": False}, **settings,
        }  # fmt: skip
        (folder / "spec.yaml").write_text(as_yaml(spec))
        self.store.add(job)
        self.painting.wake()
        return job

    def folder(self, job: Job) -> Path:
        """All that is kept of a job."""
        return self.options.outputs / "jobs" / job.id

    def now(self, job: Job) -> Job:
        """As it is by now."""
        found = self.store.get(job.id)
        assert found is not None
        return found

    def until(self, job: Job, is_so: Callable[[Job], object]) -> Job:
        """Wait for something to be so."""
        give_up = time.monotonic() + LONG
        while not is_so(now := self.now(job)):
            assert time.monotonic() < give_up, now
            time.sleep(0.02)
        return now

    def ended(self, job: Job) -> Job:
        """Wait for its end."""
        return self.until(job, lambda now: not now.is_waiting)


@contextmanager
def studio(
    outputs: Path, forks: ForkServer | None, patience: Patience | None = None, **changes: Any
) -> Iterator[Studio]:
    """One that works in a folder, until the block ends. changes: of its options."""
    (outputs / "jobs").mkdir(parents=True, exist_ok=True)
    options = ServeOptions(outputs=outputs, **{"workers": 1, **changes})
    store = Store(outputs / "web.sqlite")
    told: list[Job] = []

    class Listening(Hub):
        def publish(self, job: Job) -> None:
            """Remember it."""
            told.append(job)
            super().publish(job)

    painting = Painting(options, store, Listening(Said), forks, patience)
    painting.start()
    try:
        yield Studio(options, store, painting, told)
    finally:
        painting.close()
        store.close()
