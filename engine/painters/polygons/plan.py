"""What the polygon painter does when: place, anneal one by one, then polish all shapes together.

From coarse to fine: at each stage a share of the shapes is placed and moved a little. A picture that has
shapes already enters where it lacks some: what is there is not approximated coarsely again.
Once all are there they are annealed, each on its own. Then come cycles, short ones first: the shapes that
contribute least are placed anew where the error is, in longer cycles all are annealed as one system, whose
temperature falls from visit to visit, and all move down the gradient of the error together.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import count, groupby
from operator import attrgetter
from typing import NamedTuple

from engine.grid import PLAIN, TILE_SIDE, Form, Grid, Tiling
from engine.image.stored import HELD
from engine.painters.base import Phase
from engine.painters.polygons.params import PolygonParams

EVALUATIONS = 5000  # for each shape at effort 1: the budget
ANNEALED = 1500  # of it go into placing and annealing at first, at most,
ANNEALED_SHARE = 0.6  # and at least so much of a small budget
CROWD = 150  # shapes in a tile of a coarse level at most: each visit draws all that overlap
GROUP = 12  # shapes that a tile of the finest level used holds at least, on average
FEW = 0.1  # of the shapes: coarse levels that place fewer are left out, as their tiles keep few workers busy,
STAGES = 3  # as long as so many are left
FIRST_SHARES = (1 / 16, 1 / 4)  # of the first level's shapes come before the others, for a soft start: the
# very first ones in the whole picture, where no tile confines them
COARSE_SHARE = 0.45  # exponent: the share of shapes placed by a level is its share of tiles to this power
EARLY_SHARE = 0.1  # of the evaluations for annealing at each stage before the last,
EARLY_VISITS = 12  # but no more visits, so that a run stopped by time has all its shapes,
LAST_SHARE = 0.8  # and at the last one
MOVES = 400  # in a visit at effort 1
PASSES = 8  # at the last stage, about, before the visits of each pass become more
STEP = 28  # evaluations that take as long as one step of polishing takes for a shape
RELOCATED = 1.6  # of the shapes, divided by the steps of a cycle: the later, the fewer
EARLY_CYCLES = 3  # at a stage before the last, at most:
EARLY_BUDGET = 750  # evaluations of the budget for each of them
ROOM = 12  # mean distances between shapes along the side of a window for polishing, at least
FORMS: tuple[Form, ...] = ("plain", "tall", "plain", "wide")  # of the windows for polishing, in turn
WIDEST = 1024  # working pixels of a window's side where it is not the picture that is small
MANY = 128  # windows: half as many keep too few workers busy, so that there are no tall and wide ones


class Cycle(NamedTuple):
    """Relocate, anneal, polish."""

    visits: int  # of the annealing,
    moves: int  # each of so many evaluations
    steps: int  # of polishing

    @property
    def effort(self) -> int:
        """Evaluations for each shape."""
        return self.visits * self.moves + self.steps * STEP


EARLY_CYCLE = Cycle(0, 0, 10)
CYCLES = (Cycle(0, 0, 20),) * 6 + (Cycle(6, 400, 40),) * 6 + (Cycle(15, 800, 80),)  # the last one goes on

Stage = tuple[int, float, int]  # a level, its detail, and how many shapes there are in the end


def make_plan(params: PolygonParams, grid: Grid, effort: float, marks_at_start: int = 0) -> tuple[Phase, ...]:
    """The phases, first to last; effort multiplies the default budget.

    marks_at_start: stages that would end with no more shapes than that are left out, but for the last one.
    """
    budget = EVALUATIONS * effort
    alone = params.polish == "none" or params.search == "scipy"  # which has a local search of its own
    annealed = budget if alone else min(ANNEALED_SHARE * budget, ANNEALED)
    cycles = 0 if alone else min(max(round(budget / EARLY_BUDGET), 1), EARLY_CYCLES)
    *coarse, last = _stages(params, grid)
    offsets = _offsets(params)
    phases: list[Phase] = []
    for stage in coarse:
        if stage[2] > marks_at_start:
            phases += _early(params, stage, offsets, annealed, cycles)
    phases += _annealing(params, last, offsets, annealed)
    phases += _cycles(params, grid, last, offsets, budget - annealed)
    return tuple(_within_reach(phase, grid) for phase in _chained(phases))


def _within_reach(phase: Phase, grid: Grid) -> Phase:
    """In a large picture with windows of WIDEST working pixels a side at most: its few shapes are large."""
    detail = phase.detail
    if grid.height * grid.width > HELD:
        rows, cols = grid.levels[phase.level]
        detail = min(detail, WIDEST / max(grid.height / rows, grid.width / cols))
    return replace(phase, detail=detail, is_reduced=detail < 1)


def _offsets(params: PolygonParams) -> Iterator[Tiling]:
    """The tilings of passes: borders that came back would show, as shapes end there."""
    return (Tiling.numbered(number) if params.shift else PLAIN for number in count())


def _early(
    params: PolygonParams, stage: Stage, offsets: Iterator[Tiling], annealed: float, cycles: int
) -> Iterator[Phase]:
    """Place the shapes of a coarse stage, and move them a little, at last where borders were."""
    level, detail, marks = stage
    tiling = next(offsets) if level else PLAIN
    yield _place(stage, tiling, annealed)
    moves = _moves(annealed)
    visits = min(round(annealed * EARLY_SHARE / moves), EARLY_VISITS)
    if visits:
        yield Phase(level, tiling, _anneal(params), marks, visits * moves, visits, detail)
    for number in range(cycles):
        if number == 1:
            tiling = next(offsets) if level else PLAIN
        yield _cycle(params, stage, tiling, EARLY_CYCLE)


def _annealing(
    params: PolygonParams, stage: Stage, offsets: Iterator[Tiling], annealed: float
) -> Iterator[Phase]:
    """Place the last shapes and anneal all, on tiles of two sizes in turn."""
    level, detail, marks = stage
    yield _place(stage, next(offsets), annealed)
    levels = (level, level - 1) if level > 0 and params.levels == "all" else (level,)
    moves = _moves(annealed)
    passes = len(levels) * (2 if params.shift else 1)
    visits = _visits(params, annealed * LAST_SHARE / moves, passes)
    for turn in range(round(annealed * LAST_SHARE / (visits * moves))):
        wide = levels[turn % len(levels)]
        yield Phase(wide, next(offsets), _anneal(params), marks, visits * moves, visits, detail)


def _cycles(
    params: PolygonParams, grid: Grid, stage: Stage, offsets: Iterator[Tiling], budget: float
) -> Iterator[Phase]:
    """Cycles in the windows, each longer than the last, as long as the budget allows; then polish."""
    level, detail, marks = stage
    level = _window_level(params, grid, level)
    forms = _forms(params, grid, level)
    for turn in count():
        cycle, tiling = CYCLES[min(turn, len(CYCLES) - 1)], next(offsets)
        tiling = tiling._replace(form=forms[turn % len(forms)])
        if budget < cycle.effort:
            break
        yield _cycle(params, (level, detail, marks), tiling, cycle)
        budget -= cycle.effort
    if steps := round(budget / STEP):
        yield Phase(level, tiling, "polish", marks, steps * STEP, steps, detail)


def _place(stage: Stage, tiling: Tiling, annealed: float) -> Phase:
    """A film shows it done only: some tiles full of shapes beside empty ones are nothing to be seen."""
    level, detail, marks = stage
    return Phase(level, tiling, "place", marks, _placing(annealed), 1, detail, is_shown=not level)


def _cycle(params: PolygonParams, stage: Stage, tiling: Tiling, cycle: Cycle) -> Phase:
    """One job does all of it, for a picture is worse as long as relocated shapes have not settled."""
    level, detail, marks = stage
    polish = Phase(level, tiling, "polish", marks, cycle.steps * STEP, cycle.steps, detail)
    if cycle.visits:
        polish = Phase(
            level, tiling, "anneal", marks, cycle.visits * cycle.moves, cycle.visits, detail, (polish,)
        )
    if params.polish == "joint":
        return polish
    return Phase(level, tiling, "relocate", marks, STEP, cycle.steps, detail, polish.chain)


def _anneal(params: PolygonParams) -> str:
    return "anneal together" if params.search == "scipy" else "refine"


def _placing(annealed: float) -> int:
    """Evaluations for placing a shape."""
    return round(min(max(annealed / 8, 40), 2000))


def _moves(annealed: float) -> int:
    """Evaluations in a visit."""
    return round(min(max(MOVES * (annealed / EVALUATIONS) ** (1 / 3), 100), 1600))


def _chained(phases: Iterable[Phase]) -> Iterator[Phase]:
    """Phases with those that follow on the same tiles, as long as they work on a reduced copy.

    To draw a large window and to look how good it is takes much longer than such a phase's work.
    """
    for (_, _, detail, _), same in groupby(phases, attrgetter("level", "tiling", "detail", "marks")):
        if detail < 1:
            first, *others = (each for phase in same for each in phase.chain)
            yield replace(first, then=tuple(replace(each, then=()) for each in others))
        else:
            yield from same


def _visits(params: PolygonParams, wanted: float, turns: int) -> int:
    """Visits in a pass at the last stage; scipy begins anew with every pass, so it gets few long ones."""
    if params.search == "scipy":
        return max(round(wanted / turns), 1)
    return min(max(round(wanted / PASSES), 2), 8)


def _window_level(params: PolygonParams, grid: Grid, level: int) -> int:
    """The finest level, up to one, whose tiles are wide enough for the shapes that they hold."""
    if params.levels == "finest":
        return level
    least = ROOM * math.sqrt(grid.height * grid.width / params.count)
    while level and min(grid.height / grid.levels[level][0], grid.width / grid.levels[level][1]) < least:
        level -= 1
    return level


def _forms(params: PolygonParams, grid: Grid, level: int) -> tuple[Form, ...]:
    """Of the windows for polishing, in turn."""
    rows, cols = grid.levels[level]
    return FORMS if params.shift and 1 < rows * cols < MANY else ("plain",)


def _stages(params: PolygonParams, grid: Grid) -> list[Stage]:
    """Coarse to fine.

    A tile is worked at about TILE_SIDE pixels on a side at every level. With few shapes the tiles stop
    getting smaller, and only the detail grows. With many the coarsest levels place hardly any of them.
    """
    last = len(grid.levels) - 1
    if params.levels == "finest":
        return [(last, 1.0, params.count)]
    while last and params.count < GROUP * grid.levels[last][0] * grid.levels[last][1]:
        last -= 1
    stages: list[Stage] = []
    for level, (rows, cols) in enumerate(grid.levels[: last + 1]):
        detail = min(1.0, TILE_SIDE / max(grid.height / rows, grid.width / cols))
        marks = min(round(params.count * detail ** (2 * COARSE_SHARE)), CROWD * rows * cols)
        stages.append((level, detail, max(marks, 1)))
    while stages[-1][1] < 1:
        detail = min(1.0, 2 * stages[-1][1])
        stages.append((last, detail, max(round(params.count * detail ** (2 * COARSE_SHARE)), 1)))
    stages[-1] = (last, 1.0, params.count)
    while len(stages) > STAGES and stages[0][2] < FEW * params.count:
        del stages[0]
    level, detail, marks = stages[0]
    few, some = (math.ceil(marks * share) for share in FIRST_SHARES)
    whole = min(1.0, TILE_SIDE / max(grid.height, grid.width))
    return [(0, whole, min(few, CROWD)), (level, detail, some), *stages]
