"""How events are said to a person: one row of a table for each kind."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from engine.cli.goes_on import near
from engine.events import (
    BatchEnded,
    Compiling,
    Counted,
    Drawing,
    Drawn,
    Event,
    Exported,
    Exporting,
    Failed,
    Filmed,
    Filming,
    Finished,
    Fitting,
    Learned,
    Learning,
    Measured,
    Notice,
    PenWork,
    Plotted,
    Preparing,
    Progress,
    Resumed,
    Started,
    TaskEnded,
    TaskStarted,
    Trouble,
)
from engine.formatting import (
    OUTCOMES,
    byte_count,
    duration,
    millions,
    plural,
    rough_duration,
    workers,
)

# What painters do in a phase, as one says it of somebody who is at it.
DOING = {
    "place": "placing shapes",
    "anneal": "annealing",
    "refine": "refining",
    "relocate": "moving shapes",
    "polish": "polishing",
    "grow": "growing",
    "mesh": "meshing",
    "rest": "settling",
    "finish": "finishing",
}


@dataclass(frozen=True)
class Lines:
    """Sentences that stay."""

    texts: Sequence[str]
    style: str = ""
    is_end: bool = False  # of what was going on before


@dataclass(frozen=True)
class Wait:
    """What goes on from now on."""

    text: str


@dataclass(frozen=True)
class Bar:
    """How far something is; said often, and seldom worth keeping."""

    share: float  # that is done, 0..1
    text: str
    details: str = ""  # for whoever wants to know more


@dataclass(frozen=True)
class Rows:
    """A table; it ends what was going on before."""

    cells: Sequence[Sequence[str]]
    headings: Sequence[str] = ()
    between: str = ": "  # the cells of a row that is a line


Said = Lines | Wait | Bar | Rows | None


def say(event: Event) -> Said:
    """What there is to say about an event; None: nothing."""
    return SENTENCES[type(event)](event)


def _painted(event: Resumed | Progress | Finished) -> str:
    """How much there is, and how good it is."""
    return f"{plural(event.shapes, event.mark)}, {event.measure} {event.error:.4f}"


def _preparing(event: Preparing) -> Said:
    return None if event.compiled_before else Wait("Compiling kernels, once: this takes about a minute ...")


def _compiling(event: Compiling) -> Said:
    share = min(1.0, event.kernels / max(1, event.of))
    return Bar(share, f"compiling kernels, once: {event.kernels} of {event.of} ({event.group})")


def _resumed(event: Resumed) -> Said:
    had = f"{_painted(event)}, {duration(event.seconds)} of painting"
    return Lines([f"Going on with {near(event.folder)}: {had}."])


def _started(event: Started) -> Said:
    size = f"{event.width} x {event.height} px"
    return Wait(f"Painting {size} into {near(event.folder)} with {workers(event.workers)}.")


def _progress(event: Progress) -> Said:
    doing = DOING.get(event.action, event.action)
    left = "" if event.remaining is None else f", {duration(event.remaining)} left to paint"
    where = f"{_percent(event.share)}, {doing} (phase {event.phase} of {event.phases})"
    details = (
        f"level {event.level}, tile {event.tile} of {event.tiles}, {millions(event.rate)} evaluations/s, "
        f"{duration(event.elapsed)} elapsed, workers' peak {byte_count(event.peak_memory)}"
    )
    return Bar(event.share, f"{where}, {_painted(event)}{left}", details)


def _percent(share: float) -> str:
    """Whole ones that are done: 100% is all."""
    return f"{math.floor(100 * share)}%"


def _filming(event: Filming) -> Said:
    share = event.frame / event.frames
    return Bar(share, f"{_percent(share)}, filming {near(event.file)}: frame {event.frame} of {event.frames}")


def _fitting(event: Fitting) -> Said:
    is_small = event.bytes <= event.max_bytes
    count = byte_count(event.bytes) if is_small else f"more than {byte_count(event.max_bytes)}"
    return Lines([f"{near(event.file)}: {event.size} px, quality {event.quality:g}: {count}"])


def _filmed(event: Filmed) -> Said:
    return Lines([f"{near(event.file)}: {event.encoder}, {event.seconds:.1f} s"])


def _exporting(event: Exporting) -> Said:
    share = event.row / event.rows
    return Bar(share, f"{_percent(share)}, drawing {near(event.file)}: row {event.row} of {event.rows}")


def _exported(event: Exported) -> Said:
    return Lines([f"{near(event.file)}: {byte_count(event.size)}, {event.seconds:.1f} s"])


def _counted(event: Counted) -> Said:
    return Lines([f"{plural(event.words, 'word')}: {near(event.file)}"])


def _drawing(event: Drawing) -> Said:
    share = event.strokes / event.of
    done = f"{event.strokes:,} of {event.of:,} strokes"
    return Bar(share, f"{_percent(share)}, drawing into {near(event.folder)}: {done}")


def _drawn(event: Drawn) -> Said:
    size = byte_count(event.bytes)
    return Lines([f"{near(event.folder)}: {event.strokes:,} strokes, {size}, {duration(event.seconds)}"])


def _learning(event: Learning) -> Said:
    losses = ", ".join(f"{name} {value:.3g}" for name, value in event.losses.items())
    where = f"learning into {near(event.folder)} ({event.kind})"
    return Bar(event.share, f"{_percent(event.share)}, {where}: epoch {event.epoch}, {losses}")


def _measured(event: Measured) -> Said:
    return Lines([f"epoch {event.epoch}: {_figures(event.figures)}; {near(event.sheet)}"])


def _learned(event: Learned) -> Said:
    return Lines([f"{near(event.file)}: {duration(event.seconds)}, {_figures(event.figures)}"])


def _figures(found: dict[str, float]) -> str:
    """How well strokes are drawn that were not learned from."""
    error = f"mean squared error {found['mse']:.5f}"
    floor = f" ({found['mse'] / found['floor']:.2f} x the engine's own)" if found.get("floor") else ""
    return f"{error}{floor}, grain {found['grain']:.2f}, overlap {found['iou']:.2f}"


def _plotted(event: Plotted) -> Said:
    """The whole plot and, if there are several, each of its pens."""
    pens = event.pens if len(event.pens) > 1 else ()
    return Lines(
        [f"{near(event.file)}: {_plotting(event)}", *(f"pen {pen.name}: {_plotting(pen)}" for pen in pens)]
    )


def _plotting(work: Plotted | PenWork) -> str:
    ways = f"{work.pen_up:.1f} m with the pen up ({work.pen_up_before:.1f} m unsorted)"
    return f"{work.ink:.1f} m of ink, {ways}, about {rough_duration(60 * work.minutes)}"


def _message(event: Trouble | Notice) -> Said:
    return Lines([event.message])


def _failed(event: Failed) -> Said:
    """The command says it itself, as its last sentence."""
    return None


def _finished(event: Finished) -> Said:
    painting = f"{event.painting_seconds:.1f} processor seconds, {event.evaluations:,} evaluations"
    return Rows(
        [
            (OUTCOMES[event.outcome], _painted(event)),
            ("painting", painting),
            ("time", f"{duration(event.wall_seconds)} with {workers(event.workers)}"),
            *((file.rsplit("/", 1)[-1], near(file)) for file in event.files),
        ]
    )


def _task_started(event: TaskStarted) -> Said:
    verb = "going on with" if event.is_resumed else "painting"
    job = f"Job {event.number} of {event.tasks}"
    return Lines([f"{job}: {verb} {event.name} in {near(event.folder)}"], style="bold")


def _task_ended(event: TaskEnded) -> Said:
    """Only of one that didn't go as usual."""
    job = f"Job {event.number} of {event.tasks}"
    return Lines([f"{job} {event.outcome}: {event.complaint}"] if event.why else [], is_end=True)


