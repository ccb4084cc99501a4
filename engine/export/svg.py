"""A scene as SVG: short, drawn back to front, with a viewBox in target pixels."""

from __future__ import annotations

import math
from collections.abc import Iterable

from engine.scene import Colour, Mark, Scene

DECIMALS = 2  # of a coordinate: a hundredth of a target pixel
ANGLE_DECIMALS = 3  # of an angle in degrees: a hundredth of a pixel at a distance of 500
OPACITY_DECIMALS = 3


def to_svg(scene: Scene) -> str:
    """One element for each mark over a rectangle for a background, if any, cut off at the page's borders."""
    size = f'width="{scene.width}" height="{scene.height}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {scene.width} {scene.height}" {size}>',
        f'<clipPath id="page"><rect {size}/></clipPath>',
        '<g clip-path="url(#page)">',
        *([] if scene.background is None else [f'<rect {size} fill="{_hex(scene.background)}"/>']),
        *map(_element, scene.marks()),
        "</g>\n</svg>\n",
    ]
    return "\n".join(lines)


def _element(mark: Mark) -> str:
    rounded = _number(mark.opacity, OPACITY_DECIMALS)
    opacity = "" if rounded == "1" else f'{rounded}"'
    if mark.form == "stroke":
        paint = f'fill="none" stroke="{_hex(mark.colour)}" stroke-width="{_number(mark.width, DECIMALS)}"'
        return _stroke(mark, paint + (opacity and f' stroke-opacity="{opacity}'))
    paint = f'fill="{_hex(mark.colour)}"' + (opacity and f' fill-opacity="{opacity}')
    if mark.form == "polygon":
        return f'<path {paint} d="M{_numbers(mark.points.ravel().tolist())}z"/>'
    return _upright(mark, paint)


def _stroke(mark: Mark, paint: str) -> str:
    if len(mark.points) == 2:
        (x1, y1), (x2, y2) = mark.points.tolist()
        return f"<line {_attributes(x1=x1, y1=y1, x2=x2, y2=y2)} {paint}/>"
    ends, curve = mark.points[0].tolist(), mark.points[1:].ravel().tolist()
    return f'<path {paint} d="M{_numbers(ends)}Q{_numbers(curve)}"/>'


def _upright(mark: Mark, paint: str) -> str:
    """A rectangle or an ellipse, turned unless its first half-axis points to the right."""
    (cx, cy), first, second = mark.points.tolist()
    rx, ry = math.dist(first, (cx, cy)), math.dist(second, (cx, cy))
    angle = math.degrees(math.atan2(first[1] - cy, first[0] - cx))
    if mark.form == "rectangle":
        shape = f"<rect {_attributes(x=cx - rx, y=cy - ry, width=2 * rx, height=2 * ry)}"
    elif abs(rx - ry) < 10**-DECIMALS:  # a circle's differ by rounding
        return f"<circle {_attributes(cx=cx, cy=cy, r=rx)} {paint}/>"
    else:
        shape = f"<ellipse {_attributes(cx=cx, cy=cy, rx=rx, ry=ry)}"
    turn = f' transform="rotate({_number(angle, ANGLE_DECIMALS)} {_numbers((cx, cy))})"' if angle else ""
    return f"{shape} {paint}{turn}/>"


def _attributes(**values: float) -> str:
    return " ".join(f'{name}="{_number(value, DECIMALS)}"' for name, value in values.items())


def _hex(colour: Colour) -> str:
    return "#" + "".join(f"{round(255 * min(max(part, 0.0), 1.0)):02x}" for part in colour)


def _numbers(values: Iterable[float]) -> str:
    return " ".join(_number(value, DECIMALS) for value in values)


def _number(value: float, decimals: int) -> str:
    text = f"{value:.{decimals}f}".rstrip("0").rstrip(".")
    text = text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text
    return "0" if text in ("-0", "") else text
