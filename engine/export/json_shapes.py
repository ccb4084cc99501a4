"""A scene's marks as JSON, one on each line: for other programs, and to begin another run with.

docs/exports.md has the schema. Numbers have as few digits as read back to the same ones.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import IO, Annotated, Any, Literal, TypeVar

import numpy as np
from pydantic import BaseModel, Field, ValidationError

from engine.errors import RunError, reason
from engine.export.json_touches import FAR, STRICT, BrushHead, Share, TouchLine, head_of, line_of, shortest
from engine.image.pixels import Colour
from engine.regular_files import read_regular
from engine.scene.scene import Brushwork, Mark, Scene
from engine.spec.fields import expected
from engine.spec.messages import one_line, refusal, schemas_of, show
from engine.strict_json import parse

SUFFIX = ".json"
FORMAT, VERSION = "tessera shapes", 1
LONGEST = 20_000  # pixels of a side
MOST = 1_000_000  # marks, as many as a run has at most
MAX_BYTES = 250_000_000  # of a file: a million triangles
BRACKETS = 20 * MOST  # of lists and objects, which take much memory and few bytes
POINTS = {"polygon": "3 or more", "rectangle": "3", "ellipse": "3", "stroke": "2, 3, 4, 7 or 10"}
COUNTS = {"rectangle": (3,), "ellipse": (3,), "stroke": (2, 3, 4, 7, 10)}  # of a polygon any from 3

_Place = Annotated[float, Field(ge=-FAR, le=FAR)]
_Point = Annotated[list[_Place], Field(min_length=2, max_length=2)]
_Rgb = Annotated[list[Share], Field(min_length=3, max_length=3)]
_RGB_WORDS = "red, green and blue from 0 to 1 (sRGB)"
_Side = Annotated[int, Field(ge=1, le=LONGEST)]
Model = TypeVar("Model", bound=BaseModel)


class _Head(BaseModel):
    """All but the marks."""

    model_config = STRICT
    width: _Side
    height: _Side
    background: Annotated[_Rgb | None, expected(f"{_RGB_WORDS}, or null")] = None
    painter: str | None = None
    brush: Annotated[dict[str, Any] | None, expected("an object with a name, or null")] = None


class _MarkLine(BaseModel):
    """One mark; see engine.scene.Mark."""

    model_config = STRICT
    form: Literal["polygon", "rectangle", "ellipse", "stroke"]
    points: Annotated[list[_Point], expected("a list of [x, y] in pixels (at most a million away)")]
    colour: Annotated[_Rgb, expected(_RGB_WORDS)]
    opacity: Share = 1.0
    width: Annotated[float, Field(ge=0, le=FAR)] = 0.0
    cap: Literal["butt", "round"] = "butt"
    blend: Literal["normal", "multiply"] = "normal"
    touch: Annotated[dict[str, Any] | None, expected("an object with a radius and pressures")] = None


@dataclass(frozen=True)
class ShapesFile:
    """What such a file says."""

    height: int
    width: int
    background: Colour | None
    marks: tuple[Mark, ...]
    painter: str | None  # who painted it; None: nobody in particular


def to_json(scene: Scene, painter: str) -> str:
    """The whole file; painter: the name of who painted the scene."""
    return "".join(_lines(scene, painter))


def write_json(file: IO[bytes], scene: Scene, painter: str) -> None:
    """Write it line by line."""
    for line in _lines(scene, painter):
        file.write(line.encode())


def _lines(scene: Scene, painter: str) -> Iterator[str]:
    marks = iter(scene.marks())
    first = list(islice(marks, 1))
    head = {
        "format": FORMAT,
        "version": VERSION,
        "width": scene.width,
        "height": scene.height,
        "background": scene.background and list(scene.background),
        "painter": painter,
        **head_of(first[0].touch if first else None),
    }
    yield f'{json.dumps(head)[:-1]}, "marks": ['
    between = "\n"
    for mark in chain(first, marks):
        yield between + json.dumps(_line(mark))
        between = ",\n"
    yield "\n]}\n" if between != "\n" else "\n\n]}\n"


def read_shapes(path: Path) -> ShapesFile:
    """What a file says; RunError, about the first thing that is wrong, when it is not such a file."""
    try:
        return _shapes(path)
    except MemoryError as exc:
        raise RunError(f"{path}: there is no memory for so many marks; close other programs.") from exc


def _shapes(path: Path) -> ShapesFile:
    content = _content(path)
    lines = content.pop("marks", None)
    if not isinstance(lines, list):
        raise RunError(f"{path}: marks must be a list of shapes.")
    head = _valid(_Head, content, f"{path}:")
    if len(lines) > MOST:
        raise RunError(f"{path}: {len(lines):,} marks are too many; there can be {MOST:,}.")
    work = None if head.brush is None else _valid(BrushHead, head.brush, f"{path}: brush:").work()
    marks = tuple(_mark(line, work, f"{path}: mark {number}:") for number, line in enumerate(lines, 1))
    return ShapesFile(head.height, head.width, _rgb(head.background), marks, head.painter)


def _line(mark: Mark) -> dict[str, Any]:
    return {
        "form": mark.form,
        "points": [shortest(point) for point in mark.points],
        "colour": shortest(np.array(mark.colour, np.float32)),
        "opacity": shortest(np.array([mark.opacity], np.float32))[0],
        **({"width": shortest(np.array([mark.width], np.float32))[0]} if mark.form == "stroke" else {}),
        **({"cap": mark.cap} if mark.cap != "butt" else {}),
        **({"blend": mark.blend} if mark.blend != "normal" else {}),
        **line_of(mark.touch),
    }


def _content(path: Path) -> dict[str, Any]:
    """The outermost object, if it is one of ours, without what says so."""
    try:
        text = read_regular(path, MAX_BYTES)
        if text.count(b"[") + text.count(b"{") > BRACKETS:
            raise RunError(f"{path}: has more lists than {MOST:,} marks need; leave out what is none.")
        content = parse(text)
    except OSError as exc:
        raise RunError(f"{path}: can't be read ({reason(exc)}); check the path.") from exc
    except ValueError as exc:
        raise RunError(
            f"{path}: is not JSON ({one_line(reason(exc))}); mend it, or export it again."
        ) from exc
    if not isinstance(content, dict) or content.pop("format", None) != FORMAT:
        raise RunError(
            f"{path}: is no file of shapes (there is no format {FORMAT!r} in it); tessera export RUN "
            "--format json writes one."
        )
    if (version := content.pop("version", None)) != VERSION:
        raise RunError(
            f"{path}: version must be {VERSION}, which is what this program reads, not {show(version)}."
        )
    return content


def _mark(line: object, work: Brushwork | None, subject: str) -> Mark:
    if not isinstance(line, dict):
        raise RunError(f"{subject} must be an object with a form, points and a colour.")
    valid = _valid(_MarkLine, line, subject)
    count = len(valid.points)
    if not (count >= 3 if valid.form == "polygon" else count in COUNTS[valid.form]):
        raise RunError(f"{subject} points must be {POINTS[valid.form]} for form {valid.form}, not {count}.")
    if (valid.width > 0) != (valid.form == "stroke"):
        raise RunError(f"{subject} width must be above 0 for a stroke, and is for nothing else.")
    if valid.cap != "butt" and valid.form != "stroke":
        raise RunError(f"{subject} cap is for strokes alone.")
    points = np.array(valid.points, np.float64)
    colour, touch = _rgb(valid.colour) or (0, 0, 0), None
    if valid.touch is not None:
        if valid.form != "stroke" or work is None:
            why = "is for strokes alone" if work else "wants a brush, and the file names none"
            raise RunError(f"{subject} touch {why}.")
        touch = _valid(TouchLine, valid.touch, f"{subject} touch:").touch(work)
    look = valid.opacity, valid.width
    return Mark(valid.form, points, colour, *look, cap=valid.cap, blend=valid.blend, touch=touch)


def _valid(model: type[Model], values: Mapping[str, Any], subject: str) -> Model:
    """RunError, beginning with the subject, for the first value that is wrong."""
    try:
        return model.model_validate(values)
    except ValidationError as exc:
        error = exc.errors(include_url=False)[0]
    name = str(error["loc"][0])
    schemas = schemas_of(model)
    if name not in schemas:
        raise RunError(f"{subject} {show(name)} isn't known here; there are {', '.join(schemas)}.")
    raise RunError(f"{refusal(f'{subject} {name}', values.get(name), error, schemas[name])}.")


def _rgb(parts: Iterable[float] | None) -> Colour | None:
    if parts is None:
        return None
    red, green, blue = parts
    return red, green, blue