def _batch_ended(event: BatchEnded) -> Said:
    headings = ("job", "", "error", "painted", "in", "folder, reason")
    return Rows([_job(job) for job in event.jobs], headings, between="  ")


def _job(job: TaskEnded) -> list[str]:
    return [
        job.name,
        job.outcome,
        "" if job.error is None else f"{job.error:.4f}",
        "" if job.shapes is None else plural(job.shapes, job.mark),
        "" if job.seconds is None else duration(job.seconds),
        "\n".join(text for text in (job.folder and near(job.folder), job.why) if text),
    ]


SENTENCES: dict[type[Event], Callable[[Any], Said]] = {
    Preparing: _preparing,
    Compiling: _compiling,
    Resumed: _resumed,
    Started: _started,
    Progress: _progress,
    Filming: _filming,
    Fitting: _fitting,
    Filmed: _filmed,
    Exporting: _exporting,
    Exported: _exported,
    Plotted: _plotted,
    Counted: _counted,
    Drawing: _drawing,
    Drawn: _drawn,
    Learning: _learning,
    Measured: _measured,
    Learned: _learned,
    Trouble: _message,
    Notice: _message,
    Failed: _failed,
    Finished: _finished,
    TaskStarted: _task_started,
    TaskEnded: _task_ended,
    BatchEnded: _batch_ended,
}
