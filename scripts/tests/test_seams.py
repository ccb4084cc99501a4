"""The bench's measure of seams on made-up fields of error."""

import numpy as np
import pytest

from scripts.benches.seams import borders, jumps, seam

SIDE, LINES = 256, (64, 128, 192)


def painted(seed, trend=0.0):
    """A target and a result that differ by smooth noise, stronger to the right by `trend`."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(0, 1, (SIDE + 4, SIDE + 4, 3))
    smooth = sum(noise[y : y + SIDE, x : x + SIDE] for y in range(5) for x in range(5))
    strength = 4 * (1 + trend * np.linspace(-0.5, 0.5, SIDE))[None, :, None]
    result = (128 + strength * smooth).clip(0, 255).astype(np.uint8)
    return result, np.full_like(result, 128)


def ratios(pictures, measure, axis):
    return [seam(measure(*pair, axis), LINES).ratio for pair in pictures]


@pytest.mark.parametrize("measure", [jumps, borders])
@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("trend", [0.0, 1.5])
def test_without_seams_the_measure_is_one_in_expectation(measure, axis, trend):
    found = ratios([painted(seed, trend) for seed in range(40)], measure, axis)
    assert np.mean(found) == pytest.approx(1, abs=4 * np.std(found) / 40**0.5)
    assert np.mean(found) == pytest.approx(1, abs=0.03)


@pytest.mark.parametrize("axis", [0, 1])
def test_a_step_along_lines_of_one_direction_shows_in_that_direction_only(axis):
    result, target = painted(0)
    offsets = np.repeat([0, 25, 0, 25], SIDE // 4).astype(np.uint8)
    stepped = result + (offsets[None, :, None] if axis == 1 else offsets[:, None, None])
    across = seam(jumps(stepped, target, axis), LINES)
    along = seam(jumps(stepped, target, 1 - axis), LINES)
    assert across.ratio > 1.5
    assert across.rank < 0.02
    assert along.ratio < 1.25


@pytest.mark.parametrize("axis", [0, 1])
def test_worse_borders_show(axis):
    result, target = painted(0)
    near = np.zeros(SIDE, bool)
    for line in LINES:
        near[line - 2 : line + 2] = True
    worse = near[None, :, None] if axis == 1 else near[:, None, None]
    doubled = np.where(worse, 128 + 2 * (result.astype(int) - 128), result).clip(0, 255).astype(np.uint8)
    assert seam(borders(doubled, target, axis), LINES).ratio == pytest.approx(
        2 * seam(borders(result, target, axis), LINES).ratio, rel=0.05
    )


def test_a_profile_is_that_of_the_plain_definition():
    result, target = painted(3)
    error, x = result.astype(float) - target, 77
    steps = [
        abs(error[y : y + 16, x : x + 2, c].mean() - error[y : y + 16, x - 2 : x, c].mean())
        for y in range(0, SIDE, 16)
        for c in range(3)
    ]
    assert jumps(result, target, 1)[x] == pytest.approx(np.mean(steps))
    assert borders(result, target, 1)[x] == pytest.approx(np.abs(error[:, x - 2 : x + 2]).mean())


def test_pictures_without_lines_or_errors_have_no_seams():
    result, target = painted(0)
    assert seam(jumps(result, target, 0), ()).ratio == 1
    assert seam(jumps(target, target, 0), LINES).ratio == 1
