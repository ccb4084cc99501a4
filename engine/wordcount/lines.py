"""Lines of text: chains of letters of about one height side by side, and the marks that belong to them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from engine.wordcount.glyphs import Glyph

HIGHEST = 6.0  # times the usual height: what is higher is a picture or a frame
LONG = 2.0  # times the usual height: what is flat and longer is a rule, and no hyphen
THIN, FLAT = 0.25, 1.4  # times the usual height; widths over heights: less and more of them is flat
LEAST_LINE = 0.25  # times the usual height: what is lower is a mark, or dirt,
FEW, LEAST_OF_FEW = 3, 0.5  # and so are fewer than three letters that are lower than half of it
OVERLAP = 0.5  # of the lower one's rows that neighbours in a line share at least
RATIO = 2.6  # of heights at most: a parenthesis beside an x
REACH = 3.0  # times the lower one's height to the next letter at most
SCALE_SHARE = 0.6  # of the columns of a line's letters extend no more than its scale
NEXT = 2  # to its right that a letter is chained to: the nearest may be an apostrophe
LEAST_LETTER = 0.6  # times its line's scale: what is lower is a mark
HIGHEST_MARK = 0.8  # times its line's scale: a comma of a typewriter
ABOVE, BELOW = 1.8, 0.4  # scales above and below the feet of letters, where their marks may be
BESIDE = 1.5  # scales from a mark to the next letter at most
FEET = 7  # letters whose median foot is their line's at a place


@dataclass(frozen=True, eq=False)
class Line:
    """A line of text, or a part of one."""

    letters: list[Glyph]
    marks: list[Glyph]  # dots, commas, hyphens, quotes, accents
    scale: float  # about the height of an x, pixels


def lines_of(glyphs: Sequence[Glyph]) -> list[Line]:
    """The lines of a page, in no order; what belongs to none is left out."""
    if not glyphs:
        return []
    usual = _usual_height(glyphs)
    letters, marks = _letters_and_marks(glyphs, usual)
    lines: list[Line] = []
    chains = [(_scale(chain), chain) for chain in _chains(letters)]
    for scale, chain in sorted(chains, key=lambda each: -each[0]):
        is_dirt = len(chain) < FEW and max(glyph.height for glyph in chain) < LEAST_OF_FEW * usual
        if is_dirt or all(_home(glyph, lines) for glyph in chain):  # quotes in a row, an ellipsis
            marks += chain
        else:
            low = [glyph for glyph in chain if glyph.height < LEAST_LETTER * scale]
            marks += low
            lines.append(Line([glyph for glyph in chain if glyph not in low], [], scale))
    for mark in marks:
        if line := _home(mark, lines):
            line.marks.append(mark)
    return lines


def _usual_height(glyphs: Sequence[Glyph]) -> float:
    """Half of all height is that of glyphs which are no higher; so dirt weighs little."""
    heights = np.sort([glyph.height for glyph in glyphs])
    sums = np.cumsum(heights)
    return float(heights[np.searchsorted(sums, sums[-1] / 2)])


def _letters_and_marks(glyphs: Sequence[Glyph], usual: float) -> tuple[list[Glyph], list[Glyph]]:
    """By height alone, without pictures and rules."""
    letters: list[Glyph] = []
    marks: list[Glyph] = []
    for glyph in glyphs:
        is_flat = glyph.area < THIN * usual * glyph.width and glyph.width > FLAT * glyph.height
        if glyph.height > HIGHEST * usual or (is_flat and glyph.width > LONG * usual):
            continue
        (marks if is_flat or glyph.height < LEAST_LINE * usual else letters).append(glyph)
    return letters, marks


def _chains(letters: Sequence[Glyph]) -> Iterable[list[Glyph]]:
    """Each letter with the nearest ones to its right."""
    if not letters:
        return
    x0, y0, x1, y1 = np.array([glyph.box for glyph in letters], np.float64).T
    height, middle = y1 - y0, x0 + x1
    pairs = []
    for i in range(len(letters)):
        lower, higher = np.minimum(height, height[i]), np.maximum(height, height[i])
        shared = np.minimum(y1, y1[i]) - np.maximum(y0, y0[i])
        away = x0 - x1[i]
        fits = (shared >= OVERLAP * lower) & (higher <= RATIO * lower)
        fits &= (middle > middle[i]) & (away < REACH * lower)
        order = np.argsort(np.where(fits, away, np.inf), kind="stable")
        pairs += [(i, int(j)) for j in order[:NEXT] if fits[j]]
    _, chain = connected_components(_graph(pairs, len(letters)), directed=False)
    for number in range(chain.max() + 1):
        yield [letters[i] for i in np.flatnonzero(chain == number).tolist()]


def _graph(pairs: Sequence[tuple[int, int]], count: int) -> coo_array:
    first, second = np.array(pairs, np.int64).reshape(-1, 2).T
    return coo_array((np.ones(len(pairs)), (first, second)), (count, count))


def _scale(chain: Sequence[Glyph]) -> float:
    """About the height of an x, also where letters touch."""
    extents: NDArray[np.int64] = np.concatenate([glyph.extents for glyph in chain])
    return float(np.quantile(extents, SCALE_SHARE))


def _home(mark: Glyph, lines: Sequence[Line]) -> Line | None:
    """The line that a mark belongs to: that of the nearest letter to which it is a mark."""
    nearest, home = np.inf, None
    for line in lines:
        if mark.height >= HIGHEST_MARK * line.scale:
            continue
        x0, y0, x1, y1 = np.array([glyph.box for glyph in line.letters]).T
        across = np.maximum(np.maximum(x0 - mark.x1, mark.x0 - x1), 0)
        around = np.argsort(across, kind="stable")[:FEET]
        foot = float(np.median(y1[around]))
        middle = (mark.y0 + mark.y1) / 2
        if not foot - ABOVE * line.scale <= middle <= foot + BELOW * line.scale:
            continue
        along = np.maximum(np.maximum(y0 - mark.y1, mark.y0 - y1), 0)
        distance = float(np.hypot(across, along).min())
        if across[around[0]] <= BESIDE * line.scale and distance < nearest:
            nearest, home = distance, line
    return home
