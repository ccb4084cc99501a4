import numpy as np
import pytest

from engine.mypaint.brush import Brush
from engine.mypaint.bundled import BUNDLED, bundled_text
from engine.mypaint.stroke import along, draw_stroke, pressure, run_up
from engine.mypaint.surface import ONE, Surface
from tests.doubles.paint_engine import needs_engine

ARC = np.array([[10.0, 40.0], [32.0, 10.0], [54.0, 40.0]])


def drawn(brush, points, pressures=(0.7, 0.7), radius=5.0):
    surface = Surface(64, 64)
    brush.set("radius_logarithmic", np.log(radius))
    draw_stroke(surface, brush, points, pressures)
    with surface.tile(0, 0) as pixels:
        return pixels[..., 3] / ONE


def test_the_curve_is_a_quadratic_bezier():
    assert along(ARC, np.array([0.0, 0.5, 1.0])).tolist() == [[10, 40], [32, 25], [54, 40]]


def test_pressure_holds_its_mean_between_the_quarters():
    found = pressure((0.2, 1.0), np.array([0.0, 0.125, 0.25, 0.5, 0.75, 0.875, 1.0]))
    assert found == pytest.approx([0.2, 0.4, 0.6, 0.6, 0.6, 0.8, 1.0])


@pytest.mark.parametrize(
    ("points", "before"),
    [
        ([[10, 10], [20, 10], [30, 30]], [8, 10]),  # towards the control point,
        ([[10, 10], [10, 10], [10, 30]], [10, 8]),  # or the end where that lies at the start,
        ([[10, 10], [10, 10], [10, 10]], [8, 10]),  # or anywhere
    ],
)
def test_a_brush_comes_along_the_curve(points, before):
    assert run_up(np.array(points, float), 2.0).tolist() == [before, [10, 10]]


@needs_engine
@pytest.mark.parametrize("name", BUNDLED)
def test_paint_lies_along_the_curve(name):
    alpha = drawn(Brush(bundled_text(name)), ARC)
    ys, xs = np.mgrid[:64, :64] + 0.5
    curve = along(ARC, np.linspace(0, 1, 200))
    far = np.hypot(xs[..., None] - curve[:, 0], ys[..., None] - curve[:, 1]).min(-1)
    assert alpha[far < 2].mean() > 0.1
    assert alpha[far > 10].max() == 0
    assert 0 <= alpha.min() <= alpha.max() <= 1


@needs_engine
def test_more_pressure_gives_more_paint():
    light, heavy = (drawn(Brush(bundled_text("charcoal")), ARC, (p, p)).sum() for p in (0.2, 0.9))
    assert heavy > 2 * light > 0


@needs_engine
def test_bristles_lie_along_the_stroke_from_its_first_dab_on():
    """A stroke downwards: with the direction that a new brush has, its first dab would lie across."""
    alpha = drawn(Brush(bundled_text("oil")), np.array([[32.0, 20.0], [32.0, 40.0], [32.0, 60.0]]), radius=6)
    assert alpha[12:24, :26].max() == alpha[12:24, 38:].max() == 0
    assert alpha[22:30, 28:36].mean() > 0.3


@needs_engine
def test_new_brushes_draw_the_same_and_used_ones_other_grain():
    text = bundled_text("oil")
    brush = Brush(text)
    first, second, fresh = drawn(brush, ARC), drawn(brush, ARC), drawn(Brush(text), ARC)
    assert (first == fresh).all()
    assert 0.0005 < ((first - second) ** 2).mean() < 0.05


@needs_engine
def test_a_surface_is_clear_and_tells_what_was_changed():
    surface, brush = Surface(100, 70), Brush(bundled_text("marker"))
    for column in (0, 1):
        with surface.tile(column, 1) as pixels:
            assert not pixels.any()
    with surface.painting() as changed:
        pass
    assert changed.width == 0
    draw_stroke(surface, brush, ARC + 40, (0.5, 0.5))
    with surface.tile(1, 1) as pixels:
        assert pixels.any()
    surface.clear()
    with surface.tile(1, 1) as pixels:
        assert not pixels.any()
