"""Ticks, thinned curves and whole plots, on any numbers."""

import math
import xml.etree.ElementTree as ET
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.formatting import short_number
from engine.report.plots import (
    LEFT,
    RIGHT,
    WIDTH,
    Chart,
    Linear,
    Logarithmic,
    from_zero,
    padded,
    scale_of,
    simplified,
    to_svg,
)

magnitudes = st.floats(1e-9, 1e12)
counts = st.integers(2, 12)


def digits(value):
    """The significant ones of a number's shortest form."""
    return f"{abs(value):.9e}".partition("e")[0].replace(".", "").rstrip("0")


@given(low=st.floats(-1e9, 1e9), width=magnitudes, most=counts)
@example(low=0.1, width=0.2, most=7)
@example(low=0.0, width=1.0, most=2)
def test_linear_ticks_are_round_and_in_the_range(low, width, most):
    high = low + width
    if high - low < 1e-6 * max(abs(low), abs(high)):  # hardly a range
        return
    ticks = Linear(low, high).ticks(most)
    assert 1 <= len(ticks) <= most
    assert all(low <= tick <= high for tick in ticks)
    assert all(a < b for a, b in pairwise(ticks))
    steps = [b - a for a, b in pairwise(ticks)]
    assert steps == pytest.approx([steps[0]] * len(steps) if steps else [], rel=1e-6)
    assert not steps or f"{steps[0]:.0e}"[0] in "125"
    assert all(float(f"{tick:.9g}") == tick for tick in ticks), "nothing to write but round numbers"


@given(low=magnitudes, ratio=st.floats(1.001, 1e12), most=st.integers(4, 12))
@example(low=0.0342, ratio=9.0, most=7)
@example(low=1.0, ratio=1000.0, most=7)
def test_logarithmic_ticks_are_round_and_in_the_range(low, ratio, most):
    high = low * ratio
    ticks = Logarithmic(low, high).ticks(most)
    assert 2 <= len(ticks) <= most + 1
    assert all(low <= tick <= high for tick in ticks)
    assert all(a < b for a, b in pairwise(ticks))
    if ratio > 30:
        assert all(digits(tick) in "123456789" for tick in ticks)
        assert min(math.log(b / a) for a, b in pairwise(ticks)) >= 0.999 * math.log(ratio) / (most + 1)


def test_ticks_as_one_would_choose_them():
    assert Linear(0, 1000).ticks(3) == [0, 500, 1000]
    assert Linear(0, 5.96).ticks() == [0, 1, 2, 3, 4, 5]
    assert Logarithmic(0.031, 0.34).ticks() == [0.05, 0.1, 0.2]
    assert Logarithmic(11_061, 4_323_310).ticks() == [30_000, 100_000, 300_000, 1e6, 3e6]
    assert Logarithmic(1, 1e12).ticks(4) == [1, 1e4, 1e8, 1e12]
    assert Logarithmic(0.041, 0.044).ticks(4) == [0.041, 0.042, 0.043, 0.044]


def test_numbers_are_short():
    numbers = (0, 0.05, 1e-5, 800, 2000, 20_000, 1.5e6, 3e9, 2e12, -40_000)
    assert [short_number(number) for number in numbers] == [
        "0", "0.05", "1e-05", "800", "2,000", "20 k", "1.5 M", "3 G", "2 T", "-40 k",
    ]  # fmt: skip


def test_a_scale_shows_most_of_its_values():
    assert scale_of([0.3, 0.03]) == Logarithmic(0.03, 0.3)
    assert scale_of([0.3, 0.2]) == Linear(0, 0.3)
    assert scale_of([0.3, 0.0]) == Linear(0, 0.3)
    assert scale_of([0.0]) == from_zero([0.0]) == Linear(0, 1)
    wider = padded(Logarithmic(1, 100))
    assert 0 < wider.share(1) < wider.share(10) < wider.share(100) < 1
    assert wider.share(10) == pytest.approx(0.5)


points = st.lists(st.tuples(st.floats(0, 500), st.floats(0, 300)), min_size=1, max_size=60)


@given(points=points, tolerance=st.floats(0.1, 50))
def test_a_thinned_line_is_nowhere_far_from_the_points(points, tolerance):
    line = simplified(points, tolerance)
    assert (line[0], line[-1]) == (points[0], points[-1])
    left = iter(points)
    assert all(point in left for point in line), "some of them, in their order"
    for point in points:
        assert min(distance(point, a, b) for a, b in pairwise([line[0], *line])) <= tolerance + 1e-9


def distance(point, a, b):
    """From a stretch between two points, by looking at many places on it."""
    way = np.linspace(0, 1, 2001)[:, None]
    line = (1 - way) * np.array(a) + way * np.array(b)
    step = math.dist(a, b) / 2000
    return np.hypot(*(line - point).T).min() - step


def test_what_a_line_does_not_need_goes():
    straight = [(float(x), 2.0 * x) for x in range(500)]
    assert simplified(straight, 0.3) == [straight[0], straight[-1]]
    corner = [(float(x), 0.0) for x in range(50)] + [(49.0, float(y)) for y in range(1, 50)]
    assert simplified(corner, 0.3) == [(0, 0), (49, 0), (49, 49)]


def test_a_plot_is_valid_and_says_what_it_shows():
    plot = Chart(
        "A < B", 'falls & "rises"', "time", "error", Linear(0, 10), Linear(0, 1), [(0, 1), (10, 0)], "0"
    )
    root = ET.fromstring(to_svg(plot, "it"))
    assert root.attrib["aria-labelledby"] == "it-title it-about"
    texts = {element.attrib.get("id"): element.text for element in root}
    assert (texts["it-title"], texts["it-about"]) == ("A < B", 'falls & "rises"')
    curve = next(element for element in root if element.attrib.get("class") == "curve")
    numbers = [float(number) for number in curve.attrib["d"].removeprefix("M").split()]
    assert numbers[0] == LEFT
    assert numbers[2] == WIDTH - RIGHT
    assert numbers[1] < numbers[3], "down is less"
