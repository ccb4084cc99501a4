"""Which snapshots are the same as the one before; nothing on the disk is ever deleted."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.film.frames import AHEAD, thumbnail
from engine.film.timeline import Load
from engine.image.metric import rmse
from engine.image.pixels import Pixels
from engine.scene.scene import Scene
from engine.system.ordered_map import ordered_map


def places_of(load: Load, snapshots: int, dedup: str, executor: Executor) -> NDArray[np.int64]:
    """The place of each snapshot among the distinct ones; (n,), from 0.

    dedup: "exact", or a measure and its limit: "dhash:BITS", "phash:BITS", "mse:T". Neighbours are compared;
    of several that are the same each is compared with the first, so that small steps add up.
    """
    name, _, limit = dedup.partition(":")
    view, distance = MEASURES[name]
    views = ordered_map(executor, lambda index: view(load(index)), range(snapshots), AHEAD)
    first, place, places = next(views), 0, [0]
    for seen in views:
        if distance(first, seen) > float(limit or 0):
            first, place = seen, place + 1
        places.append(place)
    return np.array(places)


def _digest(scene: Scene) -> bytes:
    digest = hashlib.sha256()
    for array in scene.arrays().values():
        digest.update(array.tobytes())
    return digest.digest()


def _differ(one: bytes, other: bytes) -> float:
    return float(one != other)


def _dhash(scene: Scene) -> Any:
    import imagehash  # which loads much, for a setting that few change

    return imagehash.dhash(Image.fromarray(thumbnail(scene)))


def _phash(scene: Scene) -> Any:
    import imagehash

    return imagehash.phash(Image.fromarray(thumbnail(scene)))


def _bits(one: Any, other: Any) -> float:
    return float(one - other)


def _mean_squared_error(one: Pixels, other: Pixels) -> float:
    return rmse(one, other) ** 2


# What is looked at of a scene, and how far two of those lie apart.
MEASURES: dict[str, tuple[Callable[[Scene], Any], Callable[[Any, Any], float]]] = {
    "exact": (_digest, _differ),
    "dhash": (_dhash, _bits),
    "phash": (_phash, _bits),
    "mse": (thumbnail, _mean_squared_error),
}
