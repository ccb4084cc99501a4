"""Digits are painted by moving strokes through a generator, and read by a network that knows others."""

import numpy as np
import pytest

from tests.doubles.disc_strokes import DiscStrokes
from tests.doubles.printed_digits import printed_digits

pytest.importorskip("torch")
from engine.learning.digit_reader import train_reader
from engine.learning.digit_set import split
from engine.learning.digits import DigitSettings, enlarged, paint_digits, reduced

QUICK = DigitSettings(strokes=6, lengths=(20.0, 30.0), trial=2, steps=8)


@pytest.fixture(scope="module")
def painted():
    digits = split(printed_digits(2), 10, 0)[0]
    return digits, paint_digits(DiscStrokes(), digits.pictures, QUICK, 0, lambda share: None)


def test_strokes_come_near_to_what_they_paint(painted):
    digits, done = painted
    started = DigitSettings(strokes=6, trial=0, steps=0)
    before = paint_digits(DiscStrokes(), digits.pictures, started, 0, lambda share: None)
    assert done.mse < 0.85 * before.mse
    assert done.mse < 0.2 * np.square(done.wanted).mean()


def test_no_digit_takes_more_strokes_than_it_may(painted):
    _, done = painted
    assert ((done.counts >= 1) & (done.counts <= QUICK.strokes)).all()


def test_the_same_seed_paints_the_same(painted):
    digits, done = painted
    told: list[float] = []
    again = paint_digits(DiscStrokes(), digits.pictures, QUICK, 0, told.append)
    assert np.array_equal(again.pictures, done.pictures)
    assert told[-1] == 1


def test_a_reader_learns_digits_and_reads_painted_ones(painted):
    digits, done = painted
    told: list[float] = []
    reader = train_reader(printed_digits(30, seed=9), 26, 0, told.append)
    assert told[-1] == 1
    assert (reader.read(digits.pictures / 255) == digits.labels).mean() >= 0.7
    assert (reader.read(reduced(done.pictures)) == digits.labels).mean() >= 0.6
    assert (reader.read(reduced(done.pictures[::-1])) == digits.labels).mean() < 0.4


def test_digits_grow_and_shrink_where_they_are():
    pictures = printed_digits(1).pictures
    large = enlarged(pictures)
    assert large.shape == (10, 64, 64)
    assert reduced(large) == pytest.approx(pictures / 255, abs=0.35)
    assert np.abs(reduced(large) - pictures / 255).mean() < 0.02
