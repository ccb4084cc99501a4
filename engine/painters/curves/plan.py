"""The course of a drawing: strokes begin, then they are moved step by step, in one window or in many."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from engine.grid import PLAIN, Grid, Tiling
from engine.painters.base import Phase
from engine.painters.curves.params import LARGEST, AnalysedParams
from engine.system.resources import available_cores

STEPS = 10  # of a job: a film shows what is there after each
WINDOW = 256  # pixels of a window's side, about
HALO = 32  # pixels around a window that its strokes are judged in, too
BEGIN, SPREAD, DRAW = "begin", "spread", "draw"


@dataclass(frozen=True, slots=True)
class Steps(Phase):
    """Some of the steps of a course."""

    first: int = 0  # of the steps of its course, counted from 0
    course: int = 1  # steps in all
    is_sheet: bool = False  # whether they are those of a sheet that a tile was spread over


def make_plan(params: AnalysedParams, grid: Grid, effort: float, marks: int) -> tuple[Phase, ...]:
    """The phases, first to last; marks: strokes that are there at the beginning."""
    return tuple(_phases(params, grid, effort, marks))


def is_one_window(params: AnalysedParams) -> bool:
    """Whether all of the picture is drawn by one job at a time."""
    return max(params.picture_height, params.picture_width) <= LARGEST and params.tile_size is None


def threads_of(params: AnalysedParams) -> int:
    """How many look at views at the same time, on a CPU: several where there is one job at a time."""
    return min(available_cores(), params.views) if is_one_window(params) else 1


def _phases(params: AnalysedParams, grid: Grid, effort: float, marks: int) -> Iterator[Phase]:
    course = max(1, round(params.steps * effort))
    if params.tile_size is not None:
        rows, cols = (
            max(1, round(side / every))
            for side, every in zip((grid.height, grid.width), params.tile_size, strict=True)
        )
        once = max(1, round(params.count / (rows * cols)))
        if marks <= once:
            if marks < once:
                yield _phase(0, PLAIN, BEGIN, once, 0, 0, 1, 0)
            yield from _one_window(once, course)
            yield _phase(0, PLAIN, SPREAD, params.count, 0, 0, 1, 0)
        yield from _windows(grid, params.count, max(1, round(params.sheet_steps * effort)), is_sheet=True)
        return
    if is_one_window(params):
        if marks < params.count:
            yield _phase(0, PLAIN, BEGIN, params.count, 0, 0, 1, 0)
        yield from _one_window(params.count, course)
        return
    if marks < params.count:
        begin = _phase(window_level(grid), PLAIN, BEGIN, params.count, 0, 0, 1, HALO)
        yield replace(begin, is_shown=False)  # or windows would be seen
    yield from _windows(grid, params.count, course, is_sheet=False)


def whole_course(marks: int, course: int) -> Steps:
    """All steps of a picture that is drawn in one window, at once."""
    return _phase(0, PLAIN, DRAW, marks, 0, course, course, 0)


def _one_window(marks: int, course: int) -> Iterator[Phase]:
    for first in range(0, course, STEPS):
        yield _phase(0, PLAIN, DRAW, marks, first, min(STEPS, course - first), course, 0)


def _windows(grid: Grid, marks: int, course: int, is_sheet: bool) -> Iterator[Phase]:
    """Passes of windows whose borders never come back."""
    level = window_level(grid)
    for number, first in enumerate(range(0, course, STEPS)):
        steps = min(STEPS, course - first)
        yield _phase(level, Tiling.numbered(number), DRAW, marks, first, steps, course, HALO, is_sheet)


def window_level(grid: Grid) -> int:
    """The level whose tiles are most like windows."""

    def unlike(level: int) -> float:
        rows, cols = grid.levels[level]
        return abs(max(grid.height / rows, grid.width / cols) - WINDOW)

    return min(range(len(grid.levels)), key=unlike)


def _phase(
    level: int,
    tiling: Tiling,
    action: str,
    marks: int,
    first: int,
    steps: int,
    course: int,
    halo: int,
    is_sheet: bool = False,
) -> Steps:
    return Steps(
        level,
        tiling,
        action,
        marks,
        steps,
        max(steps, 1),
        1.0,
        (),
        halo,
        True,
        False,
        first,
        course,
        is_sheet,
    )
