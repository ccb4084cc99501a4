"""What settings can be: plain values with the ways to read them, and the words that their refusals need."""

import math
import re
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
)
from pydantic.config import JsonDict

from engine.spec.colours import hex_of
from engine.spec.lengths import NUMBER
from engine.spec.names import FileName

FROZEN = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)  # of every model of settings
PIXELS: JsonDict = {"metavar": "PX"}  # in the schema of a number of them
MAX_HOURS = 10_000
_DURATION = re.compile(f"(?:{NUMBER}h)?(?:{NUMBER}m)?(?:{NUMBER}s)?")
BACKGROUNDS = ("auto", "mean", "black", "white", "transparent")  # as they are stored, too
SAME_FORMAT = {"jpg": "jpeg", "tif": "tiff", "plt": "hpgl", "nc": "gcode"}  # by names that it has, too


def expected(
    text: str, metavar: str = "", words: Collection[str] | Mapping[str, str] = (), unit: str = ""
) -> WithJsonSchema:
    """Put into a field's schema what completes the sentence "KEY must be ...".

    metavar: a word for a value in help, such as TIME. words: those that it takes, with what they mean or
    without, for whoever mistypes or completes one. unit: what is said of a plain number that lacks one.
    """
    known = words if isinstance(words, Mapping) else dict.fromkeys(words, "")
    more = {"metavar": metavar, "words": [list(pair) for pair in known.items()], "unit": unit}
    return WithJsonSchema({"expected": text, **{name: value for name, value in more.items() if value}})


def _seconds(value: object) -> object:
    """Seconds of a text such as "1.5s", "10m" or "1h30m"; anything else is left to the field."""
    if not isinstance(value, str):
        return value
    match = _DURATION.fullmatch(value.replace(" ", "").lower())
    if match is None or not any(match.groups()):
        if value.strip() != "0" and re.fullmatch(NUMBER, value.strip()):
            raise ValueError("a plain number")  # seconds, or minutes? Python callers mean seconds
        return value
    hours, minutes, seconds = (float(number or 0) for number in match.groups())
    return 3600 * hours + 60 * minutes + seconds


