"""One picture turns into another: every shape into one of the other's, which has its rank and is near."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.film.effects import Moment
from engine.scene.drawing import Outlines
from engine.scene.moving import Numbers

GROUP = 256  # shapes that are matched at a time: n of them take n^3 steps
WHITE = (1.0, 1.0, 1.0)  # instead of transparency, as in every film

Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Side:
    """A picture's shapes, in pairs with another's: (n, ...)."""

    points: Numbers  # all with as many vertices, in the same sense of rotation
    colours: Numbers  # (n, 3)
    opacities: Numbers
    ranks: Numbers  # in the order of drawing, 0 to 1


def morph(before: Outlines, after: Outlines) -> Moment[Outlines]:
    """From one picture at 0 to the other at 1; both of one size.

    Where one has more shapes, some shrink to nothing, or grow from it. Shapes come to lie above others one
    by one, as their ranks change.
    """
    here, there = _pairs(before, after)
    vertices = max(before.points.shape[1], after.points.shape[1])
    first, second = _side(before, here, vertices), _side(after, there, vertices)
    first, second = _completed(first, here < 0, second), _completed(second, there < 0, first)
    second = replace(second, points=_turned(first.points, second.points))
    grounds = np.array(before.background or WHITE), np.array(after.background or WHITE)

    def at(moment: float) -> Outlines:
        if moment in (0, 1):
            return after if moment else before
        share = np.float32(moment * moment * (3 - 2 * moment))
        order = np.argsort(first.ranks + share * (second.ranks - first.ranks), kind="stable")

        def between(one: Numbers, other: Numbers) -> Numbers:
            return (one + share * (other - one))[order].astype(np.float32)

        red, green, blue = (grounds[0] + float(share) * (grounds[1] - grounds[0])).tolist()
        return replace(
            before,
            background=(red, green, blue),
            points=between(first.points, second.points),
            colours=between(first.colours, second.colours),
            opacities=between(first.opacities, second.opacities),
        )

    return at


def _pairs(before: Outlines, after: Outlines) -> tuple[Indices, Indices]:
    """Indices of shapes on both sides, -1 where there is none."""
    counts = len(before.points), len(after.points)
    most, least = max(counts), min(counts)
    chosen = np.arange(least) * most // max(least, 1)  # of the larger side, evenly
    left = np.setdiff1d(np.arange(most), chosen)
    here, there = (np.arange(least), chosen) if counts[0] < counts[1] else (chosen, np.arange(least))
    matched = there.copy()
    for start in range(0, least, GROUP):
        group = slice(start, start + GROUP)
        matched[group] = there[group][_nearest(_views(before, here[group]), _views(after, there[group]))]
    nobody = np.full(len(left), -1)
    rest = (nobody, left) if counts[0] < counts[1] else (left, nobody)
    return np.concatenate([here, rest[0]]), np.concatenate([matched, rest[1]])


def _views(outlines: Outlines, chosen: Indices) -> Numbers:
    """Where shapes are, and how large."""
    return np.column_stack([outlines.middles()[chosen], np.sqrt(outlines.areas()[chosen])])


def _nearest(first: Numbers, second: Numbers) -> Indices:
    """For each of the first one of the second, so that all the ways together are shortest."""
    from scipy.optimize import linear_sum_assignment  # which takes long to load

    distances = np.square(first[:, None] - second[None]).sum(axis=2)
    return np.asarray(linear_sum_assignment(distances)[1])


def _side(outlines: Outlines, chosen: Indices, vertices: int) -> Side:
    """The chosen shapes; what stands where there is none doesn't matter yet."""
    count = len(outlines.points)
    if not count:
        nothing = np.zeros(len(chosen), np.float32)
        return Side(np.zeros((len(chosen), vertices, 2)), np.zeros((len(chosen), 3)), nothing, nothing)
    spread = np.array([_spread(points, vertices) for points in outlines.points])
    ranks = np.arange(count) / max(count - 1, 1)
    return Side(spread[chosen], outlines.colours[chosen, :3], outlines.opacities[chosen], ranks[chosen])


def _completed(side: Side, missing: NDArray[np.bool_], other: Side) -> Side:
    """With invisible points in the middle of those of the other side that have no counterpart."""
    spots = np.broadcast_to(other.points.mean(axis=1, keepdims=True), side.points.shape)
    return Side(
        np.where(missing[:, None, None], spots, side.points),
        np.where(missing[:, None], other.colours, side.colours),
        np.where(missing, 0, side.opacities),
        np.where(missing, other.ranks, side.ranks),
    )


def _spread(points: Numbers, vertices: int) -> Numbers:
    """An outline with more vertices, of which longer edges get more; clockwise on the screen."""
    corners = points[: len(points) - int(np.argmin((points[::-1] == points[-1]).all(axis=1))) + 1]
    corners = points if (points == points[-1]).all() else corners
    following = np.roll(corners, -1, axis=0)
    if (corners[:, 0] * following[:, 1] - corners[:, 1] * following[:, 0]).sum() < 0:
        corners = corners[::-1]
        following = np.roll(corners, -1, axis=0)
    lengths = np.linalg.norm(following - corners, axis=1) + 1e-9
    quota = lengths / lengths.sum() * (vertices - len(corners))
    more = np.floor(quota).astype(int)
    more[np.argsort(more - quota, kind="stable")[: vertices - len(corners) - more.sum()]] += 1
    edges = np.repeat(np.arange(len(corners)), more + 1)
    steps = np.arange(vertices) - np.repeat(np.cumsum(more + 1) - (more + 1), more + 1)
    share = (steps / (more + 1)[edges])[:, None]
    return corners[edges] + share * (following - corners)[edges]


def _turned(first: Numbers, second: Numbers) -> Numbers:
    """The second outlines with their vertices numbered so that each is near to its counterpart."""
    one, other = (points[..., 0] + 1j * points[..., 1] for points in (first, second))
    one, other = (points - points.mean(axis=1, keepdims=True) for points in (one, other))
    likeness = np.fft.ifft(np.fft.fft(one, axis=1) * np.fft.fft(other, axis=1).conj(), axis=1).real
    shifts = likeness.argmax(axis=1)
    columns = (np.arange(first.shape[1]) - shifts[:, None]) % first.shape[1]
    return np.take_along_axis(second, columns[..., None], axis=1)
