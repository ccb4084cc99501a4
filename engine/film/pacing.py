"""How fast a film goes along its track: where each frame lies.

A pace is a way: places on the track, and how far each of them is, in any unit. Every frame takes an equal
part of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from engine.film.frames import AHEAD, THUMBNAIL, thumbnail
from engine.film.perceived import MOST, STEPS, VIEW, perceived_way
from engine.film.timeline import Timeline
from engine.image.metric import rmse
from engine.image.pixels import Pixels
from engine.scene.successive import Successive
from engine.system.ordered_map import ordered_map

Places = NDArray[np.float64]
Way = tuple[Places, NDArray[np.float64]]

NODES = 600  # frames of which the change is measured; with more, those between lie in proportion
ROUNDS = 3  # of measuring and moving
OPENING = 0.05  # of the frames go from the blank canvas to what was painted first, in paces that would jump,
OPENED = ("decay", "time", "log-time", "all")
OPENING_NODES = 33
STILL = 0.2  # of the frames show what changes while no shape is added, in paces by shapes


def paced(timeline: Timeline, pacing: str, frames: int, executor: Executor) -> Places:
    """The places of frames on the track, from its beginning to its end; a single frame lies at the end."""
    if frames == 1:
        return np.array([float(timeline.end)])
    way = PACES[pacing](timeline, frames, executor)
    if pacing in OPENED and timeline.end > 1:
        way = _opened(way, timeline, executor)
    places = _along(way, frames)
    places[0], places[-1] = 0, timeline.end  # without rounding
    return places


def pictures_measured(pacing: str, snapshots: int, frames: int) -> tuple[int, int]:
    """How many drawings a pace looks at, at most, and pixels of their longest side."""
    if pacing == "perceived":
        return min(snapshots, MOST) + STEPS + 2, VIEW
    if pacing == "even":
        return snapshots + ROUNDS * min(frames, NODES), THUMBNAIL
    return (snapshots if pacing in ("shapes", "log-shapes") else 2 * OPENING_NODES), THUMBNAIL


def visual_changes(timeline: Timeline, places: Places, executor: Executor) -> NDArray[np.float64]:
    """RMSE from each place to the next, seen small."""
    pictures = Successive()
    views = ordered_map(
        executor, lambda at: thumbnail(timeline.scene(at), THUMBNAIL, pictures), places.tolist(), AHEAD
    )
    return np.array([rmse(one, other) for one, other in pairwise(views)])


def _perceived(timeline: Timeline, frames: int, executor: Executor) -> Way:
    """Equal steps to the eye; see perceived.py."""

    pictures = Successive()

    def look(places: list[float]) -> Iterator[Pixels]:
        return ordered_map(executor, lambda at: thumbnail(timeline.scene(at), VIEW, pictures), places, AHEAD)

    return perceived_way(look, timeline.end)


def _even(timeline: Timeline, frames: int, executor: Executor) -> Way:
    """Equal visual change from frame to frame."""
    nodes = min(frames, NODES)
    places = _evened(timeline, np.arange(timeline.end + 1.0), nodes, 1 + ROUNDS, executor)
    return places, np.arange(float(nodes))


def _evened(timeline: Timeline, places: Places, nodes: int, rounds: int, executor: Executor) -> Places:
    """So many places from the first to the last of these, with equal visual change from each to the next.

    Tweening in proportion doesn't change a picture in proportion: shapes appear one by one, and changes in
    different places add up by their squares. So places are measured, and moved, several times.
    """
    for _ in range(rounds):
        path = np.concatenate([[0], np.cumsum(visual_changes(timeline, places, executor))])
        places = _along((places, path), nodes)
    return places


def _by_shapes(timeline: Timeline, frames: int, executor: Executor) -> Way:
    """As many new shapes in each frame."""
    return _by_count(timeline, lambda counts: counts, executor)


def _by_log_shapes(timeline: Timeline, frames: int, executor: Executor) -> Way:
    """Equal ratios of the number of shapes take equally long."""
    return _by_count(timeline, np.log1p, executor)


def _by_count(
    timeline: Timeline, scale: Callable[[NDArray[np.float64]], NDArray[np.float64]], executor: Executor
) -> Way:
    """By the number of shapes; where it stays the picture still changes, and frames go by that."""
    places = np.arange(timeline.end + 1.0)
    counts = np.array([timeline.figures(at).shapes for at in places.tolist()], np.float64)
    added = np.diff(scale(np.maximum.accumulate(counts)))
    changed = np.where(added == 0, visual_changes(timeline, places, executor), 0)
    shares = ((added, 1 - STILL), (changed, STILL))
    steps = sum((share * each / each.sum() for each, share in shares if each.sum() > 0), np.zeros(len(added)))
    return places, np.concatenate([[0], np.cumsum(steps)])


def _decay(timeline: Timeline, frames: int, executor: Executor) -> Way:
    """The founding blog post's: n snapshots in sqrt(n) chunks, of which the k-th, from 0, loses k."""
    count = timeline.end + 1
    kept: list[int] = []
    for k, chunk in enumerate(np.array_split(np.arange(count), math.isqrt(count))):
        left = max(len(chunk) - k, 1)
        kept += chunk[np.arange(left) * len(chunk) // left].tolist()
    if kept[-1] != timeline.end:
        kept.append(timeline.end)
    return np.array(kept, np.float64), np.arange(float(len(kept)))


def _by_time(timeline: Timeline, frames: int, executor: Executor) -> Way:
    """As it was painted: what stays the same stays on the screen."""
    return timeline.places.astype(np.float64), _seconds(timeline)


def _by_log_time(timeline: Timeline, frames: int, executor: Executor) -> Way:
    """Equal ratios of the time take equally long."""
    seconds = _seconds(timeline)
    later = seconds[seconds > 0]
    return timeline.places.astype(np.float64), np.log1p(seconds / later[0]) if len(later) else seconds


def _all(timeline: Timeline, frames: int, executor: Executor) -> Way:
    """Every distinct snapshot takes equally long."""
    places = np.arange(timeline.end + 1.0)
    return places, places


PACES: dict[str, Callable[[Timeline, int, Executor], Way]] = {
    "perceived": _perceived,
    "even": _even,
    "shapes": _by_shapes,
    "log-shapes": _by_log_shapes,
    "decay": _decay,
    "time": _by_time,
    "log-time": _by_log_time,
    "all": _all,
}


def _seconds(timeline: Timeline) -> NDArray[np.float64]:
    """When the snapshots were taken, after the first one that shows something painted."""
    seconds = np.array([snapshot.seconds for snapshot in timeline.snapshots])
    begun = seconds[np.searchsorted(timeline.places, min(1, timeline.end))]
    return np.maximum.accumulate(np.maximum(seconds - begun, 0))


def _opened(way: Way, timeline: Timeline, executor: Executor) -> Way:
    """The way with an opening: what was painted first comes evenly, for the first shapes are the largest."""
    places, path = way
    first = int(np.searchsorted(places, 1))  # which may be followed by others like it, that stay
    begun = float(path[first] if places[first] == 1 else np.interp(1, places, path))
    later = slice(first + (places[first] == 1), None)
    whole = path[-1] - begun
    length = OPENING / (1 - OPENING) * (whole if whole > 0 else 1.0)
    opening = _evened(timeline, np.linspace(0, 1, OPENING_NODES), OPENING_NODES, 2, executor)
    before = np.linspace(begun - length, begun, OPENING_NODES)
    return np.concatenate([opening, places[later]]), np.concatenate([before, path[later]])


def _along(way: Way, frames: int) -> Places:
    """Places that cut a way into equal parts."""
    places, path = way
    if path[-1] == path[0]:
        return np.linspace(places[0], places[-1], frames)
    return np.interp(np.linspace(path[0], path[-1], frames), path, places)
