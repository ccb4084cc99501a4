"""The growing neural gas of Fritzke ("A Growing Neural Gas Network Learns Topologies", 1995) in flat arrays.

What takes time in proportion to the number of nodes there is constant here: the nearest two are found in a
lattice, errors decay by one common factor, an edge's age is the number of its ends' wins since it was made
young, and the node with the largest error is the largest of the largest of blocks.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.kernels.jit import exact_kernel
from engine.painters.gng.cell_index import (
    NOBODY,
    NODE_DTYPE,
    CellIndex,
    arrange,
    nearest_two,
    new_cell_index,
    pull,
    put_in,
    take_out,
)
from engine.painters.gng.links import LINK_DTYPE, LINKS, connect, disconnect, drop_old
from engine.painters.gng.params import DISTANCE, SQUARED
from engine.painters.gng.sampling import sample

BLOCK = 128  # nodes whose largest error is known
FAINT = 1e-60  # the common factor of errors is multiplied out when it is below

PATIENCE, LEAST_PATIENCE = 4, 1000  # times the samples asked for, and so many more, until growing is given up

# Places in Gas.counts
USED, LIVING, OWN, SPARE, ARRANGED = range(5)


class Gas(NamedTuple):
    """Nodes and their edges; all arrays have room for as many nodes as there may be."""

    nodes: NDArray[np.void]  # NODE_DTYPE
    errors: NDArray[np.float64]  # times scale[0] they are the paper's
    degrees: NDArray[np.int32]
    links: NDArray[np.void]  # (nodes, LINKS) of LINK_DTYPE, the first `degree` of each row count
    alive: NDArray[np.bool_]
    own: NDArray[np.bool_]  # those that count; all others only keep them company
    fresh: NDArray[np.bool_]  # those that were added
    blocks: NDArray[np.float64]  # the largest error of each block, or more than that until it is asked for
    spare: NDArray[np.int32]  # a stack of indices of dead nodes
    scale: NDArray[np.float64]  # (1,)
    counts: NDArray[np.int64]  # nodes ever used, living, own, spare ones, and as of when the cells are
    core: NDArray[np.float64]  # x0, y0, x1, y1: nodes born in it are own
    cells: CellIndex


class Rules(NamedTuple):
    """How the gas learns."""

    winner: float  # share of the way to a sample that the winner goes,
    neighbour: float  # and its neighbours, at the beginning
    winner_end: float  # and at the end,
    neighbour_end: float  # linearly
    near: float  # target pixels: a sample that is nearer moves nobody
    age: int  # of an edge at most
    split: float  # what is left of two nodes' errors when one is born between them
    decay: float  # what is left of all errors after a sample
    measure: int  # SQUARED, DISTANCE or WINS


def empty_gas(room: int, box: tuple[float, float, float, float], core: object, area: float) -> Gas:
    """Room for nodes in a box (x0, y0, x1, y1); core: another such box. area: that they will spread over."""
    return Gas(
        np.zeros(room, NODE_DTYPE),
        np.zeros(room),
        np.zeros(room, np.int32),
        np.zeros((room, LINKS), LINK_DTYPE),
        np.zeros(room, np.bool_),
        np.zeros(room, np.bool_),
        np.zeros(room, np.bool_),
        np.zeros(-(-room // BLOCK)),
        np.zeros(room, np.int32),
        np.ones(1),
        np.zeros(5, np.int64),
        np.array(core, np.float64),
        new_cell_index(*box, max(area, 1e-6), room),
    )


@exact_kernel
def settle_in(gas, area):
    """Divide the cells anew for as many nodes as there are."""
    arrange(gas.cells, gas.nodes, gas.alive, gas.counts[USED], area, gas.counts[LIVING])
    gas.counts[ARRANGED] = gas.counts[LIVING]


@exact_kernel
def add_node(gas, x, y, error, is_own):
    """A new node without edges; its index."""
    if gas.counts[SPARE] > 0:
        gas.counts[SPARE] -= 1
        i = np.int64(gas.spare[gas.counts[SPARE]])
    else:
        i = gas.counts[USED]
        gas.counts[USED] += 1
    gas.nodes[i].x = x
    gas.nodes[i].y = y
    gas.errors[i] = error
    gas.nodes[i].wins = 0
    gas.degrees[i] = 0
    gas.alive[i] = True
    gas.own[i] = is_own
    gas.fresh[i] = True
    gas.counts[LIVING] += 1
    gas.counts[OWN] += 1 if is_own else 0
    gas.blocks[i // BLOCK] = max(gas.blocks[i // BLOCK], error)
    put_in(gas.cells.heads, gas.cells.place, gas.nodes, i)
    return i


@exact_kernel
def _remove_node(gas, i):
    take_out(gas.cells.heads, gas.cells.place, gas.nodes, i)
    gas.alive[i] = False
    gas.counts[LIVING] -= 1
    gas.counts[OWN] -= 1 if gas.own[i] else 0
    gas.errors[i] = 0.0
    gas.spare[gas.counts[SPARE]] = i
    gas.counts[SPARE] += 1


@exact_kernel
def connect_all(gas, edges):
    """Make edges, (n, 2)."""
    for k in range(edges.shape[0]):
        connect(gas.nodes, gas.links, gas.degrees, edges[k, 0], edges[k, 1])


@exact_kernel
def _multiply_out(gas):
    """Let the errors be what they stand for, before their common factor gets too small."""
    for i in range(gas.errors.shape[0]):
        gas.errors[i] *= gas.scale[0]
    for b in range(gas.blocks.shape[0]):
        gas.blocks[b] *= gas.scale[0]
    gas.scale[0] = 1.0


@exact_kernel
def _worst(gas):
    """The node with the largest error, the lowest index of several."""
    while True:
        b = np.argmax(gas.blocks)
        found, largest = np.int64(NOBODY), -1.0
        for i in range(b * BLOCK, min((b + 1) * BLOCK, gas.counts[USED])):
            if gas.alive[i] and gas.errors[i] > largest:
                found, largest = i, gas.errors[i]
        if found != NOBODY and largest == gas.blocks[b]:
            return found
        if gas.blocks[b] == 0:  # as all others
            return np.argmax(gas.alive)
        gas.blocks[b] = max(largest, 0.0)


@exact_kernel
def _worst_neighbour(gas, i):
    """The one with the largest error; NOBODY for a node without edges."""
    found = np.int64(NOBODY)
    for k in range(gas.degrees[i]):
        j = np.int64(gas.links[i, k].node)
        if (
            found == NOBODY
            or gas.errors[j] > gas.errors[found]
            or (gas.errors[j] == gas.errors[found] and j < found)
        ):
            found = j
    return found


@exact_kernel
def insert(gas, rules):
    """Step 8 of the paper: a node between the worst and the worst of its neighbours; its index."""
    nodes, links, degrees = gas.nodes, gas.links, gas.degrees
    worst = _worst(gas)
    other = _worst_neighbour(gas, worst)
    if other == NOBODY:
        x, y = np.float64(nodes[worst].x), np.float64(nodes[worst].y)
        first, _, second, _ = nearest_two(gas.cells.heads, gas.cells.place, nodes, x, y)
        other = np.int64(second if first == worst else first)
        connect(nodes, links, degrees, worst, other)
    x = (np.float64(nodes[worst].x) + np.float64(nodes[other].x)) / 2
    y = (np.float64(nodes[worst].y) + np.float64(nodes[other].y)) / 2
    gas.errors[worst] *= rules.split
    gas.errors[other] *= rules.split
    x0, y0, x1, y1 = gas.core
    new = add_node(gas, x, y, gas.errors[worst], x0 <= x < x1 and y0 <= y < y1)
    disconnect(links, degrees, worst, other)
    connect(nodes, links, degrees, worst, new)
    connect(nodes, links, degrees, other, new)
    return new


@exact_kernel
def grow(gas, ink, rules, state, samples, quota, interval, all_move):
    """Present samples, steps 1 to 9 of the paper, and add nodes until `quota` are own.

    state: uint64 (1,) of random numbers. interval: samples from one new node to the next, maybe a fraction.
    all_move: those that are not own, too. Who is left without edges dies while nodes are added. Returns how
    many samples there were: more than asked for while the quota isn't reached.
    """
    # Arrays one by one: a kernel that takes all of them spends more time on passing them than on its work.
    nodes, links, degrees, errors, blocks = gas.nodes, gas.links, gas.degrees, gas.errors, gas.blocks
    own, scale, counts = gas.own, gas.scale, gas.counts
    heads, place = gas.cells.heads, gas.cells.place
    lonely = np.empty(LINKS, np.int64)
    least = rules.near * rules.near
    due, done = interval, 0
    while done < samples or counts[OWN] < quota:
        if done >= PATIENCE * samples + LEAST_PATIENCE:
            break
        along = min(done / samples, 1.0) if samples > 0 else 1.0
        winner = rules.winner + along * (rules.winner_end - rules.winner)
        neighbour = rules.neighbour + along * (rules.neighbour_end - rules.neighbour)
        x, y = sample(ink, state)
        first, near, second, _ = nearest_two(heads, place, nodes, x, y)
        nodes[first].wins += 1  # and so all its edges are older
        gain = near if rules.measure == SQUARED else np.sqrt(near) if rules.measure == DISTANCE else 1.0
        errors[first] += gain / scale[0]
        blocks[first // BLOCK] = max(blocks[first // BLOCK], errors[first])
        if near > least:
            if all_move or own[first]:
                pull(heads, place, nodes, first, x, y, winner)
            if neighbour > 0:
                for k in range(degrees[first]):
                    j = links[first, k].node
                    if all_move or own[j]:
                        pull(heads, place, nodes, j, x, y, neighbour)
        connect(nodes, links, degrees, first, second)
        alone = drop_old(nodes, links, degrees, first, rules.age, lonely)
        if alone > 0 and counts[OWN] < quota:
            for k in range(alone):
                _remove_node(gas, lonely[k])
        scale[0] *= rules.decay
        if scale[0] < FAINT:
            _multiply_out(gas)
        done += 1
        while done >= due and 0 < quota - counts[OWN] <= nodes.shape[0] - counts[LIVING]:
            insert(gas, rules)
            due += interval
            if counts[LIVING] >= 2 * counts[ARRANGED]:
                settle_in(gas, ink.area)
    return done
