"""log.jsonl: what happened in a run, one line of JSON for each event."""

from __future__ import annotations

import time
from dataclasses import asdict
from datetime import datetime
from typing import Any

from engine.events import Event, Filming, Progress, Report
from engine.run_folder import LOG, RunFolder

PROGRESS_EVERY = 10.0  # seconds


def record_of(event: Event) -> dict[str, Any]:
    """An event as plain values: its name, the time of day with its zone, and its fields."""
    now = datetime.now().astimezone().isoformat(timespec="seconds")
    return {"event": type(event).__name__.lower(), "at": now, **asdict(event)}


def logged(folder: RunFolder, report: Report) -> Report:
    """A report that also writes the log; of the progress each phase's end, and some of the rest."""
    last = float("-inf")

    def write(event: Event) -> None:
        nonlocal last
        report(event)
        now = time.monotonic()
        if isinstance(event, Filming):
            return
        if isinstance(event, Progress):
            if event.tile < event.tiles and now - last < PROGRESS_EVERY:
                return
            last = now
        folder.append(LOG, record_of(event))

    return write
