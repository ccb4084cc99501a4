"""What the gas does when: it grows in the whole picture first, in tiles when there are many nodes, and rests.

Nodes on both sides of a tile's border come to rest together on shifted tiles. In the end all edges are found
anew, over the whole picture.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from engine.grid import PLAIN, SHIFTED, Grid, Tiling
from engine.painters.base import Phase
from engine.painters.gng.params import AnalysedParams

HANDFUL = 1500  # nodes that one job grows: more than that is shared out
CROWD = 400  # nodes in a tile at least
STEP = 1.5  # by which nodes become more from job to job at first,
RESTING = 12  # samples for each node, on tiles whose borders lie elsewhere,
LAST: tuple[Tiling, ...] = (SHIFTED, PLAIN, SHIFTED)  # so lie the tiles in the end
FINISH = 32  # to find the edges in the end,
UNSEEN = 4  # where none are drawn
WITHOUT_EDGES = ("stipple", "low-poly")  # looks that draw none
BETWEEN = 20  # samples for each of the last nodes, spread over all stages, to rest, and to find the edges
HALO = 3  # mean distances between nodes


def make_plan(
    params: AnalysedParams, grid: Grid, effort: float, marks_at_start: int = 0
) -> tuple[Phase, ...]:
    """The phases, first to last; effort multiplies the samples.

    marks_at_start: stages that would end with no more nodes than that are left out.
    """
    return tuple(_phases(params, grid, effort, marks_at_start))


def spacing(params: AnalysedParams, nodes: int) -> float:
    """The mean distance between nodes, target pixels."""
    return math.sqrt(params.area / max(nodes, 1))


def _phases(params: AnalysedParams, grid: Grid, effort: float, start: int) -> Iterator[Phase]:
    before = start
    level = 0
    between = max(1, round(BETWEEN * (params.growth - 1) / params.growth))  # as a geometric series adds up
    for nodes in _stages(params.count, params.growth):
        if nodes <= start:
            continue
        level = _level(grid, nodes)
        each = max(1, round(effort * params.interval * (1 - before / nodes)))
        yield _phase(params, level, PLAIN, "grow", nodes, each)
        if level:
            yield _phase(params, level, SHIFTED, "rest", nodes, max(1, round(effort * between)))
            yield _phase(params, 0, PLAIN, "mesh", nodes, between)
        before = nodes
    level = _level(grid, params.count)
    for tiling in LAST:
        yield _phase(params, level, tiling, "rest", params.count, max(1, round(effort * RESTING)))
    found = UNSEEN if params.look in WITHOUT_EDGES else FINISH
    yield _phase(params, 0, PLAIN, "finish", params.count, found)


def _phase(
    params: AnalysedParams, level: int, tiling: Tiling, action: str, nodes: int, samples: int
) -> Phase:
    halo = math.ceil(HALO * spacing(params, nodes)) if level else 0
    # Half of the tiles full and half of them empty is nothing to be seen.
    return Phase(level, tiling, action, nodes, samples, 1, 1.0, halo=halo, is_shown=not level)


def _stages(count: int, growth: float) -> list[int]:
    """How many nodes there are at the end of each stage."""
    stages = [count]
    while stages[0] > 2:
        step = growth if stages[0] > HANDFUL else STEP
        stages.insert(0, max(2, round(stages[0] / step)))
    return stages


def _level(grid: Grid, nodes: int) -> int:
    """The finest level whose tiles hold enough nodes; 0 while one job can do it."""
    if nodes <= HANDFUL:
        return 0
    tiles = [rows * cols for rows, cols in grid.levels]
    return max(level for level, number in enumerate(tiles) if level == 0 or nodes >= CROWD * number)
