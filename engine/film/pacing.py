"""How fast a film goes along its track: where each frame lies."""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import Executor
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from engine.film.frames import AHEAD, thumbnail
from engine.film.timeline import Timeline
from engine.image.metric import rmse
from engine.system.ordered_map import ordered_map

Places = NDArray[np.float64]

NODES = 600  # frames of which the change is measured; with more, those between lie in proportion
ROUNDS = 3  # of measuring and moving


def paced(timeline: Timeline, pacing: str, frames: int, executor: Executor) -> Places:
    """The places of frames on the track, from its beginning to its end; a single frame lies at the end."""
    if frames == 1:
        return np.array([float(timeline.end)])
    places = PACES[pacing](timeline, frames, executor)
    places[0], places[-1] = 0, timeline.end  # without rounding
    return places


def visual_changes(timeline: Timeline, places: Places, executor: Executor) -> NDArray[np.float64]:
    """RMSE from each place to the next, seen small."""
    views = ordered_map(executor, lambda at: thumbnail(timeline.scene(at)), places.tolist(), AHEAD)
    return np.array([rmse(one, other) for one, other in pairwise(views)])


def _even(timeline: Timeline, frames: int, executor: Executor) -> Places:
    """Equal visual change from frame to frame.

    Tweening in proportion doesn't change a picture in proportion: shapes appear one by one, and changes in
    different places add up by their squares. So frames are measured, and moved, several times.
    """
    nodes = min(frames, NODES)
    places = np.arange(timeline.end + 1.0)
    for _ in range(1 + ROUNDS):
        path = np.concatenate([[0], np.cumsum(visual_changes(timeline, places, executor))])
        places = _along(path, places, nodes)
    return _along(np.arange(float(nodes)), places, frames)


def _decay(timeline: Timeline, frames: int, executor: Executor) -> Places:
    """The founding blog post's: n snapshots in sqrt(n) chunks, of which the k-th, from 0, loses k."""
    count = timeline.end + 1
    kept: list[int] = []
    for k, chunk in enumerate(np.array_split(np.arange(count), math.isqrt(count))):
        left = max(len(chunk) - k, 1)
        kept += chunk[np.arange(left) * len(chunk) // left].tolist()
    if kept[-1] != timeline.end:
        kept.append(timeline.end)
    return _along(np.arange(float(len(kept))), np.array(kept, np.float64), frames)


def _by_time(timeline: Timeline, frames: int, executor: Executor) -> Places:
    """As it was painted: what stays the same stays on the screen."""
    return _along(_seconds(timeline), timeline.places.astype(np.float64), frames)


def _by_log_time(timeline: Timeline, frames: int, executor: Executor) -> Places:
    """Equal ratios of the time take equally long, from the first change on."""
    seconds = _seconds(timeline)
    later = seconds[seconds > 0]
    path = np.log1p(seconds / later[0]) if len(later) else seconds
    return _along(path, timeline.places.astype(np.float64), frames)


def _all(timeline: Timeline, frames: int, executor: Executor) -> Places:
    """Every distinct snapshot takes equally long."""
    return np.linspace(0, timeline.end, frames)


PACES: dict[str, Callable[[Timeline, int, Executor], Places]] = {
    "even": _even,
    "decay": _decay,
    "time": _by_time,
    "log-time": _by_log_time,
    "all": _all,
}


def _seconds(timeline: Timeline) -> NDArray[np.float64]:
    """When the snapshots were taken, after the first one."""
    seconds = np.array([snapshot.seconds for snapshot in timeline.snapshots])
    return np.maximum.accumulate(seconds - seconds[0])


def _along(path: NDArray[np.float64], places: Places, frames: int) -> Places:
    """Places that cut a path into equal parts; path: how far it is to each of the places that are known."""
    if path[-1] == path[0]:
        return np.linspace(places[0], places[-1], frames)
    return np.interp(np.linspace(path[0], path[-1], frames), path, places)
