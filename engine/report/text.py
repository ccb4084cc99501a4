"""What a page says of a run in words and figures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from engine.export.metadata import changed
from engine.formatting import OUTCOMES, SHAPES, byte_count, fine_duration
from engine.report.data import ReportData

BY_THE_CLOCK = ("time", "deadline", "interrupted")  # outcomes that another run would not have
KNOWN = ("painter", "seed")  # settings that are shown in any case


def name(data: ReportData) -> str:
    """Of the target, as people call it."""
    return Path(data.spec.target).name or data.spec.target


def headline(data: ReportData) -> str:
    """The run in one line."""
    parts = [data.words.marks(len(data.scene)), f"{data.words.error} {data.measured:.4f}"]
    if data.seconds is not None:
        parts.append(f"painted in {fine_duration(data.seconds)}")
    return " · ".join([*parts, f"{data.at.day} {data.at:%B %Y, %H:%M}"])


def state(data: ReportData) -> str:
    """A sentence about a run that has not come to its end, or was ended early; "" for others."""
    outcome = data.result.get("outcome")
    if outcome == "finished":
        return ""
    if outcome in OUTCOMES:
        return f"{OUTCOMES[outcome]}."
    if data.header is None:
        return "This run is not finished; this is its last snapshot."
    share = f"{data.header.share:.0%} of the planned work is done"
    return f"This run is not finished: {share}. This is its last checkpoint; tessera resume goes on from it."


def figures(data: ReportData) -> Iterator[tuple[str, str]]:
    """Labels and values, as far as they are known."""
    result, seconds, evaluations = data.result, data.seconds, data.evaluations
    height, width = data.scene.height, data.scene.width
    if data.words != SHAPES:
        yield data.words.about, f"{data.measured:.4f}"
        yield "drawn, beside the target (RMSE, 0 to 1)", f"{data.error:.4f}"
    else:
        yield data.words.about, f"{data.error:.4f}"
    yield f"{data.words.mark}s", f"{len(data.scene):,}"
    yield "worked at", f"{width} × {height} px"
    if evaluations is not None:
        yield "evaluations", f"{evaluations:,}"
    if evaluations and seconds:
        yield "evaluations a second", f"{evaluations / seconds:,.0f}"
    if "painting_seconds" in result:
        yield "painting, processor time", fine_duration(result["painting_seconds"])
    if seconds is not None:
        yield "painting, wall time", fine_duration(seconds)
    if "workers" in result:
        yield "workers", f"{result['workers']:,}"
    if "peak_memory" in result:
        yield "workers' peak memory", byte_count(result["peak_memory"])
    yield "seed", str(data.spec.seed)
    yield "painter", data.spec.painter.name
    if data.version is not None:
        yield "Tessera", data.version


def settings(data: ReportData) -> list[tuple[str, str]]:
    """Names and values of those that decide the picture and are not the defaults."""
    return [(name, text) for name, text in changed(data.spec).items() if name not in KNOWN]


def caveats(data: ReportData) -> Iterator[str]:
    """Why a run made anew may end elsewhere."""
    outcome = data.result.get("outcome")
    if not data.result:
        yield "This run is not finished, so another one goes further."
    elif outcome in BY_THE_CLOCK:
        yield "This run was ended by the clock or by somebody; another one paints the same, but goes further."
    if data.spec.start is not None:
        yield "It began with what another run had painted; that one must be there as it was."
    if data.was_raised:
        yield "It was asked for more when it had begun, and a run that is asked at once ends elsewhere."
