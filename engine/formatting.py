"""Numbers for people: the one place where they become texts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

OUTCOMES = {
    "finished": "Finished",
    "time": "Stopped at the time limit",
    "error": "Stopped at the error asked for",
    "deadline": "Stopped at the deadline",
    "interrupted": "Interrupted",
}
BYTES = ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB"))
LARGE = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
LONG = 10_000  # from which on short numbers are written with units
SPANS = ((86_400, "d"), (3_600, "h"), (60, "min"))  # seconds in each


@dataclass(frozen=True, kw_only=True)
class Named:
    """What has figures of a picture says what they are called."""

    mark: str = "shape"  # what people call one of the shapes
    measure: str = "error"  # and the error


class Words(NamedTuple):
    """What a painter's marks and its error are called."""

    mark: str = "shape"
    error: str = "error"
    about: str = "error (RMSE, 0 to 1)"  # the error where there is room to say what it is

    def marks(self, count: int) -> str:
        """A number of marks: "1,200 nodes"."""
        return plural(count, self.mark)


SHAPES = Words()  # the usual ones


def plural(count: int, one: str) -> str:
    """So many of something: "1 word", "1,200 words"."""
    return f"{count:,} {one}" if count == 1 else f"{count:,} {one}s"


def workers(count: int) -> str:
    """A number of workers."""
    return plural(count, "worker")


def byte_count(count: int) -> str:
    """A size in bytes, rounded to three digits: "999 bytes", "82.6 kB"."""
    for factor, unit in BYTES:
        if count >= 0.9995 * factor:  # so that three digits never become four
            return f"{count / factor:.3g} {unit}"
    return f"{count} bytes"


def millions(number: float) -> str:
    """A large number whose unit doesn't jump: "2.35 M"."""
    return f"{number / 1e6:.2f} M"


def short_number(value: float) -> str:
    """A round number in few characters: "0.05", "2,000", "20 k", "1.5 M"."""
    if abs(value) < LONG:
        return f"{value:,.10g}"
    size, unit = next((size, unit) for size, unit in LARGE if abs(value) >= size)
    return f"{value / size:,.10g} {unit}"


def duration(seconds: float) -> str:
    """Whole seconds, and minutes of what takes hours: "5 s", "1 min 5 s", "2 h 5 min"."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def fine_duration(seconds: float) -> str:
    """The same with tenths of a second below a minute: "5.2 s"."""
    return f"{seconds:.1f} s" if seconds < 60 else duration(seconds)


def rough_duration(seconds: float) -> str:
    """Whole minutes: "half a minute", "5 min", "2 h 5 min"."""
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min" if minutes else "half a minute"


def short_duration(seconds: float) -> str:
    """One number with the largest unit of which there are a few: "89 s", "1.7 min", "12 d"."""
    for length, unit in SPANS:
        if seconds >= 1.5 * length:
            digits = ".2g" if seconds < 9.5 * length else ".0f"
            return f"{seconds / length:{digits}} {unit}"
    return f"{seconds:.0f} s"


def clock(seconds: float) -> str:
    """A time whose digits don't jump while it goes on: "5.2 s", "1:05 min", "2:05:09"."""
    minutes, rest = divmod(seconds, 60)
    if not minutes:
        return f"{math.floor(10 * rest) / 10:.1f} s"
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours}:{minutes:02}:{int(rest):02}" if hours else f"{minutes}:{int(rest):02} min"
