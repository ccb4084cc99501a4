"""A scene as SVG: short, drawn back to front, with a viewBox in target pixels."""

from __future__ import annotations

from engine.scene import Colour, Scene

DECIMALS = 2  # of a coordinate: a hundredth of a target pixel


def to_svg(scene: Scene) -> str:
    """One path for each mark over a rectangle for the background, if any, cut off at the page's borders."""
    size = f'width="{scene.width}" height="{scene.height}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {scene.width} {scene.height}" {size}>',
        f'<clipPath id="page"><rect {size}/></clipPath>',
        '<g clip-path="url(#page)">',
    ]
    if scene.background is not None:
        lines.append(f'<rect {size} fill="{_hex(scene.background)}"/>')
    for mark in scene.marks():
        outline = " ".join(_number(value, DECIMALS) for value in mark.points.ravel().tolist())
        opacity = "" if mark.opacity >= 1 else f' fill-opacity="{_number(mark.opacity, 3)}"'
        lines.append(f'<path fill="{_hex(mark.colour)}"{opacity} d="M{outline}z"/>')
    lines.append("</g>\n</svg>\n")
    return "\n".join(lines)


def _hex(colour: Colour) -> str:
    return "#" + "".join(f"{round(255 * min(max(part, 0.0), 1.0)):02x}" for part in colour)


def _number(value: float, decimals: int) -> str:
    text = f"{value:.{decimals}f}".rstrip("0").rstrip(".")
    text = text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text
    return "0" if text in ("-0", "") else text
