"""What a person, a log or another program sees of a run: four ways to report the same events."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from typing import Self

import rich.live
from rich.console import Console
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from engine.events import (
    BatchEnded,
    Event,
    Filmed,
    Filming,
    Finished,
    Notice,
    Preparing,
    Progress,
    Resumed,
    Started,
    TaskEnded,
    TaskStarted,
    Trouble,
)
from engine.log import record_of

PLAIN_EVERY = 5.0  # seconds between lines where there is no terminal
BAR_WIDTH = 40
COMPILING = "Compiling kernels, once: this takes about a minute ..."
OUTCOMES = {
    "finished": "Finished",
    "time": "Stopped at the time limit",
    "error": "Stopped at the error asked for",
    "deadline": "Stopped at the deadline",
    "interrupted": "Interrupted",
}

Show = Callable[[Event], None]


class Reporter:
    """Shows events; a context manager, so that a terminal is left in order.

    When nobody can be told any more (a closed pipe or terminal), the run goes on without words.
    """

    def __init__(self, show: Show) -> None:
        self._show: Show | None = show

    def __enter__(self) -> Self:
        return self

    def __call__(self, event: Event) -> None:
        """Show an event."""
        if self._show is not None:
            try:
                self._show(event)
            except OSError:
                self._show = None
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def __exit__(self, *_: object) -> None:
        if isinstance(self._show, Live):
            self._show.stop()


class Live:
    """A bar and a line of figures that stay in place; then a table."""

    def __init__(self, console: Console) -> None:
        self._live = rich.live.Live(console=console, refresh_per_second=8, transient=True)
        self._live.start()

    def __call__(self, event: Event) -> None:
        """Redraw, or print above the bar."""
        match event:
            case Preparing(compiled_before=False):
                self._live.update(Text(COMPILING))
            case Resumed():
                self._live.console.print(Text(_resumed(event)))
            case Started():
                self._live.update(Text(f"Starting {_workers(event.workers)} ..."))
            case Progress():
                self._bar(event.share, f"{_phase(event)}, {_figures(event)}")
            case Filming():
                self._bar(event.frame / event.frames, f"{event.file}: frame {event.frame} of {event.frames}")
            case Filmed():
                self._live.console.print(Text(f"{event.file}: {event.encoder}, {event.seconds:.1f} s"))
            case Trouble() | Notice():
                self._live.console.print(Text(event.message))
            case Finished():
                self._live.update(Text(""))
                self._live.console.print(_table(event))
            case TaskStarted():
                self._live.console.print(Text(_turn(event), style="bold"))
            case TaskEnded():
                self._live.update(Text(""))
                if event.why:
                    self._live.console.print(Text(_end_of_turn(event)))
            case BatchEnded():
                self._live.console.print(_batch_table(event))

    def stop(self) -> None:
        """Leave the terminal in order."""
        self._live.stop()

    def _bar(self, share: float, text: str) -> None:
        rows = Table.grid()
        rows.add_row(ProgressBar(total=1.0, completed=share, width=BAR_WIDTH))
        rows.add_row(Text(text, overflow="fold"))
        self._live.update(rows)


class Plain:
    """One line every few seconds, for logs."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._last = time.monotonic()

    def __call__(self, event: Event) -> None:
        """Print a line when there is something to say."""
        match event:
            case Preparing(compiled_before=False):
                self._print(COMPILING)
            case Resumed():
                self._print(_resumed(event))
            case Started():
                size = f"{event.width} x {event.height} px"
                self._print(f"Painting {size} into {event.folder} with {_workers(event.workers)}.")
            case Progress() if self._is_due():
                self._print(f"{_phase(event)}, {_figures(event)}")
            case Filming() if self._is_due():
                self._print(f"{event.file}: frame {event.frame} of {event.frames}")
            case Filmed():
                self._print(f"{event.file}: {event.encoder}, {event.seconds:.1f} s")
            case Trouble() | Notice():
                self._print(event.message)
            case Finished():
                for label, value in _summary(event):
                    self._print(f"{label}: {value}")
            case TaskStarted():
                self._print(_turn(event))
            case TaskEnded() if event.why:
                self._print(_end_of_turn(event))
            case BatchEnded():
                for job in event.jobs:
                    self._print("  ".join(cell.replace("\n", ": ") for cell in _cells(job) if cell))

    def _is_due(self) -> bool:
        return time.monotonic() - self._last >= PLAIN_EVERY

    def _print(self, text: str) -> None:
        self._last = time.monotonic()
        self._console.print(text, soft_wrap=True, markup=False, highlight=False)


