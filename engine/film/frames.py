"""From snapshots to frames: equal visual change from frame to frame, drawn from the scenes at any size."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future
from itertools import islice, pairwise
from typing import TypeVar

import numpy as np

from engine.alpha import over_white
from engine.film.video import Frame
from engine.image import Pixels, rmse
from engine.scene import Scene, scaled

THUMBNAIL = 128  # pixels of the longest side where visual change is measured
AHEAD = 8  # pictures drawn in advance, at most

Load = Callable[[int], Scene]  # the scene of the n-th snapshot
Item = TypeVar("Item")


def visual_changes(load: Load, snapshots: int, executor: Executor) -> list[float]:
    """RMSE from each snapshot to the next, seen small."""

    def thumbnail(index: int) -> Pixels:
        scene = load(index)
        return over_white(scene.draw(*scaled(scene.height, scene.width, THUMBNAIL)))

    return [rmse(a, b) for a, b in pairwise(_ahead(executor, thumbnail, range(snapshots)))]


def moments(changes: Sequence[float], frames: int) -> Iterator[tuple[int, float]]:
    """Where each frame lies: (index of a snapshot, share of the way to the next one, 0 <= share < 1).

    changes: from each snapshot to the next. The frames cut their sum into equal parts; the first frame is
    the first snapshot and the last frame the last one.
    """
    path = np.concatenate([[0.0], np.cumsum(changes)])
    for place in range(frames):
        if place == frames - 1:
            yield len(changes), 0.0
            continue
        at = path[-1] * place / (frames - 1)
        index = int(np.searchsorted(path, at, side="right")) - 1
        if index == len(changes):  # nothing changes any more, or ever
            yield index, 0.0
        else:
            yield index, float((at - path[index]) / (path[index + 1] - path[index]))


def frame_counts(duration: float, hold: float, fps: int) -> tuple[int, int]:
    """Pictures to draw, and for how many frames the last one stays: together duration * fps frames.

    The last one stays for half of a film at most.
    """
    frames = max(1, round(duration * fps))
    drawn = max(1, frames - round(min(hold, duration / 2) * fps))
    return drawn, frames - drawn + 1


def draw_frames(
    load: Load,
    changes: Sequence[float],
    size: int,
    fps: int,
    duration: float,
    hold: float,
    executor: Executor,
) -> Iterator[Frame]:
    """Frames of `duration` seconds in all, of which the last one is held for `hold` seconds.

    size: longest side in pixels. Between two snapshots the scene is tweened. Drawn in the executor's threads
    (the kernels release the interpreter lock), a few ahead of the encoder.
    """
    drawn, held = frame_counts(duration, hold, fps)

    def picture(moment: tuple[int, float]) -> Pixels:
        index, share = moment
        scene = load(index)
        if share > 0:
            scene = scene.tween(load(index + 1), share)
        return over_white(scene.draw(*scaled(scene.height, scene.width, size)))

    for place, pixels in enumerate(_ahead(executor, picture, moments(changes, drawn))):
        yield Frame(pixels, (held if place == drawn - 1 else 1) / fps)


def _ahead(executor: Executor, draw: Callable[[Item], Pixels], items: Iterable[Item]) -> Iterator[Pixels]:
    """Like map, in order, with a bounded number of pictures waiting."""
    source = iter(items)
    waiting: deque[Future[Pixels]] = deque(executor.submit(draw, item) for item in islice(source, AHEAD))
    try:
        while waiting:
            pixels = waiting.popleft().result()
            waiting.extend(executor.submit(draw, item) for item in islice(source, 1))
            yield pixels
    finally:
        for future in waiting:
            future.cancel()
