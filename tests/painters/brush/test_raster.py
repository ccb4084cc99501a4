"""What strokes are painted as, and where their slopes lead, against plain arithmetic."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.painters.brush.brush import Brush
from engine.painters.brush.generate import generate
from engine.painters.brush.network import make_block
from engine.painters.brush.raster import BELOW, COLOUR, OPACITY, RADIUS, Tape, paint, slopes
from engine.painters.brush.trace import Box, Laid, make_table, make_trace, trace_stroke

SIDE = 32
BOX = Box(0, 0, SIDE, SIDE, np.float32(1))
Floats = NDArray[np.float32]


def some_strokes(seed: int, count: int, channels: int = 3) -> Laid:
    random = np.random.default_rng(seed)
    colours = random.random((count, channels), np.float32)
    colours[:, 3:] = 1
    return Laid(
        random.uniform(-4, SIDE + 4, (count, 3, 2)).astype(np.float32),
        random.uniform(1.5, 9, count).astype(np.float32),
        random.uniform(0.2, 1, (count, 2)).astype(np.float32),
        colours,
        random.uniform(0.5, 1, count).astype(np.float32),
        random.uniform(0, 64, (count, 2)).astype(np.float32),
        np.ones(count, np.float32),
    )


def tape_of(count: int, channels: int = 3) -> Tape:
    room, bounds = count * SIDE * SIDE, (np.zeros(count, np.int64), np.zeros(count, np.int64))
    return Tape(np.zeros(room, np.int32), np.zeros((room, BELOW + channels), np.float32), *bounds)


def alphas_of(strokes: Laid, number: int, brush: Brush) -> Floats:
    """All alphas of a stroke, whatever lies above it."""
    trace, found = make_trace(BOX), np.zeros(SIDE * SIDE, np.float32)
    nothing = np.empty((0, 0), np.float32)
    args = (strokes, number, BOX, brush.look, nothing, make_block(brush.look), make_table(), trace)
    count = trace_stroke(*args)
    found[trace.places[:count]] = trace.alphas[:count]
    return found.reshape(SIDE, SIDE)


def painted_one_by_one(strokes: Laid, brush: Brush, ground: Floats) -> Floats:
    canvas = ground.copy()
    for number in range(len(strokes.radii)):
        alpha = alphas_of(strokes, number, brush)[..., None]
        canvas += alpha * (strokes.colours[number] - canvas)
    return canvas


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 10_000), count=st.integers(0, 6), channels=st.sampled_from((3, 4)))
def test_what_is_hidden_is_not_missed(seed: int, count: int, channels: int) -> None:
    brush, strokes = Brush.bundled("oil"), some_strokes(seed, count, channels)
    ground = np.full((SIDE, SIDE, channels), 0.25, np.float32)
    wanted = painted_one_by_one(strokes, brush, ground)
    canvas, drawn = ground.copy(), ground.copy()
    assert paint(canvas, strokes, BOX, brush.look, tape_of(max(count, 1), channels)) >= 0
    generate(drawn, 0, 0, strokes, brush.look)
    assert np.abs(canvas - wanted).max() < 1 / 200
    assert np.abs(drawn - wanted).max() < 1 / 200


def test_a_tape_that_is_too_short_is_told_and_nothing_is_painted() -> None:
    brush, strokes, canvas = Brush.bundled("oil"), some_strokes(3, 4), np.zeros((SIDE, SIDE, 3), np.float32)
    short = tape_of(4)._replace(places=np.zeros(5, np.int32))
    assert paint(canvas, strokes, BOX, brush.look, short) == -1
    assert not canvas.any()


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 10_000))
def test_slopes_of_colours_and_opacities_are_those_of_the_error(seed: int) -> None:
    brush, strokes = Brush.bundled("marker"), some_strokes(seed, 3)
    random = np.random.default_rng(seed)
    target, ground = random.random((SIDE, SIDE, 3), np.float32), np.full((SIDE, SIDE, 3), 0.5, np.float32)

    def error(each: Laid) -> float:
        canvas = painted_one_by_one(each, brush, ground).astype(np.float64)
        return float(((canvas - target) ** 2).sum() / 2)

    canvas, tape, found = ground.copy(), tape_of(3), np.zeros((3, COLOUR + 3), np.float32)
    paint(canvas, strokes, BOX, brush.look, tape)
    slopes(canvas - target, strokes, BOX, brush.profile, brush.look.reach, tape, found)
    for name, column, step in (("colours", COLOUR, 0.02), ("opacities", OPACITY, 0.02)):
        for number in range(3):
            ends = []
            for sign in (-1, 1):
                values = getattr(strokes, name).copy()
                values[(number, 0) if values.ndim == 2 else number] += sign * step
                ends.append(error(strokes._replace(**{name: values})))
            wanted = (ends[1] - ends[0]) / (2 * step)
            assert abs(found[number, column] - wanted) < 0.02 * abs(wanted) + 0.15


def test_a_stroke_is_drawn_to_where_it_is_missing() -> None:
    brush = Brush.bundled("marker")
    goal = some_strokes(0, 1)._replace(
        points=np.array([[[6, 20], [16, 20], [26, 20]]], np.float32),
        radii=np.full(1, 4, np.float32),
        colours=np.ones((1, 3), np.float32),
        pressures=np.full((1, 2), 0.8, np.float32),
    )
    target = painted_one_by_one(goal, brush, np.zeros((SIDE, SIDE, 3), np.float32))
    above = goal._replace(points=goal.points - np.array([0, 3], np.float32))
    thin = goal._replace(radii=np.full(1, 2.5, np.float32))
    for strokes, column in ((above, 1), (above, 3), (above, 5), (thin, RADIUS)):
        canvas, tape, found = np.zeros_like(target), tape_of(1), np.zeros((1, COLOUR + 3), np.float32)
        paint(canvas, strokes, BOX, brush.look, tape)
        slopes(canvas - target, strokes, BOX, brush.profile, brush.look.reach, tape, found)
        assert found[0, column] < 0  # the error falls where this grows
