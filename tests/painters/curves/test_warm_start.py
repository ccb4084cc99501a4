from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from engine.image.target import Origin, Target
from engine.painters.curves.inking import Period
from engine.painters.curves.painter import CurvePainter
from engine.painters.curves.params import CurveParams
from engine.painters.curves.scene import CurveScene
from engine.painters.curves.strokes import Strokes
from tests.painters.curves.test_scene import WHITE, scene, strokes


def adopted(start: CurveScene, size: int, **chosen: Any) -> CurveScene:
    pixels, origin = np.full((size, size, 3), 255, np.uint8), Origin("blank:9x9", "")
    target = Target(pixels, WHITE, True, (size, size), None, origin)
    return CurvePainter(CurveParams.model_validate(chosen)).warm_start(start, target, WHITE)


def test_a_tile_from_a_file_has_each_stroke_once() -> None:
    tile = scene(30, 96, 96, (96, 96))
    tile = replace(tile, strokes=replace(tile.strokes, colours=np.zeros((30, 3), np.float32)))
    read = CurveScene.from_marks(96, 96, WHITE, list(tile.marks()))
    assert len(read) > 40
    found = adopted(read, 96, count=60, width="0.1-64")
    assert (len(found), found.period) == (30, (96, 96))
    np.testing.assert_allclose(found.draw(96, 96), replace(tile, ink="multiply").draw(96, 96), atol=1)


def test_strokes_that_differ_stay() -> None:
    two = strokes(1, 96, 96).joined(strokes(1, 96, 96))
    two = replace(two, ids=np.arange(2), widths=two.widths * np.array([1, 1.5], np.float32))
    assert len(adopted(CurveScene(96, 96, WHITE, two, born=2), 96, count=60, width="0.1-64")) == 2


def grid_of_dots(side: int, every: int) -> Strokes:
    found = Strokes.empty((side // every) ** 2)
    y, x = np.divmod(np.arange(len(found)), side // every)
    found.ids[:] = np.arange(len(found))
    found.points[:] = (np.stack([x, y], axis=1) + 0.5)[:, None] * every
    return found


@pytest.mark.parametrize("chosen", [{}, {"count": 100}])
def test_a_sheet_from_a_dense_tile_has_no_hole(chosen: dict[str, int]) -> None:
    tile = CurveScene(96, 96, WHITE, grid_of_dots(96, 12), period=Period(96, 96), born=64)
    sheet = adopted(tile, 192, tile=96, **chosen)
    assert len(sheet) == chosen.get("count", 256)
    rows, cols = (sheet.strokes.points[:, 0] // 48).astype(int).T
    counts = np.bincount(4 * rows + cols, minlength=16)
    assert counts.min() >= counts.max() / 2


def test_fewer_strokes_of_a_pattern_are_from_all_of_it() -> None:
    tile = CurveScene(96, 96, WHITE, grid_of_dots(96, 12), period=Period(96, 96), born=64)
    found = adopted(tile, 96, count=16).strokes
    assert len(found) == 16
    assert found.points[:, 0, 1].max() > 80


def test_a_tile_that_had_not_been_spread_yet_is() -> None:
    tile = CurveScene(192, 192, WHITE, grid_of_dots(96, 24), period=Period(96, 96), born=16)
    found = adopted(tile, 192, count=80)
    assert (len(found), found.period) == (64, (192, 192))
    np.testing.assert_array_equal(
        found.draw(192, 192), replace(tile, strokes=found.strokes, ink="multiply", period=None).draw(192, 192)
    )


def test_strokes_get_the_widths_and_opacities_that_are_allowed() -> None:
    found = adopted(scene(30, 96, 96), 96, count=60, width="2-3", opacity="0.3-0.5").strokes
    assert (found.widths.min(), found.widths.max()) == (2, 3)
    assert (found.opacities == np.float32(0.5)).all()
