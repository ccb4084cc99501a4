"""Rows of a table found again among earlier ones, by their whole numbers: ids, ends, kinds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]
Rows = NDArray[np.int64]

NOBODY = -1  # where a row comes from that is new
FEW = 16  # columns that are looked at one by one: to reduce short rows takes numpy longer


def origins_of(columns: Arrays, before: Arrays) -> Rows:
    """Where each row was before, by its whole numbers; (n,), NOBODY for a new one, no two the same."""
    rows = len(next(iter(columns.values())))
    whole = [name for name, array in columns.items() if is_whole(array.dtype)]
    origins = np.full(rows, NOBODY)
    if not before or not whole:
        return origins
    pairs = [(bits(columns[name]), bits(before[name])) for name in whole]
    same = _common(pairs)
    origins[:same] = np.arange(same)
    pairs = [(now[same:], then[same:]) for now, then in pairs]
    if not len(pairs[0][0]) or not len(pairs[0][1]):
        return origins
    at = _sorted_matches(pairs[0]) if _are_sorted(columns[whole[0]], before[whole[0]]) else _matches(pairs)
    is_same = np.ones(len(at), np.bool_)
    for now, then in pairs:
        is_same &= ~any_of(now ^ then[at])
    first = np.zeros(len(at), np.bool_)
    first[np.unique(np.where(is_same, at, NOBODY), return_index=True)[1]] = True
    origins[same:] = np.where(is_same & first, at + same, NOBODY)
    return origins


Pair = tuple[NDArray[Any], NDArray[Any]]  # a column's rows now and then, as unsigned numbers


def _common(pairs: Sequence[Pair]) -> int:
    """How many rows at the beginning are the same."""
    rows = min(map(len, pairs[0]))
    for now, then in pairs:
        other = np.flatnonzero(any_of(now[:rows] ^ then[:rows]))
        rows = int(other[0]) if len(other) else rows
    return rows


def _are_sorted(now: NDArray[Any], then: NDArray[Any]) -> bool:
    """Whether a column names each row, in rising order, as ids do."""
    return now.ndim == 1 and all(bool((each[1:] > each[:-1]).all()) for each in (now, then))


def _sorted_matches(pair: Pair) -> Rows:
    """A row for each that may be the same one, by the only column that has to be looked at."""
    now, then = (each[:, 0] for each in pair)
    return np.minimum(np.searchsorted(then, now), len(then) - 1)


def _matches(pairs: Sequence[Pair]) -> Rows:
    """A row for each that may be the same one, by all their numbers."""
    rest, earlier = (
        _digests(np.concatenate([each.astype(np.uint64) for each in columns], axis=1))
        for columns in zip(*pairs, strict=True)
    )
    order = np.argsort(earlier, kind="stable")
    return order[np.minimum(np.searchsorted(earlier[order], rest), len(order) - 1)]


def any_of(rows: NDArray[Any]) -> NDArray[np.bool_]:
    """Which rows have a number that is not 0."""
    if not 0 < rows.shape[1] <= FEW:
        return np.asarray(rows.any(axis=1))
    found = rows[:, 0] != 0
    for column in rows.T[1:]:
        found |= column != 0
    return found


def _digests(rows: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """A number for each row, which others may have too."""
    mixed = np.zeros(len(rows), np.uint64)
    for column in rows.T:
        mixed = (mixed ^ column) * np.uint64(0x9E3779B97F4A7C15)
    return mixed


def is_whole(kind: np.dtype[Any]) -> bool:
    """Whether a type's numbers say which row it is."""
    return kind.kind != "f"


def bits(array: NDArray[Any]) -> NDArray[Any]:
    """A view of rows as unsigned numbers, (n, width)."""
    rows = array.reshape(len(array), math.prod(array.shape[1:]))
    return rows.view(f"<u{array.dtype.itemsize}")
