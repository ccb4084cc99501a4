"""Arrays of a scene from a file, which may say anything: each is looked at before it is believed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from engine.image.pixels import LONGEST, Colour

FAR = 1e9  # pixels: nothing reaches beyond that
MOST_ROWS = 100_000_000
MOST_SUM = 2**62  # of whole numbers
SLACK = 1e-3  # by which shares may leave 0..1 where they were computed

Arrays = Mapping[str, NDArray[Any]]


def column(arrays: Arrays, name: str, kind: DTypeLike, shape: tuple[int | None, ...]) -> NDArray[Any]:
    """An array of that type and shape, None for any length; ValueError when there is none."""
    if name not in arrays:
        raise ValueError(f"{name} is missing")
    array = arrays[name]
    is_alike = len(array.shape) == len(shape) and all(
        want is None or have == want for have, want in zip(array.shape, shape, strict=True)
    )
    if array.dtype != np.dtype(kind) or not is_alike or len(array.reshape(-1)) > MOST_ROWS:
        raise ValueError(f"{name} is {array.dtype} of {array.shape}, which it can't be")
    return array


def counted(arrays: Arrays, name: str, shape: tuple[int | None, ...]) -> NDArray[np.int64]:
    """The same of whole numbers from 0 on."""
    array = column(arrays, name, np.int64, shape)
    if array.size and not 0 <= array.min() <= array.max() <= MOST_SUM // array.size:
        raise ValueError(f"{name} has a negative number, or one that is too large")
    return array


def amounts(arrays: Arrays, name: str, shape: tuple[int | None, ...]) -> NDArray[np.float64]:
    """The same of float64 from 0 on."""
    array = column(arrays, name, np.float64, shape)
    if array.size and not 0 <= array.min() <= array.max() <= MOST_SUM:
        raise ValueError(f"{name} has a negative number, or one that is too large")
    return array


def floats(
    arrays: Arrays, name: str, shape: tuple[int | None, ...], low: float = -FAR, high: float = FAR
) -> NDArray[np.float32]:
    """The same of float32 within bounds."""
    array = column(arrays, name, np.float32, shape)
    if array.size and not (array.min() >= low and array.max() <= high):  # which NaN is not
        raise ValueError(f"{name} has a number that is not within {low:g} and {high:g}")
    return array


def shares(arrays: Arrays, name: str, shape: tuple[int | None, ...]) -> NDArray[np.float32]:
    """The same of float32 within 0 and 1."""
    return floats(arrays, name, shape, -SLACK, 1 + SLACK)


def size_of(arrays: Arrays) -> tuple[int, int]:
    """Height and width of a scene."""
    height, width = column(arrays, "size", np.int64, (2,)).tolist()
    if not (1 <= height <= LONGEST and 1 <= width <= LONGEST):
        raise ValueError(f"a picture can't be {width} x {height} pixels")
    return height, width


def background_of(arrays: Arrays) -> Colour | None:
    """None: transparent."""
    parts = column(arrays, "background", np.float64, (None,)).tolist()
    if len(parts) not in (0, 3) or not all(-SLACK <= part <= 1 + SLACK for part in parts):
        raise ValueError("the background is no colour")
    return tuple(parts) or None


def born_of(arrays: Arrays) -> int:
    """How many marks have ever been put into a scene."""
    born = int(column(arrays, "born", np.int64, ()))
    if born < 0:
        raise ValueError("born is a negative number")
    return born


def ids_of(arrays: Arrays, name: str, born: int) -> NDArray[np.int64]:
    """Ids in their order, each given once."""
    ids = column(arrays, name, np.int64, (None,))
    if len(ids) and not (ids[0] >= 0 and ids[-1] < born and (np.diff(ids) > 0).all()):
        raise ValueError(f"{name} are not in their order")
    return ids
