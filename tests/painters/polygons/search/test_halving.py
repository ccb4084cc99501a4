"""Mixtures: which kind a shape gets, and that one kind alone is spared the choice."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from engine.grid import PLAIN, Tile
from engine.image.source import TargetWindow
from engine.painters.base import Phase
from engine.painters.polygons.painter import PolygonPainter
from engine.painters.polygons.params import PolygonParams
from engine.painters.polygons.search.annealing import new_scratch
from engine.painters.polygons.search.halving import find, new_contenders
from engine.painters.polygons.search.local_search import search
from engine.scene.kinds import BEZIER, CIRCLE, ROTATED_ELLIPSE, numbers
from engine.scene.shape_scene import NEW, ShapeScene
from engine.scene.shapes import Shapes, outlines_of
from tests.doubles.toy import picture
from tests.painters.polygons.search.test_local_search import (
    LIMITS,
    SIDE,
    SOLVED,
    TRIANGLES,
    Window,
    plan_of,
    whole,
)
from tests.scene.test_geometry import seeds

BLACK, WHITE = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)
TILE = Tile(0, 0, 0, 0, 0, SIDE, SIDE)
DRAWN = {
    4: [8, 10, 40, 6, 38, 26, 12, 40],
    ROTATED_ELLIPSE: [24, 23, 14, 9, 9],
    BEZIER: [5, 14, 30, 2, 40, 40, 5],
}
PAIR = (np.array([4, ROTATED_ELLIPSE], np.int16), np.array([0.5, 1], np.float32))


def shapes_of(kind, geometry, colour=WHITE, identity=NEW):
    numbers_of = np.zeros((1, 8), np.float32)
    numbers_of[0, : len(geometry)] = geometry
    colours, opacities = np.array([colour], np.float32), np.ones(1, np.float32)
    return Shapes(np.array([identity]), np.array([kind], np.int16), numbers_of, colours, opacities)


def drawn(shapes):
    return outlines_of(SIDE, SIDE, BLACK, shapes).draw()


def paint(shape, pixels, count, seed=0, visits=4, shapes=None, effort=200):
    """Place on black what is missing, and visit it; returns what there is then and the evaluations."""
    painter = PolygonPainter(PolygonParams(shape=shape, count=count))
    scene = painter.empty_scene(SIDE, SIDE, BLACK)
    if shapes is not None:
        scene = replace(scene, shapes=shapes, born=len(shapes))
    part = scene.take([TILE])[0]
    chain = (Phase(0, PLAIN, "refine", count, visits * 300, visits, 1.0),) if visits else ()
    phase = Phase(0, PLAIN, "place", count, effort, 1, 1.0, chain)
    new = count - len(scene)
    painted = painter.paint(TargetWindow(pixels, None), TILE, part, new, phase, np.random.SeedSequence(seed))
    return painted.part.shapes, painted.evaluations


@pytest.mark.parametrize("kind", DRAWN)
def test_a_target_of_one_shape_is_matched_by_its_kind(kind):
    target = drawn(shapes_of(kind, DRAWN[kind]))
    found: Counter[int] = Counter()
    for seed in range(24):
        polygons, _ = paint("quad,rotated-ellipse,bezier", target, 1, seed, 12, effort=1000)
        found[int(polygons.kinds[0])] += 1
    assert found[kind] >= 16


@pytest.mark.parametrize("kind", DRAWN)
def test_a_visit_makes_another_kind_of_a_shape_when_it_fits_better(kind):
    target = drawn(shapes_of(kind, DRAWN[kind]))
    circle = shapes_of(CIRCLE, [24, 24, 12], identity=0)
    changed = kept = 0
    for seed in range(8):
        polygons, _ = paint("circle,quad,rotated-ellipse,bezier", target, 1, seed, 12, circle)
        changed += polygons.kinds[0] == kind
        polygons, _ = paint("quad,rotated-ellipse,bezier", target, 1, seed, 12, circle)
        kept += polygons.kinds[0] == CIRCLE
    assert changed >= 5
    assert kept == 8, "what another run has painted keeps its kind"


def test_weights_say_how_many_there_are():
    pixels = picture(SIDE, SIDE)
    counts = {}
    for text in ("triangle=2,ellipse=1", "triangle=9,ellipse=1", "triangle=1,ellipse=9"):
        kinds = [paint(text, pixels, 40, seed)[0].kinds for seed in range(3)]
        counts[text] = int((np.concatenate(kinds) == 3).sum())
    assert 20 < counts["triangle=2,ellipse=1"] < 110, "both kinds are there"
    assert counts["triangle=9,ellipse=1"] > counts["triangle=2,ellipse=1"] > counts["triangle=1,ellipse=9"]


def test_a_mixed_picture_has_shapes_of_nearly_all_kinds():
    kinds = set(paint("mixed", picture(SIDE, SIDE), 80)[0].kinds.tolist())
    assert len(kinds) >= 7


@settings(max_examples=10)
@given(seeds)
def test_a_choice_costs_no_more_evaluations_than_one_kind(seed):
    """Of random shapes only the sound ones are counted."""
    pixels = picture(SIDE, SIDE, seed % 1000)
    for visits in (0, 3):
        polygons, evaluations = paint("mixed", pixels, 12, seed, visits)
        assert len(polygons) == 12
        least = 12 * (160 + 1 + visits * 301)
        assert least < evaluations <= least + 12 * 40


@given(seeds)
def test_one_kind_has_all_random_shapes_and_all_moves(seed):
    """The best of the random shapes is searched around, and nothing else is drawn."""
    window = Window(seed)
    scratch, contenders = window.scratch(), new_contenders(6)
    missing = window.target - window.layers()
    rows = np.sum(missing**2, axis=(0, 2), dtype=np.float64)
    state, plan = window.state.copy(), plan_of(80, 0.1, 0.001)
    evaluations, kind, *looks = find(
        missing, rows, tuple(LIMITS), TRIANGLES, 1, plan, SOLVED, contenders, state, scratch
    )
    assert evaluations in (0, 82)
    if not evaluations:
        return
    # The same by hand, with the one random shape around the same place.
    known = window.state.copy()
    many = np.zeros(6, np.float32)
    again = new_scratch(SIDE, SIDE, 3)
    again.table[:] = scratch.table
    still = plan_of(0, 0.1, 0.1)
    first = find(missing, rows, tuple(LIMITS), TRIANGLES, 1, still, SOLVED, contenders, known, scratch)
    many[:] = contenders.geometries[0]
    assert first[0] == 2
    found = search(whole(again.table), 3, many, plan, SOLVED, known, again)
    assert kind == 3
    assert looks == list(found[1:])
    assert state == known


def test_a_shape_that_becomes_another_kind_fades_over():
    before = ShapeScene(SIDE, SIDE, BLACK, shapes_of(4, DRAWN[4], identity=0), 1)
    after = replace(before, shapes=shapes_of(CIRCLE, [24, 24, 12], identity=0))
    changed = before.take([TILE])[0]
    changed = replace(changed, shapes=after.shapes, free=np.ones(1, np.bool_))
    assert before.put([changed]).shapes.kinds.tolist() == [CIRCLE]
    for share, scene in ((0, before), (1, after)):
        np.testing.assert_array_equal(before.tween(after, share).draw(SIDE, SIDE), scene.draw(SIDE, SIDE))
    half = before.tween(after, 0.5).shapes
    assert half.kinds.tolist() == [4, CIRCLE]
    assert half.opacities.tolist() == [0.5, 0.5]
    assert len(half.geometry[0]) >= numbers(4)
