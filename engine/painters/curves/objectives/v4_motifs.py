"""What the channels of the model of V4 like: motifs of lines, as somebody would draw them, in pixels."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Line = NDArray[np.float64]  # (n, 2), x and y of points along it, around the motif's middle
Motif = tuple[Line, ...]

TURN = 2 * np.pi


class Channel(NamedTuple):
    """Motifs any of which the channel answers to, and what it holds against other lines."""

    motifs: tuple[Motif, ...]
    against_more: float = 0.3  # lines where the motif has none, beside those that it has
    against_others: float = 1.0  # lines of all directions where the motif has some


def reach(channel: Channel) -> float:
    """How far the motifs' lines lie from their middle, in pixels."""
    return max(float(np.hypot(*line.T).max()) for motif in channel.motifs for line in motif)


def _arc(x: float, y: float, radius: float, start: float, end: float) -> Line:
    angle = np.linspace(start, end, 24)
    return np.column_stack([x + radius * np.cos(angle), y + radius * np.sin(angle)])


def _straight(x0: float, y0: float, x1: float, y1: float) -> Line:
    return np.linspace([x0, y0], [x1, y1], 12)


def _turned(motif: Motif, angle: float) -> Motif:
    cos, sin = np.cos(angle), np.sin(angle)
    return tuple(line @ np.array([[cos, sin], [-sin, cos]]) for line in motif)


def _wave(length: float, height: float, count: int, apart: float) -> Motif:
    x = np.linspace(-length / 2, length / 2, 40)
    shape = height * np.sin(TURN * x / length)
    return tuple(np.column_stack([x, shape + apart * (row - (count - 1) / 2)]) for row in range(count))


def _leaf(length: float, width: float) -> Motif:
    x = np.linspace(-length, length, 30)
    side = width * np.cos(np.pi / 2 * x / length)
    return np.column_stack([x, side]), np.column_stack([x, -side])


def _spiral(radius: float, turns: float) -> Motif:
    share = np.linspace(0, 1, 60)
    angle, away = TURN * turns * share, 2 + (radius - 2) * share
    return (np.column_stack([away * np.cos(angle), away * np.sin(angle)]),)


def _scales(radius: float) -> Motif:
    left = _arc(-radius, -0.9 * radius, radius, 0, TURN / 4)
    right = _arc(radius, -0.9 * radius, radius, TURN / 4, TURN / 2)
    return _arc(0, 0, radius, 0, TURN / 2), left, right


def _fan(radius: float) -> Motif:
    return tuple(_arc(0, 8, radius - 8 * row, 0.5 - TURN / 2, -0.5) for row in range(3))


def _basket(half: float, apart: float) -> Motif:
    level = [_straight(-2 * half, y, -2, y) for y in (-apart, 0, apart)]
    upright = [_straight(x, -half, x, half) for x in (half - apart, half, half + apart)]
    return tuple(level + upright)


def _lattice(half: float) -> Motif:
    return _straight(-half, -half, half, half), _straight(-half, half, half, -half)


def _rings(*radii: float) -> Motif:
    return tuple(_arc(0, 0, radius, 0, TURN) for radius in radii)


def _water(radius: float, apart: float) -> Motif:
    rows = [_arc(0, radius, radius + apart * row, -2.2, -0.9) for row in (-1, 0, 1)]
    return tuple(row - np.mean(rows, axis=(0, 1)) for row in rows)


CHANNELS = {
    "scallop": Channel(((_arc(0, 0, 15, -TURN / 2, 0),),)),
    "rainbow": Channel((tuple(_arc(0, 0, radius, -TURN / 2, 0) for radius in (20, 14)),)),
    "fan": Channel((_fan(24),)),
    "scales": Channel((_scales(15),)),
    "wave": Channel((_wave(64, 10, 3, 11),), against_others=0.6),
    "water": Channel((_water(30, 10), _turned(_water(30, 10), TURN / 2))),
    "zigzag": Channel((_wave(60, 13, 3, 10),)),
    "ripple": Channel((_leaf(22, 9),)),
    "leaf": Channel((_turned(_leaf(20, 8), TURN / 8), _turned(_leaf(20, 8), -TURN / 8))),
    "grain": Channel(tuple(_turned(_leaf(20, 8), angle) for angle in (0, TURN / 6, -TURN / 6))),
    "facets": Channel(tuple(_turned(_leaf(16, 7), TURN * turn / 8) for turn in range(4))),
    "curl": Channel((_spiral(20, 2.3),), against_more=0.15, against_others=0.7),
    "maze": Channel((_spiral(16, 2),), against_more=0.1, against_others=0.5),
    "rings": Channel((_rings(6, 14, 22),)),
    "basket": Channel((_basket(18, 9),)),
    "lattice": Channel((_lattice(16),)),
}
