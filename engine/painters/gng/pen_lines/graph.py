"""A net without stray edges and short cycles, taken apart into lines between ends and forks."""

from __future__ import annotations

from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]  # (nodes, 2)
Edges = NDArray[np.int64]  # (edges, 2), the lower node first
Whole = NDArray[np.int64]
Nodes = list[int]

_STRAY = 3.0  # spacings, and
_STRAY_AT_ALL = 10.0  # spacings of the whole net, are a stray edge: between strokes, not along one


def spacings(points: Points, edges: Edges) -> NDArray[np.float64]:
    """For each node how far apart nodes are around it; infinite without neighbours.

    The median over the node and its neighbours of the way to the nearest neighbour.
    """
    count = len(points)
    length = lengths(points, edges)
    nearest = np.full(count, np.inf)
    np.minimum.at(nearest, edges[:, 0], length)
    np.minimum.at(nearest, edges[:, 1], length)
    own = np.arange(count)
    owner = np.concatenate([edges[:, 0], edges[:, 1], own])
    value = nearest[np.concatenate([edges[:, 1], edges[:, 0], own])]
    order = np.lexsort((value, owner))
    size = np.bincount(owner, minlength=count)
    first = np.cumsum(size) - size
    return value[order][first + (size - 1) // 2]


def near(points: Points, edges: Edges) -> Edges:
    """The edges without doubles, loops and those that are far too long: between lines, not along one."""
    edges = np.unique(np.sort(edges[edges[:, 0] != edges[:, 1]], axis=1), axis=0)
    if not len(edges):
        return edges
    length, around = lengths(points, edges), spacings(points, edges)
    local = _STRAY * np.minimum(around[edges[:, 0]], around[edges[:, 1]])
    return edges[length <= np.minimum(local, _STRAY_AT_ALL * np.median(length))]


def without_short_cycles(points: Points, edges: Edges) -> Edges:
    """The near edges without the longest one of each triangle and quad, and without nodes beside a line.

    What hangs together still does: the longest edge of a cycle never is one of the minimum spanning tree.
    Of edges of the same length the later one counts as longer.
    """
    edges = _without_ears(len(points), edges)
    if not len(edges):
        return edges
    rank = np.empty(len(edges), np.int64)
    rank[np.argsort(lengths(points, edges), kind="stable")] = np.arange(len(edges))
    longest = _longest_of_short_cycles(len(points), edges, rank)
    return edges[~np.isin(rank, longest)]


def pruned(points: Points, edges: Edges) -> Edges:
    """The edges without spurs: those to a node with no other edge, beside two that go on straighter."""
    degree = np.bincount(edges.ravel(), minlength=len(points))
    place = points.view(np.complex128)[:, 0]
    beside = neighbours(len(points), edges)
    spurs = set()
    for tip in np.flatnonzero(degree == 1).tolist():
        fork = beside[tip][0]
        others = [node for node in beside[fork] if node != tip and node not in spurs]
        ways = {node: (place[node] - place[fork]) / abs(place[node] - place[fork]) for node in [tip, *others]}
        straightest = min(
            ((ways[a] * ways[b].conjugate()).real for a, b in combinations(others, 2)), default=1
        )
        if straightest < min((ways[tip] * ways[node].conjugate()).real for node in others or [tip]):
            spurs.add(tip)
    return edges[~np.isin(edges, list(spurs)).any(axis=1)]


def neighbours(count: int, edges: Edges) -> list[Nodes]:
    """The neighbours of each node, ascending."""
    beside: list[Nodes] = [[] for _ in range(count)]
    for a, b in edges.tolist():
        beside[a].append(b)
        beside[b].append(a)
    for nodes in beside:
        nodes.sort()
    return beside


def lengths(points: Points, edges: Edges) -> NDArray[np.float64]:
    """Of edges, in pixels."""
    return np.hypot(*(points[edges[:, 1]] - points[edges[:, 0]]).T)


def _without_ears(count: int, edges: Edges) -> Edges:
    """The edges without those to nodes whose only two neighbours are each other's, and others', too.

    Such a node lies beside a line, and the line should not go through it.
    """
    degree = np.bincount(edges.ravel(), minlength=count)
    total = np.zeros(count, np.int64)  # of two neighbours the sum and the lower one tell both
    lower = np.full(count, count)
    for one, other in (edges.T, edges.T[::-1]):
        np.add.at(total, one, other)
        np.minimum.at(lower, one, other)
    two = np.flatnonzero(degree == 2)
    one, other = lower[two], total[two] - lower[two]
    joined = np.isin(one * count + other, edges[:, 0] * count + edges[:, 1])
    ears = two[joined & (degree[one] > 2) & (degree[other] > 2)]
    return edges[~np.isin(edges, ears).any(axis=1)]


def _longest_of_short_cycles(count: int, edges: Edges, rank: Whole) -> Whole:
    """The ranks of the edges that are the longest ones of a triangle or of a cycle of four.

    A wedge is two edges that meet; a triangle is a wedge whose ends are joined, a cycle of four two wedges
    with the same ends. Of wedges with the same ends the one whose longer edge is shortest closes a cycle with
    each of the others, in which their longer edges are the longest ones.
    """
    ends, longer = _wedges(count, edges, rank)
    key = edges[:, 0] * count + edges[:, 1]  # sorted
    at = np.searchsorted(key, ends).clip(max=len(key) - 1)
    joined = key[at] == ends
    of_triangles = np.maximum(longer[joined], rank[at[joined]])
    order = np.lexsort((longer, ends))
    again = np.flatnonzero(ends[order][1:] == ends[order][:-1]) + 1
    return np.unique(np.concatenate([of_triangles, longer[order[again]]]))


def _wedges(count: int, edges: Edges, rank: Whole) -> tuple[Whole, Whole]:
    """All pairs of edges that meet: their other ends, lower * count + higher, and the longer one's rank."""
    middle, end = np.concatenate([edges, edges[:, ::-1]]).T
    ranks = np.concatenate([rank, rank])
    order = np.lexsort((end, middle))
    middle, end, ranks = middle[order], end[order], ranks[order]
    last = np.searchsorted(middle, middle, side="right")
    partners = last - np.arange(len(middle)) - 1  # later edges of the same middle
    one = np.repeat(np.arange(len(middle)), partners)
    start = np.cumsum(partners) - partners
    other = np.arange(len(one)) - start[one] + one + 1
    return end[one] * count + end[other], np.maximum(ranks[one], ranks[other])


class Branches(NamedTuple):
    """A net taken apart."""

    between: list[Nodes]  # from a node that hasn't two neighbours to the next one, both included
    rings: list[Nodes]  # all nodes have two neighbours: the last one is the first one's


def branches_of(count: int, edges: Edges) -> Branches:
    """Take apart a net of `count` nodes, each edge going into one branch or ring."""
    beside = neighbours(count, edges)
    between = []
    passed = [False] * count
    for end in range(count):
        for step in beside[end] if len(beside[end]) != 2 else []:
            branch = _follow(end, step, beside)
            if branch <= branch[::-1]:  # otherwise it is found, or was, from its other end
                between.append(branch)
            for node in branch:
                passed[node] = True
    rings = []
    for node in range(count):
        if len(beside[node]) == 2 and not passed[node]:
            ring = _follow(node, beside[node][0], beside)[:-1]
            rings.append(ring)
            for each in ring:
                passed[each] = True
    return Branches(between, rings)


def _follow(start: int, step: int, beside: list[Nodes]) -> Nodes:
    """From an edge on, through nodes with two neighbours, to one with more or fewer or to the start."""
    branch = [start, step]
    while branch[-1] != start and len(beside[branch[-1]]) == 2:
        one, other = beside[branch[-1]]
        branch.append(other if one == branch[-2] else one)
    return branch
