"""Animations of a finished picture: where its shapes are at a moment, 0 to 1, of which 1 is the picture.

Everything random is drawn once, from a generator that is passed in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.scene.drawing import Outlines

Moment = Callable[[float], Outlines]

FLIGHT = 0.3  # of the film: how long a shape is on its way,
UNREST = 0.12  # and by how much it may be out of turn
STROKE = 0.08  # of the film: how long a shape takes to be drawn
SWING = 0.07  # of a shape's size: how far it drifts
GRAVITY = 0.5  # of the picture's diagonal


def assemble(outlines: Outlines, order: str, chance: np.random.Generator) -> Moment:
    """Every shape flies in along a cubic Bezier curve from beyond the border, several at a time."""
    count, diagonal = len(outlines.points), _diagonal(outlines)
    from_middle = middles(outlines) - _centre(outlines)
    reach = 0.55 * diagonal + np.sqrt(areas(outlines))
    first = reach[:, None] * _directions(chance, count) - from_middle
    second = first * chance.uniform(0.4, 0.9, (count, 1)) + 0.5 * diagonal * chance.uniform(-1, 1, (count, 2))
    third = 0.35 * diagonal * chance.uniform(-1, 1, (count, 2))
    turns = chance.uniform(-np.pi, np.pi, count)
    begins = _begins(ranks(outlines, order), FLIGHT, UNREST, chance)

    def at(moment: float) -> Outlines:
        time = _progress(moment, begins, FLIGHT)
        gone = 1 - _slowing(time)  # 1: at the curve's beginning, 0: there
        along = gone[:, None]
        curve = along**3 * first + 3 * along**2 * (1 - along) * second + 3 * along * (1 - along) ** 2 * third
        return moved(outlines, _moves(curve, turns * gone, 1 + 0.5 * gone, np.minimum(4 * time, 1)))

    return at


def explode(outlines: Outlines, order: str, chance: np.random.Generator) -> Moment:
    """From its centre outwards the picture bursts, and the pieces fall; backwards, as 1 is the picture."""
    count, diagonal = len(outlines.points), _diagonal(outlines)
    from_centre = (middles(outlines) - _centre(outlines)) / diagonal
    distance = np.linalg.norm(from_centre, axis=1)
    thrown = diagonal * (2.2 * from_centre + 0.35 * _directions(chance, count) * chance.random((count, 1)))
    turns = chance.uniform(-3, 3, count)
    delays = 0.35 * distance / max(float(distance.max(initial=0)), 1e-9) + 0.1 * chance.random(count)

    def at(moment: float) -> Outlines:
        time = np.clip((1 - moment - delays * 0.5) / (1 - 0.5 * 0.45), 0, 1)
        flown = _slowing(time)
        fallen = np.stack([np.zeros(count), GRAVITY * diagonal * time**2], axis=1)
        presence = np.clip(3 * (1 - time), 0, 1)
        return moved(
            outlines, _moves(thrown * flown[:, None] + fallen, turns * time, 1 - 0.3 * time, presence)
        )

    return at


def draw_on(outlines: Outlines, order: str, chance: np.random.Generator) -> Moment:
    """One after the other the shapes grow in their places."""
    begins = ranks(outlines, order) * (1 - STROKE)
    count = len(begins)

    def at(moment: float) -> Outlines:
        grown = _slowing(_progress(moment, begins, STROKE))
        return moved(outlines, _moves(np.zeros((count, 2)), np.zeros(count), 0.4 + 0.6 * grown, grown))

    return at


def breathe(outlines: Outlines, order: str, chance: np.random.Generator) -> Moment:
    """Every shape drifts about its place, and is there at 0 and at 1, for films that are played in a loop."""
    count = len(outlines.points)
    sizes = SWING * np.sqrt(np.minimum(areas(outlines), (_diagonal(outlines) / 3) ** 2))
    periods = chance.integers(1, 3, (count, 3))  # in a film
    phases = chance.uniform(0, 2 * np.pi, (count, 3))

    def at(moment: float) -> Outlines:
        swings = np.sin(2 * np.pi * periods * (moment % 1) + phases) - np.sin(phases)
        return moved(
            outlines,
            _moves(swings[:, :2] * sizes[:, None], 0.03 * swings[:, 2], np.ones(count), np.ones(count)),
        )

    return at


EFFECTS: dict[str, Callable[[Outlines, str, np.random.Generator], Moment]] = {
    "assemble": assemble,
    "explode": explode,
    "draw-on": draw_on,
    "breathe": breathe,
}


def ranks(outlines: Outlines, order: str) -> Numbers:
    """When it is a shape's turn, 0 to 1; order: "birth", or "size", the largest first."""
    count = len(outlines.points)
    turns = np.arange(count) / max(count - 1, 1)
    if order == "birth":
        return turns
    found = np.empty(count)
    found[np.argsort(-areas(outlines), kind="stable")] = turns
    return found


def _begins(turns: Numbers, length: float, unrest: float, chance: np.random.Generator) -> Numbers:
    """When something of a length begins that is over at 1 at the latest."""
    return (1 - length) * np.clip(turns * (1 - unrest) + unrest * chance.random(len(turns)), 0, 1)


def _progress(moment: float, begins: Numbers, length: float) -> Numbers:
    """How much of it is over, 0 to 1."""
    return np.ones(len(begins)) if moment >= 1 else np.clip((moment - begins) / length, 0, 1)


def _slowing(time: Numbers) -> Numbers:
    return 1 - (1 - time) ** 3


def _moves(shifts: Numbers, angles: Numbers, scales: Numbers, presence: Numbers) -> Moves:
    return Moves(*(np.asarray(numbers, np.float32) for numbers in (shifts, angles, scales, presence)))


def _directions(chance: np.random.Generator, count: int) -> Numbers:
    angles = chance.uniform(0, 2 * np.pi, count)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def _centre(outlines: Outlines) -> Numbers:
    return np.array([outlines.width, outlines.height], np.float32) / 2


def _diagonal(outlines: Outlines) -> float:
    return float(np.hypot(outlines.width, outlines.height))


Numbers = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Moves:
    """What happens to each of n shapes."""

    shifts: Numbers  # (n, 2), pixels
    angles: Numbers  # (n,), radians
    scales: Numbers  # (n,), 1: as it is
    presence: Numbers  # (n,), what its opacity is multiplied by


def moved(outlines: Outlines, moves: Moves) -> Outlines:
    """The outlines after the moves; where nothing moves they stay as they are, to the last bit."""
    spokes = outlines.points - middles(outlines)[:, None]
    cosine = (moves.scales * np.cos(moves.angles) - 1)[:, None]
    sine = (moves.scales * np.sin(moves.angles))[:, None]
    x, y = spokes[..., 0], spokes[..., 1]
    change = np.stack([cosine * x - sine * y, sine * x + cosine * y], axis=2) + moves.shifts[:, None]
    opacities = outlines.opacities * moves.presence
    seen = opacities > 0
    return replace(
        outlines,
        points=(outlines.points + change)[seen].astype(np.float32),
        colours=outlines.colours[seen],
        opacities=opacities[seen].astype(np.float32),
    )


def middles(outlines: Outlines) -> Numbers:
    """The middles of the shapes' boxes: (n, 2)."""
    return (outlines.points.min(axis=1) + outlines.points.max(axis=1)) / 2


def areas(outlines: Outlines) -> Numbers:
    """Of the shapes, in pixels: (n,)."""
    x, y = outlines.points[..., 0], outlines.points[..., 1]
    return np.abs((x * np.roll(y, -1, axis=1) - y * np.roll(x, -1, axis=1)).sum(axis=1)) / 2
