"""Patches in a picture against a slow drawing, and their slopes against differences."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.painters.brush.patch_boxes import SIDE, actions_of, boxes_of, by_strokes, curves_of
from engine.painters.brush.patches import MOST_PLACES, draw_patches, slopes_back

seeds = st.integers(0, 10_000)
sides = st.sampled_from([3.0, 9.5, 21.3, 64.0, 150.0])


def smooth_patches(random, count):
    """Bumps, which differ little from texel to texel; opaque in their middles."""
    y, x = np.mgrid[:SIDE, :SIDE] / SIDE - 0.5
    centres = random.uniform(-0.2, 0.2, (count, 2, 1, 1))
    away = (y - centres[:, 0]) ** 2 + (x - centres[:, 1]) ** 2
    return np.exp(-away * 20).astype(np.float32)


def some(random, count, side):
    corners = random.uniform(-side / 2, 40 - side / 2, (count, 2))
    boxes = np.concatenate([corners, corners + side], 1).astype(np.float32)
    return {
        "patches": smooth_patches(random, count),
        "boxes": boxes,
        "colours": random.random((count, 3), np.float32),
        "opacities": random.uniform(0.3, 1, count).astype(np.float32),
    }


def slow_picture(patches, boxes, colours, opacities, base):
    """Pixel by pixel, with the patch known everywhere between its texels."""
    base = base.astype(np.float64)
    padded = np.pad(patches, ((0, 0), (1, 1), (1, 1))).astype(np.float64)
    for patch, box, colour, opacity in zip(padded, boxes, colours, opacities, strict=True):
        texels = SIDE / (box[2] - box[0])
        places = min(max(int(np.ceil(texels)), 1), MOST_PLACES)
        spread = (np.arange(places) + 0.5) / places
        for y in range(base.shape[0]):
            for x in range(base.shape[1]):
                v = np.clip((y + spread - box[1]) * texels + 0.5, 0, SIDE + 1)
                u = np.clip((x + spread - box[0]) * texels + 0.5, 0, SIDE + 1)
                top, near = np.minimum(v.astype(int), SIDE), np.minimum(u.astype(int), SIDE)
                down, across = (v - top)[:, None], u - near
                rows = [
                    patch[top + i][:, near] * (1 - across) + patch[top + i][:, near + 1] * across
                    for i in (0, 1)
                ]
                alpha = (rows[0] * (1 - down) + rows[1] * down).mean() * opacity
                base[y, x] += alpha * (colour - base[y, x])
    return base


@settings(max_examples=10, deadline=None)
@given(seeds, sides)
def test_a_pixel_has_the_mean_of_the_patch_over_it(seed, side):
    random = np.random.default_rng(seed)
    drawn = some(random, 3, side)
    base = random.random((21, 27, 3), np.float32)
    slow = slow_picture(**drawn, base=base)
    draw_patches(**drawn, base=base)
    assert np.abs(base - slow).max() < 2e-5


@settings(max_examples=10, deadline=None)
@given(seeds, sides, st.integers(0, 20), st.integers(0, 20))
def test_a_window_shows_what_the_whole_picture_shows_there(seed, side, x0, y0):
    drawn = some(np.random.default_rng(seed), 4, side)
    whole, window = np.full((40, 44, 3), 0.5, np.float32), np.full((14, 12, 3), 0.5, np.float32)
    draw_patches(**drawn, base=whole)
    draw_patches(**drawn, base=window, corner=(x0, y0), is_recorded=False)
    assert np.abs(whole[y0 : y0 + 14, x0 : x0 + 12] - window).max() < 1e-4


@settings(max_examples=8, deadline=None)
@given(seeds, sides)
def test_slopes_are_those_of_differences(seed, side):
    random = np.random.default_rng(seed)
    patches, boxes, colours, opacities = some(random, 3, side).values()
    base, wanted = random.random((20, 24, 3), np.float32), random.standard_normal((20, 24, 3))

    def value(patches, colours, opacities, base):
        picture = base.copy()
        draw_patches(patches, boxes, colours, opacities, picture)
        return float((picture * wanted).sum())

    parts = [patches, colours, opacities, base]
    picture = base.copy()
    tape = draw_patches(patches, boxes, colours, opacities, picture)
    slopes = slopes_back(tape, wanted.astype(np.float32))
    for number, slope in enumerate((slopes.patches, slopes.colours, slopes.opacities, slopes.base)):
        way = random.standard_normal(parts[number].shape).astype(np.float32)
        moved = [
            [part + sign * 1e-2 * way if number == k else part for k, part in enumerate(parts)]
            for sign in (-1, 1)
        ]
        measured = (value(*moved[1]) - value(*moved[0])) / 2e-2
        scale = np.abs(slope * way).sum()
        assert abs(measured - (slope * way).sum()) < 2e-3 * scale + 1e-3


def some_curves(random, count=20):
    points = random.uniform(0, 100, (count, 3, 2)).astype(np.float32)
    return points, random.uniform(3, 20, count).astype(np.float32), random.random((count, 2), np.float32)


def test_strokes_come_back_from_their_numbers():
    points, radii, pressures = some_curves(np.random.default_rng(3))
    boxes = boxes_of(points, radii)
    found = curves_of(actions_of(points, radii, pressures, boxes), boxes)
    for one, other in zip(found, (points, radii, pressures), strict=True):
        assert one == pytest.approx(other, abs=2e-3)


def test_a_box_is_square_and_holds_the_paint():
    points, radii, _ = some_curves(np.random.default_rng(4))
    boxes = boxes_of(points, radii, margin=1.5)
    assert boxes[:, 2] - boxes[:, 0] == pytest.approx(boxes[:, 3] - boxes[:, 1], rel=1e-4)
    t = np.linspace(0, 1, 50)[:, None]
    for (start, control, end), radius, box in zip(points, radii, boxes, strict=True):
        curve = (1 - t) ** 2 * start + 2 * t * (1 - t) * control + t**2 * end
        assert (curve - 1.49 * radius >= box[:2]).all()
        assert (curve + 1.49 * radius <= box[2:]).all()


def test_a_long_thin_stroke_keeps_a_radius_that_generators_know():
    points = np.array([[[0, 0], [500, 0], [1000, 0]]], np.float32)
    boxes = boxes_of(points, np.ones(1, np.float32))
    assert boxes[0, 2] - boxes[0, 0] == SIDE
    actions = actions_of(points, np.ones(1, np.float32), np.full((1, 2), 0.5, np.float32), boxes)
    assert ((actions >= 0) & (actions <= 1)).all()


def test_slopes_by_strokes_are_those_of_their_numbers():
    random = np.random.default_rng(5)
    points, radii, pressures = some_curves(random)
    boxes = boxes_of(points, radii)
    actions = actions_of(points, radii, pressures, boxes)
    slopes = random.standard_normal(actions.shape).astype(np.float32)
    slopes[(actions < 0.05) | (actions > 0.95)] = 0
    found = by_strokes(slopes, actions, radii, boxes)
    parts = points, radii, pressures
    moves = [0.01 * random.standard_normal(each.shape) for each in parts]
    before, after = (
        [(each + sign * move).astype(np.float32) for each, move in zip(parts, moves, strict=True)]
        for sign in (-1, 1)
    )
    ends = [actions_of(p, r, held, boxes).astype(np.float64) for p, r, held in (before, after)]
    measured = ((ends[1] - ends[0]) / 2 * slopes).sum()
    expected = sum(float((slope * move).sum()) for slope, move in zip(found, moves, strict=True))
    assert measured == pytest.approx(expected, rel=0.02)


def test_a_number_at_its_end_is_pressed_no_further():
    points, radii, pressures = some_curves(np.random.default_rng(6), 2)
    pressures[0, 0], pressures[1, 0] = 1, 0
    boxes = boxes_of(points, radii)
    actions = actions_of(points, radii, pressures, boxes)
    slopes = np.zeros_like(actions)
    slopes[:, 11] = [-1, -1]  # both would like to be larger, and the first can't
    assert list(by_strokes(slopes, actions, radii, boxes).pressures[:, 0]) == [0, -1]
