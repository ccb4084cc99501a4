"""Nodes by place: a uniform lattice of cells with a list of nodes in each, searched ring by ring."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.jit import exact_kernel

NODE_DTYPE = np.dtype([("x", np.float32), ("y", np.float32), ("cell", np.int32), ("next", np.int32)])
NOBODY = -1
CROWD = 1.5  # nodes in a cell of evenly inked paper


class Lattice(NamedTuple):
    """Cells over a box; a node outside the box belongs to the nearest cell."""

    heads: NDArray[np.int32]  # the first node of each cell, row by row
    shape: NDArray[np.int64]  # columns and rows that are used
    place: NDArray[np.float64]  # x0, y0 and a cell's side, target pixels
    box: NDArray[np.float64]  # x0, y0, x1, y1


def lattice_of(x0: float, y0: float, x1: float, y1: float, area: float, nodes: int) -> Lattice:
    """Room for the cells that so many nodes want at most; area: that they spread over."""
    side = _side(area, nodes)
    cells = (int((x1 - x0) / side) + 2) * (int((y1 - y0) / side) + 2)
    box = np.array([x0, y0, x1, y1], np.float64)
    return Lattice(np.full(cells, NOBODY, np.int32), np.ones(2, np.int64), np.array([x0, y0, 1.0]), box)


@exact_kernel
def _side(area, nodes):
    return max(np.sqrt(area * CROWD / max(nodes, 1)), 1e-3)


@exact_kernel
def arrange(lattice, nodes, alive, used, area, count):
    """Divide the box for `count` nodes, and put all living ones among the first `used` into its cells."""
    x0, y0, x1, y1 = lattice.box
    side = max(_side(area, count), np.sqrt((x1 - x0) * (y1 - y0) / lattice.heads.shape[0]) * 1.001)
    while (np.int64((x1 - x0) / side) + 1) * (np.int64((y1 - y0) / side) + 1) > lattice.heads.shape[0]:
        side *= 1.1
    lattice.place[2] = side
    lattice.shape[0] = np.int64((x1 - x0) / side) + 1
    lattice.shape[1] = np.int64((y1 - y0) / side) + 1
    lattice.heads[:] = NOBODY
    for i in range(used):
        if alive[i]:
            put_in(lattice, nodes, i)


@exact_kernel
def cell_at(lattice, x, y):
    """Column and row."""
    side = lattice.place[2]
    column = np.int64((x - lattice.place[0]) / side)
    row = np.int64((y - lattice.place[1]) / side)
    return min(max(column, 0), lattice.shape[0] - 1), min(max(row, 0), lattice.shape[1] - 1)


@exact_kernel
def put_in(lattice, nodes, i):
    """Put a node into the cell at its place."""
    column, row = cell_at(lattice, nodes[i].x, nodes[i].y)
    cell = row * lattice.shape[0] + column
    nodes[i].cell = cell
    nodes[i].next = lattice.heads[cell]
    lattice.heads[cell] = i


@exact_kernel
def take_out(lattice, nodes, i):
    """Take a node out of its cell."""
    cell = nodes[i].cell
    following = nodes[i].next
    before = lattice.heads[cell]
    if before == i:
        lattice.heads[cell] = following
        return
    while nodes[before].next != i:
        before = nodes[before].next
    nodes[before].next = following


@exact_kernel
def move(lattice, nodes, i, x, y):
    """Move a node."""
    nodes[i].x = x
    nodes[i].y = y
    column, row = cell_at(lattice, nodes[i].x, nodes[i].y)
    if row * lattice.shape[0] + column != nodes[i].cell:
        take_out(lattice, nodes, i)
        put_in(lattice, nodes, i)


@exact_kernel
def nearest_two(lattice, nodes, x, y):
    """The two nodes nearest to a place and their squared distances; NOBODY where there is none.

    Of those equally near the ones with the lowest indices. Cells are looked at in rings around the place's,
    until what is further out can't be nearer.
    """
    first, second, near, far = NOBODY, NOBODY, np.inf, np.inf
    columns, rows = lattice.shape[0], lattice.shape[1]
    side = lattice.place[2]
    column, row = cell_at(lattice, x, y)
    left = x - lattice.place[0] - column * side
    up = y - lattice.place[1] - row * side
    margin = min(min(left, side - left), min(up, side - up))  # to the border of its cell
    for ring in range(max(columns, rows)):
        top, bottom = max(row - ring, 0), min(row + ring, rows - 1)
        for v in range(top, bottom + 1):
            is_edge = v == row - ring or v == row + ring
            step = 1 if is_edge or ring == 0 else 2 * ring
            u = column - ring
            while u <= column + ring:
                if 0 <= u < columns:
                    i = lattice.heads[v * columns + u]
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
                u += step
        reach = (ring * side + margin) * (1 - 1e-9)
        if reach > 0 and far < reach * reach:
            break
    return first, near, second, far
