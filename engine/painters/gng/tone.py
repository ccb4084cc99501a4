"""The tone that is drawn: stretched, evened out from place to place (CLAHE), and lightened.

Contrast-limited adaptive histogram equalisation (Zuiderveld 1994, "Contrast Limited Adaptive Histogram
Equalization") with a table for each cell of a lattice over the picture. All that is done to the tone is in
these tables, so a job needs no more than them to know the tone of any place. What is ink on paper is told by
its amount, 0 to 1, whatever the ink is.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.kernels.jit import exact_kernel
from engine.painters.gng.params import GasParams, Tones

Plane = NDArray[np.floating]

CELLS = 8  # along the longest side
KNOTS = 33  # of a table: amounts of ink between which there is a straight line
BINS = 256
STEEPEST = 2.5  # times its share of an even histogram: what a bin may count for
TAILS = (0.5, 99.5)  # percent: what lies beyond is stretched to nothing and to all
LOOKS = (
    "net",
    "width",
    "stipple",
    "layers",
    "strokes",
)  # whose tones are ink; others have the target's colours

# What `auto` goes by, and what it does.
DARK = 0.5  # mean ink of a dark picture at least
FLAT = 0.6  # ink between the 5th and the 95th percent of a flat picture at most
EVENED = 0.6  # of the way to the equalised picture that these two are taken,
AIRY = 0.42  # and how much ink they have then at most, on average
MOST_GAMMA = 4.0
FAINT = 0.02  # a picture with less between its tails is of one tone, and stays as it is


def is_poor(ink: Plane) -> bool:
    """Whether a picture is too dark or too flat to be drawn as it is."""
    low, high = np.percentile(ink, (5, 95))
    return bool(ink.mean() > DARK or high - low < FLAT)


def tones_of(ink: Plane, params: GasParams) -> Tones:
    """The tables for a picture, (height, width); none when its tones are drawn as they are."""
    is_changed = (params.contrast, params.gamma, params.equalise) != (1, 1, 0)
    low, high = np.percentile(ink, TAILS)
    if not is_changed or high - low < FAINT:
        return Tones()
    is_auto = params.look in LOOKS and params.points != "binary" and is_poor(ink)
    share = (EVENED if is_auto else 0.0) if params.equalise == "auto" else params.equalise
    knots = np.linspace(0, 1, KNOTS)
    if params.contrast != "auto":
        curve = np.clip(0.5 + params.contrast * (knots - 0.5), 0, 1)
    else:
        curve = np.clip((knots - low) / (high - low), 0, 1) if is_auto else knots
    if not is_auto and not share and params.gamma in ("auto", 1) and np.array_equal(curve, knots):
        return Tones()
    tables = (1 - share) * curve + share * _equalising(np.interp(ink, knots, curve), curve)
    if params.gamma == "auto":
        gamma = _gamma(toned(ink, _packed(tables))) if is_auto else 1.0
    else:
        gamma = params.gamma
    return _packed(tables**gamma)


def toned(
    ink: Plane, tones: Tones, shape: tuple[int, int] | None = None, places: Plane | None = None
) -> Plane:
    """Amounts of ink as they are drawn, 0 to 1.

    ink: of a whole picture, (height, width), or of places (..., 2), x and y in pixels of a picture of that
    shape, (height, width).
    """
    if not tones.tables:
        return ink
    tables = np.frombuffer(tones.tables, np.uint8).reshape(tones.rows, tones.cols, KNOTS)
    if places is None:
        height, width = ink.shape
        down = _between((np.arange(height) + 0.5) / height * tones.rows - 0.5, tones.rows)
        right = _between((np.arange(width) + 0.5) / width * tones.cols - 0.5, tones.cols)
        found = np.empty(ink.shape, np.float32)
        _read_off(np.asarray(ink, np.float64), tables.copy(), *down, *right, found)
        return found
    assert shape is not None
    (height, width), x, y = shape, places[..., 0], places[..., 1]
    first_row, last_row, down_share = _between(y / height * tones.rows - 0.5, tones.rows)
    first_col, last_col, right_share = _between(x / width * tones.cols - 0.5, tones.cols)
    knot = np.minimum((ink * (KNOTS - 1)).astype(np.intp), KNOTS - 2)
    along = ink * (KNOTS - 1) - knot
    found = np.zeros(ink.shape, np.float32)
    for row, row_share in ((first_row, 1 - down_share), (last_row, down_share)):
        for col, col_share in ((first_col, 1 - right_share), (last_col, right_share)):
            here = (1 - along) * tables[row, col, knot] + along * tables[row, col, knot + 1]
            found += row_share * col_share * here
    return found / np.float32(255)


@exact_kernel
def _read_off(ink, tables, first_rows, last_rows, downs, first_cols, last_cols, rights, found):
    """Tables (rows, cols, KNOTS) at each pixel's amount of ink, float64 (height, width); float32, written.

    By pixels' rows and columns: the two cells between whose middles they lie, and how far from the first.
    """
    one = np.float32(1)
    for y in range(ink.shape[0]):
        for x in range(ink.shape[1]):
            knot = min(np.int64(ink[y, x] * (KNOTS - 1)), KNOTS - 2)
            along = ink[y, x] * (KNOTS - 1) - knot
            total = np.float32(0)
            for row, down in ((first_rows[y], one - downs[y]), (last_rows[y], downs[y])):
                for col, right in ((first_cols[x], one - rights[x]), (last_cols[x], rights[x])):
                    here = (1 - along) * tables[row, col, knot] + along * tables[row, col, knot + 1]
                    total = np.float32(total + np.float64(down * right) * here)
            found[y, x] = total / np.float32(255)


def _between(at: Plane, count: int) -> tuple[NDArray[np.intp], NDArray[np.intp], Plane]:
    """The two cells between whose middles a place lies, and how far it is from the first, 0 to 1."""
    at = np.clip(at, 0, count - 1)
    first = at.astype(np.intp)
    return first, np.minimum(first + 1, count - 1), (at - first).astype(np.float32)


def _equalising(ink: Plane, curve: Plane) -> Plane:
    """What equalises each cell, (rows, cols, KNOTS), at the knots that a curve has put elsewhere already."""
    height, width = ink.shape
    side = max(height, width) / CELLS
    ys, xs = (np.linspace(0, length, max(1, round(length / side)) + 1).astype(int) for length in ink.shape)
    found = np.empty((len(ys) - 1, len(xs) - 1, KNOTS))
    bins = np.minimum((ink * BINS).astype(np.intp), BINS - 1)
    edges = np.linspace(0, 1, BINS + 1)
    for row in range(len(ys) - 1):
        for col in range(len(xs) - 1):
            cell = bins[ys[row] : max(ys[row + 1], ys[row] + 1), xs[col] : max(xs[col + 1], xs[col] + 1)]
            counts = np.bincount(cell.ravel(), minlength=BINS) / cell.size
            below = np.concatenate([[0.0], np.cumsum(_limited(counts))])
            found[row, col] = np.interp(curve, edges, below / below[-1])
    return found


def _limited(counts: Plane) -> Plane:
    """A histogram none of whose bins has much; what they had more is spread over all."""
    limit = STEEPEST / BINS
    for _ in range(8):
        excess = np.maximum(counts - limit, 0).sum()
        counts = np.minimum(counts, limit) + excess / BINS
    return counts


def _packed(tables: Plane) -> Tones:
    return Tones(tables.shape[0], tables.shape[1], np.rint(255 * tables).astype(np.uint8).tobytes())


def _gamma(ink: Plane) -> float:
    """The least power, 1 or more, at which there is little enough ink, found by halving."""
    low, high = 1.0, MOST_GAMMA
    if ink.mean() <= AIRY:
        return 1.0
    for _ in range(12):
        middle = (low + high) / 2
        low, high = (middle, high) if (ink**middle).mean() > AIRY else (low, middle)
    return high
