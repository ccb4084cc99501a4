"""Strokes in the exporters' common form, and back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.painters.curves.limits import PIECES, Ink
from engine.painters.curves.strokes import CONTROLS, Strokes, filled, free_points
from engine.scene.scene import Mark

SMOOTH = 0.02  # of a handle's length, by which the handles of a joint may depart from one line


def marks_of(strokes: Strokes, ink: Ink) -> Iterator[Mark]:
    """Strokes with round ends; those that can't be seen are left out.

    Black ink that nothing shines through covers what it multiplies.
    """
    for points, pieces, colour, opacity, width in zip(
        strokes.controls().astype(np.float64),
        strokes.pieces.tolist(),
        strokes.colours.astype(np.float64).tolist(),
        strokes.opacities.tolist(),
        strokes.widths.tolist(),
        strict=True,
    ):
        if opacity > 0 and width > 0:
            is_mixed = ink == "multiply" and not (opacity == 1 and not any(colour))
            yield Mark(
                form="stroke",
                points=points[: 3 * pieces + 1],
                colour=tuple(colour),
                opacity=opacity,
                width=width,
                cap="round",
                blend="multiply" if is_mixed else "normal",
            )


def strokes_of(marks: Sequence[Mark]) -> Strokes:
    """The inverse, with ids in the order of the marks; ValueError for what is no smooth stroke."""
    strokes = Strokes.empty(len(marks))
    strokes.ids[:] = np.arange(len(marks))
    for row, mark in enumerate(marks):
        points = _free_points(mark, row + 1)
        strokes.pieces[row] = (len(points) - 2) // 2
        strokes.points[row] = filled(points[None])[0]
        strokes.colours[row] = mark.colour
        strokes.widths[row], strokes.opacities[row] = mark.width, mark.opacity
    return strokes


def ink_of(marks: Sequence[Mark]) -> Ink:
    """What the ink of marks does; ValueError when it isn't the same of all that it makes a difference to."""
    blends = {mark.blend for mark in marks if mark.opacity != 1 or any(mark.colour)}
    if len(blends) > 1:
        raise ValueError("some of its marks cover what is beneath, and some multiply it")
    return "multiply" if "multiply" in blends else "cover"


def _free_points(mark: Mark, number: int) -> NDArray[np.float64]:
    """What can be chosen of a stroke; ValueError for what is no smooth stroke with round ends."""
    if mark.form != "stroke" or mark.cap != "round":
        raise ValueError(f"mark {number}: curves are strokes with round ends, and this is none")
    points = mark.points.astype(np.float64)
    if len(points) == 2:
        points = points[[0, 0, 1, 1]] + np.array([[0], [1], [-1], [0]]) * (points[1] - points[0]) / 3
    if len(points) == 3:
        first, control, last = points
        points = np.array([first, (first + 2 * control) / 3, (last + 2 * control) / 3, last])
    if len(points) > CONTROLS:
        raise ValueError(f"mark {number}: a stroke has {PIECES} curves at most")
    for joint in range(3, len(points) - 1, 3):
        before, after = points[joint] - points[joint - 1], points[joint + 1] - points[joint]
        if np.abs(before - after).max() > SMOOTH * max(np.abs(before).max(), 1):
            raise ValueError(f"mark {number}: its curves do not go on smoothly into each other")
    return points[free_points(len(points) // 3)]
