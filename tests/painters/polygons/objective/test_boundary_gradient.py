"""The gradient of a boundary score against differences of an obvious float64 version of it."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.painters.polygons.objective import boundary as score
from engine.painters.polygons.objective.boundary import boundary
from engine.painters.polygons.objective.boundary_gradient import outline_gradient
from engine.painters.polygons.search.annealing import new_scratch

HEIGHT, WIDTH = 24, 28
X0, Y0 = np.float32(3), np.float32(-2)  # the box's place in the window
SOLVED = score.Looks(np.float32(0.1), np.float32(1), np.empty((0, 3), np.float32))
seeds = st.integers(0, 2**32 - 1)


class Field:
    """Smooth random residuals, their table, and outlines whose vertices keep off the rows' centres."""

    def __init__(self, seed, contrast=0.2):
        rng = np.random.default_rng(seed)
        y, x = np.mgrid[0:HEIGHT, 0:WIDTH] / WIDTH
        waves = [np.sin(rng.uniform(1, 4) * x + rng.uniform(1, 4) * y + rng.uniform(0, 6)) for _ in range(7)]
        self.missing = np.array(contrast * np.array(waves[:3]), np.float32)
        self.above = np.zeros((4, HEIGHT, WIDTH), np.float32)
        self.above[3] = 0.7 + 0.3 * waves[6]
        self.passed = np.array((0.5 + 0.4 * np.array(waves[3:6])) * self.above[3], np.float32)
        self.scratch = new_scratch(HEIGHT, WIDTH, 8)
        score.accumulate(self.missing, self.passed, self.above, 0, 0, HEIGHT, self.scratch.table)

    def running_sums(self):
        """What the table holds, in float64: (height, width + 2, 9)."""
        a, p, t = self.missing.astype(float), self.passed.astype(float), self.above[3].astype(float)
        nine = np.array([t * t, *(t * a), *(t * p), (a * p).sum(axis=0), (p * p).sum(axis=0)])
        sums = np.zeros((HEIGHT, WIDTH + 2, 9))
        sums[:, 1:-1] = np.cumsum(nine, axis=2).transpose(1, 2, 0)
        sums[:, -1] = sums[:, -2]
        return sums

    def change(self, sums, points, opacity, colour):
        """The change of squared error with colour and opacity fixed."""
        total = np.zeros(9)
        points = points - [X0, Y0]
        for a, b in zip(points, np.roll(points, -1, axis=0), strict=True):
            for y in range(HEIGHT):
                if (a[1] <= y + 0.5) != (b[1] <= y + 0.5):
                    x = np.clip(a[0] + (y + 0.5 - a[1]) * (b[0] - a[0]) / (b[1] - a[1]), 0, WIDTH)
                    column = int(x)
                    here = sums[y, column] + (x - column) * (sums[y, column + 1] - sums[y, column])
                    total += here * (1 if b[1] > a[1] else -1)
        total *= np.sign(total[0])
        tt, ta, tp, ap, pp = total[0], total[1:4], total[4:7], total[7], total[8]
        linear = ap - colour @ ta
        return 2 * opacity * linear + opacity**2 * (pp - 2 * colour @ tp + colour @ colour * tt)

    def solve(self, points):
        sums = self.scratch.sums[0]
        boundary(self.scratch.table, WIDTH, HEIGHT, points, X0, Y0, -1, sums, sums)
        return score.solve(sums, len(points) * 16, SOLVED)

    def gradient(self, points):
        gradient = np.full(points.shape, 7, np.float32)
        arguments = (points, X0, Y0, self.solve(points), gradient, self.scratch.sums[1])
        outline_gradient(self.scratch.table, WIDTH, HEIGHT, *arguments)
        return gradient


def outline(seed, vertices):
    """A star around a place that may be near a side, so that some edges leave the box; turning either way."""
    rng = np.random.default_rng(seed)
    angles = 2 * np.pi * (np.arange(vertices) + 0.6 * rng.random(vertices)) / vertices
    lengths = rng.uniform(4, 14, (vertices, 1))
    centre = rng.uniform((X0 + 2, Y0 + 2), (X0 + WIDTH - 2, Y0 + HEIGHT - 2))
    points = centre + lengths * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return points[:: rng.choice([-1, 1])].astype(np.float32)


@settings(max_examples=60, deadline=None)
@given(seeds, st.integers(3, 6))
def test_the_gradient_is_that_of_the_change(seed, vertices):
    """Both sides of a central difference see the same rows: vertices keep off the rows' centres."""
    points, field = outline(seed, vertices), Field(seed)
    assume((abs(points[:, 1] % 1 - 0.5) > 0.01).all())
    _, opacity, *colour = field.solve(points)
    sums, step = field.running_sums(), 0.003
    found = field.gradient(points)
    for v, axis in np.ndindex(points.shape):
        shift = np.zeros(points.shape)
        shift[v, axis] = step
        above, below = (
            field.change(sums, points + way * shift, float(opacity), np.array(colour, float))
            for way in (1, -1)
        )
        # Where a crossing passes into the next pixel the score has a kink, as high as the pixels differ.
        assert found[v, axis] == pytest.approx((above - below) / (2 * step), abs=0.03, rel=0.02)


def test_the_solved_colour_and_opacity_may_be_taken_as_fixed():
    """Along any direction the solved change moves as the gradient says, where no colour is clipped."""
    differences, expected = [], []
    for seed in range(400):
        points, field = outline(seed, 4), Field(seed, contrast=0.05)
        _, _, *colour = field.solve(points)
        if min(colour) < 0.05 or max(colour) > 0.95:
            continue
        way = np.random.default_rng(seed).normal(size=points.shape).astype(np.float32)
        step = np.float32(0.05)
        above, below = (field.solve(points + side * way)[0] for side in (step, -step))
        differences.append((above - below) / (2 * step))
        expected.append((field.gradient(points) * way).sum())
    assert len(expected) > 20
    assert np.corrcoef(differences, expected)[0, 1] > 0.99
    assert np.polyfit(expected, differences, 1)[0] == pytest.approx(1, abs=0.05)


def test_an_outline_beyond_the_box_has_no_gradient():
    field = Field(1)
    beyond = np.array([(80, 4), (90, 6), (84, 12)], np.float32)
    np.testing.assert_array_equal(field.gradient(beyond), 0)
