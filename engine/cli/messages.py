"""How events are said to a person: sentences and tables."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from engine.events import (
    BatchEnded,
    Counted,
    Exported,
    Finished,
    Fitting,
    PenWork,
    Plotted,
    Progress,
    Resumed,
    TaskEnded,
    TaskStarted,
)
from engine.formatting import OUTCOMES, byte_count, duration, shapes, workers


def gone_on_with(event: Resumed) -> str:
    """A run that goes on."""
    had = f"{shapes(event.shapes)}, error {event.error:.4f}, {duration(event.seconds)} of painting"
    return f"Going on with {event.folder}: {had}."


def phase(event: Progress) -> str:
    """Where a run is."""
    where = f"phase {event.phase} of {event.phases} ({event.action}, level {event.level})"
    return f"{where}, tile {event.tile} of {event.tiles}"


def figures(event: Progress) -> str:
    """How it is doing."""
    left = "" if event.remaining is None else f"{duration(event.remaining)} left, "
    return (
        f"{shapes(event.shapes)}, error {event.error:.4f}, {event.rate / 1e6:.2f} M evaluations/s, "
        f"{duration(event.elapsed)} elapsed, {left}workers' peak {event.peak_memory / 1e6:.0f} MB"
    )


def exported(event: Exported) -> str:
    """A file that has been written."""
    return f"{event.file}: {byte_count(event.size)}, {event.seconds:.1f} s"


def plotted(event: Plotted) -> list[str]:
    """What a plotter has to do, and if there are several each of its pens."""
    pens = event.pens if len(event.pens) > 1 else ()
    return [f"{event.file}: {_plotting(event)}", *(f"pen {pen.name}: {_plotting(pen)}" for pen in pens)]


def counted(event: Counted) -> str:
    """How many words a picture has."""
    return f"{event.words:,} {'word' if event.words == 1 else 'words'}: {event.file}"


def attempt(event: Fitting) -> str:
    """A size and quality of a film that was tried."""
    how = f"{event.file}: {event.size} px, quality {event.quality:g}"
    if event.bytes > event.max_bytes:
        return f"{how}: more than {byte_count(event.max_bytes)}"
    return f"{how}: {byte_count(event.bytes)}"


def results_table(event: Finished) -> Table:
    """The table of a finished run."""
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    for label, value in summary(event):
        table.add_row(Text(label, style="bold"), Text(value, overflow="fold"))
    return table


def summary(event: Finished) -> list[tuple[str, str]]:
    """What is worth knowing of a finished run: (label, value)."""
    return [
        (OUTCOMES[event.outcome], f"{shapes(event.shapes)}, error {event.error:.4f}"),
        ("painting", f"{event.painting_seconds:.1f} processor seconds, {event.evaluations:,} evaluations"),
        ("time", f"{duration(event.wall_seconds)} with {workers(event.workers)}"),
        *((file.rsplit("/", 1)[-1], file) for file in event.files),
    ]


def turn(event: TaskStarted) -> str:
    """A job of a batch that begins."""
    verb = "going on with" if event.is_resumed else "painting"
    return f"Job {event.number} of {event.tasks}: {verb} {event.name} in {event.folder}"


def end_of_turn(event: TaskEnded) -> str:
    """A job of a batch that didn't go as usual."""
    return f"Job {event.number} of {event.tasks} {event.outcome}: {event.complaint}"


def batch_table(event: BatchEnded) -> Table:
    """A line for each job of a batch."""
    table = Table(
        "job", "", "error", "shapes", "painted for", "folder, reason", box=None, padding=(0, 2, 0, 0)
    )
    for job in event.jobs:
        table.add_row(*(Text(cell, overflow="fold") for cell in cells(job)))
    return table


def cells(job: TaskEnded) -> list[str]:
    """What is worth knowing of a job of a batch: texts, empty ones too."""
    return [
        job.name,
        job.outcome,
        "" if job.error is None else f"{job.error:.4f}",
        "" if job.shapes is None else shapes(job.shapes),
        "" if job.seconds is None else duration(job.seconds),
        "\n".join(text for text in (job.folder, job.why) if text),
    ]


def _plotting(work: Plotted | PenWork) -> str:
    ways = f"{work.pen_up:.1f} m with the pen up ({work.pen_up_before:.1f} m unsorted)"
    hours, minutes = divmod(round(work.minutes), 60)
    time = f"{hours} h {minutes} min" if hours else f"{minutes} min" if minutes else "half a minute"
    return f"{work.ink:.1f} m of ink, {ways}, about {time}"
