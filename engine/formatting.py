"""Numbers for people."""

from __future__ import annotations

OUTCOMES = {
    "finished": "Finished",
    "time": "Stopped at the time limit",
    "error": "Stopped at the error asked for",
    "deadline": "Stopped at the deadline",
    "interrupted": "Interrupted",
}


def shapes(count: int) -> str:
    """A number of shapes."""
    return "1 shape" if count == 1 else f"{count:,} shapes"


def workers(count: int) -> str:
    """A number of workers."""
    return "1 worker" if count == 1 else f"{count} workers"


def byte_count(count: int) -> str:
    """A file's size, rounded."""
    for factor, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if count >= 0.9995 * factor:  # so that three digits never become four
            return f"{count / factor:.3g} {unit}"
    return f"{count} bytes"


def duration(seconds: float) -> str:
    """Seconds, rounded."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
