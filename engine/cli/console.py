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

from engine.cli.messages import Bar, Lines, Rows, Wait, say
from engine.events import Event, TaskEnded, Trouble, to_record

PLAIN_EVERY = 5.0  # seconds between lines where there is no terminal
BAR_WIDTH = 40

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
        match say(event):
            case Bar(share, text):
                self._bar(share, text)
            case Wait(text):
                self._live.update(Text(text))
            case Lines(texts, style, is_end):
                if is_end:
                    self._live.update(Text(""))
                for text in texts:
                    self._live.console.print(Text(text, style))
            case Rows() as rows:
                self._live.update(Text(""))
                self._live.console.print(_table(rows))

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
        match say(event):
            case Bar(_, text) if time.monotonic() - self._last >= PLAIN_EVERY:
                self._print(text)
            case Wait(text):
                self._print(text)
            case Lines(texts):
                for text in texts:
                    self._print(text)
            case Rows(rows, _, between):
                for row in rows:
                    self._print(between.join(cell.replace("\n", ": ") for cell in row if cell))

    def _print(self, text: str) -> None:
        self._last = time.monotonic()
        self._console.print(text, soft_wrap=True, markup=False, highlight=False)


def _table(rows: Rows) -> Table:
    """With headings or, without any, with bold labels."""
    table = Table(*rows.headings, show_header=bool(rows.headings), box=None, padding=(0, 2, 0, 0))
    label = "" if rows.headings else "bold"
    for first, *others in rows.cells:
        table.add_row(Text(first, label, overflow="fold"), *(Text(cell, overflow="fold") for cell in others))
    return table


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
