"""Marks that are made together are those that are made one by one."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.scene.kinds import BEZIER, CIRCLE, ELLIPSE, LINE, RECTANGLE, ROTATED_ELLIPSE
from engine.scene.marks import mark_of, marks_of
from engine.scene.shapes import Shapes

KINDS = (3, 4, 6, LINE, BEZIER, CIRCLE, ELLIPSE, RECTANGLE, ROTATED_ELLIPSE)


@given(
    st.lists(st.tuples(st.sampled_from(KINDS), st.integers(1, 40)), max_size=6),
    st.integers(0, 50),
    st.integers(0, 9),
)
def test_marks_are_those_of_each_shape(runs, touching, seed):
    rng = np.random.default_rng(seed)
    kinds = np.repeat([kind for kind, _ in runs], [count for _, count in runs]).astype(np.int16)
    shapes = replace(
        Shapes.empty(len(kinds), 12, 4),
        kinds=kinds,
        geometry=rng.random((len(kinds), 12)).astype(np.float32),
        colours=rng.random((len(kinds), 4)).astype(np.float32),
        opacities=rng.random(len(kinds)).astype(np.float32),
    )
    found = list(marks_of(shapes, touching))
    assert len(found) == len(shapes)
    for number, mark in enumerate(found):
        colour = tuple(shapes.colours[number, :3].astype(float).tolist())
        expected = mark_of(
            int(kinds[number]), shapes.geometry[number], colour, float(shapes.opacities[number])
        )
        assert mark.touches == (number < touching)
        assert (mark.form, mark.colour, mark.opacity, mark.width) == (
            expected.form,
            expected.colour,
            expected.opacity,
            expected.width,
        )
        np.testing.assert_array_equal(mark.points, expected.points)
