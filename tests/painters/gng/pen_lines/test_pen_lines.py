"""Nets that become strokes of a pen: along ridges of ink, through crossings, in few smooth curves."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components
from scipy.spatial import Delaunay, cKDTree

from engine.painters.gng.grow_once import net_of
from engine.painters.gng.pen_lines.graph import near, without_short_cycles
from engine.painters.gng.pen_lines.pen_lines import Stroke, strokes_of
from engine.painters.gng.pen_lines.ridge import nodes_for, ridge
from tests.doubles.signatures import drawn, evenly, signature

SPACING = 3.0


def along(stroke: Stroke) -> NDArray[np.float64]:
    """Points on a stroke, a quarter of a pixel apart."""
    part = np.linspace(0, 1, 20)[None, :, None]
    first, middle, last = (stroke.pieces()[:, at, None].astype(float) for at in range(3))
    curves = (1 - part) ** 2 * first + 2 * part * (1 - part) * middle + part**2 * last
    return evenly(curves.reshape(-1, 2))


def length(stroke: Stroke) -> float:
    return float(np.hypot(*np.diff(along(stroke), axis=0).T).sum())


def apart(points, others) -> NDArray[np.float64]:
    """How far each point is from the nearest of the others."""
    return cKDTree(others).query(points)[0]


def line(*corners, spacing=SPACING):
    """Nodes along a polyline, and edges that join them."""
    steps = np.hypot(*np.diff(np.array(corners, float), axis=0).T)
    total = np.append(0, np.cumsum(steps))
    at = np.linspace(0, total[-1], round(total[-1] / spacing) + 1)
    nodes = np.column_stack([np.interp(at, total, np.array(corners, float)[:, axis]) for axis in (0, 1)])
    first = np.arange(len(nodes) - 1)
    return nodes, np.column_stack([first, first + 1])


def circle(radius, nodes):
    """Nodes on a circle, around (100, 100), and edges that join them to a ring."""
    angles = np.arange(nodes) * 2 * np.pi / nodes
    first = np.arange(nodes)
    points = 100 + radius * np.column_stack([np.cos(angles), np.sin(angles)])
    return points, np.column_stack([first, (first + 1) % nodes])


def net(*lines):
    """One net of several lines: nodes in the same place are one."""
    points = np.concatenate([nodes for nodes, _ in lines])
    starts = np.cumsum([0, *(len(nodes) for nodes, _ in lines)])
    edges = np.concatenate([pairs + start for (_, pairs), start in zip(lines, starts, strict=False)])
    return points.astype(np.float32), edges.astype(np.int64)


def bends(stroke: Stroke) -> NDArray[np.float64]:
    """By how many degrees a stroke turns from each piece to the next."""
    pieces = stroke.pieces().astype(float)
    before, after = pieces[:-1, 2] - pieces[:-1, 1], pieces[1:, 1] - pieces[1:, 0]
    turned = np.arctan2(*after.T[::-1]) - np.arctan2(*before.T[::-1])
    return np.abs(np.degrees((turned + np.pi) % (2 * np.pi) - np.pi))


# Ridges


@pytest.mark.parametrize("width", [2, 3, 5, 8, 12])
def test_a_ridge_lies_in_the_middle_of_a_stroke_whatever_its_width(width):
    middle, radius = np.array([60.3, 59.6]), 40
    rows, columns = np.mgrid[0:480, 0:480] / 4 + 0.125
    away = np.hypot(columns - middle[0], rows - middle[1]) - radius
    ink = (np.abs(away) < width / 2).reshape(120, 4, 120, 4).mean(axis=(1, 3)).astype(np.float32)
    density = ridge(0.1 + 0.7 * ink)
    assert density.dtype == np.float32
    assert density.shape == ink.shape
    assert (density[ink > 0.5] > 0).all()
    assert not density[np.abs(away[2::4, 2::4]) > width / 2 + 3].any()
    y, x = np.nonzero(density > 0.01)
    off = np.hypot(x + 0.5 - middle[0], y + 0.5 - middle[1]) - radius
    assert abs(np.average(off, weights=density[y, x])) < 0.1
    assert np.average(np.abs(off), weights=density[y, x]) < 0.45
    assert np.abs(off).max() < 1.8
    assert density.sum() == pytest.approx(2 * np.pi * radius, rel=0.15)
    assert nodes_for(density) == round(float(density.sum()) / SPACING)


def test_a_ridge_of_nothing_and_of_ink_up_to_the_borders():
    assert not ridge(np.zeros((20, 30), np.float32)).any()
    assert nodes_for(np.zeros((20, 30), np.float32)) == 2
    stripe = np.zeros((20, 30), np.float32)
    stripe[8:13] = 1
    density = ridge(stripe)
    assert density[10, 5:25].min() > 0.9
    assert not density[[6, 14]].any()


# Nets


def test_a_line_is_one_stroke_of_few_pieces():
    (stroke,) = strokes_of(*net(line((10, 10), (130, 70))))
    assert len(stroke.pieces()) == 1
    assert not stroke.closed
    ends = sorted(stroke.points[[0, -1]].tolist())
    np.testing.assert_allclose(ends, [[10, 10], [130, 70]], atol=0.3)


def test_a_ring_is_one_closed_stroke_without_a_corner():
    (stroke,) = strokes_of(*net(circle(40, 84)))
    assert stroke.closed
    assert (stroke.points[0] == stroke.points[-1]).all()
    assert np.abs(np.hypot(*(along(stroke) - 100).T) - 40).max() < 0.5
    assert len(stroke.pieces()) <= 16
    again = Stroke(np.concatenate([stroke.points, stroke.points[1:]]), True)
    assert bends(again).max() < 0.1


def test_strokes_go_straight_through_a_crossing():
    cross = strokes_of(
        *net(line((10, 10), (100, 100)), line((10, 100), (100, 10)), line((10, 55), (100, 55)))
    )
    assert len(cross) == 3
    for stroke in cross:
        assert length(stroke) == pytest.approx(np.hypot(*(stroke.points[-1] - stroke.points[0])), rel=0.01)
    corner = strokes_of(*net(line((10, 50), (100, 50)), line((55, 50), (55, 110))))
    assert sorted(round(length(stroke), -1) for stroke in corner) == [60, 90]


def test_lines_that_run_together_for_a_while_are_gone_along_twice():
    shared = line((60, 50), (90, 50))
    arms = [line(end, (60, 50)) for end in [(0, 65), (0, 35)]] + [
        line((90, 50), end) for end in [(150, 65), (150, 35)]
    ]
    strokes = strokes_of(*net(shared, *arms))
    assert len(strokes) == 2
    for stroke in strokes:
        first, last = sorted(stroke.points[[0, -1]].tolist())
        assert (first[0], last[0]) == pytest.approx((0, 150), abs=1)
        assert abs(first[1] - last[1]) == pytest.approx(30, abs=1)  # each to the other side
    assert apart(np.array([[75, 50]]), along(strokes[0]))[0] < 1


def test_the_pen_goes_back_on_its_own_line():
    (stroke,) = strokes_of(*net(line((10, 10), (30, 70)), line((30, 70), (30, 88)), line((30, 70), (50, 10))))
    assert apart(np.array([[30, 88], [10, 10], [50, 10]]), along(stroke)).max() < 1
    assert bends(stroke).max() > 120


def test_what_frays_is_left_out():
    nodes, edges = line((10, 50), (130, 50))
    frayed = np.concatenate([nodes, [[60.5, 53], [80.5, 48]], [[129, 51.5]]])
    more = np.array([[17, 41], [23, 42], [24, 42], [39, 43], [40, 43]])  # a spur, an ear, and a blunt end
    (stroke,) = strokes_of(frayed.astype(np.float32), np.concatenate([edges, more]))
    assert np.abs(along(stroke)[:, 1] - 50).max() < 1.6
    assert np.abs(along(stroke)[20:-20, 1] - 50).max() < 0.5


def test_stray_edges_join_nothing_and_dots_stay():
    nodes, edges = line((10, 50), (130, 50))
    dots = np.array([[70, 20], [100, 20], [102, 21], [30, 20]])  # a dot, a dot of two nodes, and a node alone
    joined = np.array([[20, 41], [42, 43], [20, 42]])
    long, *short = strokes_of(
        np.concatenate([nodes, dots]).astype(np.float32), np.concatenate([edges, joined])
    )
    assert np.abs(along(long)[:, 1] - 50).max() < 0.1
    middles = np.array([along(stroke).mean(axis=0) for stroke in short])
    assert len(short) == 2
    assert apart([[70, 20], [101, 20.5]], middles).max() < 0.01
    assert all(1 < length(stroke) < 4 for stroke in short)


def test_no_net_no_strokes():
    none = np.empty((0, 2), np.int64)
    assert strokes_of(np.empty((0, 2), np.float32), none) == []
    assert strokes_of(np.ones((1, 2), np.float32), none) == []
    assert strokes_of(np.ones((2, 2), np.float32), np.array([[0, 1]])) == []


def test_a_mesh_becomes_long_lines():
    points = np.random.default_rng(0).uniform(0, 500, (5000, 2)).astype(np.float32)
    corners = Delaunay(points).simplices
    edges = np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]]).astype(np.int64)
    strokes = strokes_of(points, edges)
    spacing = 500 / 5000**0.5
    assert np.mean([length(stroke) for stroke in strokes]) > 8 * spacing
    assert apart(points, np.concatenate([along(stroke) for stroke in strokes])).mean() < spacing


def test_a_thin_net_has_no_short_cycles_and_hangs_together():
    points = np.random.default_rng(0).uniform(0, 100, (300, 2))
    corners = Delaunay(points).simplices
    kept = near(points, np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]]))
    thin = without_short_cycles(points, kept)
    joined, before = (_matrix(edges, len(points)) for edges in (thin, kept))
    twice = joined @ joined
    assert not (twice * joined).any()  # no triangles
    assert (twice - np.diag(np.diag(twice)) < 2).all()  # no quads
    touched = joined.any(axis=0)
    assert _parts(joined, touched) == _parts(before, touched)


def _matrix(edges, count):
    joined = np.zeros((count, count), int)
    joined[tuple(edges.T)] = joined[tuple(edges.T[::-1])] = 1
    return joined


def _parts(joined, nodes):
    """How many parts of a net there are that any of some nodes belong to."""
    return len(np.unique(connected_components(joined)[1][nodes]))


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), kind=st.sampled_from(["any", "lattice", "mesh", "ring"]))
def test_any_net_gives_the_same_strokes_at_any_size_in_any_order(seed, kind):
    rng = np.random.default_rng(seed)
    count = int(rng.integers(4, 60))
    points = rng.uniform(0, 30, (count, 2)).astype(np.float32)
    edges = rng.integers(0, count, (int(rng.integers(0, 3 * count)), 2))
    if kind == "lattice":
        points = np.round(points / 4).astype(np.float32) * 4
    elif kind == "mesh":
        corners = Delaunay(points).simplices
        edges = np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]]).astype(np.int64)
    elif kind == "ring":
        edges = np.column_stack([np.arange(count), (np.arange(count) + 1) % count])
    strokes = strokes_of(points, edges)
    order = rng.permutation(count)  # of the nodes: node i is the one that was order[i]
    shuffled = np.argsort(order)[rng.permutation(edges)[:, ::-1]]
    for factor, others in ((1, strokes_of(points[order], shuffled)), (4, strokes_of(4 * points, edges))):
        assert len(strokes) == len(others)
        for stroke, other in zip(strokes, others, strict=True):
            assert np.isfinite(stroke.points).all()
            assert stroke.points.shape[0] % 2 == 1
            assert (factor * stroke.points == other.points).all()


# Signatures


@pytest.mark.parametrize("seed", [2, 4, 9, 12, 20])
def test_signatures_are_written_anew(seed):
    ink, ways, _ = signature(seed)
    density = ridge(ink)
    grown = net_of(density, nodes_for(density), np.random.SeedSequence(0))
    strokes = strokes_of(grown.points, grown.edges)
    assert len(strokes) <= 2 * len(ways)
    found, true = np.concatenate([along(stroke) for stroke in strokes]), np.concatenate(ways)
    assert apart(found, true).mean() <= 0.8
    assert apart(true, found).mean() <= 0.8
    assert (apart(true, found) <= 2).mean() >= 0.94
    for stroke in strokes:
        assert np.median(bends(stroke)) < 0.5 if len(stroke.pieces()) > 1 else True


def test_a_broad_pen_and_a_fine_one_write_the_same():
    rng = np.random.default_rng(0)
    angles = np.linspace(0, 4 * np.pi, 4000)
    waves = evenly(np.column_stack([60 + 16 * angles, 90 + 45 * np.sin(angles)]))
    for pen in (2, 10):
        density = ridge(drawn(rng, [waves], pen, 180, 320))
        grown = net_of(density, nodes_for(density), np.random.SeedSequence(0))
        (stroke,) = strokes_of(grown.points, grown.edges)
        assert apart(along(stroke), waves).mean() < 0.5
        assert apart(waves, along(stroke)).max() < 3
