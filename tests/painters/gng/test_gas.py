"""The growing neural gas against slow, obvious versions of itself."""

import itertools
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import cKDTree

from engine.painters.gng.edges import MOST_BARE, edges_of, mesh
from engine.painters.gng.gas import (
    BLOCK,
    FAINT,
    OWN,
    Rules,
    add_node,
    connect_all,
    empty_gas,
    grow,
    insert,
    settle_in,
)
from engine.painters.gng.grow_once import seedling
from engine.painters.gng.links import LINKS
from engine.painters.gng.params import DISTANCE, SQUARED, WINS
from engine.painters.gng.sampling import chance_of, field_of, ink_of, sample, spread
from tests.doubles.plain_gas import Learning, PlainGas
from tests.doubles.slow_gas import SlowGas

seeds = st.integers(0, 2**32 - 1)
shares = st.sampled_from([0.0, 0.005, 0.1, 0.5, 1.0])
SIDE = 10  # pixels


@st.composite
def learning(draw):
    """Rules under which edges and nodes die, and errors fade."""
    return Rules(
        winner=draw(shares),
        neighbour=draw(shares),
        winner_end=draw(shares),
        neighbour_end=draw(shares),
        near=draw(st.sampled_from([0.0, 0.3, 2.0])),
        age=draw(st.sampled_from([1, 2, 3, 8, 20, 1000])),
        split=draw(st.sampled_from([0.3, 0.5, 1.0])),
        decay=draw(st.sampled_from([0.9, 0.99, 1.0])),
        measure=draw(st.sampled_from([SQUARED, DISTANCE, WINS])),
    )


def density(seed):
    """Pixels of several tones, most of them blank."""
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 4, (SIDE, SIDE)) * (rng.random((SIDE, SIDE)) < rng.choice([0.03, 0.3, 1]))
    pixels[tuple(rng.integers(0, SIDE, 2))] = 2
    return pixels.astype(np.float32)


class Pair:
    """The same beginnings of a gas for the kernels and for the slow version."""

    def __init__(self, seed, nodes, room, box, core):
        self.seed, self.rng = seed, np.random.default_rng(seed)
        self.ink = ink_of(field_of(density(seed)))
        self.state = chance_of(np.random.SeedSequence(seed))
        self.gas = empty_gas(room, box, core, self.ink.area)
        settle_in(self.gas, self.ink.area)
        self.slow = SlowGas(core)
        self.room = room
        for _ in range(nodes):
            self.add(self.place(), 0.0)

    def place(self):
        """On a border of pixels or anywhere, also a little beyond the box; some are the same."""
        at = self.rng.uniform(-1, SIDE + 1, 2)
        return np.round(at) if self.rng.random() < 0.5 else at

    def add(self, place, error):
        x0, y0, x1, y1 = self.slow.core
        x, y = map(float, place)
        is_own = x0 <= x < x1 and y0 <= y < y1
        assert add_node(self.gas, x, y, error, is_own) == self.slow.add_node(x, y, error, is_own)

    def join(self, edges):
        connect_all(self.gas, np.array(edges, np.int64).reshape(-1, 2))
        for i, j in edges:
            self.slow.connect(int(i), int(j))

    def grow(self, rules, quota, samples, interval, all_move):
        state = self.state.copy()
        done = grow(self.gas, self.ink, rules, self.state, samples, quota, interval, all_move)
        slow_done = self.slow.grow(
            lambda: sample(self.ink, state), rules, samples, quota, interval, all_move, self.room
        )
        assert done == slow_done

    def compare(self):
        gas, slow = self.gas, self.slow
        living = np.flatnonzero(gas.alive)
        assert living.tolist() == slow.living
        for found, expected in (
            (gas.nodes["x"], slow.xs),
            (gas.nodes["y"], slow.ys),
            (gas.errors, slow.errors),
            (gas.nodes["wins"], slow.wins),
            (gas.own, slow.own),
        ):
            assert found[living].tolist() == [expected[i] for i in slow.living]
        assert gas.scale[0] == slow.scale
        assert edges_of(gas).tolist() == sorted(map(sorted, slow.ages))
        assert gas.counts[OWN] == sum(slow.own[i] for i in slow.living)


