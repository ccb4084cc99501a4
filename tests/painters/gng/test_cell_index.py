"""Nodes are found by place as if all had been looked at."""

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from engine.painters.gng.cell_index import NOBODY, NODE_DTYPE, arrange, nearest_two, new_cell_index
from engine.painters.gng.error import UNIT, distances

seeds = st.integers(0, 2**32 - 1)
spots = st.one_of(
    st.integers(-3, 15).map(float), st.integers(-6, 30).map(lambda n: n / 2), st.floats(-30, 50, width=32)
)
places = st.tuples(spots, spots)


def arranged(places, box, area):
    """A lattice over nodes at these places."""
    nodes = np.zeros(len(places), NODE_DTYPE)
    nodes["x"], nodes["y"] = np.array(places, np.float32).reshape(-1, 2).T
    x0, y0, x1, y1 = box
    cells = new_cell_index(x0, y0, x1, y1, area, len(places))
    arrange(cells, nodes, np.ones(len(places), np.bool_), len(places), area, len(places))
    return cells, nodes


def looked_for(nodes, x, y):
    """The nearest two by looking at all: indices and squared distances, as the kernel gives them."""
    squares = [
        (float(node["x"]) - x) * (float(node["x"]) - x) + (float(node["y"]) - y) * (float(node["y"]) - y)
        for node in nodes
    ]
    ranked = sorted(zip(squares, range(len(nodes)), strict=True))
    (near, first), (far, second) = [*ranked, (np.inf, NOBODY), (np.inf, NOBODY)][:2]
    return first, near, second, far


@given(
    st.lists(places, max_size=40), st.lists(st.tuples(places, st.booleans()), min_size=1, max_size=20),
    st.sampled_from([(0, 0, 12, 12), (0, 0, 1, 40), (-3, 2, 9, 5), (0, 0, 0.5, 0.5)]),
    st.sampled_from([144.0, 10.0, 0.5]),
)  # fmt: skip
@example([(3.0, 3.0)] * 5, [((3.0, 3.0), False)], (0, 0, 12, 12), 144.0)
@example([(2.0, 2.0), (1.0, 1.0), (2.0, 1.0), (1.0, 2.0)], [((1.5, 1.5), False)], (0, 0, 12, 12), 10.0)
def test_the_nearest_two_are_those_that_are_found_by_looking_at_all(places, looks, box, area):
    cells, nodes = arranged(places, box, area)
    for (x, y), is_at_a_node in looks:
        if is_at_a_node and places:
            x, y = map(float, nodes[int(x) % len(nodes)][["x", "y"]])
        assert nearest_two(cells.heads, cells.place, nodes, x, y) == looked_for(nodes, x, y)


@given(seeds, st.integers(2, 300))
def test_so_it_is_among_many(seed, count):
    rng = np.random.default_rng(seed)
    spread = rng.choice([0.2, 3, 10])
    area = float(rng.choice([400, 30]))
    cells, nodes = arranged(rng.normal(10, spread, (count, 2)), (0, 0, 20, 20), area)
    for x, y in rng.normal(10, 2 * spread, (20, 2)):
        assert nearest_two(cells.heads, cells.place, nodes, x, y) == looked_for(nodes, x, y)


def test_a_dot_on_a_large_sheet_needs_no_more_cells():
    assert len(new_cell_index(0, 0, 40_000, 40_000, 1.0, 5000).heads) <= 64 * 5000
    cells, nodes = arranged([(7.0, 9.0), (7.5, 9.0), (7.0, 9.5)], (0, 0, 40_000, 40_000), 1.0)
    assert nearest_two(cells.heads, cells.place, nodes, 7.2, 9.1)[::2] == (0, 1)


@given(
    seeds, st.lists(places, max_size=30), st.integers(1, 4), st.integers(1, 40),
    st.tuples(st.integers(0, 40), st.integers(0, 40)),
)  # fmt: skip
def test_distances_are_added_up_cell_by_cell(seed, places, step, longest, corner):
    rng = np.random.default_rng(seed)
    ys, xs = (np.cumsum([0, *rng.integers(1, 7, rng.integers(1, 4))]) for _ in range(2))
    size = ys[-1], xs[-1]
    weights = (rng.integers(0, 65536, size) * rng.integers(0, 2, size)).astype(np.uint16)
    at = np.array(places, np.float32).reshape(-1, 2)
    found = distances(at, weights, corner, (ys.tolist(), xs.tolist()), longest, step)
    expected = np.zeros((len(ys) - 1, len(xs) - 1), int)
    for y, x in np.ndindex(weights.shape):
        column, row = corner[0] + x, corner[1] + y
        if column % step == row % step == step // 2:
            centre = np.array([column + 0.5, row + 0.5])
            square = min([*((at - centre) ** 2).sum(axis=1), longest**2])
            cell = np.searchsorted(ys, y, "right") - 1, np.searchsorted(xs, x, "right") - 1
            expected[cell] += (int(weights[y, x]) // 256) * int(square * UNIT) * step**2
    assert found.tolist() == expected.tolist()
