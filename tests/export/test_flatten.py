"""Curves in straight pieces: near them, and around all that a stroke covers, with no holes."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given
from scipy.spatial import KDTree

from engine.export.cut import cut
from engine.export.flatten import middle, outline
from engine.export.svg import Look, to_svg
from engine.scene.scene import Mark
from tests.export.strokes import HAIRPIN, SHORT, STROKES, curve, places, scene, strokes, truth
from tests.export.test_cut import turns
from tests.export.test_svg_strokes import distance, fine

TOLERANCE = 0.05


@given(strokes)
def test_the_middle_is_near_the_curve_and_its_vectors_are_across(mark):
    line, normals = middle(mark.points.astype(np.float64), TOLERANCE)
    np.testing.assert_array_equal(line[[0, -1]], mark.points[[0, -1]])
    dense = np.concatenate([np.linspace(a, b, 20) for a, b in pairwise(line)])
    exact = places(mark, 5000)
    assert KDTree(dense).query(exact)[0].max() <= TOLERANCE + np.hypot(*np.diff(dense, axis=0).T).max() / 2
    lengths = np.hypot(*normals.T)
    assert np.isclose(lengths, 1).all() or np.ptp(exact, axis=0).max() == 0 or len(mark.points) < 4


@given(strokes)
@example(HAIRPIN)
@example(curve((0, 0), (50, 0), (50, 0), (0, 0), width=12))
@example(curve((0, 0), (0, 0), (0, 0), (9, 0), (9, 0), (0, 0), (0, 0), width=3, cap="butt"))
@example(curve((5, 5), (5, 5), (5, 5), (5, 5), width=4))
def test_an_outline_goes_around_what_is_near_the_curve_and_nothing_else(mark):
    mark = replace(mark, points=mark.points.astype(np.float64))
    corners, line, half = outline(mark, TOLERANCE), places(mark, 5000), mark.width / 2
    rng = np.random.default_rng(0)
    around = line[rng.integers(0, len(line), 300)] + rng.uniform(-1.5, 1.5, (300, 2)) * half
    far = KDTree(line).query(around)[0]
    slack = 2 * TOLERANCE + np.hypot(*np.diff(line, axis=0).T).max() + 1e-3 * half
    is_covered = turns(corners, around) != 0
    assert not is_covered[far > half + slack].any()
    if mark.cap == "round":
        assert is_covered[far < half - slack].all()
        return
    ends = np.stack([np.hypot(*(around - end).T) for end in (line[0], line[-1])]).min(axis=0)
    assert is_covered[(far < half - slack) & (ends > half + slack)].all()


@pytest.mark.parametrize("mark", STROKES)
def test_an_independent_renderer_fills_the_outline_as_the_stroke(mark):
    polygon = Mark("polygon", outline(mark, 0.01), mark.colour, mark.opacity)
    assert distance(fine(to_svg(scene(polygon))), truth(scene(mark))) < 0.005


def test_what_is_cut_is_the_same_picture_within_the_page():
    moved = [SHORT, *(replace(mark, points=mark.points + np.array([27, -13])) for mark in STROKES)]
    cut_off, clipped = (fine(to_svg(scene(*moved), look=Look(clip=clip))) for clip in ("cut", "path"))
    assert distance(cut_off, truth(scene(*moved))) < 0.008
    assert distance(clipped, truth(scene(*moved))) < 0.008
    assert {"polygon", "stroke"} == {mark.form for mark in cut(moved, (0, 0, 60, 40))}
