"""A mark as an element of SVG, in as few characters as possible."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.export.decimal_rows import rows_as_text
from engine.image.pixels import Colour
from engine.scene.scene import Mark

OPACITY_DECIMALS = 3
SMOOTH = 2  # units of the last decimal: how far rounding moves a handle that mirrors the one before it
DEFAULTS = {("fill", "#000"), ("fill-opacity", "1"), ("stroke-opacity", "1"), ("stroke-width", "1")}
MULTIPLY = ("style", "mix-blend-mode:multiply")
SAME = 1e-6  # how much the radii of a circle differ, by rounding

Paint = dict[str, str]
Points = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Element:
    """One mark: its form as the beginning of a tag, and the attributes that it could inherit."""

    form: str
    paint: Paint


def tag(element: Element) -> str:
    """The element as text."""
    return f"<{element.form}{attributes(element.paint.items())}/>"


def element(mark: Mark, decimals: int) -> Element:
    """The element that draws a mark; what SVG takes for granted is left out."""
    names = ("fill", "fill-opacity") if mark.form != "stroke" else ("stroke", "stroke-opacity")
    values = zip(names, (hex_of(mark.colour), number(mark.opacity, OPACITY_DECIMALS)), strict=True)
    paint = {name: text for name, text in values if (name, text) not in DEFAULTS}
    if mark.blend == "multiply":
        paint |= [MULTIPLY]
    if mark.form == "polygon":
        return Element(f'path d="m{_steps(mark.points, decimals)}z"', paint)
    if mark.form != "stroke":
        return Element(_upright(mark, decimals), paint)
    paint |= _line_of(mark, decimals)
    if len(mark.points) > 2:
        curve = (_curve if len(mark.points) == 3 else _cubics)(mark.points, decimals)
        return Element(f'path d="{curve}"', paint | {"fill": "none"})
    (x1, y1), (x2, y2) = mark.points.tolist()
    return Element(f"line{_numbers(decimals, x1=x1, y1=y1, x2=x2, y2=y2)}", paint)


def number(value: float, decimals: int) -> str:
    """A number, rounded, in as few characters as possible."""
    return _text(round(value * 10**decimals), decimals)


def _steps(points: Points, decimals: int) -> str:
    """The first point, and how far it is from each point to the next; rounding doesn't add up.

    Relative throughout: with absolute paths a file of 1,000 triangles is 6% longer, and the better of both
    for each triangle would save less than a thousandth.
    """
    places = _rounded(points, decimals)
    places[1:] -= places[:-1].copy()
    return _joined(places.ravel().tolist(), decimals)


def segments(points: Points, decimals: int) -> str:
    """The path of lines (n, 2, 2): where each begins from the end of the one before, and where it goes."""
    places = _rounded(points, decimals)
    starts, steps = places[:, 0].copy(), places[:, 1] - places[:, 0]
    starts[1:] -= places[:-1, 1]
    return rows_as_text(np.concatenate([starts, steps], axis=1), decimals, "m")


def _curve(points: Points, decimals: int) -> str:
    """The path of a quadratic Bezier curve."""
    first, *others = _rounded(points, decimals)
    steps = [step for point in others for step in (point - first).tolist()]
    return f"m{_joined(first.tolist(), decimals)}q{_joined(steps, decimals)}"


def _cubics(points: Points, decimals: int) -> str:
    """The path of cubic Bezier curves one after the other.

    A curve that goes on smoothly, its first handle the mirror image of the last one before it, says its
    second handle and its end alone (s).
    """
    places = _rounded(points, decimals)
    text, before = f"m{_joined(places[0].tolist(), decimals)}", ""
    for at in range(0, len(places) - 1, 3):
        start, *others = places[at : at + 4]
        is_smooth = at and np.abs(others[0] + places[at - 1] - 2 * start).max() <= SMOOTH
        command, told = ("s", others[1:]) if is_smooth else ("c", others)
        steps = _joined([step for point in told for step in (point - start).tolist()], decimals)
        # A command that is repeated needs no letter.
        text += (command if command != before else "" if steps.startswith("-") else " ") + steps
        before = command
    return text


def _line_of(mark: Mark, decimals: int) -> Paint:
    """How a stroke's line is drawn, but for its colour."""
    width = number(mark.width, decimals)
    paint = {} if ("stroke-width", width) in DEFAULTS else {"stroke-width": width}
    if mark.cap == "round":
        paint["stroke-linecap"] = "round"
    if len(mark.points) > 3:
        paint["stroke-linejoin"] = "round"
    return paint


def _upright(mark: Mark, decimals: int) -> str:
    """A rectangle or an ellipse, turned unless its first half-axis points to the right."""
    (cx, cy), first, second = mark.points.tolist()
    rx, ry = math.dist(first, (cx, cy)), math.dist(second, (cx, cy))
    if mark.form == "rectangle":
        form = f"rect{_numbers(decimals, x=cx - rx, y=cy - ry, width=2 * rx, height=2 * ry)}"
    elif math.isclose(rx, ry, rel_tol=SAME):
        return f"circle{_numbers(decimals, cx=cx, cy=cy, r=rx)}"
    else:
        form = f"ellipse{_numbers(decimals, cx=cx, cy=cy, rx=rx, ry=ry)}"
    angle = number(math.degrees(math.atan2(first[1] - cy, first[0] - cx)), decimals + 1)
    if angle == "0":
        return form
    return f'{form} transform="rotate({angle} {number(cx, decimals)} {number(cy, decimals)})"'


def _numbers(decimals: int, **values: float) -> str:
    return attributes((name, number(value, decimals)) for name, value in values.items())


def attributes(items: Iterable[tuple[str, str]]) -> str:
    """As they stand in a tag, each after a space."""
    return "".join(f' {name}="{text}"' for name, text in items)


def hex_of(colour: Colour) -> str:
    """A colour in three or six digits."""
    digits = "".join(f"{round(255 * min(max(part, 0.0), 1.0)):02x}" for part in colour)
    return "#" + (digits[::2] if digits[::2] == digits[1::2] else digits)


def _rounded(points: Points, decimals: int) -> NDArray[np.int64]:
    """In units of the last decimal."""
    return np.rint(points * np.float64(10**decimals)).astype(np.int64)


def _joined(units: Iterable[int], decimals: int) -> str:
    """Numbers with a space between them only where they would run together: 1.5.5 are two."""
    text = last = ""
    for each in units:
        new = _text(each, decimals)
        is_parted = not text or new.startswith("-") or (new.startswith(".") and "." in last)
        text, last = text + ("" if is_parted else " ") + new, new
    return text


def _text(units: int, decimals: int) -> str:
    """A number that is given in units of its last decimal."""
    whole, fraction = divmod(abs(units), 10**decimals)
    digits = f"{fraction:0{decimals}}".rstrip("0") if fraction else ""
    return (
        ("-" if units < 0 else "") + (str(whole) if whole or not digits else "") + (digits and f".{digits}")
    )
