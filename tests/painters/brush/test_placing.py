"""Where new strokes begin, against what they take away of the error."""

from __future__ import annotations

import numpy as np
import pytest

from engine.painters.brush.brush import Brush
from engine.painters.brush.lattice import Window
from engine.painters.brush.placing import TRIES, Tool, place
from engine.painters.brush.trace import Box

SIDE = 48
ANY = np.zeros((0, 3), np.float32)  # colour


def placed(target, palette=ANY, box=(0, SIDE, 0, SIDE), count=6, least=0.02):
    brush, random = Brush.bundled("oil"), np.random.default_rng(1)
    canvas, forms = np.full_like(target, 0.5), np.zeros((SIDE, SIDE, 3), np.float32)
    forms[..., 0] = 1
    window = Window(canvas, target, np.ones((SIDE, SIDE), np.float32), forms, palette)
    tool = Tool(brush.look, Box(0, 0, SIDE, SIDE, np.float32(1)), np.float32(4), np.float32(0.8))
    made = np.zeros((count, 12), np.float32)
    chance = random.random((count, TRIES, 6), np.float32)
    found = place(window, tool, np.array(box, np.float32), np.float32(least), chance, made)
    return made[:found], canvas


@pytest.fixture
def bar():
    target = np.full((SIDE, SIDE, 3), 0.5, np.float32)
    target[20:28, 8:40] = (1, 0.2, 0)
    return target


def test_strokes_go_where_the_error_is_and_take_it_away(bar):
    made, canvas = placed(bar)
    assert len(made)
    before, after = ((0.5 - bar) ** 2).sum(), ((canvas - bar) ** 2).sum()
    assert after < 0.6 * before
    middles = (made[:, [0, 1]] + 2 * made[:, [2, 3]] + made[:, [4, 5]]) / 4
    assert ((middles[:, 1] > 16) & (middles[:, 1] < 32)).all()
    assert made[0, 9] > 0.6 > 0.4 > made[0, 10]


def test_nothing_is_placed_where_nothing_is_wrong_or_to_be_gained(bar):
    assert not len(placed(np.full((SIDE, SIDE, 3), 0.5, np.float32))[0])
    assert not len(placed(bar, least=1e6)[0])


def test_strokes_have_their_middles_in_the_tile_and_colours_of_the_palette(bar):
    palette = np.array([[0, 0, 0], [0.9, 0.3, 0.1]], np.float32)
    made, _ = placed(bar, palette, box=(0, SIDE, 0, 24))
    assert len(made)
    middles = (made[:, 0] + 2 * made[:, 2] + made[:, 4]) / 4
    assert (middles < 24).all()
    assert all(any(np.array_equal(colour, each) for each in palette) for colour in made[:, 9:])
