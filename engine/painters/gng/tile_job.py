"""One job's work: the nodes of a part go through the gas, and come back with what is drawn between them."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from engine.grid import Tile
from engine.image.source import TargetWindow
from engine.painters.allocation import apportioned
from engine.painters.base import PaintResult, Phase
from engine.painters.gng.cell_index import NOBODY, nearest_two
from engine.painters.gng.density import layers
from engine.painters.gng.edges import LEAST_HITS, edges_of, mesh
from engine.painters.gng.fray import Frame, frayed
from engine.painters.gng.gas import (
    LIVING,
    OWN,
    USED,
    Gas,
    Rules,
    add_node,
    connect_all,
    empty_gas,
    grow,
    settle_in,
)
from engine.painters.gng.links import connect
from engine.painters.gng.looks import dressed
from engine.painters.gng.net import NEW, Integers, Links, Nodes
from engine.painters.gng.params import MEASURES, AnalysedParams
from engine.painters.gng.plan import spacing
from engine.painters.gng.sampling import Field, Ink, chance_of, field_of, ink_of, sample
from engine.painters.gng.scene import GasPart

FINE = 6  # pixels of a density between nodes at least: it is reduced to that
COMPANY = 4  # nodes in the halo may be so many times the new ones
MESHES = {"mesh": 1, "finish": LEAST_HITS}  # actions that find all edges anew: samples that one has at least
PATIENCE = 10_000  # samples to find one place


def paint_part(
    params: AnalysedParams,
    window: TargetWindow,
    tile: Tile,
    part: GasPart,
    new: int,
    phase: Phase,
    seed: np.random.SeedSequence,
) -> PaintResult:
    """Let the nodes of each ink grow, rest, or find their edges, as the phase says."""
    pixels, weights = window
    assert weights is not None  # for the type checker: a gas's analysis gives them
    chance = chance_of(seed)
    origin = max(tile.x0 - phase.halo, 0), max(tile.y0 - phase.halo, 0)
    densities = layers(weights, params)
    if params.look == "stipple" and phase.action not in MESHES:
        frame = Frame(part.height, part.width, params.total / phase.marks, spacing(params, phase.marks))
        densities = [frayed(density, origin, frame) for density in densities]
    if phase.action in MESHES and params.look != "layers":
        densities = [_evened(densities, part.net.nodes.inks)]  # one net, whatever gas its nodes are of
    shares = [float(_inside(density, tile, origin).sum()) for density in densities]
    owed = apportioned(new, np.array(shares)) if new else [0] * len(densities)
    nodes, lines, own, spent = part.net.nodes[:0], part.net.lines[:0], part.own[:0], 0
    for number, (density, more) in enumerate(zip(densities, owed, strict=True)):
        mine = part.net.nodes.inks == number if len(densities) > 1 else np.ones(len(part.net.nodes), np.bool_)
        field = reduced(density, spacing(params, phase.marks), *origin)
        grown, links, is_own, samples = _Layer(params, phase, field, tile, chance).advance(
            part.net.nodes[mine], _inner(part.net.lines, mine), part.own[mine], more, number
        )
        lines = lines.joined(replace(links, ends=links.ends + len(nodes)))
        nodes, own, spent = nodes.joined(grown), np.concatenate([own, is_own]), spent + samples
    faces = _renumbered(part.net.faces, part.net.nodes.ids, nodes.ids)
    net = replace(part.net, nodes=nodes, lines=lines, faces=faces)
    is_whole = (tile.width, tile.height) == (part.width, part.height)
    part = replace(part, net=net, own=own, remade=is_whole)
    dressed_part = dressed(params, pixels, weights, origin, part, phase)
    return PaintResult(dressed_part, spent, is_certain=phase.action in MESHES)


class _Layer:
    """The nodes of one ink."""

    def __init__(
        self, params: AnalysedParams, phase: Phase, field: Field, tile: Tile, chance: NDArray[np.uint64]
    ) -> None:
        self._params, self._phase, self._field, self._chance = params, phase, field, chance
        self._area = field.area
        self._core = (tile.x0, tile.y0, tile.x1, tile.y1)
        halo = phase.halo
        self._box = (tile.x0 - halo, tile.y0 - halo, tile.x1 + halo, tile.y1 + halo)

    def advance(
        self, nodes: Nodes, lines: Links, own: NDArray[np.bool_], new: int, number: int
    ) -> tuple[Nodes, Links, NDArray[np.bool_], int]:
        """Nodes, the edges between them, which are own, and samples presented; new: nodes to add."""
        quota = int(own.sum()) + new
        if not self._area or quota == 0:
            return nodes, lines, own, 0
        gas = self._poured(nodes, lines, own, new)
        if self._phase.action in MESHES:
            return self._meshed(gas, nodes, number)
        ink = ink_of(self._field)
        while gas.counts[OWN] < min(quota, 2):
            self._drop_in(gas, ink)
        if gas.counts[LIVING] < 2:
            return *self._nodes(gas, nodes, number), 0
        settle_in(gas, self._area)
        samples = self._samples(gas, quota)
        rules = rules_of(self._params, self._phase)
        is_growing = self._phase.action == "grow"
        interval = max(samples / max(new, 1), 1.0)
        samples = grow(gas, ink, rules, self._chance, samples, quota, interval, is_growing)
        while gas.counts[OWN] < quota:
            self._drop_in(gas, ink)
        return *self._nodes(gas, nodes, number), samples

    def _meshed(self, gas: Gas, nodes: Nodes, number: int) -> tuple[Nodes, Links, NDArray[np.bool_], int]:
        """The same nodes, and their edges found anew."""
        if gas.counts[LIVING] < 2:
            return *self._nodes(gas, nodes, number), 0
        samples = self._samples(gas, int(gas.counts[OWN]))
        edges = mesh(gas, self._field, self._chance, samples, MESHES[self._phase.action])
        return *self._nodes(gas, nodes, number, edges), samples

    def _samples(self, gas: Gas, quota: int) -> int:
        """To be presented: so many for each own node, and in proportion to the others' ink."""
        own = self._phase.effort * quota
        others = gas.counts[LIVING] - gas.counts[OWN]
        return int(own * (1 + others / max(gas.counts[OWN], 1)))

    def _poured(self, nodes: Nodes, lines: Links, own: NDArray[np.bool_], new: int) -> Gas:
        """The gas that these nodes are."""
        gas = empty_gas(len(nodes) + (2 + COMPANY) * new + 2, self._box, self._core, self._area)
        count = len(nodes)
        gas.nodes["x"][:count], gas.nodes["y"][:count] = nodes.places.T
        gas.errors[:count], gas.own[:count], gas.alive[:count] = nodes.errors, own, True
        gas.fresh[:count] = False
        gas.counts[USED], gas.counts[LIVING], gas.counts[OWN] = count, count, own.sum()
        settle_in(gas, self._area)
        connect_all(gas, lines.ends)
        return gas

    def _drop_in(self, gas: Gas, ink: Ink) -> None:
        """Add an own node at a sample in the core."""
        x0, y0, x1, y1 = self._core
        for _ in range(PATIENCE):
            x, y = sample(ink, self._chance)
            if x0 <= x < x1 and y0 <= y < y1:
                break
        else:
            x, y = (x0 + x1) / 2, (y0 + y1) / 2
        near = nearest_two(gas.cells.heads, gas.cells.place, gas.nodes, x, y)[0]
        node = add_node(gas, x, y, 0.0, True)
        if near != NOBODY:
            connect(gas.nodes, gas.links, gas.degrees, node, near)

    def _nodes(
        self, gas: Gas, before: Nodes, number: int, edges: Integers | None = None
    ) -> tuple[Nodes, Links, NDArray[np.bool_]]:
        """What the gas is now."""
        alive = np.flatnonzero(gas.alive)
        known = alive[~gas.fresh[alive]]
        fresh = alive[gas.fresh[alive]]
        order = np.concatenate([known, fresh])
        ids = np.concatenate([before.ids[known], np.full(len(fresh), NEW)])
        count = len(order)
        nodes = Nodes(
            ids,
            np.column_stack([gas.nodes["x"][order], gas.nodes["y"][order]]),
            (gas.errors[order] * gas.scale[0]).astype(np.float32),
            np.concatenate([before.inks[known], np.full(len(fresh), number, np.uint8)]),
            np.zeros(count, np.float32),
            np.zeros((count, 3), np.uint8),
        )
        at = np.empty(len(gas.alive), np.int64)
        at[order] = np.arange(count)
        ends = at[edges_of(gas) if edges is None else edges]
        floats = np.ones(len(ends), np.float32)
        return nodes, Links(ends, floats, np.zeros((len(ends), 3), np.uint8), floats), gas.own[order]


