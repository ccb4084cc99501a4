"""Outlines on the move: each shape shifted, turned and scaled about its own middle."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.drawing import Outlines

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
