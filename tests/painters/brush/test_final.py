"""A finished painting drawn by the real paint engine."""

from __future__ import annotations

import numpy as np
import pytest

from engine.errors import SpecError, ToolError
from engine.mypaint.native import library
from engine.painters.brush.brush import Brush
from engine.painters.brush.final import check_final, final_drawable
from engine.painters.brush.params import BrushParams
from tests.painters.brush.scenes import painting


def real() -> BrushParams:
    try:
        library()
    except ToolError as exc:
        pytest.skip(str(exc))
    return BrushParams(brush="oil", final="mypaint")


@pytest.mark.parametrize("background", [(0.9, 0.9, 0.8), None])
def test_the_real_engine_draws_about_what_the_generator_draws(background):
    params = real()
    scene = painting(40, 96, 120, brush=Brush.bundled("oil"), background=background)
    ours, theirs = scene.draw(96, 120), final_drawable(scene, params, 96, 120)
    drawn = theirs.draw()
    assert drawn.shape == ours.shape
    apart = np.abs(drawn.astype(int) - ours).mean()
    bare = np.abs(
        painting(0, 96, 120, brush=scene.brush, background=background).draw(96, 120) - ours.astype(int)
    )
    assert 0 < apart < 0.5 * bare.mean()
    assert np.array_equal(theirs.draw_window(10, 20, 30, 40), drawn[20:50, 10:50])


def test_a_brush_that_was_trained_is_no_brush_of_the_engine():
    with pytest.raises(SpecError, match="knows nothing of mine"):
        check_final(BrushParams(brush="mine.npz", final="mypaint"))


def test_the_generator_draws_unless_something_else_is_wanted():
    scene = painting(5)
    assert np.array_equal(final_drawable(scene, BrushParams(), 60, 80).draw(), scene.draw(60, 80))
