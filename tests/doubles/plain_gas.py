"""The growing neural gas as in the paper: an object for each unit, and every unit looked at for each signal.

Fritzke, "A Growing Neural Gas Network Learns Topologies", Advances in Neural Information Processing Systems 7
(1995), steps 1 to 9. Distances are numpy's, from places gathered anew each time, as in NeuPy, the library of
Shevchuk's article.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

TileBox = NDArray[np.float64]  # (2,)


class Learning(NamedTuple):
    """The paper's parameters."""

    winner: float  # epsilon b
    neighbour: float  # epsilon n
    age: int  # a max
    interval: int  # lambda
    split: float  # alpha
    decay: float  # d


class Unit:
    """A place, an accumulated error, and the ages of the edges to neighbours."""

    def __init__(self, place: TileBox, error: float = 0.0) -> None:
        self.place = place
        self.error = error
        self.ages: dict[Unit, int] = {}


class PlainGas:
    """Units and their edges."""

    def __init__(self, learning: Learning, places: list[TileBox]) -> None:
        self.learning = learning
        self.units = [Unit(place) for place in places]  # step 0
        self.signals = 0

    def join(self, i: int, j: int) -> None:
        """Make an edge between two units."""
        _set_age(self.units[i], self.units[j], 0)

    def present(self, signal: TileBox, most: int) -> None:
        """Learn from a signal (1). most: units that there are to be."""
        self.signals += 1
        distances = np.linalg.norm(np.array([unit.place for unit in self.units]) - signal, axis=1)
        order = np.argsort(distances)[:2]
        first, second = (self.units[at] for at in order)  # 2
        for other in first.ages:  # 3
            _set_age(first, other, first.ages[other] + 1)
        first.error += float(distances[order[0]]) ** 2  # 4
        first.place += self.learning.winner * (signal - first.place)  # 5
        for other in first.ages:
            other.place += self.learning.neighbour * (signal - other.place)
        _set_age(first, second, 0)  # 6
        self._forget(first)  # 7
        if self.signals % self.learning.interval == 0 and len(self.units) < most:
            self._insert()  # 8
        for unit in self.units:  # 9
            unit.error *= self.learning.decay

    def _forget(self, unit: Unit) -> None:
        """Remove old edges, and units without any: only those at an edge's other end may be."""
        for other in [other for other, age in unit.ages.items() if age > self.learning.age]:
            _disconnect(unit, other)
            if not other.ages:
                self.units.remove(other)

    def _insert(self) -> None:
        worst = max(self.units, key=lambda unit: unit.error)
        other = max(worst.ages, key=lambda unit: unit.error)
        worst.error *= self.learning.split
        other.error *= self.learning.split
        new = Unit((worst.place + other.place) / 2, worst.error)
        _disconnect(worst, other)
        _set_age(worst, new, 0)
        _set_age(other, new, 0)
        self.units.append(new)


def _set_age(one: Unit, other: Unit, age: int) -> None:
    one.ages[other] = other.ages[one] = age


def _disconnect(one: Unit, other: Unit) -> None:
    del one.ages[other], other.ages[one]
