"""Strokes in the exporters' common form, and back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.painters.brush.likeness import Likeness
from engine.painters.brush.strokes import GRAIN, Strokes
from engine.scene.scene import Brushwork, Mark, Touch

PRESSURES = (0.5, 0.5)  # of strokes that no brush has painted
GOLDEN = 0.6180339887  # of the grain, from one such stroke to the next, so that they are unlike


def marks_of(strokes: Strokes, likeness: Likeness, work: Brushwork) -> Iterator[Mark]:
    """Curves with round ends, as wide and as dense as their strokes are on average.

    Strokes that can't be seen are left out.
    """
    pressures = strokes.pressures.astype(np.float64)
    widths, densities = likeness.of(pressures.mean(axis=1))
    for row in np.flatnonzero((strokes.opacities > 0) & (strokes.radii > 0)).tolist():
        radius, opacity = float(strokes.radii[row]), float(strokes.opacities[row])
        red, green, blue = strokes.colours[row].astype(np.float64).tolist()
        yield Mark(
            form="stroke",
            points=strokes.points[row],
            colour=(red, green, blue),
            opacity=float(densities[row]) * opacity,
            width=float(widths[row]) * radius,
            cap="round",
            touch=Touch(
                work,
                radius,
                opacity,
                _pair(strokes.pressures[row]),
                _pair(strokes.grains[row]),
                int(strokes.levels[row]),
            ),
        )


def strokes_of(marks: Sequence[Mark], likeness: Likeness) -> Strokes:
    """The inverse, with ids in the order of the marks; ValueError for what is no single curve."""
    strokes = Strokes.empty(len(marks))
    strokes.ids[:] = np.arange(len(marks))
    (across,), (density,) = likeness.of(np.array(PRESSURES[:1]))
    for row, mark in enumerate(marks):
        strokes.points[row], strokes.colours[row] = _curve(mark, row + 1), mark.colour
        if mark.touch is None:
            strokes.radii[row], strokes.pressures[row] = mark.width / across, PRESSURES
            strokes.opacities[row] = min(mark.opacity / density, 1)
            strokes.grains[row] = GRAIN * GOLDEN * (row + 1) % GRAIN, GRAIN * GOLDEN**2 * (row + 1) % GRAIN
        else:
            touch = mark.touch
            strokes.radii[row], strokes.pressures[row] = touch.radius, touch.pressures
            strokes.opacities[row], strokes.grains[row] = touch.opacity, touch.grain
            strokes.levels[row] = touch.level
    return strokes


def brushwork_of(marks: Sequence[Mark]) -> Brushwork | None:
    """What the first of them that a brush has painted was painted with; None when there is none."""
    return next((mark.touch.work for mark in marks if mark.touch is not None), None)


def _pair(numbers: NDArray[np.float32]) -> tuple[float, float]:
    first, second = numbers.tolist()
    return first, second


def _curve(mark: Mark, number: int) -> NDArray[np.floating]:
    """Start, control and end of the curve that comes nearest."""
    points = mark.points
    if mark.form != "stroke" or len(points) > 4:
        raise ValueError(f"mark {number}: a brush's strokes are single curves, and this is none")
    if len(points) == 2:
        return np.array([points[0], (points[0] + points[1]) / 2, points[1]])
    if len(points) == 4:
        control = (3 * (points[1] + points[2]) - points[0] - points[3]) / 4
        return np.array([points[0], control, points[3]])
    return points
