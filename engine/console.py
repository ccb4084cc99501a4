"""What a person, a log or another program sees of a run: four ways to report the same events."""

from __future__ import annotations

import json
import time
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from engine.events import Event, Filmed, Filming, Finished, Preparing, Progress, Started
from engine.log import record_of

PLAIN_EVERY = 5.0  # seconds between lines where there is no terminal
BAR_WIDTH = 40
OUTCOMES = {
    "finished": "Finished",
    "time": "Stopped at the time limit",
    "error": "Stopped at the error asked for",
    "interrupted": "Interrupted",
}


class Reporter(Protocol):
    """Takes events; a context manager, so that a terminal is left in order."""

    def __call__(self, event: Event) -> None:
        """Show an event, or don't."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class LiveReporter:
    """A bar and a line of figures that stay in place, then a table."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Live(console=console, refresh_per_second=8, transient=True)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def __call__(self, event: Event) -> None:
        """Redraw, or print above the bar."""
        match event:
            case Preparing(compiled_before=False):
                self._live.update(Text("Compiling kernels, once: this takes about half a minute ..."))
            case Preparing():
                self._live.update(Text("Loading kernels ..."))
            case Started():
                self._live.update(Text(f"Starting {_workers(event.workers)} ..."))
            case Progress():
                share = (event.phase - 1 + event.tile / event.tiles) / event.phases
                self._show(share, f"{_phase(event)}, {_figures(event)}")
            case Filming():
                self._show(event.frame / event.frames, f"{event.file}: frame {event.frame} of {event.frames}")
            case Finished():
                self._live.stop()
                self._console.print(_table(event))

    def _show(self, share: float, text: str) -> None:
        bar = ProgressBar(total=1.0, completed=share, width=BAR_WIDTH)
        self._live.update(Group(bar, Text(text, overflow="fold")))


class PlainReporter:
    """One line every few seconds, for logs."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._last = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...

    def __call__(self, event: Event) -> None:
        """Print a line when there is something to say."""
        match event:
            case Preparing(compiled_before=False):
                self._print("Compiling kernels, once: this takes about half a minute.")
            case Started():
                size = f"{event.width} x {event.height} px"
                self._print(f"Painting {size} into {event.folder} with {_workers(event.workers)}.")
            case Progress() if self._is_due():
                self._print(f"{_phase(event)}, {_figures(event)}")
            case Filming() if self._is_due():
                self._print(f"{event.file}: frame {event.frame} of {event.frames}")
            case Filmed():
                self._print(f"{event.file}: {event.encoder}, {event.seconds:.1f} s")
            case Finished():
                for label, value in _summary(event):
                    self._print(f"{label}: {value}")

    def _is_due(self) -> bool:
        return time.monotonic() - self._last >= PLAIN_EVERY

    def _print(self, text: str) -> None:
        self._last = time.monotonic()
        self._console.print(text, soft_wrap=True, markup=False, highlight=False)


class JsonReporter:
    """One line of JSON for each event, for programs."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...

    def __call__(self, event: Event) -> None:
        """Print it."""
        print(json.dumps(record_of(event)), flush=True)


class QuietReporter:
    """Says nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...

    def __call__(self, event: Event) -> None:
        """Say nothing."""


def reporter(quiet: bool, as_json: bool) -> Reporter:
    """The one that fits what was asked for and where the output goes."""
    if as_json:
        return JsonReporter()
    if quiet:
        return QuietReporter()
    console = Console()
    return LiveReporter(console) if console.is_terminal else PlainReporter(console)


def _phase(event: Progress) -> str:
    where = f"phase {event.phase} of {event.phases} ({event.action}, level {event.level})"
    return f"{where}, tile {event.tile} of {event.tiles}"


def _figures(event: Progress) -> str:
    return (
        f"{event.shapes:,} shapes, error {event.error:.4f}, {event.rate / 1e6:.2f} M evaluations/s, "
        f"{_duration(event.elapsed)} elapsed, {_duration(event.remaining)} left, "
        f"workers {event.peak_memory / 1e6:.0f} MB"
    )


def _table(event: Finished) -> Table:
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    for label, value in _summary(event):
        table.add_row(Text(label, style="bold"), Text(value, overflow="fold"))
    return table


def _summary(event: Finished) -> list[tuple[str, str]]:
    return [
        (OUTCOMES[event.outcome], f"{event.shapes:,} shapes, error {event.error:.4f}"),
        ("painting", f"{event.painting_seconds:.1f} processor seconds, {event.evaluations:,} evaluations"),
        ("in all", f"{_duration(event.wall_seconds)} with {_workers(event.workers)}"),
        *((file.rsplit("/", 1)[-1], file) for file in event.files),
    ]


def _workers(count: int) -> str:
    return "1 worker" if count == 1 else f"{count} workers"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
