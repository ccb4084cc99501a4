"""Lines in an order with short ways between them: all of them, and none that a small change makes shorter."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine.export.plotter.line_order import ordered
from engine.export.plotter.path_order import Strand, hops, lengths, route

places = st.floats(-100, 100, width=32)
lines = st.integers(0, 7).flatmap(lambda count: arrays(np.float64, (count, 2, 2), elements=places))


def way(lines):
    return float(hops(list(lines)).sum()) if len(lines) > 1 else 0.0


def turned(lines, starts):
    return np.array([lines[start // 2][:: -1 if start % 2 else 1] for start in starts.tolist()])


@given(lines)
def test_small_changes_make_no_better_order(ends):
    starts = ordered(ends)
    assert sorted((starts // 2).tolist()) == list(range(len(ends)))
    found = turned(ends, starts)
    assert way(found) <= way(ends) + 1e-9
    if len(ends) > 3:  # of more lines only the nearest ends are looked at
        return
    for first in range(len(found)):
        for stop in range(first + 1, len(found) + 1):
            other = found.copy()
            other[first:stop] = found[first:stop][::-1, ::-1]
            assert way(other) >= way(found) - 1e-6


def scallops(count=600, seed=0):
    """Arcs such as a sheet of a pattern has, in rows, three times as long as they are apart."""
    rng = np.random.default_rng(seed)
    side = int(np.sqrt(count))
    found = []
    for row, column in np.ndindex(side, side):
        centre = np.array([column + row % 2 / 2, row]) + rng.uniform(-0.3, 0.3, 2)
        first, last = np.pi * rng.uniform((0.9, 1.85), (1.15, 2.1))
        angles = np.linspace(first, last, 12)
        ring = np.stack([np.cos(angles), 1.2 * np.sin(angles)], axis=1)
        found.append(4.2 * (centre + rng.uniform(0.65, 1.15) * ring))
    return found


def test_there_is_less_to_go_than_from_each_line_to_the_nearest():
    lines, pen = scallops(), 0.5
    found = route([Strand(lines, 1.05 * pen)], pen)
    assert lengths(found).sum() == pytest.approx(lengths(lines).sum(), rel=0.02)
    nearest = [lines[0]]
    left = lines[1:]
    while left:
        ends = np.array([[line[0], line[-1]] for line in left])
        line, end = np.unravel_index(np.hypot(*(ends - nearest[-1][-1]).T).T.argmin(), (len(left), 2))
        nearest.append(left.pop(int(line))[:: -1 if end else 1])
    assert hops(found).sum() < 0.82 * hops(nearest).sum()
    assert hops(found).sum() < 0.2 * lengths(found).sum()
    again = route([Strand(lines, 1.05 * pen)], pen)
    assert all((one == other).all() for one, other in zip(found, again, strict=True))