def tangle(rng, nodes):
    """Edges between any nodes."""
    edges = rng.integers(0, nodes, (2 * nodes, 2))
    return edges[edges[:, 0] != edges[:, 1]]


def star(rng, nodes):
    """Edges between one node and all others."""
    hub = int(rng.integers(nodes))
    return [(hub, i) for i in rng.permutation(nodes) if i != hub]


stages = st.tuples(
    st.sampled_from([0, 1, 10, 40]),  # nodes to add
    st.integers(0, 300),  # samples
    st.sampled_from([1.0, 7.5, 40.0]),  # interval
    st.booleans(),  # whether all may move
)


@settings(max_examples=40, deadline=None)
@given(
    seeds, st.integers(2, 60), st.sampled_from([star, tangle]), learning(), st.sampled_from([0, 3, 6]),
    st.integers(0, 100), st.lists(stages, min_size=1, max_size=4),
)  # fmt: skip
def test_the_gas_is_the_slow_one_bit_for_bit(seed, nodes, edges, rules, halo, room, parts):
    pair = Pair(seed, nodes, nodes + room, (0, 0, SIDE, SIDE), (halo, 0, SIDE, SIDE - halo))
    pair.join(edges(pair.rng, nodes))
    for more, *part in parts:
        pair.grow(rules, int(pair.gas.counts[OWN]) + more, *part)
        pair.compare()
        settle_in(pair.gas, pair.ink.area)


@pytest.mark.parametrize("measure", [SQUARED, DISTANCE, WINS])
def test_so_is_one_of_several_blocks(measure):
    count = 3 * BLOCK + 10
    pair = Pair(measure, 2, count + 2, (0, 0, SIDE, SIDE), (0, 0, SIDE, SIDE))
    pair.join([(0, 1)])
    pair.grow(Rules(0.1, 0.01, 0.0, 0.0, 0.0, 40, 0.5, 0.995, measure), count, 4 * count, 3.0, True)
    assert pair.gas.counts[OWN] == count
    pair.compare()


@pytest.mark.parametrize("seed", range(3))
def test_the_largest_error_is_known_when_the_common_factor_is_multiplied_out(seed):
    count = 3 * BLOCK
    pair = Pair(seed, 0, count + 10, (0, 0, SIDE, SIDE), (0, 0, SIDE, SIDE))
    for error in pair.rng.random(count):
        pair.add(pair.place(), float(error / FAINT))
    pair.gas.scale[0] = pair.slow.scale = FAINT
    pair.join(tangle(pair.rng, count))
    rules = Rules(0.1, 0.01, 0.1, 0.01, 0.0, 80, 0.5, 0.9, SQUARED)
    pair.grow(rules, int(pair.gas.counts[OWN]) + 8, 9, 1.0, True)
    assert pair.slow.scale > 0.1
    pair.compare()


@settings(max_examples=40, deadline=None)
@given(seeds, st.lists(st.integers(0, 2), min_size=2, max_size=2 * BLOCK), st.booleans(), st.integers(1, 40))
def test_a_node_is_born_where_the_error_is_largest(seed, errors, has_edges, births):
    """The errors are those that many share, or none at all; nodes without edges turn to the nearest one."""
    room = len(errors) + births
    pair = Pair(seed, 0, room, (0, 0, SIDE, SIDE), (0, 0, SIDE, SIDE))
    for error in errors:
        pair.add(pair.place(), float(error))
    pair.join(tangle(pair.rng, len(errors)) if has_edges else [])
    rules = Rules(0.1, 0.01, 0.1, 0.01, 0.0, 80, 0.5, 1.0, WINS)
    for _ in range(births):
        insert(pair.gas, rules)
        pair.slow.insert(rules)
    pair.compare()


