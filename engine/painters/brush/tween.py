"""A painting on the way to a later one of the same run, as a hand would go on with it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.painters.brush.strokes import Strokes

MOVING = (
    "points",
    "radii",
    "pressures",
    "colours",
    "opacities",
)  # columns; all others are a stroke's for good


def between(before: Strokes, after: Strokes, share: float) -> Strokes:
    """Strokes of both move on their way, those removed fade, new ones are drawn one after the other.

    share: 0..1.
    """
    step = np.float32(share)
    old = np.isin(after.ids, before.ids)
    goal, at = after[old], np.searchsorted(before.ids, after.ids[old])
    moved: dict[str, Any] = {
        name: _mean(getattr(before, name)[at], getattr(goal, name), step) for name in MOVING
    }
    gone = before[~np.isin(before.ids, after.ids)]
    gone = replace(gone, opacities=gone.opacities * (1 - step))
    there = replace(goal, **moved).joined(gone[gone.opacities > 0])
    return there[np.argsort(there.ids, kind="stable")].joined(_drawn(after[~old], share))


def appearing(strokes: Strokes) -> Strokes:
    """Strokes that are half drawn as whole ones that are half there."""
    return replace(
        strokes, opacities=strokes.opacities * strokes.shown, shown=np.ones(len(strokes), np.float32)
    )


def _mean(here: NDArray[np.float32], there: NDArray[np.float32], step: np.float32) -> NDArray[np.float32]:
    return here + step * (there - here)


def _drawn(new: Strokes, share: float) -> Strokes:
    """As far as the hand has come: the longer a stroke, the longer it takes."""
    steps = np.diff(new.points.astype(np.float64), axis=1)
    takes = np.hypot(steps[..., 0], steps[..., 1]).sum(axis=1) + 2 * new.radii
    ends = np.cumsum(takes)
    whole = ends[-1] if len(ends) else 0.0
    done = np.clip((share * whole - (ends - takes)) / np.maximum(takes, np.finfo(np.float64).tiny), 0, 1)
    if share >= 1:
        done[:] = 1
    new = replace(new, shown=new.shown * done.astype(np.float32))
    return new[new.shown > 0]
