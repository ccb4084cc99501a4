"""The plain optimiser that all generators are compared by."""

from dataclasses import replace

import numpy as np
import pytest

from tests.doubles.disc_strokes import DiscStrokes

pytest.importorskip("torch")
from engine.learning.paintings import PaintingSettings, drawn_anew, paint
from engine.painters.brush.generators.patch_generator import PatchGenerator

SETTINGS = PaintingSettings(strokes=40, shares=(0.2, 0.3, 0.5), steps=8)


def target():
    y, x = np.mgrid[:40, :56] / 40
    picture = np.stack([x, y, 0.5 + 0 * x], -1) * 0.5
    picture[(x - 0.7) ** 2 + (y - 0.5) ** 2 < 0.09] = (0.9, 0.8, 0.1)
    return picture.astype(np.float32)


@pytest.fixture(scope="module")
def painting():
    return paint(PatchGenerator(DiscStrokes()), target(), SETTINGS, 0, lambda share: None)


def test_strokes_make_the_picture(painting):
    blank = np.sqrt(np.square(target() - target().mean((0, 1))).mean())
    assert painting.rmse(target()) < 0.65 * blank
    assert len(painting.strokes) == SETTINGS.strokes


def test_moving_strokes_makes_it_better(painting):
    placed = paint(PatchGenerator(DiscStrokes()), target(), replace(SETTINGS, steps=0), 0, lambda share: None)
    assert painting.rmse(target()) < 0.9 * placed.rmse(target())


def test_the_same_seed_paints_the_same(painting):
    told: list[float] = []
    again = paint(PatchGenerator(DiscStrokes()), target(), SETTINGS, 0, told.append)
    assert np.array_equal(again.picture, painting.picture)
    assert told[-1] == pytest.approx(1)


def test_strokes_drawn_anew_are_the_same_picture(painting):
    patches = PatchGenerator(DiscStrokes())
    assert drawn_anew(patches, painting.strokes, target(), 1) == pytest.approx(painting.picture, abs=1e-5)
    larger = drawn_anew(patches, painting.strokes, target(), 2)
    assert larger.shape == (80, 112, 3)
    small = larger.reshape(40, 2, 56, 2, 3).mean((1, 3))
    assert np.sqrt(np.square(small - painting.picture).mean()) < 0.02


def test_one_stroke_will_do():
    settings = PaintingSettings(1, steps=1)
    assert len(paint(PatchGenerator(DiscStrokes()), target(), settings, 0, lambda share: None).strokes) == 1