@settings(max_examples=30)
@given(seeds, st.integers(2, 30), st.integers(0, 300))
def test_edges_join_the_two_nearest_to_two_samples(seed, count, samples):
    pair = Pair(seed, count, count, (0, 0, SIDE, SIDE), (0, 0, SIDE, SIDE))
    pair.join(tangle(pair.rng, count))  # which are forgotten
    state = pair.state.copy()
    field = field_of(density(seed))
    edges = mesh(pair.gas, field, pair.state, samples)
    hits: Counter[tuple[int, ...]] = Counter()
    for x, y in itertools.chain.from_iterable(spread(field, state, samples)):
        hits[tuple(sorted(i for _, i in pair.slow.nearest_two(x, y)))] += 1
    found = [edge for edge, number in hits.items() if number >= 2 and bare(pair, *edge) <= MOST_BARE]
    assert edges.tolist() == sorted(map(list, found))
    assert max(Counter(end for edge in hits for end in edge).values(), default=0) <= LINKS, "there is room"


def bare(pair, i, j):
    """The share of an edge that is beside the ink, by twelve places on it; ink goes on beyond the picture."""
    one, other = (np.array([pair.slow.xs[end], pair.slow.ys[end]], np.float32) for end in (i, j))
    places = [one + (np.float64(k) + 0.5) / 12 * (other - one) for k in range(12)]
    pixels = [np.clip(np.floor(place).astype(int), 0, SIDE - 1) for place in places]
    return np.mean([density(pair.seed)[row, column] == 0 for column, row in pixels])


ROWS, COLUMNS = np.mgrid[:64, :64] + 0.5
RADII = np.hypot(COLUMNS - 32, ROWS - 32)
PICTURES = {
    "ring": (RADII > 18) & (RADII < 28),
    "tones": (COLUMNS / 64) ** 2,
    "shape": (np.abs(COLUMNS - ROWS) < 2) | ((COLUMNS < 30) & (ROWS > 40)),
}


@pytest.mark.parametrize("name", PICTURES)
def test_the_net_is_as_good_as_by_the_steps_of_the_paper(name):
    """Of the same signals: the quantisation error, RMS over all ink, of 200 nodes is the same within 1%."""
    picture = PICTURES[name].astype(np.float32)
    ink, count, interval = ink_of(field_of(picture)), 7000, 30
    rules = Rules(0.1, 0.01, 0.1, 0.01, 0.0, 50, 0.5, 0.995, SQUARED)
    squares = []
    for seed in range(3):
        state = chance_of(np.random.SeedSequence(seed))
        shown = state.copy()
        first, second, *signals = (np.array(sample(ink, shown)) for _ in range(2 + count))
        plain = PlainGas(Learning(0.1, 0.01, 50, interval, 0.5, 0.995), [first, second])
        for signal in signals:
            plain.present(signal, 200)
        gas = seedling(ink, (0, 0, 64, 64), 200, state)
        assert grow(gas, ink, rules, state, count, 200, float(interval), True) == count
        found = np.column_stack([gas.nodes["x"], gas.nodes["y"]])[gas.alive]
        nets = found, [unit.place for unit in plain.units]
        assert [len(places) for places in nets] == [200, 200]
        squares.append([mean_square(picture, places) for places in nets])
    ours, theirs = np.sqrt(np.mean(squares, axis=0))
    assert ours == pytest.approx(theirs, rel=0.01)


def mean_square(picture, places):
    """Of the distance to the nearest place, over the ink, at nine points of each pixel."""
    down, right = np.mgrid[: 3 * 64, : 3 * 64] / 3 + 1 / 6
    distances = cKDTree(places).query(np.column_stack([right.ravel(), down.ravel()]))[0]
    weights = np.repeat(np.repeat(picture, 3, axis=0), 3, axis=1).ravel()
    return np.average(np.square(distances), weights=weights)
