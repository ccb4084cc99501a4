"""From strokes to patches and back, by a generator of discs."""

import numpy as np
import pytest

from engine.painters.brush.patch_boxes import actions_of
from engine.painters.brush.strokes import Strokes
from tests.doubles.disc_strokes import DiscStrokes

pytest.importorskip("torch")
from engine.painters.brush.generators import patch_generator
from engine.painters.brush.generators.patch_generator import PatchGenerator
from engine.painters.brush.patches import draw_patches, slopes_back


def some_strokes(random, count, size=64):
    strokes = Strokes.empty(count)
    strokes.points[:] = random.uniform(0.2 * size, 0.8 * size, (count, 3, 2))
    strokes.radii[:] = random.uniform(3, 8, count)
    strokes.pressures[:] = random.random((count, 2))
    strokes.colours[:] = random.random((count, 3))
    strokes.grains[:] = random.uniform(0, 64, (count, 2))
    return strokes


def test_a_stroke_looks_the_same_at_any_size():
    """So a generator's patches lie where the strokes are."""
    random = np.random.default_rng(1)
    strokes, patches = some_strokes(random, 1), PatchGenerator(DiscStrokes(softness=2))
    for scale in (1.0, 1.7):
        picture = np.zeros((120, 120, 3), np.float32)
        alpha, boxes = patches.alpha(strokes.scaled(np.array([scale, scale])))
        white = np.ones((1, 3), np.float32)
        draw_patches(alpha, boxes, white, np.ones(1, np.float32), picture)
        t = np.linspace(0, 1, 200)[:, None]
        start, control, end = strokes.points[0] * scale
        curve = (1 - t) ** 2 * start + 2 * t * (1 - t) * control + t**2 * end
        y, x = np.mgrid[:120, :120] + 0.5
        away = np.sqrt(((x[..., None] - curve[:, 0]) ** 2 + (y[..., None] - curve[:, 1]) ** 2).min(-1))
        radius = strokes.radii[0] * scale
        assert picture[away < 0.3 * radius].min() > 0.5
        assert picture[away > 2 * radius].max() < 0.2


def test_slopes_lead_to_points_radii_and_pressures(monkeypatch):
    monkeypatch.setattr(patch_generator, "KEPT", 2)  # so that some go forwards twice
    monkeypatch.setattr(patch_generator, "CHUNK", 2)
    random = np.random.default_rng(2)
    strokes, patches = some_strokes(random, 5), PatchGenerator(DiscStrokes(softness=3))
    wanted = random.standard_normal((64, 64, 3)).astype(np.float32)

    def drawn():
        picture = np.ones((64, 64, 3), np.float32)
        alpha, boxes = patches.alpha(strokes)
        return draw_patches(alpha, boxes, strokes.colours, strokes.opacities, picture), picture

    tape, _ = drawn()
    found = patches.backward(slopes_back(tape, wanted).patches)
    monkeypatch.setattr(patch_generator, "boxes_of", lambda *_: patches._boxes)  # where slopes hold
    for name, step in (("points", 0.05), ("radii", 0.02), ("pressures", 0.01)):
        values, slope = getattr(strokes, name), getattr(found, name)
        way = np.sign(slope) * random.uniform(0.5, 1, values.shape).astype(np.float32)
        before, ends = values.copy(), []
        for sign in (-1, 1):
            values[:] = before + sign * step * way
            ends.append(float((drawn()[1] * wanted).astype(np.float64).sum()))
        values[:] = before
        assert (ends[1] - ends[0]) / (2 * step) == pytest.approx(float((slope * way).sum()), rel=0.1)


def test_a_chunk_more_or_less_changes_nothing(monkeypatch):
    strokes, patches = some_strokes(np.random.default_rng(3), 5), PatchGenerator(DiscStrokes())
    whole, boxes = patches.alpha(strokes)
    monkeypatch.setattr(patch_generator, "CHUNK", 2)
    parts, _ = patches.alpha(strokes)
    assert whole == pytest.approx(parts, abs=1e-6)
    assert actions_of(strokes.points, strokes.radii, strokes.pressures, boxes).max() <= 1


def test_no_strokes_have_no_patches():
    patches = PatchGenerator(DiscStrokes())
    alpha, boxes = patches.alpha(Strokes.empty())
    assert (alpha.shape, boxes.shape) == ((0, 64, 64), (0, 4))
    picture = np.ones((5, 5, 3), np.float32)
    tape = draw_patches(alpha, boxes, np.zeros((0, 3), np.float32), np.zeros(0, np.float32), picture)
    assert len(patches.backward(slopes_back(tape, picture).patches).points) == 0
    assert (picture == 1).all()
