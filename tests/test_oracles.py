"""Kernels against slow, obvious versions of the same thing, on random inputs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.kernels.simd import LANES
from engine.painters.polygons.objective import boundary as score
from engine.painters.polygons.search.annealing import new_scratch
from engine.scene.raster import SPAN_DTYPE

HEIGHT, WIDTH = 12, 14
seeds = st.integers(0, 2**32 - 1)
coordinates = st.floats(-4, 18, width=32)
FREE = np.empty((0, 3), np.float32)
SOLVED = score.Looks(np.float32(0.1), np.float32(1), FREE)
opacities = st.lists(st.floats(0.015625, 1, width=32).map(np.float32), min_size=2, max_size=2).map(sorted)
outlines = st.integers(3, 6).flatmap(
    lambda n: st.lists(st.tuples(coordinates, coordinates), min_size=n, max_size=n)
)


class Stack:
    """A random target with random layers below and above, and the tables that score one between them."""

    def __init__(self, seed, channels=3):
        rng = np.random.default_rng(seed)
        self.target = rng.random((channels, HEIGHT, WIDTH), np.float32)
        self.below = rng.random((channels, HEIGHT, WIDTH), np.float32)
        self.above = rng.random((channels + 1, HEIGHT, WIDTH), np.float32)
        self.above[:channels] *= 1 - self.above[channels]
        self.missing = np.empty_like(self.target)
        self.passed = np.empty_like(self.target)
        self.table = new_scratch(HEIGHT, WIDTH, 3).table
        score.residuals(self.target, self.below, self.above, 0, 0, self.missing, self.passed)
        score.accumulate(self.missing, self.passed, self.above, 0, 0, HEIGHT, self.table)

    def sums(self, points):
        points = np.array(points, np.float32)
        total = np.zeros(9)
        one = np.zeros(LANES, np.float32)
        for a, b in zip(points, np.roll(points, -1, axis=0), strict=True):
            score.edge_sum(self.table, WIDTH, HEIGHT, a[0], a[1], b[0], b[1], one, 0)
            total += one[:9]
        return total

    def squared_error(self, coverage, opacity, colour, weights=1.0):
        """Draw all layers in the obvious way and compare with the target."""
        alpha = opacity * coverage
        shown = self.below * (1 - alpha) + np.reshape(colour, (-1, 1, 1)) * alpha
        final = self.above[:-1] + self.above[-1] * shown
        return float(np.sum(weights * (self.target - final) ** 2, dtype=np.float64))


def row_coverage(points):
    """Signed horizontal coverage at the rows' centres: what boundary sums integrate, by plain clipping."""
    coverage = np.zeros((HEIGHT, WIDTH))
    columns = np.arange(WIDTH)
    outline = np.array(points, np.float32)
    for a, b in zip(outline, np.roll(outline, -1, axis=0), strict=True):
        for y in range(HEIGHT):
            if (a[1] <= y + 0.5) != (b[1] <= y + 0.5):
                x = a[0] + (y + 0.5 - a[1]) * (b[0] - a[0]) / (b[1] - a[1])
                coverage[y] += np.clip(x - columns, 0, 1) * (1 if b[1] > a[1] else -1)
    return coverage


@settings(max_examples=80, deadline=None)
@given(seeds, outlines)
def test_boundary_sums_are_sums_over_the_inside(seed, points):
    stack = Stack(seed)
    inside = row_coverage(points)
    a, p, t = stack.missing, stack.passed, stack.above[3]
    expected = [
        (inside * t * t).sum(),
        *(inside * t * a).sum(axis=(1, 2)),
        *(inside * t * p).sum(axis=(1, 2)),
        (inside * (a * p).sum(axis=0)).sum(),
        (inside * (p * p).sum(axis=0)).sum(),
    ]
    np.testing.assert_allclose(stack.sums(points), expected, atol=2e-3)


@settings(max_examples=60, deadline=None)
@given(seeds, opacities, st.integers(0, 9), st.integers(0, 9), st.integers(1, 8), st.integers(1, 8))
def test_the_change_is_that_of_the_drawn_picture_and_no_colour_or_opacity_is_better(seed, ends, x, y, w, h):
    """On whole pixels boundary sums are exact, so that the drawn picture is the judge."""
    stack, looks = Stack(seed), score.Looks(ends[0], ends[1], FREE)
    points = [(x, y), (x + w, y), (x + w, y + h), (x, y + h)]
    coverage = np.zeros((HEIGHT, WIDTH))
    coverage[y : y + h, x : x + w] = 1
    sums = np.zeros(LANES, np.float32)
    sums[:9] = stack.sums(points)
    if coverage.sum() == 0 or sums[0] < 0.01:
        return
    change, opacity, *colour = score.solve(sums, 0, looks)
    without = stack.squared_error(coverage, 0, colour)
    assert stack.squared_error(coverage, opacity, colour) - without == pytest.approx(change, abs=2e-3)
    assert looks.lowest <= opacity <= looks.highest
    assert all(0 <= part <= 1 for part in colour)
    rng = np.random.default_rng(seed)
    for _ in range(100):
        other = stack.squared_error(coverage, rng.uniform(*ends), rng.random(3)) - without
        assert change <= other + 2e-3


