"""Deadlines are moments on the wall clock, on purpose; everything else goes by a clock that never jumps."""

from __future__ import annotations

from datetime import datetime, timedelta


def deadline(until: str, now: float) -> float:
    """The moment that budget.until means, local time; one without a date is the next such moment.

    now and the result are seconds since the epoch.
    """
    if len(until) > len("HH:MM"):
        return datetime.fromisoformat(until).timestamp()
    today, clock = datetime.fromtimestamp(now).date(), datetime.strptime(until, "%H:%M").time()
    # Of the calendar: a day with a change of the clock is not 24 hours long, and has some moments twice.
    days = (today, today + timedelta(days=1))
    moments = [datetime.combine(day, clock.replace(fold=fold)).timestamp() for day in days for fold in (0, 1)]
    return min(moment for moment in moments if moment > now)


def written(moment: float) -> str:
    """A moment as --until takes it, with its date, so that it means the same tomorrow."""
    return f"{datetime.fromtimestamp(moment):%Y-%m-%d %H:%M}"