def _short(seconds: float) -> str:
    """A duration as it is written: "1h30m" when whole, else plain seconds, so that no digit is lost."""
    if not seconds.is_integer():
        return f"{seconds!r}s"
    minutes, rest = divmod(int(seconds), 60)
    parts = (minutes // 60, "h"), (minutes % 60, "m"), (rest, "s")
    return "".join(f"{number}{unit}" for number, unit in parts if number) or "0s"


def _moment(value: str) -> str:
    """A time of day as HH:MM, or a date and time as YYYY-MM-DD HH:MM; ValueError for any other text."""
    if re.fullmatch("[0-9]{1,2}:[0-9]{2}", value):
        return f"{datetime.strptime(value, '%H:%M'):%H:%M}"
    return f"{datetime.strptime(value.replace('T', ' '), '%Y-%m-%d %H:%M'):%Y-%m-%d %H:%M}"


def _background(value: str) -> str:
    """A background in lower case, as #rrggbb where it is no word of ours; ValueError for any other text."""
    found = value.strip().lower()
    return found if found in BACKGROUNDS else hex_of(found)


def _aspect(value: object) -> object:
    """A ratio as it was written: YAML 1.1 reads 9:16 as 9 x 60 + 16."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 60:
        return f"{value // 60}:{value % 60}"
    return value


def _grid(value: str) -> str:
    """A grid in its shortest form; ValueError for any other text."""
    if value.lower() == "auto":
        return "auto"
    match = re.fullmatch("([0-9]{1,3})x([0-9]{1,3})", value.lower())
    if match is None or not all(1 <= int(number) <= 256 for number in match.groups()):
        raise ValueError("no grid")
    return f"{int(match[1])}x{int(match[2])}"


def _dedup(value: str) -> str:
    """A way to find duplicates in lower case; ValueError for any other text."""
    way, _, limit = value.lower().partition(":")
    if way in ("dhash", "phash") and re.fullmatch("[0-9]{1,2}", limit) and int(limit) <= 64:
        return f"{way}:{int(limit)}"
    if way == "mse" and 0 <= float(limit) <= 1:
        return f"{way}:{float(limit):g}"
    if (way, limit) != ("exact", ""):
        raise ValueError("no way to find duplicates")
    return way


def _bytes(value: object) -> object:
    """Bytes of a text such as "8MB"; anything else is left to the field."""
    match = (
        re.fullmatch(NUMBER + "([kmg]i?)?b?", value.replace(" ", "").lower())
        if isinstance(value, str)
        else None
    )
    if match is None:
        return value
    unit = match[2] or ""
    count = float(match[1]) * (1024 if "i" in unit else 1000) ** " kmg".index(unit[:1] or " ")
    return round(count) if math.isfinite(count) else value


def _split(value: object) -> object:
    """The words of a text with commas; anything else is left to the field."""
    return [word.strip() for word in value.split(",")] if isinstance(value, str) else value


def _format_words(value: object) -> object:
    """The formats of a text with commas or of a list, by their one name each; anything else is left."""
    words = _split(value)
    if not isinstance(words, list | tuple):
        return value
    return [SAME_FORMAT.get(word.lower(), word.lower()) if isinstance(word, str) else word for word in words]


def once(formats: tuple[str, ...]) -> tuple[str, ...]:
    """Each format once, in the order given."""
    return tuple(dict.fromkeys(formats))


_DURATION_FORM = f"such as 90s, 10m or 1h30m (at most {MAX_HOURS}h)"
_UNITS = "write {0}s for seconds, {0}m for minutes or {0}h for hours"
_AS_WRITTEN = PlainSerializer(_short, return_type=str, when_used="json")
Duration = Annotated[
    float,
    BeforeValidator(_seconds),
    Field(gt=0, le=MAX_HOURS * 3600),
    _AS_WRITTEN,
    expected(f"a duration above 0 {_DURATION_FORM}", "TIME", unit=_UNITS),
]
DurationOrZero = Annotated[
    float,
    BeforeValidator(_seconds),
    Field(ge=0, le=MAX_HOURS * 3600),
    _AS_WRITTEN,
    expected(f"a duration of 0s or more {_DURATION_FORM}", "TIME", unit=_UNITS),
]
Moment = Annotated[
    str,
    AfterValidator(_moment),
    expected("a local time such as 06:00, or a date and time such as 2030-01-31 06:00", "HH:MM"),
]
Background = Annotated[
    str,
    AfterValidator(_background),
    expected(
        'auto, mean, transparent or a colour such as white, navy or "#ffcc00" '
        "(in YAML an unquoted # starts a comment)",
        "COLOUR|WORD",
        (*BACKGROUNDS, "ivory", "navy"),
    ),
]
Grid = Annotated[
    str,
    AfterValidator(_grid),
    expected("auto or ROWSxCOLS such as 4x4, each from 1 to 256", "auto|ROWSxCOLS", ("auto", "4x4")),
]
Target = Annotated[
    FileName,
    expected(
        "a file, the name of a sample or blank paper, such as photo.jpg, astronaut or blank:512x512",
        "FILE|NAME",
    ),
]
Importance = Annotated[
    FileName,
    expected("none, auto or the path of a grey mask such as mask.png", "auto|MASK.png", ("none", "auto")),
]
Start = Annotated[
    FileName,
    expected(
        "the folder of a run such as outputs/photo, or a file of shapes such as picture.json", "RUN|FILE"
    ),
]
Location = Annotated[FileName, expected("a path", "PATH")]
Command = Annotated[FileName, expected("a command for the shell", "COMMAND")]
FilmFormat = Literal["mp4", "webm", "gif", "webp", "apng", "png", "svg"]
FileFormat = Literal[
    "svg", "pdf", "json", "png", "jpeg", "webp", "tiff", "dzi", "plotter", "plotter-preview", "hpgl", "gcode"
]
Formats = Annotated[
    tuple[FilmFormat, ...],
    Field(min_length=1),
    BeforeValidator(_split),
    AfterValidator(once),
]
Files = Annotated[
    tuple[FileFormat, ...],
    Field(min_length=1),
    BeforeValidator(_format_words),
    AfterValidator(once),
]
Aspect = Annotated[
    Literal["picture", "1:1", "9:16", "4:5", "16:9"],
    BeforeValidator(_aspect),
    WithJsonSchema({"enum": ["picture", "1:1", "9:16", "4:5", "16:9"], "type": "string"}),
]
Dedup = Annotated[
    str,
    AfterValidator(_dedup),
    expected(
        "exact, dhash:BITS or phash:BITS (how many of 64 may differ), or mse:T (a mean squared error, "
        "0 to 1)",
        "WAY",
        ("exact", "dhash:4", "phash:4", "mse:0.001"),
    ),
]
Bytes = Annotated[
    int,
    BeforeValidator(_bytes),
    Field(ge=1000, le=10**15),
    expected("a size such as 8MB or 500kB (1kB at least)", "SIZE"),
]
Memory = Annotated[
    int,
    BeforeValidator(_bytes),
    Field(ge=10**6, le=10**15),
    expected("a size such as 2GB or 800MB (1MB at least)", "SIZE"),
]