def rules_of(params: AnalysedParams, phase: Phase) -> Rules:
    """How the gas learns in a phase: at rest its rates fall to nothing."""
    decay = math.exp(-1 / (5 * phase.marks)) if params.decay == "auto" else params.decay
    rest = 0.0 if phase.action == "rest" else 1.0
    return Rules(
        winner=params.step,
        neighbour=params.neighbour_step,
        winner_end=rest * params.step,
        neighbour_end=rest * params.neighbour_step,
        near=params.near,
        age=params.age,
        split=params.split,
        decay=decay,
        measure=MEASURES[params.error],
    )


def reduced(density: NDArray[np.float32], spacing: float, x0: int, y0: int) -> Field:
    """The field of a window, in larger pixels where the nodes are far apart: means of squares of pixels."""
    factor = max(1, int(spacing / FINE))
    height, width = (-(-side // factor) * factor for side in density.shape)
    if factor > 1:
        padded = np.zeros((height, width), np.float32)
        padded[: density.shape[0], : density.shape[1]] = density
        density = padded.reshape(height // factor, factor, width // factor, factor).mean(axis=(1, 3))
    return field_of(density, factor, x0, y0)


def _evened(densities: list[NDArray[np.float32]], inks: NDArray[np.uint8]) -> NDArray[np.float32]:
    """All densities together, so that a node has as many samples whatever gas it is of."""
    nodes = np.bincount(inks, minlength=len(densities)).astype(np.float32)
    shares = [
        count / max(float(density.sum()), 1e-9) for count, density in zip(nodes, densities, strict=True)
    ]
    return sum((share * density for share, density in zip(shares, densities, strict=True)), 0 * densities[0])


def _inside(density: NDArray[np.float32], tile: Tile, origin: tuple[int, int]) -> NDArray[np.float32]:
    """The tile's own part of a window."""
    left, top = origin
    return density[tile.y0 - top : tile.y1 - top, tile.x0 - left : tile.x1 - left]


def _inner(lines: Links, mine: NDArray[np.bool_]) -> Links:
    """The lines between the nodes of a choice, as indices among these."""
    lines = lines[mine[lines.ends].all(axis=1)]
    return replace(lines, ends=(np.cumsum(mine) - 1)[lines.ends])


def _renumbered(links: Links, before: Integers, after: Integers) -> Links:
    """Links between indices of some ids as links between those of others, where these have all ends."""
    order = np.argsort(after)
    at = order[np.minimum(np.searchsorted(after[order], before), len(after) - 1)] if len(after) else before
    found = np.isin(before, after)
    ends, of_rim = np.maximum(links.ends, 0), links.ends < 0
    kept = (of_rim | found[ends]).all(axis=1)
    return replace(links, ends=np.where(of_rim, links.ends, at[ends]))[kept]
