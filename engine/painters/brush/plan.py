"""What the brush does when: broad strokes first, then finer ones; each level is placed, then moved."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from engine.grid import PLAIN, Grid, Tiling
from engine.painters.base import Phase
from engine.painters.brush.params import AnalysedParams

PLACE, MOVE = "place", "move"
WORKED = 6.0  # pixels of a stroke's radius where it is worked on, at least, as far as there is any detail
WINDOW = 100  # pixels of a window's side where it is worked on, about
REACH = 4.0  # radii around a window that its strokes are judged in, too
RATIO = 2.0  # of the radius of a level to that of the next
GROWTH = 1.35  # exponent: strokes of a level by the inverse of their radius
STEPS = 12  # for each stroke of a level at effort 1,
LAST_STEPS = 18  # and of the last one
AGAIN = 0.6  # of a level's steps are done after strokes have been placed for the first time
SECOND = 0.75  # of a level's strokes are placed then
PER_STEP = 4  # evaluations that a step takes as long as


@dataclass(frozen=True, slots=True)
class Stage(Phase):
    """A phase for strokes of one level."""

    radius: float = 0.0  # of the level's strokes, target pixels
    fineness: int = 0  # the level, 0 the coarsest; not that of the grid
    lowest: int = 0  # the coarsest level whose strokes are still moved


def make_plan(params: AnalysedParams, grid: Grid, effort: float, marks: int) -> tuple[Phase, ...]:
    """The phases, first to last; marks: strokes that are there at the beginning."""
    radii = radii_of(params)
    counts = counts_of(params.count, radii)
    phases: list[Phase] = []
    for fineness, (radius, count) in enumerate(zip(radii, counts, strict=True)):
        is_last = fineness == len(radii) - 1
        if count > marks or is_last:
            phases += _level(
                grid,
                radius,
                fineness,
                (counts[fineness - 1] if fineness else 0, count),
                effort,
                is_last,
            )
    return tuple(phases)


def radii_of(params: AnalysedParams) -> list[float]:
    """Of the levels, coarse to fine, target pixels."""
    shorter = min(params.picture_height, params.picture_width)
    finest, broadest = (0.5 * share * shorter for share in params.size)
    levels = max(1, round(math.log(broadest / finest, RATIO)) + 1)
    if levels == 1:
        return [finest]
    return [broadest * (finest / broadest) ** (each / (levels - 1)) for each in range(levels)]


def counts_of(count: int, radii: list[float]) -> list[int]:
    """Strokes that are there at the end of each level."""
    wants = [radius**-GROWTH for radius in radii]
    total, found, so_far = sum(wants), list[int](), 0.0
    for want in wants:
        so_far += want
        found.append(max(1, round(count * so_far / total)))
    return found


def _level(
    grid: Grid,
    radius: float,
    fineness: int,
    counts: tuple[int, int],
    effort: float,
    is_last: bool,
) -> Iterator[Phase]:
    before, after = counts
    detail = min(1.0, WORKED / radius)
    level = window_level(grid, WINDOW / detail)
    steps = max(2, round((LAST_STEPS if is_last else STEPS) * effort))
    first = max(1, round(AGAIN * steps))
    between = before + max(1, round(SECOND * (after - before)))
    for turn, (marks, moves) in enumerate(((between, first), (after, max(1, steps - first)))):
        number = 2 * fineness + turn  # whichever levels are left out
        tiling = Tiling.numbered(number) if level else PLAIN
        move = _stage(level, tiling, MOVE, marks, moves, detail, radius, fineness)
        place = _stage(level, tiling, PLACE, marks, 0, detail, radius, fineness)
        yield replace(place, then=(move,))


def window_level(grid: Grid, side: float) -> int:
    """The level whose tiles are most like windows of a side."""

    def unlike(level: int) -> float:
        rows, cols = grid.levels[level]
        return abs(math.log(max(grid.height / rows, grid.width / cols) / side))

    return min(range(len(grid.levels)), key=unlike)


def _stage(
    level: int,
    tiling: Tiling,
    action: str,
    marks: int,
    steps: int,
    detail: float,
    radius: float,
    fineness: int,
) -> Stage:
    return Stage(
        level,
        tiling,
        action,
        marks,
        max(1, PER_STEP * steps),
        max(1, steps),
        detail,
        (),
        math.ceil(REACH * radius),
        is_reduced=detail < 1,
        radius=radius,
        fineness=fineness,
        lowest=max(0, fineness - 1),
    )
