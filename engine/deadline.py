"""Deadlines are moments on the wall clock, on purpose; everything else goes by a clock that never jumps."""

from __future__ import annotations

from datetime import datetime, timedelta


def deadline(until: str, now: float) -> float:
    """The moment that budget.until means, local time; one without a date is the next such moment.

    now and the result are seconds since the epoch.
    """
    if len(until) > len("HH:MM"):
        return datetime.fromisoformat(until).timestamp()
    clock = datetime.strptime(until, "%H:%M").time()
    moment = datetime.combine(datetime.fromtimestamp(now), clock)
    if moment.timestamp() <= now:
        moment += timedelta(days=1)  # of the calendar: a day with a change of the clock is not 24 hours long
    return moment.timestamp()


def written(moment: float) -> str:
    """A moment as --until takes it, with its date, so that it means the same tomorrow."""
    return f"{datetime.fromtimestamp(moment):%Y-%m-%d %H:%M}"
