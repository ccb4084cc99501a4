"""A scene as SVG 1.1: short, drawn back to front, with a viewBox in target pixels.

Names within a file have a hash of what it says in them, so that several can stand in one page of HTML.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import NDArray

from engine.export.cut import cut
from engine.export.decimal_rows import rows_as_text
from engine.export.layers import Box, Key, Layer, layered
from engine.export.metadata import Metadata
from engine.image.pixels import Colour
from engine.scene.scene import Mark, Scene

DECIMALS = 2  # of a coordinate: a hundredth of a target pixel
OPACITY_DECIMALS = 3
SMOOTH = 2  # units of the last decimal: how far rounding moves a handle that mirrors the one before it
EDGE_DECIMALS = 4  # of the borders
DEFAULTS = {("fill", "#000"), ("fill-opacity", "1"), ("stroke-opacity", "1"), ("stroke-width", "1")}
MULTIPLY = ("style", "mix-blend-mode:multiply")
INKSCAPE = ' xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape"'

NAME = "\0"  # stands for a file's name of its own until its text is there
NAME_DIGITS = 10

SAME = 1e-6  # how much the radii of a circle differ, by rounding

Paint = dict[str, str]
Points = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Element:
    """One mark: its form as the beginning of a tag, and the attributes that it could inherit."""

    form: str
    paint: Paint


@dataclass(frozen=True)
class Look:
    """What can be chosen of a file."""

    decimals: int = DECIMALS  # of a coordinate
    key: Key | None = None  # by which marks are put into groups that a drawing program shows as layers
    clip: str = "path"  # or "cut": marks end at the page's borders themselves
    size: tuple[str, str] | None = None  # width and height as attributes; None: those of the scene
    window: Box | None = None  # what is shown of the scene; None: all of it

    def borders(self, scene: Scene) -> Box:
        """Of what is shown, in target pixels."""
        return self.window or (0, 0, scene.width, scene.height)


def to_svg(scene: Scene, metadata: Metadata | None = None, look: Look = Look()) -> str:
    """One element for each mark over a rectangle for a background, if any, cut off at the page's borders."""
    if look.key is None:
        content, names = as_lines(list(_elements(_ended(scene.marks(), scene, look), look.decimals))), ""
    else:
        layers = layered(list(scene.marks()), look.key, scene.height, scene.width)
        content, names = _groups(layers, scene, look), INKSCAPE
    return named("\n".join([*page(scene, metadata, look, names), *content, "</g>\n</svg>\n"]))


def named(text: str) -> str:
    """A file's text with a name of its own, which follows from it, wherever NAME stands."""
    digest = hashlib.sha256(text.encode()).hexdigest()[:NAME_DIGITS]
    return text.replace(NAME, f"t{digest}")


def page(
    scene: Scene, metadata: Metadata | None, look: Look, names: str = "", style: str = ""
) -> Iterator[str]:
    """The lines up to the first mark: texts, the borders, the background.

    names: of other namespaces. style: rules for what is below the group that is called NAME.
    """
    x0, y0, x1, y1 = look.borders(scene)
    place = [number(value, EDGE_DECIMALS) for value in (x0, y0, x1 - x0, y1 - y0)]
    rectangle = f'width="{place[2]}" height="{place[3]}"'
    if look.window is not None:
        rectangle = f'x="{place[0]}" y="{place[1]}" {rectangle}'
    width, height = look.size or place[2:]
    shown = f'viewBox="{" ".join(place)}" width="{width}" height="{height}"'
    yield f'<svg xmlns="http://www.w3.org/2000/svg"{names} {shown}>'
    if metadata is not None:
        yield f"<title>{escape(metadata.title)}</title>"
        yield f"<desc>{escape(metadata.description)}</desc>"
    if style:
        yield f"<style>{style}</style>"
    name = f' id="{NAME}"' if style else ""
    if look.clip == "path":
        yield f'<clipPath id="{NAME}-page"><rect {rectangle}/></clipPath>'
        yield f'<g{name} clip-path="url(#{NAME}-page)">'
    else:
        yield f"<g{name}>"
    if scene.background is not None:
        yield tag(Element(f"rect {rectangle}", {"fill": _hex(scene.background)}))


def as_lines(elements: Sequence[Element]) -> Iterator[str]:
    """The elements; what all of them have in common is said once, of a group."""
    paints = [{pair for pair in each.paint.items() if pair != MULTIPLY} for each in elements]
    common = dict(set.intersection(*paints) if paints else ())  # how marks blend is of each alone
    if not common or len(elements) == 1:
        yield from map(tag, elements)
        return
    yield f"<g{_attributes(sorted(common.items()))}>"
    for each in elements:
        yield tag(Element(each.form, {name: text for name, text in each.paint.items() if name not in common}))
    yield "</g>"


def _elements(marks: Iterable[Mark], decimals: int) -> Iterator[Element]:
    """One for each mark, but one for all straight opaque lines in a row that look the same, as in a net."""
    for look, same in groupby(marks, _look_of_line):
        if look is None:
            yield from (element(mark, decimals) for mark in same)
            continue
        lines = list(same)
        if len(lines) == 1:
            yield element(lines[0], decimals)
        else:
            paint = element(lines[0], decimals).paint | {"fill": "none"}
            points = np.array([mark.points for mark in lines])
            yield Element(f'path d="{_segments(points, decimals)}"', paint)


def _look_of_line(mark: Mark) -> tuple[Colour, float, str] | None:
    """Colour, width and ends of a straight opaque line; None of any other mark."""
    is_line = mark.form == "stroke" and len(mark.points) == 2 and mark.opacity == 1
    return (mark.colour, mark.width, mark.cap) if is_line else None


def tag(element: Element) -> str:
    """The element as text."""
    return f"<{element.form}{_attributes(element.paint.items())}/>"


def element(mark: Mark, decimals: int) -> Element:
    """The element that draws a mark; what SVG takes for granted is left out."""
    names = ("fill", "fill-opacity") if mark.form != "stroke" else ("stroke", "stroke-opacity")
    values = zip(names, (_hex(mark.colour), number(mark.opacity, OPACITY_DECIMALS)), strict=True)
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


def _ended(marks: Iterable[Mark], scene: Scene, look: Look) -> Iterable[Mark]:
    return cut(marks, look.borders(scene)) if look.clip == "cut" else marks


def _groups(layers: Iterable[Layer], scene: Scene, look: Look) -> Iterator[str]:
    for layer in layers:
        label = f'inkscape:groupmode="layer" inkscape:label="{layer.label}"'
        yield f'<g id="{NAME}-{layer.name}" {label}>'
        marks = _ended(layer.marks, scene, look)
        yield from as_lines([element(mark, look.decimals) for mark in marks])
        yield "</g>"


def _steps(points: Points, decimals: int) -> str:
    """The first point, and how far it is from each point to the next; rounding doesn't add up.

    Relative throughout: with absolute paths a file of 1,000 triangles is 6% longer, and the better of both
    for each triangle would save less than a thousandth.
    """
    places = _rounded(points, decimals)
    places[1:] -= places[:-1].copy()
    return _joined(places.ravel().tolist(), decimals)


def _segments(points: Points, decimals: int) -> str:
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
    return _attributes((name, number(value, decimals)) for name, value in values.items())


def _attributes(items: Iterable[tuple[str, str]]) -> str:
    return "".join(f' {name}="{text}"' for name, text in items)


def _hex(colour: Colour) -> str:
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
