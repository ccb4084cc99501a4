"""A stroke as twelve numbers from 0 to 1, in the order of Nakano's data set; pictures are 64 pixels wide."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

SIDE = 64  # of a stroke's picture, pixels; places of 0 to 1 are in units of it, from the upper left corner
COLUMNS = (
    "pressure_end",
    "size",
    "control_x",
    "control_y",
    "end_x",
    "end_y",
    "red",
    "green",
    "blue",
    "start_x",
    "start_y",
    "pressure_entry",
)
SIZE_RANGE = 2.0  # of the radius's natural logarithm: 1 to 7.4 pixels

Actions = npt.NDArray[np.float32]  # (n, 12)


class Stroke(NamedTuple):
    """A stroke in pixels."""

    points: npt.NDArray[np.float64]  # (3, 2): a quadratic Bezier curve's control points, x and y
    radius: float
    pressures: tuple[float, float]  # at its start and its end, 0 to 1


def random_actions(count: int, seeds: Sequence[int]) -> Actions:
    """Actions (count, 12), uniform in 0 to 1; the first ones are the same for any count."""
    return np.random.default_rng(list(seeds)).random((count, len(COLUMNS)), np.float32)


def stroke_of(action: npt.NDArray[np.float32]) -> Stroke:
    """The stroke of an action (12,). Its curve passes through the action's control place at half its way."""
    pressure_end, size, *places = (float(number) for number in action[:6])
    through, last = np.array(places).reshape(2, 2) * SIDE
    first = action[9:11].astype(np.float64) * SIDE
    middle = (first + last) / 2
    points = np.array([first, middle + 2 * (through - middle), last])
    return Stroke(points, float(np.exp(SIZE_RANGE * size)), (float(action[11]), pressure_end))
