"""The order and the direction of lines, so that there is little way between them.

At first the ends that lie nearest to each other are linked, wherever they are (greedy matching), until all
lines are in one chain. Then that is improved as long as a small change makes it shorter.

Two changes are tried, of lines whose ends lie near each other: to turn around a part of the order (2-opt),
and to put up to six lines in a row elsewhere, either way around (Or-opt). All of them are reckoned at once,
and made one after the other from the best on, as far as they still pay then.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

NEAR = 8  # ends around each end that it may be linked with
MOVED = 6  # lines in a row at most that are put elsewhere
ROUNDS = 40
LEAST = 1e-9  # mm: a change that saves less may be one of rounding

Ends = NDArray[np.int64]  # 2 k and 2 k + 1 are those of line k; the one after all lines stands for none
Places = NDArray[np.complex128]


def ordered(ends: NDArray[np.float64]) -> Ends:
    """Of each line, in their order, the end that it begins at.

    ends: (n, 2, 2), x and y of both ends of lines.
    """
    places = ends.reshape(-1, 2)
    if len(ends) < 2:
        return 2 * np.arange(len(ends))
    tour = _Tour(_chained(places), np.append(places @ [1, 1j], np.nan))
    here, there, _ = _near(places, np.arange(len(places)), NEAR)
    apart = here // 2 != there // 2
    here, there = here[apart], there[apart]
    for _ in range(ROUNDS):
        if not tour.improve(here, there):
            break
    return tour.starts


def _chained(places: NDArray[np.float64]) -> Ends:
    """The lines in one chain, the shortest links first: of each line the end that it begins at."""
    links = [-1] * len(places)
    chain = list(range(len(places) // 2))  # of each line another one of its chain, of one of them itself

    def name(line: int) -> int:
        while chain[line] != line:
            chain[line] = line = chain[chain[line]]
        return line

    free, near = np.arange(len(places)), NEAR
    while len(free) > 2:
        here, there, ways = _near(places, free, near)
        before = len(free)
        for at in np.argsort(ways, kind="stable").tolist():
            a, b = int(here[at]), int(there[at])
            one, other = name(a // 2), name(b // 2)
            if links[a] < 0 and links[b] < 0 and one != other:
                links[a], links[b], chain[one] = b, a, other
        free = np.flatnonzero(np.array(links) < 0)
        near *= 2 if len(free) == before else 1
    starts, end = [], int(free[0])
    while end >= 0:
        starts.append(end)
        end = links[end ^ 1]
    return np.array(starts)


def _near(places: NDArray[np.float64], ends: Ends, count: int) -> tuple[Ends, Ends, NDArray[np.float64]]:
    """Pairs of ends, one for each of the `count` nearest to each end, and how far they are apart."""
    found = min(count + 1, len(ends))
    ways, near = KDTree(places[ends]).query(places[ends], found)
    return np.repeat(ends, found), ends[near.ravel()], ways.ravel()


class _Tour:
    """An order of lines that is being improved."""

    def __init__(self, starts: Ends, places: Places) -> None:
        self.starts = starts
        self.places = places
        self.position = np.empty(len(starts), np.int64)  # of each line
        self._note(0, len(starts))

    def improve(self, here: Ends, there: Ends) -> bool:
        """Make the changes that link ends with others (m,) and pay; whether there was one."""
        kinds = [self._turn_gains(here, there)]
        kinds += [self._move_gains(here, there, count) for count in range(1, MOVED + 1)]
        gains = np.stack(kinds)  # by kind: 0 turns around, others are counts of lines to move
        kind = gains.argmax(axis=0)
        best = np.take_along_axis(gains, kind[None], axis=0)[0]
        pays = np.flatnonzero(best > LEAST)
        is_better = False
        for at in pays[np.argsort(-best[pays], kind="stable")].tolist():
            a, c = here[at : at + 1], there[at : at + 1]
            if kind[at] == 0:
                if self._turn_gains(a, c)[0] > LEAST:
                    self._turn(int(a[0]), int(c[0]))
                    is_better = True
            elif self._move_gains(a, c, int(kind[at]))[0] > LEAST:
                self._move(int(a[0]), int(c[0]), int(kind[at]))
                is_better = True
        return is_better

    def _links(self, ends: Ends) -> Ends:
        """The end that the pen comes from or goes to at each end."""
        count = len(self.starts)
        none = ends >= 2 * count
        lines = np.where(none, 0, ends // 2)
        at = self.position[lines]
        goes = self.starts[at] != ends  # it is where its line is left
        after = self.starts[np.minimum(at + 1, count - 1)]
        before = self.starts[np.maximum(at - 1, 0)] ^ 1
        found = np.where(goes, after, before)
        is_last = np.where(goes, at == count - 1, at == 0)
        return np.where(none | is_last, 2 * count, found)

    def _ways(self, a: Ends, b: Ends) -> NDArray[np.float64]:
        """How far it is between ends; to none it is nothing."""
        return np.nan_to_num(np.abs(self.places[a] - self.places[b]))

    def _goes(self, ends: Ends) -> NDArray[np.bool_]:
        return self.starts[self.position[ends // 2]] != ends

    def _turn_gains(self, a: Ends, c: Ends) -> NDArray[np.float64]:
        """What is saved by linking a and c by turning around what is between them."""
        b, d = self._links(a), self._links(c)
        gains = self._ways(a, b) + self._ways(c, d) - self._ways(a, c) - self._ways(b, d)
        return np.where(self._goes(a) == self._goes(c), gains, -np.inf)

    def _turn(self, a: int, c: int) -> None:
        first, last = sorted((int(self.position[a // 2]), int(self.position[c // 2])))
        if self.starts[self.position[a // 2]] != a:
            first += 1
        else:
            last -= 1
        self.starts[first : last + 1] = self.starts[first : last + 1][::-1] ^ 1
        self._note(first, last + 1)

    def _move_gains(self, a: Ends, c: Ends, count: int) -> NDArray[np.float64]:
        """What is saved by putting `count` lines, from the one that begins or ends with c, beside a."""
        b, d = self._links(a), self._links(c)
        x = c ^ 1
        for _ in range(count - 1):
            x = self._links(x)
            x = np.where(x == 2 * len(self.starts), x, x ^ 1)
        is_whole = x < 2 * len(self.starts)
        y = self._links(x)
        low, high = self._span(c, np.where(is_whole, x, c))
        is_outside = is_whole
        for end in (a, b):
            at = self.position[np.where(end == 2 * len(self.starts), 0, end // 2)]
            is_outside = is_outside & ((end == 2 * len(self.starts)) | (at < low) | (at > high))
        before = self._ways(c, d) + self._ways(x, y) + self._ways(a, b)
        after = self._ways(a, c) + self._ways(x, b) + self._ways(d, y)
        return np.where(is_outside, before - after, -np.inf)

    def _span(self, c: Ends, x: Ends) -> tuple[Ends, Ends]:
        one, other = self.position[c // 2], self.position[x // 2]
        return np.minimum(one, other), np.maximum(one, other)

    def _move(self, a: int, c: int, count: int) -> None:
        at, begin = int(self.position[a // 2]), int(self.position[c // 2])
        is_left = self.starts[at] != a  # the lines come after a's
        low = begin if self.starts[begin] == c else begin - count + 1
        part = self.starts[low : low + count].copy()
        if (part[0] == c) != is_left:
            part = part[::-1] ^ 1
        to = at + 1 if is_left else at
        if to > low:
            self.starts[low : to - count] = self.starts[low + count : to].copy()
            self.starts[to - count : to] = part
            self._note(low, to)
        else:
            self.starts[to + count : low + count] = self.starts[to:low].copy()
            self.starts[to : to + count] = part
            self._note(to, low + count)

    def _note(self, first: int, stop: int) -> None:
        self.position[self.starts[first:stop] // 2] = np.arange(first, stop)
