"""Strokes begin along the middle of what is white."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.learning.digits import enlarged
from engine.learning.skeletons import pieces_of
from tests.doubles.printed_digits import printed_digits

DIGITS = enlarged(printed_digits(1, seed=4).pictures)


def curve(piece, count=9):
    start, middle, end = piece[:3]
    t = np.linspace(0, 1, count)[:, None]
    control = 2 * middle - (start + end) / 2
    return (1 - t) ** 2 * start + 2 * t * (1 - t) * control + t**2 * end


def test_a_line_is_one_stroke_along_it():
    picture = np.zeros((64, 64), np.float32)
    picture[30:35, 10:50] = 1
    (piece,) = pieces_of(picture, 8, 64)
    assert sorted([piece[0, 0], piece[2, 0]]) == pytest.approx([12, 48], abs=3)
    assert piece[:3, 1] == pytest.approx([32.5] * 3, abs=1)
    assert piece[3, 0] == pytest.approx(3, abs=0.6)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 9), st.integers(1, 8), st.sampled_from([8, 16, 30]))
def test_strokes_are_few_and_lie_in_what_is_white(digit, most, length):
    picture = DIGITS[digit]
    pieces = pieces_of(picture, most, length)
    assert 1 <= len(pieces) <= most
    places = np.concatenate([each[:3] for each in pieces])
    assert (picture[places[:, 1].astype(int), places[:, 0].astype(int)] > 0.4).all()


@pytest.mark.parametrize("digit", range(10))
def test_eight_strokes_go_along_all_of_a_digit(digit):
    picture = DIGITS[digit]
    pieces = pieces_of(picture, 8, 16)
    ways = np.concatenate([curve(each) for each in pieces])
    y, x = np.nonzero(picture > 0.8)
    away = np.hypot(x[:, None] + 0.5 - ways[:, 0], y[:, None] + 0.5 - ways[:, 1]).min(1)
    assert np.quantile(away, 0.97) < 7


def test_nothing_and_a_dot_are_one_stroke():
    picture = np.zeros((64, 64), np.float32)
    assert pieces_of(picture, 8, 16).shape == (1, 4, 2)
    picture[20:23, 40:43] = 1
    (piece,) = pieces_of(picture, 8, 16)
    assert piece[:3] == pytest.approx(np.tile([41.5, 21.5], (3, 1)), abs=1)