@settings(max_examples=60, deadline=None)
@given(seeds, opacities, st.integers(1, 5), st.integers(0, 9), st.integers(0, 9))
def test_no_colour_of_a_palette_with_any_opacity_is_better(seed, ends, count, x, y):
    stack, rng = Stack(seed), np.random.default_rng(seed)
    palette = rng.random((count, 3), np.float32)
    points = [(x, y), (x + 4, y), (x + 4, y + 3), (x, y + 3)]
    coverage = np.zeros((HEIGHT, WIDTH))
    coverage[y : y + 3, x : x + 4] = 1
    sums = np.zeros(LANES, np.float32)
    sums[:9] = stack.sums(points)
    change, opacity, *colour = score.solve(sums, 0, score.Looks(ends[0], ends[1], palette))
    assert colour in palette.tolist()
    assert ends[0] <= opacity <= ends[1]
    without = stack.squared_error(coverage, 0, colour)
    assert stack.squared_error(coverage, opacity, colour) - without == pytest.approx(change, abs=2e-3)
    for other in palette:
        for share in np.linspace(ends[0], ends[1], 30):
            assert change <= stack.squared_error(coverage, share, other) - without + 2e-3


@settings(max_examples=40, deadline=None)
@given(seeds, opacities)
def test_with_weights_the_change_is_that_of_the_weighted_error(seed, ends):
    stack, rng = Stack(seed), np.random.default_rng(seed)
    weights = rng.random((HEIGHT, WIDTH), np.float32)
    through = stack.above.copy()
    score.weigh(np.sqrt(weights)[None], 0, 0, through, stack.missing, stack.passed)
    score.accumulate(stack.missing, stack.passed, through, 0, 0, HEIGHT, stack.table)
    coverage = np.zeros((HEIGHT, WIDTH))
    coverage[3:8, 2:9] = 1
    sums = np.zeros(LANES, np.float32)
    sums[:9] = stack.sums([(2, 3), (9, 3), (9, 8), (2, 8)])
    change, opacity, *colour = score.solve(sums, 0, score.Looks(ends[0], ends[1], FREE))
    without = stack.squared_error(coverage, 0, colour, weights)
    drawn = stack.squared_error(coverage, opacity, colour, weights)
    assert drawn - without == pytest.approx(change, abs=2e-3)
    for _ in range(100):
        other = stack.squared_error(coverage, rng.uniform(*ends), rng.random(3), weights) - without
        assert change <= other + 2e-3
    spans = np.zeros(5, SPAN_DTYPE)
    spans["y"], spans["x0"], spans["x1"], spans["cover"] = np.arange(3, 8), 2, 9, 1
    tint = np.array(colour, np.float32)
    exact = score.true_change(stack.missing, stack.passed, through, spans, 5, tint, np.float32(opacity))
    assert exact == pytest.approx(change, abs=2e-3)


@settings(max_examples=40, deadline=None)
@given(seeds, opacities)
def test_with_transparency_the_change_is_that_of_colours_and_the_paper(seed, ends):
    stack, rng = Stack(seed, channels=4), np.random.default_rng(seed)
    sqrt_weights = rng.random((2, HEIGHT, WIDTH), np.float32)
    sqrt_weights[0] *= rng.integers(2)  # perhaps no colour counts
    weights = sqrt_weights[[0, 0, 0, 1]] ** 2
    through = stack.above.copy()
    score.weigh(sqrt_weights, 0, 0, through, stack.missing, stack.passed)
    score.accumulate(stack.missing, stack.passed, through, 0, 0, HEIGHT, stack.table)
    coverage = np.zeros((HEIGHT, WIDTH))
    coverage[3:8, 2:9] = 1
    sums = np.zeros(LANES, np.float32)
    sums[:9] = stack.sums([(2, 3), (9, 3), (9, 8), (2, 8)])
    change, opacity, *colour = score.solve(sums, 0, score.Looks(ends[0], ends[1], FREE))
    without = stack.squared_error(coverage, 0, [*colour, 0], weights)
    drawn = stack.squared_error(coverage, opacity, [*colour, 0], weights)
    assert drawn - without == pytest.approx(change, abs=2e-3)
    for _ in range(100):
        other = stack.squared_error(coverage, rng.uniform(*ends), [*rng.random(3), 0], weights) - without
        assert change <= other + 2e-3
    spans = np.zeros(5, SPAN_DTYPE)
    spans["y"], spans["x0"], spans["x1"], spans["cover"] = np.arange(3, 8), 2, 9, 1
    tint = np.array([*colour, 0], np.float32)
    exact = score.true_change(stack.missing, stack.passed, through, spans, 5, tint, np.float32(opacity))
    assert exact == pytest.approx(change, abs=2e-3)


@settings(max_examples=40, deadline=None)
@given(seeds)
def test_orientation_does_not_matter(seed):
    stack = Stack(seed)
    points = np.random.default_rng(seed).uniform(0, 12, (3, 2)).astype(np.float32)
    forwards, backwards = np.zeros(LANES, np.float32), np.zeros(LANES, np.float32)
    forwards[:9], backwards[:9] = stack.sums(points), stack.sums(points[::-1])
    np.testing.assert_allclose(score.solve(forwards, 0, SOLVED), score.solve(backwards, 0, SOLVED), atol=1e-3)


@settings(max_examples=40, deadline=None)
@given(seeds, st.integers(0, 13), st.integers(0, 11), st.integers(0, 11))
def test_rebuilding_a_part_of_the_table_is_building_it_all(seed, x0, y0, y1):
    stack = Stack(seed)
    y0, y1 = min(y0, y1), max(y0, y1)
    stack.missing[:, y0:y1, x0:] *= 0.5
    score.accumulate(stack.missing, stack.passed, stack.above, x0, y0, y1, stack.table)
    whole = np.empty_like(stack.table)
    score.accumulate(stack.missing, stack.passed, stack.above, 0, 0, HEIGHT, whole)
    np.testing.assert_allclose(stack.table, whole, atol=1e-5)
