"""What a page says of a run in words and figures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from engine.export.metadata import changed
from engine.formatting import OUTCOMES, duration, shapes
from engine.report.data import Account

BY_THE_CLOCK = ("time", "deadline", "interrupted")  # outcomes that another run would not have
KNOWN = ("painter", "seed")  # settings that are shown in any case
MINUTE = 60.0  # seconds, below which tenths are worth saying


def name(account: Account) -> str:
    """Of the target, as people call it."""
    return Path(account.spec.target).name or account.spec.target


def headline(account: Account) -> str:
    """The run in one line."""
    parts = [shapes(len(account.scene)), f"error {account.error:.4f}"]
    if account.seconds is not None:
        parts.append(f"painted in {span(account.seconds)}")
    return " · ".join([*parts, f"{account.at.day} {account.at:%B %Y, %H:%M}"])


def state(account: Account) -> str:
    """A sentence about a run that has not come to its end, or was ended early; "" for others."""
    outcome = account.result.get("outcome")
    if outcome == "finished":
        return ""
    if outcome in OUTCOMES:
        return f"{OUTCOMES[outcome]}."
    if account.header is None:
        return "This run is not finished; this is its last snapshot."
    share = f"{account.header.share:.0%} of the planned work is done"
    return f"This run is not finished: {share}. This is its last checkpoint; tessera resume goes on from it."


def figures(account: Account) -> Iterator[tuple[str, str]]:
    """Labels and values, as far as they are known."""
    result, seconds, evaluations = account.result, account.seconds, account.evaluations
    height, width = account.target.shape[:2]
    yield "error (RMSE, 0 to 1)", f"{account.error:.4f}"
    yield "shapes", f"{len(account.scene):,}"
    yield "worked at", f"{width} × {height} px"
    if evaluations is not None:
        yield "evaluations", f"{evaluations:,}"
    if evaluations and seconds:
        yield "evaluations a second", f"{evaluations / seconds:,.0f}"
    if "painting_seconds" in result:
        yield "painting, processor time", span(result["painting_seconds"])
    if seconds is not None:
        yield "painting, wall time", span(seconds)
    if "workers" in result:
        yield "workers", f"{result['workers']:,}"
    if "peak_memory" in result:
        yield "workers' peak memory", f"{result['peak_memory'] / 1e6:,.0f} MB"
    yield "seed", str(account.spec.seed)
    yield "painter", account.spec.painter.name
    if account.version is not None:
        yield "Tessera", account.version


def settings(account: Account) -> list[tuple[str, str]]:
    """Names and values of those that decide the picture and are not the defaults."""
    return [(name, text) for name, text in changed(account.spec).items() if name not in KNOWN]


def caveats(account: Account) -> Iterator[str]:
    """Why a run made anew may end elsewhere."""
    outcome = account.result.get("outcome")
    if not account.result:
        yield "This run is not finished, so another one goes further."
    elif outcome in BY_THE_CLOCK:
        yield "This run was ended by the clock or by somebody; another one paints the same, but goes further."
    if account.spec.start is not None:
        yield "It began with what another run had painted; that one must be there as it was."
    if account.was_raised:
        yield "It was asked for more when it had begun, and a run that is asked at once ends elsewhere."


def span(seconds: float) -> str:
    """Seconds, with tenths when they are few."""
    return f"{seconds:.1f} s" if seconds < MINUTE else duration(seconds)
