"""Gaps between the glyphs of a line, and what they leave together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree

from engine.wordcount.glyphs import Floats, Glyph
from engine.wordcount.lines import Line

NEIGHBOURS = 4  # next ones in the order of their middles that a glyph may be nearest to
ROWS_APART = 0.25  # scales: rows of two glyphs that are compared


@dataclass(frozen=True, eq=False)
class Tree:
    """A line, and the least gaps that hold it together."""

    line: Line
    pairs: NDArray[np.int64]  # (n - 1, 2) indices of the line's glyphs
    gaps: Floats  # (n - 1,) between these, in scales

    def parts(self, limit: float) -> Iterator[Line]:
        """What is left of the line when it is cut where a gap is wider, and has letters."""
        letters, marks = self.line.letters, self.line.marks
        count = len(letters) + len(marks)
        joined = self.pairs[self.gaps <= limit]
        _, part = connected_components(_graph(joined, np.ones(len(joined)), count), directed=False)
        for number in np.unique(part[: len(letters)]):
            own = part == number
            yield Line(
                [glyph for glyph, is_own in zip(letters, own, strict=False) if is_own],
                [glyph for glyph, is_own in zip(marks, own[len(letters) :], strict=True) if is_own],
                self.line.scale,
            )


def tree_of(line: Line) -> Tree:
    """The minimum spanning tree of a line's glyphs by their gaps."""
    glyphs = [*line.letters, *line.marks]
    order = sorted(range(len(glyphs)), key=lambda index: glyphs[index].x0 + glyphs[index].x1)
    pairs = np.array(
        [(i, j) for place, i in enumerate(order) for j in order[place + 1 : place + 1 + NEIGHBOURS]], np.int64
    ).reshape(-1, 2)
    reach = max(1, round(ROWS_APART * line.scale))
    ends = [_ends_around(glyph, reach) for glyph in glyphs]
    gaps = np.array([_gap(glyphs[i], ends[i], glyphs[j], reach) for i, j in pairs.tolist()]) / line.scale
    lift = 1 - gaps.min(initial=0.0)  # a weight of nothing would be no edge
    tree = minimum_spanning_tree(_graph(pairs, gaps + lift, len(glyphs))).tocoo()
    return Tree(line, np.column_stack(tree.coords).astype(np.int64), tree.data - lift)


def gap_between(left: Glyph, right: Glyph, reach: int) -> float:
    """Columns of paper between the convex hulls of two glyphs, in rows `reach` apart at most.

    By hulls, so that an L and a Y are no farther apart than two Os; by rows, so that slanted letters are no
    nearer than upright ones (Mahadevan & Nagabushnam, "Gap metrics for word separation in handwritten lines",
    1995). Where two have no rows in common it is the columns between their boxes, negative if these overlap.
    """
    return _gap(left, _ends_around(left, reach), right, reach)


def _gap(left: Glyph, ends: Floats, right: Glyph, reach: int) -> float:
    above = left.y0 - reach
    y0, y1 = max(above, right.y0), min(left.y1 + reach, right.y1)
    if y0 >= y1:
        return float(right.x0 - left.x1)
    return float((right.left[y0 - right.y0 : y1 - right.y0] - ends[y0 - above : y1 - above]).min())


def _ends_around(glyph: Glyph, reach: int) -> Floats:
    """Where its rows end at most within `reach` rows, from as many rows above it to as many below."""
    return maximum_filter1d(np.pad(glyph.right, reach, mode="edge"), 2 * reach + 1)


def _graph(pairs: NDArray[np.int64], weights: Floats, count: int) -> coo_array:
    return coo_array((weights, (pairs[:, 0], pairs[:, 1])), (count, count))
