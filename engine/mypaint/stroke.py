"""One stroke: a brush that is led along a curve with a pressure."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from engine.mypaint.brush import Brush
from engine.mypaint.surface import Surface

POINTS = 100  # of a stroke, equally far apart in the curve's parameter
SECONDS = 0.1  # from one to the next
FORCE = 0.8  # of the pen where the pressure is one

Floats = npt.NDArray[np.float64]


def draw_stroke(
    surface: Surface, brush: Brush, points: Floats, pressures: tuple[float, float], steps: int = POINTS
) -> None:
    """Draw a quadratic Bezier curve.

    points: (3, 2), its control points (x, y), pixels. pressures: at its start and its end, 0 to 1; a mean
    one holds between the quarters. The brush's radius and colour are what they are.
    """
    t = np.linspace(0.0, 1.0, steps)
    path = along(points, t)
    forces = FORCE * pressure(pressures, t)
    lead = stroke_to(surface, brush)
    brush.start()
    with surface.painting(), brush.lifted():
        for x, y in run_up(points, brush.radius).tolist():
            lead(x, y, 0.0)
    with surface.painting():
        for (x, y), force in zip(path.tolist(), forces.tolist(), strict=True):
            lead(x, y, force)


def stroke_to(surface: Surface, brush: Brush) -> Callable[[float, float, float], object]:
    """What leads a brush to a place on a surface, with a force of 0 to 1."""
    call, of_brush, of_surface = brush.native.mypaint_brush_stroke_to, brush.handle, surface.handle
    return lambda x, y, force: call(of_brush, of_surface, x, y, force, 0.0, 0.0, SECONDS)


def run_up(points: Floats, radius: float) -> Floats:
    """Where a lifted brush comes from, places (2, 2): a radius before the curve, in its direction, and there.

    Bristles lie along the stroke from its first dab on.
    """
    first, control, last = np.asarray(points, np.float64)
    ahead = control - first if np.hypot(*(control - first)) > 0 else last - first
    length = np.hypot(*ahead)
    unit = ahead / length if length > 0 else np.array([1.0, 0.0])
    return first - unit * np.array([[radius], [0.0]])


def along(points: Floats, t: Floats) -> Floats:
    """Places (n, 2) on a quadratic Bezier curve of control points (3, 2) at parameters (n,) 0 to 1."""
    first, control, last = np.asarray(points, np.float64)
    u = t[:, None]
    return (1 - u) ** 2 * first + 2 * u * (1 - u) * control + u**2 * last


def pressure(pressures: tuple[float, float], t: Floats) -> Floats:
    """The pressure 0 to 1 at parameters (n,): from entry to mean in the first quarter, to end in the last."""
    entry, end = pressures
    mean = (entry + end) / 2
    return np.interp(t, (0.0, 0.25, 0.75, 1.0), (entry, mean, mean, end))
