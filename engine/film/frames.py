"""Pictures drawn from scenes, in parallel and in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from itertools import islice
from typing import TypeVar

from engine.alpha import over_white
from engine.image import Pixels
from engine.scene import Scene, scaled

THUMBNAIL = 128  # pixels of the longest side where visual change is measured
AHEAD = 4  # pictures drawn in advance, at most: in 4K one takes 25 MB

Item = TypeVar("Item")
Drawn = TypeVar("Drawn")


def thumbnail(scene: Scene) -> Pixels:
    """A scene seen small, on white paper."""
    return over_white(scene.draw(*scaled(scene.height, scene.width, THUMBNAIL)))


def in_order(executor: Executor, draw: Callable[[Item], Drawn], items: Iterable[Item]) -> Iterator[Drawn]:
    """Like map, with a bounded number of pictures waiting.

    In the executor's threads, because the kernels release the interpreter lock.
    """
    source = iter(items)
    waiting: deque[Future[Drawn]] = deque(executor.submit(draw, item) for item in islice(source, AHEAD))
    try:
        while waiting:
            drawn = waiting.popleft().result()
            waiting.extend(executor.submit(draw, item) for item in islice(source, 1))
            yield drawn
    finally:
        for future in waiting:
            future.cancel()
