"""Curves as straight pieces that part from them by a given length at most."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from engine.export.widened import widened
from engine.scene.scene import Mark

LEAST_SIDES = 8  # of an ellipse
STILL = 1e-9  # of a curve's longest step: what moves less has no direction

Line = NDArray[np.float64]  # (n, 2), x and y


def outline(mark: Mark, tolerance: float) -> Line:
    """The corners (n, 2) around what a mark covers; it is filled by the rule "nonzero"."""
    points = mark.points.astype(np.float64)
    if mark.form == "polygon":
        return points
    if mark.form == "stroke":
        # What is drawn at a distance from a curve turns as far as the curve.
        turns = math.ceil(math.pi * math.sqrt(mark.width / (16 * tolerance)))
        places, normals = middle(points, tolerance, turns)
        return widened(places, normals, mark.width, tolerance, mark.cap == "round")
    centre, first, second = points
    if mark.form == "rectangle":
        return rectangle(centre, first - centre, second - centre)
    return ellipse(centre, first - centre, second - centre, tolerance)[:-1]


def rectangle(centre: Line, across: Line, along: Line) -> Line:
    """The corners (4, 2) of what is given by half-axes."""
    return np.array([centre + a * across + b * along for a, b in ((1, 1), (-1, 1), (-1, -1), (1, -1))])


def middle(points: Line, tolerance: float, least: int = 1) -> tuple[Line, Line]:
    """The middle of a stroke, and at each of its points the unit vector across it; both (n, 2).

    least: pieces of a curve. Where two curves meet there are two points, with the vectors of both.
    """
    if len(points) > 3:
        curves = [points[at : at + 4] for at in range(0, len(points) - 1, 3)]
        curves = [each for each in curves if np.ptp(each, axis=0).any()] or curves[:1]
        pieces_of = [_cubic(each, tolerance, least) for each in curves]
        places, ways = (np.concatenate(each) for each in zip(*pieces_of, strict=True))
    elif len(points) == 2:
        places, ways = points, np.repeat(np.diff(points, axis=0), 2, axis=0)
    else:
        first, control, last = points
        bend = first - 2 * control + last
        pieces = max(least, math.ceil(math.sqrt(math.hypot(*bend) / (4 * tolerance))))
        t = np.linspace(0, 1, pieces + 1)[:, None]
        places = (1 - t) ** 2 * first + 2 * t * (1 - t) * control + t**2 * last
        ways = 2 * (1 - t) * (control - first) + 2 * t * (last - control)
    lengths = np.maximum(np.hypot(ways[:, 0], ways[:, 1]), np.finfo(np.float64).tiny)[:, None]
    return places, ways[:, ::-1] * [-1, 1] / lengths


def _cubic(points: Line, tolerance: float, least: int) -> tuple[Line, Line]:
    """A cubic curve's places, and the ways that it goes there, of any length."""
    bends = points[:-2] - 2 * points[1:-1] + points[2:]
    bend = float(np.hypot(bends[:, 0], bends[:, 1]).max())
    pieces = max(least, math.ceil(math.sqrt(3 * bend / (4 * tolerance))))
    t = np.linspace(0, 1, pieces + 1)[:, None]
    first, second, third, last = points
    places = (1 - t) ** 3 * first + 3 * t * (1 - t) ** 2 * second + 3 * t**2 * (1 - t) * third + t**3 * last
    steps = np.diff(points, axis=0)
    ways = (1 - t) ** 2 * steps[0] + 2 * t * (1 - t) * steps[1] + t**2 * steps[2]
    # A handle of no length, or a cusp, has no way of its own: it is the one to the next place.
    chords = np.diff(places, axis=0)
    stands = np.hypot(ways[:, 0], ways[:, 1]) <= STILL * np.hypot(steps[:, 0], steps[:, 1]).max()
    ways[stands] = np.concatenate([chords, chords[-1:]])[stands]
    return places, ways


def ellipse(centre: Line, across: Line, along: Line, tolerance: float) -> Line:
    """A closed line (n, 2) around it; across, along: the half-axes."""
    radius = max(math.hypot(*across), math.hypot(*along))
    sides = 1
    if radius:
        sides = max(LEAST_SIDES, math.ceil(math.pi / math.acos(1 - min(tolerance / radius, 0.5))))
    angles = np.linspace(0, 2 * math.pi, sides + 1)[:, None]
    line: Line = centre + np.cos(angles) * across + np.sin(angles) * along
    line[-1] = line[0]
    return line
