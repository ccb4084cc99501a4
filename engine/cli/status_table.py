"""Runs at one glance: a table for people, JSON for programs, once or again every second."""

from __future__ import annotations

import json
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
from engine.errors import RunError
from engine.formatting import SHAPES, millions, plural, short_duration
from engine.storage.status import Status, find_runs, read_status, unreadable

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
    return [f"{_name(status)}: {status.message}" for status in runs if status.message]


def _table(runs: list[Status]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("run", overflow="fold", min_width=12)
    table.add_column("state", no_wrap=True)
    for name in ("done", "error", "shapes", "rate", "ends/took", "saved"):
        table.add_column(name, justify="right", no_wrap=True)
    for status in runs:
        table.add_row(*_row(status))
    return table


def _row(status: Status) -> tuple[Text, ...]:
    cells = (
        "" if status.share is None else f"{status.share:.0%}",
        "" if status.error is None else _error(status.error, status.measure),
        "" if status.shapes is None else _marks(status.shapes, status.mark),
        "" if status.rate is None else f"{millions(status.rate)}/s",
        _end(status),
        "" if status.checkpoint_age is None else short_duration(status.checkpoint_age),
    )
    return Text(_name(status)), Text(status.state, style=COLOURS[status.state]), *map(Text, cells)


def _marks(count: int, mark: str) -> str:
    """How many there are, and what they are where they are no shapes."""
    return f"{count:,}" if mark == SHAPES.mark else plural(count, mark)


def _error(error: float, measure: str) -> str:
    """The error, and what it is where it isn't one of colours."""
    return f"{error:.4f}" if measure == SHAPES.error else f"{measure} {error:.4f}"


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
