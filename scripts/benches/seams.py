"""Seams: whether the error shows where the finest grid's lines are.

Two figures for each direction of lines, each over the same along many grids of the same spacing, shifted by
up to half a tile either way. They are 1 in expectation for a picture that knows nothing of the grid: every
shifted grid has the same number of lines, and for each shift to the left there is the same to the right, so
that what grows or shrinks steadily across the picture cancels out.

 - jump: the step of the (signed) error across a line: means over ALONG x ACROSS pixels on either side of it,
   the difference's absolute value. What an eye sees as a line.
 - border: the mean absolute error within ACROSS pixels of a line. Whether borders are painted worse.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.grid import Grid
from engine.image.pixels import Pixels
from scripts.benches.report import RATIO
from scripts.benches.runs import Bench, Run

ALONG = 16  # pixels
ACROSS = 2  # pixels on each side of a line

COLUMNS = {"jump at |": RATIO, "jump at -": RATIO, "border at |": RATIO, "border at -": RATIO, "rank": ".2f"}

TARGET = ("astronaut", "--size", 512, "--count", 1000)
QUICK_EFFORTS = (1,)
EFFORTS = (1, 5)
OTHER_GRID = ("--grid", "5x5")  # its finest lines are far from those of the grid that is judged, 4x4


class Seam(NamedTuple):
    """What is at the lines, over what is elsewhere."""

    ratio: float
    rank: float  # share of the shifted grids that have as much or more: near 0 for a true seam, .5 by chance


def seams(bench: Bench) -> None:
    """Seams of the astronaut, and what its content alone makes of the measure."""
    bench.report.table("error at the finest grid's lines over that elsewhere (wanted: jump <= 1.05)", COLUMNS)
    for effort in QUICK_EFFORTS if bench.quick else EFFORTS:
        found = seam_cells(bench.renders(*TARGET, "--effort", effort))
        content = seam_cells(bench.renders(*TARGET, "--effort", effort, *OTHER_GRID))
        bench.report.row(f"astronaut, effort {effort}", *found)
        bench.report.row("painted on another grid, the same lines", *content)
        shares = [one / other for one, other in zip(found[:-1], content[:-1], strict=True)]
        bench.report.row("the one over the other: the grid's own share", *shares, None)
    bench.report.note("rank: share of shifted grids with as large a jump, the smaller one of | and -")
    bench.report.note("the samples below have such columns too: single pictures scatter, their median less")


def seam_cells(runs: Sequence[Run]) -> list[float]:
    """Medians for the columns above, at the lines that --grid auto has."""
    each = []
    for run in runs:
        result, target = run.pictures()
        height, width = target.shape[:2]
        grid = Grid.fit(height, width, "auto")
        found = [
            seam(measure(result, target, axis), lines)
            for measure in (jumps, borders)
            for axis, lines in ((1, grid.xs[2:-1:2]), (0, grid.ys[2:-1:2]))
        ]
        each.append([*(one.ratio for one in found), min(found[0].rank, found[1].rank)])
    return [statistics.median(column) for column in zip(*each, strict=True)]


def jumps(result: Pixels, target: Pixels, axis: int) -> NDArray[np.float64]:
    """Mean jump of the error across a line before each pixel of an axis; not a number at the ends."""
    error = _across_last(result, target, axis)
    blocks = error.shape[1] // ALONG
    means = error[:, : blocks * ALONG].reshape(3, blocks, ALONG, -1).mean(axis=2)
    side = _strips(means)  # side[..., x]: the mean over pixels x to x + ACROSS
    steps = np.abs(side[..., ACROSS:] - side[..., :-ACROSS]).mean(axis=(0, 1))
    return _profile(steps)


def borders(result: Pixels, target: Pixels, axis: int) -> NDArray[np.float64]:
    """Mean absolute error around a line before each pixel of an axis; not a number at the ends."""
    side = _strips(np.abs(_across_last(result, target, axis)).mean(axis=(0, 1)))
    return _profile((side[ACROSS:] + side[:-ACROSS]) / 2)


def seam(profile: NDArray[np.float64], lines: Sequence[int]) -> Seam:
    """Compare a profile at the lines with the same along shifted grids."""
    if not lines:
        return Seam(1.0, 0.5)
    at = np.array(lines)
    half = int(np.diff([0, *lines]).min()) // 2
    shifts = [shift for shift in range(-half, half + 1) if abs(shift) >= 2 * ACROSS]
    elsewhere = np.array([profile[at + shift].mean() for shift in shifts])
    here = profile[at].mean()
    if not elsewhere.any():
        return Seam(1.0, 0.5)  # a perfect picture
    return Seam(float(here / elsewhere.mean()), float((elsewhere >= here).mean()))


def _across_last(result: Pixels, target: Pixels, axis: int) -> NDArray[np.float64]:
    """The signed error as (RGB, along the lines, across the lines)."""
    return np.moveaxis(result.astype(float) - target, (2, axis), (0, 2))


def _strips(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Means over ACROSS neighbours along the last axis."""
    return np.lib.stride_tricks.sliding_window_view(values, ACROSS, axis=-1).mean(axis=-1)


def _profile(steps: NDArray[np.float64]) -> NDArray[np.float64]:
    ends = np.full(ACROSS, np.nan)
    return np.concatenate([ends, steps, ends])
