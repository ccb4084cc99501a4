"""Animations of a finished picture: where its shapes are at a moment, 0 to 1, of which 1 is the picture.

Everything random is drawn once, from a generator that is passed in.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np

from engine.scene.moving import Movable, Moves, Numbers

Picture = TypeVar("Picture", bound=Movable)
Moment = Callable[[float], Picture]

FLIGHT = 0.3  # of the film: how long a shape is on its way,
UNREST = 0.12  # and by how much it may be out of turn
STROKE = 0.08  # of the film: how long a shape takes to be drawn
SWING = 0.07  # of a shape's size: how far it drifts
GRAVITY = 0.5  # of the picture's diagonal


def assemble(picture: Picture, order: str, chance: np.random.Generator) -> Moment[Picture]:
    """Every shape flies in along a cubic Bezier curve from beyond the border, several at a time."""
    count, diagonal = len(picture.middles()), _diagonal(picture)
    from_middle = picture.middles() - _centre(picture)
    reach = 0.55 * diagonal + np.sqrt(picture.areas())
    first = reach[:, None] * _directions(chance, count) - from_middle
    second = first * chance.uniform(0.4, 0.9, (count, 1)) + 0.5 * diagonal * chance.uniform(-1, 1, (count, 2))
    third = 0.35 * diagonal * chance.uniform(-1, 1, (count, 2))
    turns = chance.uniform(-np.pi, np.pi, count)
    begins = _begins(ranks(picture, order), FLIGHT, UNREST, chance)

    def at(moment: float) -> Picture:
        time = _progress(moment, begins, FLIGHT)
        gone = 1 - _slowing(time)  # 1: at the curve's beginning, 0: there
        along = gone[:, None]
        curve = along**3 * first + 3 * along**2 * (1 - along) * second + 3 * along * (1 - along) ** 2 * third
        return picture.moved(_moves(curve, turns * gone, 1 + 0.5 * gone, np.minimum(4 * time, 1)))

    return at


def explode(picture: Picture, order: str, chance: np.random.Generator) -> Moment[Picture]:
    """From its centre outwards the picture bursts, and the pieces fall; backwards, as 1 is the picture."""
    count, diagonal = len(picture.middles()), _diagonal(picture)
    from_centre = (picture.middles() - _centre(picture)) / diagonal
    distance = np.linalg.norm(from_centre, axis=1)
    thrown = diagonal * (2.2 * from_centre + 0.35 * _directions(chance, count) * chance.random((count, 1)))
    turns = chance.uniform(-3, 3, count)
    delays = 0.35 * distance / max(float(distance.max(initial=0)), 1e-9) + 0.1 * chance.random(count)

    def at(moment: float) -> Picture:
        time = np.clip((1 - moment - delays * 0.5) / (1 - 0.5 * 0.45), 0, 1)
        flown = _slowing(time)
        fallen = np.stack([np.zeros(count), GRAVITY * diagonal * time**2], axis=1)
        presence = np.clip(3 * (1 - time), 0, 1)
        return picture.moved(_moves(thrown * flown[:, None] + fallen, turns * time, 1 - 0.3 * time, presence))

    return at


def draw_on(picture: Picture, order: str, chance: np.random.Generator) -> Moment[Picture]:
    """One after the other the shapes grow in their places."""
    begins = ranks(picture, order) * (1 - STROKE)
    count = len(begins)

    def at(moment: float) -> Picture:
        grown = _slowing(_progress(moment, begins, STROKE))
        return picture.moved(_moves(np.zeros((count, 2)), np.zeros(count), 0.4 + 0.6 * grown, grown))

    return at


def breathe(picture: Picture, order: str, chance: np.random.Generator) -> Moment[Picture]:
    """Every shape drifts about its place, and is there at 0 and at 1, for films that are played in a loop."""
    count = len(picture.middles())
    sizes = SWING * np.sqrt(np.minimum(picture.areas(), (_diagonal(picture) / 3) ** 2))
    periods = chance.integers(1, 3, (count, 3))  # in a film
    phases = chance.uniform(0, 2 * np.pi, (count, 3))

    def at(moment: float) -> Picture:
        swings = np.sin(2 * np.pi * periods * (moment % 1) + phases) - np.sin(phases)
        return picture.moved(
            _moves(swings[:, :2] * sizes[:, None], 0.03 * swings[:, 2], np.ones(count), np.ones(count)),
        )

    return at


EFFECTS: dict[str, Callable[[Movable, str, np.random.Generator], Moment[Movable]]] = {
    "assemble": assemble,
    "explode": explode,
    "draw-on": draw_on,
    "breathe": breathe,
}


def ranks(picture: Movable, order: str) -> Numbers:
    """When it is a shape's turn, 0 to 1; order: "birth", or "size", the largest first."""
    count = len(picture.middles())
    turns = np.arange(count) / max(count - 1, 1)
    if order == "birth":
        return turns
    found = np.empty(count)
    found[np.argsort(-picture.areas(), kind="stable")] = turns
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


def _centre(picture: Movable) -> Numbers:
    return np.array([picture.width, picture.height], np.float32) / 2


def _diagonal(picture: Movable) -> float:
    return float(np.hypot(picture.width, picture.height))