def as_json_line(event: Event) -> None:
    """One line of JSON for each event, for programs."""
    print(json.dumps(record_of(event)), flush=True)


def troubles_only(event: Event) -> None:
    """Say nothing while all is well."""
    match event:
        case Trouble():
            print(f"tessera: {event.message}", file=sys.stderr)
        case TaskEnded(outcome="failed" | "locked"):
            print(f"tessera: {event.complaint}", file=sys.stderr)


def reporter(quiet: bool, as_json: bool) -> Reporter:
    """The one that fits what was asked for and where the output goes."""
    if as_json:
        return Reporter(as_json_line)
    if quiet:
        return Reporter(troubles_only)
    console = Console()
    return Reporter(Live(console) if console.is_terminal else Plain(console))


def _resumed(event: Resumed) -> str:
    had = f"{_shapes(event.shapes)}, error {event.error:.4f}, {_duration(event.seconds)} of painting"
    return f"Going on with {event.folder}: {had}."


def _phase(event: Progress) -> str:
    where = f"phase {event.phase} of {event.phases} ({event.action}, level {event.level})"
    return f"{where}, tile {event.tile} of {event.tiles}"


def _figures(event: Progress) -> str:
    left = "" if event.remaining is None else f"{_duration(event.remaining)} left, "
    return (
        f"{_shapes(event.shapes)}, error {event.error:.4f}, {event.rate / 1e6:.2f} M evaluations/s, "
        f"{_duration(event.elapsed)} elapsed, {left}workers' peak {event.peak_memory / 1e6:.0f} MB"
    )


def _table(event: Finished) -> Table:
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    for label, value in _summary(event):
        table.add_row(Text(label, style="bold"), Text(value, overflow="fold"))
    return table


def _summary(event: Finished) -> list[tuple[str, str]]:
    return [
        (OUTCOMES[event.outcome], f"{_shapes(event.shapes)}, error {event.error:.4f}"),
        ("painting", f"{event.painting_seconds:.1f} processor seconds, {event.evaluations:,} evaluations"),
        ("time", f"{_duration(event.wall_seconds)} with {_workers(event.workers)}"),
        *((file.rsplit("/", 1)[-1], file) for file in event.files),
    ]


def _turn(event: TaskStarted) -> str:
    verb = "going on with" if event.is_resumed else "painting"
    return f"Job {event.number} of {event.tasks}: {verb} {event.name} in {event.folder}"


def _end_of_turn(event: TaskEnded) -> str:
    return f"Job {event.number} of {event.tasks} {event.outcome}: {event.complaint}"


def _batch_table(event: BatchEnded) -> Table:
    table = Table(
        "job", "", "error", "shapes", "painted for", "folder, reason", box=None, padding=(0, 2, 0, 0)
    )
    for job in event.jobs:
        table.add_row(*(Text(cell, overflow="fold") for cell in _cells(job)))
    return table


def _cells(job: TaskEnded) -> list[str]:
    return [
        job.name,
        job.outcome,
        "" if job.error is None else f"{job.error:.4f}",
        "" if job.shapes is None else _shapes(job.shapes),
        "" if job.seconds is None else _duration(job.seconds),
        "\n".join(text for text in (job.folder, job.why) if text),
    ]


def _shapes(count: int) -> str:
    return "1 shape" if count == 1 else f"{count:,} shapes"


def _workers(count: int) -> str:
    return "1 worker" if count == 1 else f"{count} workers"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
