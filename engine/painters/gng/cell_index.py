"""Nodes by place: a uniform lattice of cells with a list of nodes in each, searched ring by ring."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.kernels.jit import exact_kernel

NODE_DTYPE = np.dtype(  # next: in its cell; wins: how often it was the nearest to a sample
    [("x", np.float32), ("y", np.float32), ("next", np.int32), ("wins", np.int32)],
    align=True,
)
NOBODY = -1
SHORT = 1 - 1e-9  # by which distances to cells are taken to be less: they are rounded otherwise
CROWD = 1.5  # nodes in a cell of evenly inked paper
MOST = 64  # cells for each node: where a large box has little ink they are larger


class CellIndex(NamedTuple):
    """Cells over a box; a node outside the box belongs to the nearest cell."""

    heads: NDArray[np.int32]  # the first node of each cell, row by row
    place: NDArray[np.float64]  # x0, y0, a cell's side in target pixels, cells in a pixel, columns, rows
    box: NDArray[np.float64]  # x0, y0, x1, y1


def new_cell_index(x0: float, y0: float, x1: float, y1: float, area: float, nodes: int) -> CellIndex:
    """Room for the cells that so many nodes want at most; area: that they spread over."""
    side = _side(area, nodes)
    cells = min((int((x1 - x0) / side) + 2) * (int((y1 - y0) / side) + 2), MOST * max(nodes, 1))
    place, box = np.array([x0, y0, 1, 1, 1, 1], np.float64), np.array([x0, y0, x1, y1], np.float64)
    return CellIndex(np.full(cells, NOBODY, np.int32), place, box)


@exact_kernel
def _side(area, nodes):
    return max(np.sqrt(area * CROWD / max(nodes, 1)), 1e-3)


@exact_kernel
def arrange(cells, nodes, alive, used, area, count):
    """Divide the box for `count` nodes, and put all living ones among the first `used` into its cells."""
    heads, place = cells.heads, cells.place
    width, height = cells.box[2] - cells.box[0], cells.box[3] - cells.box[1]
    side = _side(area, count)
    while (np.floor(width / side) + 1) * (np.floor(height / side) + 1) > heads.shape[0]:
        side *= 1.01
    place[2], place[3] = side, 1 / side
    place[4], place[5] = np.floor(width / side) + 1, np.floor(height / side) + 1
    heads[:] = NOBODY
    for i in range(used):
        if alive[i]:
            put_in(heads, place, nodes, i)


@exact_kernel
def cell_at(place, x, y):
    """Column and row."""
    column, row = np.int64((x - place[0]) * place[3]), np.int64((y - place[1]) * place[3])
    return min(max(column, 0), np.int64(place[4]) - 1), min(max(row, 0), np.int64(place[5]) - 1)


@exact_kernel
def _cell(place, x, y):
    column, row = cell_at(place, x, y)
    return row * np.int64(place[4]) + column


@exact_kernel
def put_in(heads, place, nodes, i):
    """Put a node into the cell at its place."""
    cell = _cell(place, nodes[i].x, nodes[i].y)
    nodes[i].next = heads[cell]
    heads[cell] = i


@exact_kernel
def take_out(heads, place, nodes, i):
    """Take a node out of its cell."""
    cell = _cell(place, nodes[i].x, nodes[i].y)
    before = heads[cell]
    if before == i:
        heads[cell] = nodes[i].next
        return
    while nodes[before].next != i:
        before = nodes[before].next
    nodes[before].next = nodes[i].next


@exact_kernel
def pull(heads, place, nodes, i, x, y, share):
    """Move a node by a share of the way to (x, y)."""
    x = np.float32(nodes[i].x + share * (x - nodes[i].x))
    y = np.float32(nodes[i].y + share * (y - nodes[i].y))
    if _cell(place, x, y) == _cell(place, nodes[i].x, nodes[i].y):
        nodes[i].x = x
        nodes[i].y = y
    else:
        take_out(heads, place, nodes, i)
        nodes[i].x = x
        nodes[i].y = y
        put_in(heads, place, nodes, i)


@exact_kernel
def nearest_two(heads, place, nodes, x, y):
    """The two nodes nearest to a place and their squared distances; NOBODY where there is none.

    Of those equally near the ones with the lowest indices. Cells are looked at in rings around the place's,
    until what is further out can't be nearer.
    """
    first, second, near, far = NOBODY, NOBODY, np.inf, np.inf
    side, columns, rows = place[2], np.int64(place[4]), np.int64(place[5])
    column, row = cell_at(place, x, y)
    left = x - place[0] - column * side
    up = y - place[1] - row * side
    margin = min(min(left, side - left), min(up, side - up))  # to the border of its cell
    for ring in range(max(columns, rows)):
        for v in range(max(row - ring, 0), min(row + ring, rows - 1) + 1):
            step = 1 if abs(v - row) == ring or ring == 0 else 2 * ring
            for u in range(column - ring, column + ring + 1, step):
                if u < 0 or u >= columns:
                    continue
                i = heads[v * columns + u]
                while i != NOBODY:
                    dx = nodes[i].x - x
                    dy = nodes[i].y - y
                    distance = dx * dx + dy * dy
                    if distance < near or (distance == near and i < first):
                        second, far = first, near
                        first, near = i, distance
                    elif distance < far or (distance == far and i < second):
                        second, far = i, distance
                    i = nodes[i].next
        reach = (ring * side + margin) * SHORT
        if reach > 0 and far < reach * reach:
            break
    return first, near, second, far
