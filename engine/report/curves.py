"""How error and shapes went, as plots of a run's snapshots."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from engine.formatting import SHAPES, Words, fine_duration
from engine.report.plots import Chart, Logarithmic, Scale, from_zero, padded, scale_of, to_svg
from engine.storage.snapshots import Snapshot

UNITS = ((2 * 86_400, 86_400.0, "days"), (2 * 3_600, 3_600.0, "hours"), (180, 60.0, "minutes"))
NEARLY = 1.1  # of the last error
STRIP = 190  # the height of the plot below another one


def curves(snapshots: Sequence[Snapshot], words: Words = SHAPES) -> str:
    """Two figures, over time and over work, of two plots each."""
    if len(snapshots) < 2:
        return "<p>There are too few snapshots of this run for a curve.</p>"
    unit, size = _unit(snapshots[-1].seconds)
    seconds = [snapshot.seconds / size for snapshot in snapshots]
    time = _milestones(snapshots, lambda snapshot: fine_duration(snapshot.seconds))
    error = padded(scale_of([snapshot.error for snapshot in snapshots]))
    work = scale_of([float(snapshot.evaluations) for snapshot in snapshots if snapshot.evaluations])
    # The blank canvas, after no evaluations, has no place on a scale of logarithms.
    shown = [each for each in snapshots if each.evaluations or not isinstance(work, Logarithmic)]
    evaluations = [float(snapshot.evaluations) for snapshot in shown]
    told = _milestones(snapshots, lambda snapshot: f"{snapshot.evaluations:,} evaluations")
    if len(shown) < len(snapshots):
        told += f" At 0 evaluations, which this scale does not reach, it was {snapshots[0].error:.4f}."
    return "\n".join(
        [
            _figure(snapshots, seconds, from_zero(seconds), error, f"time in {unit}", "time", time, words),
            _figure(shown, evaluations, work, error, "evaluations", "work", told, words),
        ]
    )


def _figure(
    snapshots: Sequence[Snapshot],
    along: Sequence[float],
    x: Scale,
    y: Scale,
    label: str,
    name: str,
    note: str,
    words: Words,
) -> str:
    """The error above the shapes. y: for the error. name: of both, once in a page."""
    errors = [snapshot.error for snapshot in snapshots]
    shapes = [float(snapshot.shapes) for snapshot in snapshots]
    first, last = snapshots[0], snapshots[-1]
    error = Chart(
        title=f"{words.error.capitalize()} over {label}",
        about=f"From {first.error:.4f} at {along[0]:.4g} to {last.error:.4f} at {along[-1]:.4g}.",
        x_label=label,
        y_label=words.about,
        x=x,
        y=y,
        points=list(zip(along, errors, strict=True)),
        end=f"{last.error:.4f}",
    )
    count = Chart(
        title=f"{words.mark.capitalize()}s over {label}",
        about=f"From {first.shapes:,} at {along[0]:.4g} to {last.shapes:,} at {along[-1]:.4g}.",
        x_label=label,
        y_label=f"{words.mark}s",
        x=x,
        y=from_zero(shapes),
        points=list(zip(along, shapes, strict=True)),
        end=f"{last.shapes:,}",
        height=STRIP,
    )
    plots = to_svg(error, f"error-{name}") + to_svg(count, f"shapes-{name}")
    return f"<figure>{plots}<figcaption>{note}</figcaption></figure>"


def _milestones(snapshots: Sequence[Snapshot], after: Callable[[Snapshot], str]) -> str:
    """When most had been gained; `after` says when a snapshot was taken."""
    first, last = snapshots[0].error, snapshots[-1].error
    if last >= first:
        return "The error has not fallen."
    half, near = (
        next(after(each) for each in snapshots if each.error <= limit)
        for limit in (max(first / 2, last), NEARLY * last)
    )
    if last > first / 2:
        return f"The error was within a tenth of its last value after {near}."
    return f"The error was halved after {half}, and within a tenth of its last value after {near}."


def _unit(seconds: float) -> tuple[str, float]:
    """The unit for a time, and how many seconds it has."""
    return next(((unit, size) for least, size, unit in UNITS if seconds >= least), ("seconds", 1.0))
