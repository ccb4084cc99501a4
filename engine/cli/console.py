"""What a person, a log or another program sees of a run: four ways to report the same events."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Self

import rich.live
from rich.console import Console
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from engine.cli.messages import Bar, Lines, Rows, Wait, say
from engine.events import Event, TaskEnded, Trouble
from engine.records import to_record
from engine.standard_streams import silence

# Where there is no terminal: seconds between lines about how far something is, and how much further it is; or
# else the seconds after which one hears again that it goes on.
PLAIN_EVERY, PLAIN_SHARE, PLAIN_AT_MOST = 5.0, 0.05, 600.0
BAR_WIDTH = 40

Show = Callable[[Event], None]


class Reporter:
    """Shows events; a context manager, so that a terminal is left in order.

    When nobody can be told any more (a closed pipe or terminal, a full disk), the run goes on without words.
    """

    def __init__(self, show: Show, is_error_stream: bool = True, is_data: bool = False) -> None:
        """is_error_stream: whether it is said there, or on standard output.

        is_data: what is said is all that the command is for, and to say it to nobody is an error.
        """
        self._show: Show | None = show
        self._is_error_stream = is_error_stream
        self._is_data = is_data

    def __enter__(self) -> Self:
        return self

    def __call__(self, event: Event) -> None:
        """Show an event."""
        if self._show is not None:
            try:
                self._show(event)
            except OSError:
                if self._is_data:
                    raise
                self._fall_silent()

    def __exit__(self, *_: object) -> None:
        if isinstance(self._show, Live):
            with suppress(OSError):
                self._show.stop()
        for stream in () if self._is_data else (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except OSError:
                silence(stream)

    def _fall_silent(self) -> None:
        """Say nothing more, here or by way of libraries; a terminal that is left is put in order."""
        show, self._show = self._show, None
        silence(sys.stderr if self._is_error_stream else sys.stdout)
        if isinstance(show, Live):
            show.stop()


class _Console(Console):
    """One that leaves it to whoever prints what a closed pipe means."""

    def on_broken_pipe(self) -> None:
        """Raise the BrokenPipeError that was met; rich would end the process."""
        raise  # rich calls this where it has caught the error


def console(stderr: bool = False) -> Console:
    """Where tables and lines for people go: standard output, or standard error, which data never goes to."""
    return _Console(stderr=stderr)


class _Live(rich.live.Live):
    """One whose own thread is silent about a terminal that is gone: the next event finds out."""

    def refresh(self) -> None:
        """Draw anew."""
        try:
            super().refresh()
        except OSError:
            if threading.current_thread() is threading.main_thread():
                raise


class Live:
    """A bar and a line of figures that stay in place; then a table."""

    def __init__(self, console: Console) -> None:
        self._live = _Live(console=console, refresh_per_second=8, transient=True)
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
    """Lines for logs, with the time of day: at first every few seconds, of what takes hours fewer."""

    def __init__(self, console: Console, has_times: bool = True, verbose: bool = False) -> None:
        """verbose: a line for each step, with all its figures."""
        self._console, self._has_times, self._verbose = console, has_times, verbose
        self._last, self._share = time.monotonic(), 0.0

    def __call__(self, event: Event) -> None:
        """Print a line when there is something to say."""
        match say(event):
            case Bar(share, text, details) if self._is_step(event) or self._is_due(share):
                self._share = share
                self._print(f"{text}, {details}" if self._verbose and details else text)
            case Wait(text):
                self._print(text)
            case Lines(texts):
                for text in texts:
                    self._print(text)
            case Rows(rows, _, between):
                for row in rows:
                    self._print(between.join(cell.replace("\n", ": ") for cell in row if cell))

    def _is_step(self, event: Event) -> bool:
        """Whether it has a line of its own, and isn't a job's sign of life."""
        return self._verbose and getattr(event, "job_seconds", 0.0) is not None

    def _is_due(self, share: float) -> bool:
        """Whether it is time for a line about something that is done so far."""
        passed = time.monotonic() - self._last
        is_further = not self._share <= share < self._share + PLAIN_SHARE  # or is it something else
        return passed >= PLAIN_EVERY and (is_further or passed >= PLAIN_AT_MOST)

    def _print(self, text: str) -> None:
        self._last = time.monotonic()
        when = f"{datetime.now():%Y-%m-%d %H:%M:%S}  " if self._has_times else ""
        self._console.print(f"{when}{text}", soft_wrap=True, markup=False, highlight=False)


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


def reporter(quiet: bool, as_json: bool, is_data: bool = False, verbose: bool = False) -> Reporter:
    """The one that fits what was asked for and where it goes: what is no data is for standard error.

    is_data: see Reporter. verbose: see Plain.
    """
    if quiet:
        return Reporter(troubles_only)
    if as_json:
        return Reporter(as_json_line, is_error_stream=False, is_data=is_data)
    if is_data:
        return Reporter(Plain(console(), has_times=False), is_error_stream=False, is_data=True)
    found = console(stderr=True)
    return Reporter(Live(found) if found.is_terminal and not verbose else Plain(found, verbose=verbose))
