"""What the bench of curves compares: the same strokes, drawn by us and by resvg, and means of pixels."""

import numpy as np
import pytest

from engine.painters.curves.raster import Period
from scripts.benches import curves


def test_the_same_strokes_are_drawn_by_resvg():
    strokes = curves.some_strokes(4, 40)
    exact = curves.reduced(curves.by_resvg(strokes[:1], 40, 8), 8)
    assert curves.rmse(curves.drawn(strokes[:1], 40).picture, exact) < 0.01
    assert curves.rmse(curves.drawn(strokes[1:2], 40).picture, exact) > 0.05
    larger = curves.drawn(curves.scaled(strokes, 2), 80).picture
    assert curves.rmse(larger, curves.by_resvg(strokes, 40, 2)) < 0.04
    assert strokes.widths[0] == pytest.approx(curves.WIDTH), "what is scaled stays as it was"


def test_strokes_of_the_bench_have_the_length_that_is_said():
    strokes = curves.some_strokes(50, 500)
    controls = strokes.controls()[:, :7].astype(float)
    lengths = np.linalg.norm(np.diff(controls, axis=1), axis=2).sum(axis=1)
    np.testing.assert_allclose(
        lengths, curves.LENGTH, rtol=0.15
    )  # where two curves join, a handle is mirrored
    coats = curves.drawn(strokes, 300, Period(300, 300)).coats
    assert coats.sum() == pytest.approx(50 * curves.LENGTH * curves.WIDTH, rel=0.1)


def test_reduced_pictures_are_means():
    picture = np.arange(2 * 4 * 6).reshape(2, 4, 6)
    np.testing.assert_array_equal(curves.reduced(picture, 2)[0], [[3.5, 5.5, 7.5], [15.5, 17.5, 19.5]])
