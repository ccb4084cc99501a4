"""Strokes of cubic curves with round ends in a plot: a line along them, or more."""

import math

import numpy as np
import pytest

from tests.export.plotter.test_plotter import layers, lengths, plot, stroke
from tests.export.strokes import curve, scene


def lines_of(*marks):
    found = list(layers(plot(scene(*marks, height=80, width=120)).svg).values())
    return found[0] if found else []


def ink(*marks):
    return lengths(lines_of(*marks)).sum()


@pytest.mark.parametrize(
    ("mark", "length"),
    [
        (curve((10, 10), (40, 10), (80, 10), (110, 10), width=0.2), 50),
        (curve((10, 10), (40, 10), (80, 10), (110, 10), width=0.6), 50),  # as wide as the pen
        (curve((10, 10), (40, 10), (80, 10), (110, 10), width=20), 2 * 50 + 10 * math.pi),
        (curve((10, 10), (40, 10), (80, 10), (110, 10), width=20, cap="butt"), 2 * 60),
        (curve((50, 40), (50, 40), (50, 40), (50, 40), width=20), 10 * math.pi),
        (
            curve((10, 10), (40, 10), (80, 10), (110, 10), width=1.2),
            2 * 50 + 0.3,
        ),  # two lines, joined
        (
            curve((10, 10), (40, 10), (80, 10), (110, 10), width=1.5),
            3 * 50 + 0.45 + 2 * 0.318,
        ),  # three, of which that in the middle is longer
    ],
)
def test_the_ink_of_known_strokes(mark, length):
    assert ink(mark) == pytest.approx(length, rel=0.004, abs=0.002)


def test_curves_one_after_the_other_are_one_line_that_ends_at_the_page():
    """As a stroke that goes beyond a border of a seamless tile, and another that comes in at the other."""
    wave = ((100, 20), (110, 0), (130, 40), (140, 20))
    shown = lines_of(curve(*wave, width=0.2), curve(*((x - 120, y) for x, y in wave), width=0.2))
    assert len(shown) == 2
    assert sorted(x for line in shown for x in line[[0, -1], 0]) == pytest.approx([10, 20, 60, 70], abs=0.01)
    (line,) = lines_of(curve((20, 40), (20, 20), (50, 20), (50, 40), (50, 60), (80, 60), (80, 40), width=0.2))
    assert len(line) > 20
    assert np.hypot(*(line[[0, -1]] - [(20, 30), (50, 30)]).T).max() < 0.01


def test_what_lies_in_the_hole_of_a_wide_stroke_is_seen():
    loop = [(60, 70), (140, -10), (-20, -10), (60, 70)]
    dot = stroke((58, 25), (62, 25))
    alone = ink(curve(*loop, width=8))
    assert ink(dot, curve(*loop, width=8)) == pytest.approx(alone + 2, abs=0.02)
    crossed = ink(stroke((58, 70), (62, 70)), curve(*loop, width=8))
    assert crossed == pytest.approx(alone, abs=0.02), "but not what lies below it"
