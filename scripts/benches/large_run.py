"""A run by the library that notes what its loop needs of the processor: `-m scripts.benches.large_run`."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import engine
from engine.events import Event, Finished, Progress, Started


class Stopwatch:
    """Listens to a run: the processor seconds of each job, and of the loop from each job to the next."""

    def __init__(self) -> None:
        self.jobs: list[tuple[int, str, int, float, float]] = []  # phase, action, level; job, loop
        self.waiting = 0.0  # the loop's, each time when it looked around while no job was done
        self.beside = 0.0  # those of the coordinator but for its loop, while jobs ran
        self.figures: dict[str, Any] = {}
        self._loop = self._all = 0.0  # clocks, as they were last looked at

    def __call__(self, event: Event) -> None:
        """An event of the run's, in the thread of its loop; what is done here isn't counted."""
        if isinstance(event, Finished):
            self.figures = {
                "shapes": event.shapes, "error": event.error, "painting": event.painting_seconds,
                "wall": event.wall_seconds, "workers": event.workers,
            }  # fmt: skip
        loop, whole = time.thread_time(), time.process_time()
        if isinstance(event, Progress):
            spent = loop - self._loop
            self.beside += whole - self._all - spent
            if event.job_seconds is None:
                self.waiting += spent
            else:
                self.jobs.append((event.phase, event.action, event.level, event.job_seconds, spent))
        if isinstance(event, Started | Progress):
            self._loop, self._all = time.thread_time(), time.process_time()


def main() -> None:
    """Render: SOURCE FOLDER NOTES.json SIZE COUNT EFFORT WORKERS."""
    source, folder, notes, size, count, effort, workers = sys.argv[1:]
    watch = Stopwatch()
    engine.render(
        source, folder=folder, size=int(size), count=int(count), effort=float(effort), workers=int(workers),
        settings={"film.enabled": False}, on_event=watch,
    )  # fmt: skip
    found = {"jobs": watch.jobs, "waiting": watch.waiting, "beside": watch.beside, **watch.figures}
    Path(notes).write_text(json.dumps(found))


if __name__ == "__main__":
    main()
