"""What is drawn from nets: dots at the frame and where there is much to see, faces without seams."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from PIL import Image
from skimage import data

from engine.coordinator.job import advance
from engine.coordinator.state import RunState
from engine.errors import TargetError
from engine.export.metadata import Metadata
from engine.export.pdf import page_layout, to_pdf
from engine.grid import Grid
from engine.image.importance import detail_of
from engine.image.source import TargetWindow
from engine.painters.gng.fray import Frame, frayed
from engine.painters.gng.looks import LOOKS
from engine.painters.gng.painter import GasPainter
from engine.painters.gng.params import GasParams
from engine.painters.gng.scene import GasScene
from engine.spec.models import ExportSettings
from tests.doubles.running import jobs_of, open_workplace
from tests.painters.gng.test_painter import painted, target_of

OFF = 8  # steps of 1/255 that a seam differs by


@pytest.fixture(scope="module")
def faces() -> GasScene:
    return painted(data.camera()[::2, ::2], look="low-poly", points="edges", count=500)


def reduced(pixels: Any, height: int, width: int) -> Any:
    return np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.BOX)).astype(int)


@pytest.mark.parametrize("part", [2, 4, 6])
def test_faces_have_no_seams_where_they_are_drawn_smaller(faces, part):
    side = 256 // part
    large = faces.draw(1024, 1024)
    off = np.abs(faces.draw(side, side) - reduced(large, side, side)).max(axis=2)
    assert (off > OFF).mean() < 0.002


def test_a_window_of_a_small_drawing_is_that_part_of_it(faces):
    drawable = faces.drawable(60, 60)
    assert drawable.samples == 5
    assert (drawable.draw_window(7, 11, 30, 40) == drawable.draw()[11:41, 7:47]).all()


@pytest.mark.parametrize("part", [2, 4])
def test_a_small_page_has_few_seams(faces, part):
    pdfium = pytest.importorskip("pypdfium2")
    pdf = to_pdf(faces, Metadata("", "", ""), page_layout(256, 256, ExportSettings()))
    drawn = pdfium.PdfDocument(pdf)[0].render(scale=1 / 0.75 / part).to_numpy()[..., 2::-1]
    off = np.abs(drawn - reduced(faces.draw(1024, 1024), *drawn.shape[:2])).max(axis=2)
    assert (off > OFF).mean() < {2: 0.03, 4: 0.12}[part]


def test_dots_are_in_no_row_along_the_frame():
    scene = painted(np.full((160, 160), 120), look="stipple", count=1600, grid="2x2", effort=0.5)
    x, y = scene.net.nodes.places.T
    depth = np.minimum.reduce([x, y, 160 - x, 160 - y]) / 4  # in mean distances
    rows = np.histogram(depth, np.arange(0, 4.1, 0.25))[0]
    assert rows[:3].max() < 1.3 * rows[4:].mean()
    assert rows[1:4].sum() > 0.4 * rows[4:7].sum(), "and the frame is not bare"


def test_what_is_taken_from_the_frame_is_the_same_in_all_windows():
    density = np.full((90, 120), 0.5, np.float32)
    frame = Frame(90, 120, 0.5 * 25, 5.0)
    whole = frayed(density, (0, 0), frame)
    assert (whole[6:-6, 6:-6] == 0.5).all()
    assert 0.3 < 1 - whole[0].mean() / 0.5 < 1
    assert (frayed(density[:50, 40:], (40, 0), frame)[:44, :-6] == whole[:44, 40:-6]).all()
    assert frayed(density, (0, 0), Frame(90, 120, 900.0, 30.0)) is density, "with few dots there is no row"


def test_dots_are_smaller_and_closer_where_there_is_much_to_see():
    grey = data.astronaut()[:256, 100:356].mean(axis=2)
    share = detail_of(np.repeat(grey[..., None], 3, axis=2).astype(np.uint8))

    def of_the_face(detail: float) -> tuple[int, float]:
        scene = painted(grey, look="stipple", count=1500, effort=0.2, detail=detail)
        nodes = scene.net.nodes
        column, row = nodes.places.astype(int).T
        in_face = share[row, column] > 0.5
        return in_face.sum(), float(nodes.radii[in_face].mean())

    (plainly, large), (closely, small) = of_the_face(0), of_the_face(4)
    assert closely > 1.4 * plainly
    assert small < 0.85 * large


@pytest.mark.parametrize("look", ["net", "strokes"])
def test_what_moves_no_node_is_kept_whatever_its_error_seems_to_be(look):
    """The whole picture's error is looked at in other places than that of its tiles."""
    grey = data.horse()[::4, ::4] * 255
    target = target_of(grey)
    analysis = GasPainter(GasParams(look=look, count=80, points="binary")).analyse(target)
    workplace = open_workplace("gng", analysis.params, 0, target.pixels, analysis.weights)
    (height, width), painter = grey.shape, workplace.painter
    cells = Grid.fit(height, width, "1x1")
    blank = painter.empty_scene(height, width, analysis.background)
    state = RunState(painter, blank, TargetWindow(target.pixels, analysis.weights), cells)
    plan = painter.plan(cells, 1)
    for index, phase in enumerate(plan):
        for job in jobs_of(state, index, phase):
            grown = state.scene
            state.apply(advance(workplace, replace(job, before=0) if phase.action == "finish" else job))
    assert isinstance(grown, GasScene)
    assert isinstance(state.scene, GasScene)
    assert state.scene.net.nodes.places.tolist() == grown.net.nodes.places.tolist()
    assert state.scene.net.lines.ends.tolist() != grown.net.lines.ends.tolist()
    assert (len(state.scene.net.strokes) > 0) == (look == "strokes")


def test_a_film_sees_no_tile_half_full():
    plan = GasPainter(GasParams(count=5000)).plan(Grid.fit(512, 512, "4x4"), 1)
    assert {phase.is_shown for phase in plan if phase.level} == {False}
    shown = [phase.marks for phase in plan if phase.is_shown]
    assert all(after <= 1.75 * before + 1 for before, after in pairwise(shown))
    assert shown[-1] == 5000


# Of one pixel these tones were rounded to more than the most ink, and then to none.
SMALLEST = [((1, 1), 42), ((1, 1), 52), ((1, 1), 96), ((1, 9), 42), ((9, 1), 52), ((2, 2), 96)]


@pytest.mark.parametrize("look", [look for look in LOOKS if look != "strokes"])
def test_the_smallest_pictures_are_drawn(look):
    for shape, tone in SMALLEST:
        scene = painted(np.full(shape, tone), look=look, count=20, effort=0.1)
        assert len(scene) == 20
        large = scene.draw(16 * shape[0], 16 * shape[1])
        assert large.min() == tone if look == "low-poly" else large.std() > 0
        assert (scene.tween(scene, 0.5).draw(*shape) == scene.draw(*shape)).all()
        assert all(0 <= mark.opacity <= 1 for mark in scene.marks())


@pytest.mark.parametrize(("shape", "tone"), SMALLEST)
def test_pictures_without_room_for_a_stroke_are_refused(shape, tone):
    with pytest.raises(TargetError, match="has nothing that --look strokes would draw"):
        painted(np.full(shape, tone), look="strokes", count=20, effort=0.1)
