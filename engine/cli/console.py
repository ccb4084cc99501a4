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

from engine.cli.messages import (
    attempt,
    batch_table,
    cells,
    counted,
    end_of_turn,
    exported,
    figures,
    gone_on_with,
    phase,
    plotted,
    results_table,
    summary,
    turn,
)
from engine.events import (
    BatchEnded,
    Counted,
    Event,
    Exported,
    Exporting,
    Filmed,
    Filming,
    Finished,
    Fitting,
    Notice,
    Plotted,
    Preparing,
    Progress,
    Resumed,
    Started,
    TaskEnded,
    TaskStarted,
    Trouble,
    to_record,
)
from engine.formatting import workers

PLAIN_EVERY = 5.0  # seconds between lines where there is no terminal
BAR_WIDTH = 40
COMPILING = "Compiling kernels, once: this takes about a minute ..."

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
                self._live.console.print(Text(gone_on_with(event)))
            case Started():
                self._live.update(Text(f"Starting {workers(event.workers)} ..."))
            case Progress():
                self._bar(event.share, f"{phase(event)}, {figures(event)}")
            case Filming():
                self._bar(event.frame / event.frames, f"{event.file}: frame {event.frame} of {event.frames}")
            case Fitting():
                self._live.console.print(Text(attempt(event)))
            case Filmed():
                self._live.console.print(Text(f"{event.file}: {event.encoder}, {event.seconds:.1f} s"))
            case Exporting():
                self._bar(event.row / event.rows, f"{event.file}: row {event.row} of {event.rows}")
            case Exported():
                self._live.console.print(Text(exported(event)))
            case Counted():
                self._live.console.print(Text(counted(event)))
            case Plotted():
                self._live.console.print(Text("\n".join(plotted(event))))
            case Trouble() | Notice():
                self._live.console.print(Text(event.message))
            case Finished():
                self._live.update(Text(""))
                self._live.console.print(results_table(event))
            case TaskStarted():
                self._live.console.print(Text(turn(event), style="bold"))
            case TaskEnded():
                self._live.update(Text(""))
                if event.why:
                    self._live.console.print(Text(end_of_turn(event)))
            case BatchEnded():
                self._live.console.print(batch_table(event))

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
                self._print(gone_on_with(event))
            case Started():
                size = f"{event.width} x {event.height} px"
                self._print(f"Painting {size} into {event.folder} with {workers(event.workers)}.")
            case Progress() if self._is_due():
                self._print(f"{phase(event)}, {figures(event)}")
            case Filming() if self._is_due():
                self._print(f"{event.file}: frame {event.frame} of {event.frames}")
            case Fitting():
                self._print(attempt(event))
            case Filmed():
                self._print(f"{event.file}: {event.encoder}, {event.seconds:.1f} s")
            case Exporting() if self._is_due():
                self._print(f"{event.file}: row {event.row} of {event.rows}")
            case Exported():
                self._print(exported(event))
            case Counted():
                self._print(counted(event))
            case Plotted():
                for line in plotted(event):
                    self._print(line)
            case Trouble() | Notice():
                self._print(event.message)
            case Finished():
                for label, value in summary(event):
                    self._print(f"{label}: {value}")
            case TaskStarted():
                self._print(turn(event))
            case TaskEnded() if event.why:
                self._print(end_of_turn(event))
            case BatchEnded():
                for job in event.jobs:
                    self._print("  ".join(cell.replace("\n", ": ") for cell in cells(job) if cell))

    def _is_due(self) -> bool:
        return time.monotonic() - self._last >= PLAIN_EVERY

    def _print(self, text: str) -> None:
        self._last = time.monotonic()
        self._console.print(text, soft_wrap=True, markup=False, highlight=False)


def as_json_line(event: Event) -> None:
    """One line of JSON for each event, for programs."""
    print(json.dumps(to_record(event)), flush=True)


def troubles_only(event: Event) -> None:
    """Say nothing while all is well."""
    match event:
        case Trouble():
            print(f"tessera: {event.message}", file=sys.stderr)
        case TaskEnded(outcome="failed" | "locked"):
            print(f"tessera: {event.complaint}", file=sys.stderr)


def reporter(quiet: bool, as_json: bool) -> Reporter:
    """The one that fits what was asked for and where the output goes."""
    if quiet:
        return Reporter(troubles_only)
    if as_json:
        return Reporter(as_json_line)
    console = Console()
    return Reporter(Live(console) if console.is_terminal else Plain(console))
