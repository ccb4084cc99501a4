"""The edges of a gas, as links that each node keeps in a row of its own: each edge is there twice.

In all kernels here: nodes of NODE_DTYPE (nodes,); links of LINK_DTYPE (nodes, LINKS); degrees int32 (nodes,).
"""

from __future__ import annotations

import numpy as np

from engine.kernels.jit import exact_kernel

LINK_DTYPE = np.dtype(
    [("node", np.int32), ("stamp", np.int32)], align=True
)  # stamp: both ends' wins when it was young
LINKS = 16  # of a node at most: when there are more the oldest goes


@exact_kernel
def _slot(links, degrees, i, j):
    """Where j is among the links of i; -1: nowhere."""
    for k in range(degrees[i]):
        if links[i, k].node == j:
            return k
    return -1


@exact_kernel
def _drop_link(links, degrees, i, k):
    last = degrees[i] - 1
    links[i, k].node = links[i, last].node
    links[i, k].stamp = links[i, last].stamp
    degrees[i] = last


@exact_kernel
def disconnect(links, degrees, i, j):
    """Remove an edge."""
    _drop_link(links, degrees, i, _slot(links, degrees, i, j))
    _drop_link(links, degrees, j, _slot(links, degrees, j, i))


@exact_kernel
def _make_room(nodes, links, degrees, i):
    """Let the oldest edge of a full node go; of several, that to the lowest index."""
    if degrees[i] < LINKS:
        return
    worst, oldest = np.int64(-1), np.int64(-1)
    for k in range(degrees[i]):
        j = np.int64(links[i, k].node)
        age = nodes[i].wins + nodes[j].wins - links[i, k].stamp
        if age > oldest or (age == oldest and j < worst):
            worst, oldest = j, age
    disconnect(links, degrees, i, worst)


@exact_kernel
def connect(nodes, links, degrees, i, j):
    """Make an edge, or make it young again."""
    stamp = nodes[i].wins + nodes[j].wins
    k = _slot(links, degrees, i, j)
    if k >= 0:
        links[i, k].stamp = stamp
        links[j, _slot(links, degrees, j, i)].stamp = stamp
        return
    _make_room(nodes, links, degrees, i)
    _make_room(nodes, links, degrees, j)
    for one, other in ((i, j), (j, i)):
        k = degrees[one]
        links[one, k].node = other
        links[one, k].stamp = stamp
        degrees[one] = k + 1


@exact_kernel
def drop_old(nodes, links, degrees, i, age, lonely):
    """Remove the edges of a node that are too old; how many are without edges now. lonely: these, written."""
    count = 0
    k = 0
    while k < degrees[i]:
        j = np.int64(links[i, k].node)
        if nodes[i].wins + nodes[j].wins - links[i, k].stamp > age:
            _drop_link(links, degrees, j, _slot(links, degrees, j, i))
            _drop_link(links, degrees, i, k)
            if degrees[j] == 0:
                lonely[count] = j
                count += 1
        else:
            k += 1
    return count
