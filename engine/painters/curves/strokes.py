"""Strokes as arrays: one to three cubic Bezier curves each, joined smoothly.

A stroke's `points` can be chosen freely: the four control points of its first curve, then for each one after
it a second handle and an end. The first handle of a further curve mirrors the handle before it, so that the
stroke has one tangent where they meet.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.painters.curves.limits import PIECES

POINTS = 2 * PIECES + 2  # that are free
CONTROLS = 3 * PIECES + 1  # control points of so many curves, one after the other

NEW = -1  # the id of a stroke that has not been put into a scene yet


@dataclass(frozen=True)
class Strokes:
    """Strokes, back to front."""

    ids: NDArray[np.int64]  # (n,), order of birth, which is also the order of drawing
    pieces: NDArray[np.int8]  # (n,), how many curves each has, 1 to PIECES
    points: NDArray[np.float32]  # (n, POINTS, 2), target pixels; those that a stroke lacks repeat its last
    widths: NDArray[np.float32]  # (n,), target pixels
    colours: NDArray[np.float32]  # (n, 3), sRGB-encoded, 0..1
    opacities: NDArray[np.float32]  # (n,), 0..1
    pens: NDArray[
        np.float32
    ]  # (n, k), how much each of k pens is wanted (before a softmax); k = 0: any colour

    @classmethod
    def empty(cls, count: int = 0, pens: int = 0) -> Strokes:
        """Room for strokes: black, one pixel wide, of one curve."""
        return cls(
            np.full(count, NEW, np.int64),
            np.ones(count, np.int8),
            np.zeros((count, POINTS, 2), np.float32),
            np.ones(count, np.float32),
            np.zeros((count, 3), np.float32),
            np.ones(count, np.float32),
            np.zeros((count, pens), np.float32),
        )

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, selected: Any) -> Strokes:
        return Strokes(*(getattr(self, each.name)[selected] for each in fields(self)))

    def joined(self, *after: Strokes) -> Strokes:
        """These strokes with others drawn on top."""
        layers = (self, *after)
        return Strokes(
            *(np.concatenate([getattr(one, each.name) for one in layers]) for each in fields(self))
        )

    def controls(self) -> NDArray[np.float32]:
        """Control points, (n, CONTROLS, 2): curve k has 3 k to 3 k + 3, the rest repeat the last."""
        p = self.points
        found = [p[:, 0], p[:, 1], p[:, 2], p[:, 3]]
        for piece in range(1, PIECES):
            handle, end = p[:, 2 * piece + 2], p[:, 2 * piece + 3]
            has = (self.pieces > piece)[:, None]
            found += [np.where(has, 2 * found[-1] - found[-2], found[-1]), np.where(has, handle, found[-1])]
            found.append(np.where(has, end, found[-2]))
        return np.stack(found, axis=1)


def free_points(pieces: int) -> list[int]:
    """Which control points of so many curves, one after the other, are a stroke's points: 2 * pieces + 2."""
    return [0, 1, 2, 3, *(3 * piece + each for piece in range(1, pieces) for each in (2, 3))]


def filled(points: NDArray[np.floating]) -> NDArray[np.floating]:
    """The points of strokes of as many curves each, (n, k, 2), with the last repeated: (n, POINTS, 2)."""
    return np.concatenate([points, np.repeat(points[:, -1:], POINTS - points.shape[1], axis=1)], axis=1)
