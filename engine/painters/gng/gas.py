"""The growing neural gas of Fritzke ("A Growing Neural Gas Network Learns Topologies", 1995) in flat arrays.

What takes time in proportion to the number of nodes there is constant here: the nearest two are found in a
lattice, errors decay by one common factor, an edge's age is the number of its ends' wins since it was made
young, and the node with the largest error is the largest of the largest of blocks.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.jit import exact_kernel
from engine.painters.gng.lattice import (
    NOBODY,
    NODE_DTYPE,
    Lattice,
    arrange,
    lattice_of,
    move,
    nearest_two,
    put_in,
    take_out,
)
from engine.painters.gng.samples import sample

LINK_DTYPE = np.dtype([("node", np.int32), ("stamp", np.int32)])  # stamp: both ends' wins when it was young
LINKS = 24  # of a node at most: when there are more the oldest goes
BLOCK = 128  # nodes whose largest error is known
FAINT = 1e-60  # the common factor of errors is multiplied out when it is below

SQUARED, DISTANCE, WINS = 0, 1, 2  # what is added to the winner's error

# Places in Gas.counts
USED, LIVING, OWN, SPARE, ARRANGED = range(5)


class Gas(NamedTuple):
    """Nodes and their edges; all arrays have room for as many nodes as there may be."""

    nodes: NDArray[np.void]  # NODE_DTYPE
    errors: NDArray[np.float64]  # times scale[0] they are the paper's
    wins: NDArray[np.int32]
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
    lattice: Lattice


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
        lattice_of(*box, max(area, 1e-6), room),
    )


@exact_kernel
def settle_in(gas, area):
    """Divide the cells anew for as many nodes as there are."""
    arrange(gas.lattice, gas.nodes, gas.alive, gas.counts[USED], area, gas.counts[LIVING])
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
    gas.wins[i] = 0
    gas.degrees[i] = 0
    gas.alive[i] = True
    gas.own[i] = is_own
    gas.fresh[i] = True
    gas.counts[LIVING] += 1
    gas.counts[OWN] += 1 if is_own else 0
    gas.blocks[i // BLOCK] = max(gas.blocks[i // BLOCK], error)
    put_in(gas.lattice, gas.nodes, i)
    return i


@exact_kernel
def _remove_node(gas, i):
    take_out(gas.lattice, gas.nodes, i)
    gas.alive[i] = False
    gas.counts[LIVING] -= 1
    gas.counts[OWN] -= 1 if gas.own[i] else 0
    gas.errors[i] = 0.0
    gas.spare[gas.counts[SPARE]] = i
    gas.counts[SPARE] += 1


@exact_kernel
def _slot(gas, i, j):
    """Where j is among the links of i; -1: nowhere."""
    for k in range(gas.degrees[i]):
        if gas.links[i, k].node == j:
            return k
    return -1


@exact_kernel
def _drop_link(gas, i, k):
    last = gas.degrees[i] - 1
    gas.links[i, k].node = gas.links[i, last].node
    gas.links[i, k].stamp = gas.links[i, last].stamp
    gas.degrees[i] = last


@exact_kernel
def disconnect(gas, i, j):
    """Remove an edge."""
    _drop_link(gas, i, _slot(gas, i, j))
    _drop_link(gas, j, _slot(gas, j, i))


@exact_kernel
def _make_room(gas, i):
    """Let the oldest edge of a full node go; of several, that to the lowest index."""
    if gas.degrees[i] < LINKS:
        return
    worst, oldest = np.int64(-1), np.int64(-1)
    for k in range(gas.degrees[i]):
        j = np.int64(gas.links[i, k].node)
        age = gas.wins[i] + gas.wins[j] - gas.links[i, k].stamp
        if age > oldest or (age == oldest and j < worst):
            worst, oldest = j, age
    disconnect(gas, i, worst)


@exact_kernel
def connect(gas, i, j):
    """Make an edge, or make it young again."""
    stamp = gas.wins[i] + gas.wins[j]
    k = _slot(gas, i, j)
    if k >= 0:
        gas.links[i, k].stamp = stamp
        gas.links[j, _slot(gas, j, i)].stamp = stamp
        return
    _make_room(gas, i)
    _make_room(gas, j)
    for one, other in ((i, j), (j, i)):
        k = gas.degrees[one]
        gas.links[one, k].node = other
        gas.links[one, k].stamp = stamp
        gas.degrees[one] = k + 1


@exact_kernel
def connect_all(gas, edges):
    """Make edges, (n, 2)."""
    for k in range(edges.shape[0]):
        connect(gas, edges[k, 0], edges[k, 1])


@exact_kernel
def _drop_old(gas, i, age, may_die):
    """Remove the edges of a node that are too old, and who is left alone by that."""
    k = 0
    while k < gas.degrees[i]:
        j = gas.links[i, k].node
        if gas.wins[i] + gas.wins[j] - gas.links[i, k].stamp > age:
            _drop_link(gas, j, _slot(gas, j, i))
            _drop_link(gas, i, k)
            if may_die and gas.degrees[j] == 0:
                _remove_node(gas, j)
        else:
            k += 1


@exact_kernel
def _pull(gas, i, x, y, share):
    place = gas.nodes[i]
    move(gas.lattice, gas.nodes, i, place.x + share * (x - place.x), place.y + share * (y - place.y))


@exact_kernel
def learn(gas, rules, x, y, winner, neighbour, all_move, may_die):
    """Present one sample: steps 2 to 7 and 9 of the paper.

    winner, neighbour: rates now. all_move: those that are not own, too. may_die: whoever is without edges.
    """
    first, near, second, _ = nearest_two(gas.lattice, gas.nodes, x, y)
    gas.wins[first] += 1  # and so all its edges are older
    gain = near if rules.measure == SQUARED else np.sqrt(near) if rules.measure == DISTANCE else 1.0
    gas.errors[first] += gain / gas.scale[0]
    gas.blocks[first // BLOCK] = max(gas.blocks[first // BLOCK], gas.errors[first])
    if near > rules.near * rules.near:
        if all_move or gas.own[first]:
            _pull(gas, first, x, y, winner)
        if neighbour > 0:
            for k in range(gas.degrees[first]):
                j = gas.links[first, k].node
                if all_move or gas.own[j]:
                    _pull(gas, j, x, y, neighbour)
    connect(gas, first, second)
    _drop_old(gas, first, rules.age, may_die)
    gas.scale[0] *= rules.decay
    if gas.scale[0] < FAINT:
        for i in range(gas.counts[USED]):
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
    worst = _worst(gas)
    other = _worst_neighbour(gas, worst)
    if other == NOBODY:
        first, _, second, _ = nearest_two(gas.lattice, gas.nodes, gas.nodes[worst].x, gas.nodes[worst].y)
        other = second if first == worst else first
        connect(gas, worst, other)
    x = (np.float64(gas.nodes[worst].x) + np.float64(gas.nodes[other].x)) / 2
    y = (np.float64(gas.nodes[worst].y) + np.float64(gas.nodes[other].y)) / 2
    gas.errors[worst] *= rules.split
    gas.errors[other] *= rules.split
    x0, y0, x1, y1 = gas.core
    new = add_node(gas, x, y, gas.errors[worst], x0 <= x < x1 and y0 <= y < y1)
    disconnect(gas, worst, other)
    connect(gas, worst, new)
    connect(gas, other, new)
    return new


@exact_kernel
def grow(gas, ink, rules, state, samples, quota, interval, all_move):
    """Present samples, and add a node after every `interval` of them until `quota` are own.

    state: uint64 (1,) of random numbers. interval may be a fraction. Returns how many samples there were:
    more than asked for while the quota isn't reached.
    """
    due, done = interval, 0
    room = gas.alive.shape[0]
    while done < samples or gas.counts[OWN] < quota:
        if done >= 4 * samples + 1000:
            break
        along = min(done / samples, 1.0) if samples > 0 else 1.0
        x, y = sample(ink, state)
        is_growing = gas.counts[OWN] < quota
        winner = rules.winner + along * (rules.winner_end - rules.winner)
        neighbour = rules.neighbour + along * (rules.neighbour_end - rules.neighbour)
        learn(gas, rules, x, y, winner, neighbour, all_move, is_growing)
        done += 1
        while done >= due and gas.counts[OWN] < quota and gas.counts[LIVING] < room:
            insert(gas, rules)
            due += interval
            if gas.counts[LIVING] >= 2 * gas.counts[ARRANGED]:
                settle_in(gas, ink.area)
    return done
