"""What a job is shown of its target, where strokes begin, and what a run begins with."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.grid import Grid, Tiling
from engine.image.source import TargetWindow
from engine.image.target import open_target
from engine.painters.curves.painter import CurvePainter, _seen
from engine.painters.curves.params import CurveParams
from engine.painters.curves.plan import BEGIN, DRAW, HALO, SPREAD, Steps
from tests.doubles.toy import target_of

HEIGHT, WIDTH = 72, 96


def painter_of(target, **chosen):
    analysis = CurvePainter(CurveParams.model_validate(chosen)).analyse(target)
    painter = CurvePainter(analysis.params)
    height, width = target.pixels.shape[:2]
    return painter, analysis, painter.empty_scene(height, width, analysis.background)


@pytest.mark.parametrize("wraps", [False, True])
@pytest.mark.parametrize("objective", ["picture", "neuron"])
def test_windows_of_a_photograph_are_drawn_as_far_as_there_is_any_target(wraps, objective):
    target = target_of(HEIGHT, WIDTH)
    painter, analysis, scene = painter_of(target, wrap=wraps, objective=objective, count=40, length=12)
    source, tiles = (
        TargetWindow(target.pixels, analysis.weights),
        Grid.fit(HEIGHT, WIDTH, "2x2").tiles(1, Tiling()),
    )
    assert len(tiles) == 4
    for action, count in ((BEGIN, 10), (DRAW, 0)):
        phase = Steps(1, Tiling(), action, 40, 2, 2, 1.0, (), 8, True, False, 0, 2)
        parts = []
        for tile, part in zip(tiles, scene.take(tiles, phase.halo), strict=True):
            window = source.read((tile.x0 - 8, tile.y0 - 8, tile.x1 + 8, tile.y1 + 8))
            seed = np.random.SeedSequence(tile.row, spawn_key=(tile.col,))
            parts.append(painter.paint(window, tile, part, count, phase, seed).part)
            middles = parts[-1].strokes.points[parts[-1].free].mean(axis=1) - (tile.x0, tile.y0)
            assert ((middles > -12) & (middles < (tile.width + 12, tile.height + 12))).all()
        before, scene = scene, scene.put(parts)
    assert len(scene) == 40
    assert (scene.strokes.points != before.strokes.points).any()


def test_of_what_wraps_a_window_goes_on_beyond_the_borders_when_it_is_blank():
    part = painter_of(open_target(f"blank:{WIDTH}x{HEIGHT}", 99))[2].take(
        [Grid.fit(HEIGHT, WIDTH, "1x1").tiles(0, Tiling())[0]]
    )[0]
    corner = Grid.fit(HEIGHT, WIDTH, "2x2").tiles(1, Tiling())[0]
    assert tuple(_seen(corner, part, 8, goes_on=True)) == (-8, -8, HEIGHT // 2 + 16, WIDTH // 2 + 16)
    assert tuple(_seen(corner, part, 8, goes_on=False)) == (0, 0, HEIGHT // 2 + 8, WIDTH // 2 + 8)
    assert tuple(_seen(corner, replace(part, period=None), 8, goes_on=True)) == (
        0,
        0,
        HEIGHT // 2 + 8,
        WIDTH // 2 + 8,
    )


def test_a_large_photograph_is_drawn_in_windows_whose_borders_differ():
    target = target_of(450, 600)
    plan = painter_of(target, count=100, steps=35)[0].plan(Grid.fit(450, 600, "auto"), 1)
    assert [(phase.action, phase.halo) for phase in plan] == [(BEGIN, HALO)] + 4 * [(DRAW, HALO)]
    assert [(phase.first, phase.effort) for phase in plan[1:]] == [(0, 10), (10, 10), (20, 10), (30, 5)]
    assert len({phase.tiling for phase in plan[1:]}) == 4
    assert len(plan) == 1 + len(
        painter_of(target, count=100, steps=35)[0].plan(Grid.fit(450, 600, "auto"), 1, 100)
    )


def test_a_tile_of_another_run_becomes_a_sheet_and_anything_else_is_resized():
    painter, _, scene = painter_of(open_target("blank:64x64", 99), count=5)
    tile = scene.take(Grid.fit(64, 64, "1x1").tiles(0, Tiling()))[0]
    phase = painter.plan(Grid.fit(64, 64, "1x1"), 1)[0]
    window = TargetWindow(np.full((64, 64, 3), 255, np.uint8)).read((0, 0, 64, 64))
    begun = painter.paint(
        window, Grid.fit(64, 64, "1x1").tiles(0, Tiling())[0], tile, 5, phase, np.random.SeedSequence(0)
    )
    scene = scene.put([begun.part])
    paper = open_target("blank:128x192", 200)
    for chosen, count, period in (
        ({"tile": 64}, 30, (192, 128)),
        ({"tile": 64, "count": 7}, 7, (192, 128)),
        ({}, 5, (192, 128)),
    ):
        sheet = painter_of(paper, **chosen)[0].warm_start(scene, paper, (1.0, 1.0, 1.0))
        assert (len(sheet), sheet.period, sheet.height, sheet.width) == (count, period, 192, 128)
    red = painter_of(paper, pens="red")[0].warm_start(scene, paper, (1.0, 1.0, 1.0)).strokes
    assert (red.colours == (1, 0, 0)).all()
    two = painter_of(paper, pens="white,black")[0].warm_start(scene, paper, (1.0, 1.0, 1.0)).strokes
    assert (two.pens == (0, 1)).all(), "black strokes get the pen that is black"


def test_a_film_goes_from_a_tile_to_its_sheet_without_a_change():
    painter, _, scene = painter_of(open_target("blank:128x64", 200), tile=64, count=10, length=20)
    grid = Grid.fit(64, 128, "1x1")
    (tile,) = grid.tiles(0, Tiling())
    window = TargetWindow(np.full((64, 128, 3), 255, np.uint8)).read((0, 0, 128, 64))
    for phase in (phase for phase in painter.plan(grid, 1) if phase.action in (BEGIN, SPREAD)):
        before, part = scene, scene.take([tile])[0]
        found = painter.paint(window, tile, part, phase.marks, phase, np.random.SeedSequence(0)).part
        scene = scene.put([found])
    assert (len(before), len(scene)) == (5, 10)
    np.testing.assert_array_equal(before.tween(scene, 0.5).draw(64, 128), before.draw(64, 128))
    assert before.tween(scene, 1) is scene
    np.testing.assert_allclose(scene.draw(64, 128), before.draw(64, 128), atol=2)


def test_paper_alone_is_all_wrong_and_strokes_make_it_less_so():
    target = target_of(HEIGHT, WIDTH)
    painter, analysis, scene = painter_of(target, count=60, length=14)
    (tile,) = Grid.fit(HEIGHT, WIDTH, "1x1").tiles(0, Tiling())
    window = TargetWindow(target.pixels, analysis.weights).read((0, 0, WIDTH, HEIGHT))
    cells, part = ((0, 30, HEIGHT), (0, WIDTH)), scene.take([tile])[0]
    bare = painter.judge(window, tile, part, painter.draw_part(tile, part), cells)
    assert painter.error(int(bare.errors.sum()), (HEIGHT, WIDTH, 3)) == 1
    for phase in painter.plan(Grid.fit(HEIGHT, WIDTH, "1x1"), 0.1):
        new = phase.marks if phase.action == BEGIN else 0
        part = painter.paint(window, tile, part, new, phase, np.random.SeedSequence(0)).part
    drawn = painter.judge(window, tile, part, painter.draw_part(tile, part), cells)
    assert drawn.errors.shape == (2, 1)
    assert 0 < drawn.loss == drawn.errors.sum() < 0.5 * bare.loss
