"""Runs at one glance: a table for people, JSON for programs, once or again every second."""

from __future__ import annotations

import json
import math
import time
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path

import rich.live
from rich.console import Group
from rich.table import Table
from rich.text import Text

from engine.cli.console import console
from engine.cli.goes_on import resume_command
from engine.errors import RunError
from engine.formatting import duration, short_duration
from engine.storage.status import COMPLETE, Status, find_runs, read_status, unreadable

REFRESH = 1.0  # seconds
COLOURS = {
    "running": "green",
    "finished": "default",
    "interrupted": "yellow",
    "failed": "red",
    "unreadable": "red",
}


def show(path: Path) -> None:
    """Print a table of the runs at a path: a run's folder, or one with runs in it."""
    out, runs = console(), statuses(path)
    if runs:
        out.print(_table(runs))
    for sentence in _sentences(path, runs):
        out.print(sentence, soft_wrap=True, markup=False, highlight=False)


def show_json(path: Path) -> None:
    """Print one line, a JSON array of the same."""
    print(json.dumps([asdict(status) for status in statuses(path)]), flush=True)


def watch(path: Path) -> None:
    """Keep a table up to date until Ctrl-C."""
    with suppress(KeyboardInterrupt), rich.live.Live(console=console(), auto_refresh=False) as live:
        while True:
            runs = statuses(path)
            live.update(Group(_table(runs), *map(Text, _sentences(path, runs))), refresh=True)
            time.sleep(REFRESH)


def watch_json(path: Path) -> None:
    """Print a line each second until Ctrl-C."""
    with suppress(KeyboardInterrupt):
        while True:
            show_json(path)
            time.sleep(REFRESH)


def statuses(path: Path) -> list[Status]:
    """The runs at a path, running ones first, then as they were last written to, the newest first."""
    found = []
    for run in find_runs(path):
        try:
            found.append(read_status(run))
        except RunError as exc:
            if run.exists():  # and was not removed since it was found
                found.append(unreadable(run, str(exc)))
    return sorted(found, key=lambda status: (status.state == "running", _written(status)), reverse=True)


def _written(status: Status) -> float:
    return datetime.fromisoformat(status.changed).timestamp() if status.changed else 0.0


def _sentences(path: Path, runs: list[Status]) -> list[str]:
    """What is said below the table."""
    if not runs:
        return [f"{path}: there are no runs in it yet; tessera render makes one."]
    sentences = [f"{_name(status)}: {status.message}" for status in runs if status.message]
    if stopped := next((status for status in runs if status.state == "interrupted"), None):
        sentences.append(f"What was interrupted goes on: {resume_command(Path(stopped.folder))}")
    return sentences


def _table(runs: list[Status]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("run", overflow="fold", min_width=12)
    table.add_column("state", overflow="fold", min_width=14)
    table.add_column("painted", overflow="fold", min_width=14)
    is_going_on = any(status.state == "running" for status in runs)
    for name in ("error", "ends/took", "saved") if is_going_on else ("error", "took"):
        table.add_column(name, justify="right", no_wrap=True)
    for status in runs:
        table.add_row(*_row(status)[: len(table.columns)])
    return table


def _row(status: Status) -> tuple[Text, ...]:
    state = Text(status.state, style=COLOURS[status.state])
    state.append(_state(status), style="default")
    error = "" if status.error is None else f"{status.error:.4f}"
    saved = "" if status.checkpoint_age is None else short_duration(status.checkpoint_age)
    return Text(_name(status)), state, Text(_painted(status)), *map(Text, (error, _end(status), saved))


def _state(status: Status) -> str:
    """What follows the state: why it is so, and how far the run is, where that is a question."""
    share = "" if status.share in (None, 1.0) else f"{math.floor(100 * status.share)}%"
    said = ", ".join(filter(None, (_why(status), share)))
    return f": {said}" if said else ""


def _painted(status: Status) -> str:
    """What is there, of how much, and what tells it from other runs of the picture."""
    asked, count = status.asked, ""
    if status.shapes is not None:
        count = f"{status.shapes:,}"
    if asked.count is not None and asked.count != status.shapes:
        count = f"{count or 0} of {asked.count:,}"
    parts = [
        f"{asked.shape or asked.painter or ''} {count}".strip(),
        f"seed {asked.seed}" if asked.seed else "",
        "" if asked.effort in (None, 1.0) else f"effort {asked.effort:g}",
    ]
    return ", ".join(filter(None, parts))


def _why(status: Status) -> str:
    """What ended a run before all was done; "" where that is no question."""
    asked = status.asked
    if status.state not in ("finished", "interrupted"):
        return ""
    if status.outcome is None and status.state == "interrupted":
        return "its process was killed" if status.share is not None else "nothing is painted yet"
    reasons = {
        "time": f"{duration(asked.time)} were up" if asked.time is not None else "its time was up",
        "error": f"error {asked.error:g} was reached" if asked.error is not None else "its error was reached",
        "deadline": f"{asked.until} came" if asked.until is not None else "its deadline came",
        "interrupted": "it was stopped",
    }
    if status.state == "interrupted" and status.outcome in COMPLETE:
        return "its film is missing"
    return reasons.get(status.outcome or "", "")


def _name(status: Status) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in Path(status.folder).name)


def _end(status: Status) -> str:
    """When a run is expected to end, what it does instead of painting, or how long it took."""
    if status.doing not in ("", "painting"):
        return status.doing
    if status.state != "running":
        return "" if status.seconds is None else short_duration(status.seconds)
    if status.expected_end is None:
        return ""
    end = datetime.fromisoformat(status.expected_end)
    ahead = end.date() - datetime.now().astimezone().date()
    if ahead <= timedelta(0):
        return f"{end:%H:%M}"
    return f"{end:%a %H:%M}" if ahead < timedelta(7) else f"{end:%Y-%m-%d}"
