"""What nets look like: outlines, tones and seams, measured."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from scipy import ndimage
from scipy.spatial import cKDTree
from skimage import data

from engine.coordinator.job import advance
from engine.coordinator.state import RunState
from engine.errors import TargetError
from engine.grid import Grid
from engine.image.source import TargetWindow
from engine.image.target import Target
from engine.painters.gng.density import FULL
from engine.painters.gng.ink_map import borders, weights_of
from engine.painters.gng.painter import GasPainter
from engine.painters.gng.params import GasParams
from engine.painters.gng.scene import GasScene
from tests.doubles.running import jobs_of, open_workplace
from tests.doubles.toy import NOWHERE


def target_of(grey: Any) -> Target:
    pixels = np.repeat(np.asarray(grey, np.uint8)[..., None], 3, axis=2)
    return Target(pixels, (1.0, 1.0, 1.0), True, pixels.shape[:2], None, NOWHERE)


def painted(grey: Any, grid: str = "auto", seed: int = 0, effort: float = 1, **params: Any) -> GasScene:
    """The scene of a whole run."""
    target = target_of(grey)
    analysis = GasPainter(GasParams(**params)).analyse(target)
    workplace = open_workplace("gng", analysis.params, seed, target.pixels, analysis.weights)
    painter = workplace.painter
    height, width = target.full_size
    cells = Grid.fit(height, width, grid)
    blank = painter.empty_scene(height, width, analysis.background)
    state = RunState(painter, blank, TargetWindow(target.pixels, analysis.weights), cells)
    for index, phase in enumerate(painter.plan(cells, effort)):
        for job in jobs_of(state, index, phase):
            state.apply(advance(workplace, job))
    scene = state.scene
    assert isinstance(scene, GasScene)
    return scene


def ends_of(scene: GasScene) -> tuple[Any, Any]:
    """The places of all lines' ends, (m, 2) each."""
    nodes, lines = scene.net.nodes, scene.net.lines
    at = np.searchsorted(nodes.ids, lines.ends)
    return nodes.places[at[:, 0]].astype(float), nodes.places[at[:, 1]].astype(float)


def distances(points: Any, first: Any, second: Any) -> Any:
    """From each point to the nearest of some segments."""
    along = second - first
    lengths = np.square(along).sum(axis=1) + 1e-12
    found = []
    for point in points:
        share = np.clip(((point - first) * along).sum(axis=1) / lengths, 0, 1)
        found.append(np.linalg.norm(point - first - share[:, None] * along, axis=1).min())
    return np.array(found)


@pytest.mark.parametrize("seed", [0, 1])
def test_the_skinny_horse_has_its_outline(seed):
    ink = ~data.horse()
    scene = painted(255 * ~ink, seed=seed, count=1000, points="binary", border=200)
    assert len(scene) == 1000
    y, x = np.nonzero(ink & ~ndimage.binary_erosion(ink, border_value=1))
    far = distances(np.column_stack([x, y])[::3] + 0.5, *ends_of(scene))
    assert far.mean() <= 0.4
    assert np.quantile(far, 0.95) <= 1
    darkness = 1 - scene.draw(8 * ink.shape[0], 8 * ink.shape[1])[..., 0] / 255
    outside = darkness[np.kron(~ink, np.ones((8, 8), bool))].sum() / darkness.sum()
    assert outside <= 0.003


def test_without_a_border_the_outline_is_where_the_outermost_nodes_are():
    ink = ~data.horse()
    scene = painted(255 * ~ink, count=1000, points="binary")
    y, x = np.nonzero(ink & ~ndimage.binary_erosion(ink, border_value=1))
    assert distances(np.column_stack([x, y])[::9] + 0.5, *ends_of(scene)).mean() > 2


@pytest.mark.parametrize(("look", "least"), [("stipple", 0.97), ("net", 0.95), ("width", 0.95)])
def test_the_cameraman_has_his_tones(look, least):
    grey = data.camera()
    drawn = painted(grey, look=look, count=10_000, effort=0.5).draw(512, 512)[..., 0]
    drawn, wanted = (ndimage.gaussian_filter(picture.astype(float), 5) for picture in (drawn, grey))
    assert np.corrcoef(drawn.ravel(), wanted.ravel())[0, 1] >= least
    contrasts = [
        (picture[20:150, 350:500].mean() - picture[190:230, 440:500].mean()) / picture.std()
        for picture in (drawn, wanted)
    ]
    assert contrasts[0] >= 0.5 * contrasts[1], "the buildings stand out from the sky"


def test_seams_do_not_show():
    scene = painted(np.full((384, 384), 100), grid="3x3", count=5000, effort=0.5)
    first, second = ends_of(scene)
    places = scene.net.nodes.places
    spacings = cKDTree(places).query(places, 2)[0][:, 1]

    def crossings(x):
        return np.count_nonzero((first[:, 0] < x) != (second[:, 0] < x))

    def spacing(x):
        return spacings[np.abs(places[:, 0] - x) < 6].mean()

    seams = [128, 256, 64, 192, 320]  # of plain and of shifted tiles
    others = [x for x in range(20, 370, 5) if min(abs(x - seam) for seam in seams) > 10]
    control = np.array([crossings(x) for x in others])
    for lines in (seams[:2], seams[2:]):
        assert abs(np.mean([crossings(x) for x in lines]) - control.mean()) <= 2 * control.std()
        assert np.mean([spacing(x) for x in lines]) == pytest.approx(
            np.mean([spacing(x) for x in others]), rel=0.05
        )


def test_ink_is_linear_in_tone():
    shades = np.array([0.2, 0.4, 0.6, 0.8, 1.0])
    grey = np.repeat(np.rint(255 * (1 - shades)), 80)[None].repeat(200, axis=0)
    for look in ("net", "stipple"):
        scene = painted(grey, look=look, count=6000, sigma=0.1, contrast=1, gamma=1, equalise=0, detail=0)
        drawn = 1 - scene.draw(200, 400)[..., 0] / 255
        ink = np.array([drawn[10:-10, 80 * k + 10 : 80 * k + 70].mean() for k in range(5)])
        slope = (ink @ shades) / (shades @ shades)
        assert np.abs(ink - slope * shades).max() < 0.05, look


def test_nodes_are_as_many_as_wanted_and_where_the_ink_is():
    grey = np.full((100, 100), 255)
    grey[20:60, 30:80] = 0
    scene = painted(grey, count=77, points="binary")
    x, y = scene.net.nodes.places.T
    assert len(scene) == 77
    assert ((x >= 30) & (x <= 80) & (y >= 20) & (y <= 60)).all()


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_few_nodes_are_enough(count):
    scene = painted(np.full((40, 60), 90), count=count)
    assert len(scene) == count
    assert scene.draw(40, 60).shape == (40, 60, 3)


def test_a_picture_without_ink_is_refused():
    with pytest.raises(TargetError, match="has nothing that --look net would draw with --points binary"):
        weights_of(target_of(np.full((30, 30), 80)), GasParams(points="binary"))
    with pytest.raises(TargetError, match=r"painter\.invert=true"):
        weights_of(target_of(np.full((30, 30), 255)), GasParams())


def test_specks_are_left_out_of_the_union_of_two_thresholds():
    grey = np.full((90, 90), 200)
    grey[10:40, 10:40] = 20
    grey[60:62, 60:62] = 20
    ink = weights_of(target_of(grey), GasParams(points="binary", threshold="union", sigma=0)) > 0
    assert ink[25, 25]
    assert not ink[60, 60]


@pytest.mark.parametrize("threshold", ["otsu", "local", "sauvola", "niblack", "union"])
def test_every_threshold_finds_the_letters_of_a_page(threshold):
    page = data.page()[:142]
    ink = weights_of(target_of(page), GasParams(points="binary", threshold=threshold)) > 0
    assert page[ink].mean() < page[~ink].mean() - 25


def test_lightness_is_drawn_on_black():
    grey = np.zeros((30, 40))
    grey[:, 20:] = 255
    dark, light = (weights_of(target_of(grey), GasParams(look=look)) for look in ("net", "colour"))
    assert dark[:, 2:18].min() == FULL == light[:, 22:].max()
    assert light[:, :18].max() == 0 == dark[:, 22:].max()


def test_the_borders_of_the_picture_are_no_outline():
    ink = np.zeros((9, 9), bool)
    ink[:6] = True
    weights = borders(ink)
    assert (weights[5] == 1).all()
    assert (weights[:4] == 0).all()
    assert ((weights[4] > 0) & (weights[4] < 1)).all()


def test_faces_cover_the_picture():
    scene = painted(data.camera()[::4, ::4], look="low-poly", points="edges", count=200)
    drawn = scene.draw(256, 256)
    magenta = GasScene(scene.height, scene.width, (1.0, 0.0, 1.0), scene.net).draw(256, 256)
    assert np.abs(drawn.astype(int) - magenta).max() <= 12, "nothing shines through"
    colours = scene.net.faces.colours
    assert len(colours) == 2 * (200 + 64) - 2 - 64


def test_a_film_moves_nodes_smoothly():
    before, after = (painted(np.full((60, 60), 90), count=count) for count in (20, 30))
    lines = after.net.lines
    steps = [before.tween(after, share) for share in np.linspace(0, 1, 11)]
    for one, other in pairwise(steps):
        both = np.isin(other.net.nodes.ids, one.net.nodes.ids)
        at = np.searchsorted(one.net.nodes.ids, other.net.nodes.ids[both])
        moves = np.linalg.norm(other.net.nodes.places[both] - one.net.nodes.places[at], axis=1)
        assert moves.max() < 60 * 1.5 / 10 + 1
    assert len(steps[-1].net.lines) >= len(lines)
    new = ~np.isin(after.net.nodes.ids, before.net.nodes.ids)
    start = steps[0].net.nodes
    known = before.net.nodes.places
    for place in start.places[np.isin(start.ids, after.net.nodes.ids[new])]:
        assert (known.min(axis=0) - 1 <= place).all(), "new nodes come from those beside them"
        assert (place <= known.max(axis=0) + 1).all()


def test_more_nodes_grow_from_another_runs():
    coarse = painted(data.camera()[::4, ::4], count=100)
    target = target_of(data.camera()[::4, ::4])
    analysis = GasPainter(GasParams(count=200)).analyse(target)
    painter = GasPainter(analysis.params)
    start = painter.warm_start(coarse, target, analysis.background)
    assert start.net.nodes.places.tolist() == coarse.net.nodes.places.tolist()
    few = GasPainter(GasParams(count=40)).warm_start(coarse, target, analysis.background)
    assert len(few) == 40


def test_the_marks_of_a_file_become_nodes():
    scene = painted(np.full((60, 60), 90), count=30)
    read = GasScene.from_marks(60, 60, scene.background, list(scene.marks()))
    assert len(read) == 0
    target = target_of(np.full((60, 60), 90))
    sown = GasPainter(GasParams(count=30)).warm_start(read, target, scene.background)
    linked = np.unique(scene.net.lines.ends)
    assert len(sown) == len(linked)
    found = cKDTree(sown.net.nodes.places).query(scene.net.nodes.places[linked])[0]
    assert found.max() < 1e-3


@pytest.mark.parametrize(("before", "after"), [("layers", "net"), ("net", "layers"), ("low-poly", "stipple")])
def test_a_run_goes_on_with_the_nodes_of_another_look(before, after):
    grey = data.camera()[::4, ::4]
    first = painted(grey, look=before, count=120)
    target = target_of(grey)
    analysis = GasPainter(GasParams(look=after, count=200)).analyse(target)
    painter = GasPainter(analysis.params)
    scene = painter.warm_start(first, target, analysis.background)
    workplace, cells = (
        open_workplace("gng", analysis.params, 0, target.pixels, analysis.weights),
        Grid.fit(128, 128, "2x2"),
    )
    state = RunState(workplace.painter, scene, TargetWindow(target.pixels, analysis.weights), cells)
    for index, phase in enumerate(painter.plan(cells, 0.5, len(scene))):
        for job in jobs_of(state, index, phase):
            state.apply(advance(workplace, job))
    nodes = state.scene.net.nodes  # type: ignore[attr-defined]
    assert len(nodes) == 200
    assert set(nodes.inks) == ({0, 1, 2} if after == "layers" else {0})


def test_few_nodes_may_have_a_crowd_beside_them():
    # Births in a halo full of ink took all room, and the tile's own ones were written beyond the arrays.
    grey = np.full((256, 256), 255, np.uint8)
    grey[:, :120] = 0
    grey[60:64, 120:256:9] = 0
    assert len(painted(grey, grid="2x2", effort=0.02, count=4000, sigma=0)) <= 4000


def test_low_poly_is_as_transparent_as_its_target():
    pixels = np.zeros((60, 80, 4), np.uint8)
    pixels[20:40, 30:60] = (200, 100, 50, 255)
    target = Target(pixels, None, False, (60, 80), None, NOWHERE)
    analysis = GasPainter(GasParams(look="low-poly", count=60)).analyse(target)
    workplace, cells = (
        open_workplace("gng", analysis.params, 0, target.pixels, analysis.weights),
        Grid.fit(60, 80, "1x1"),
    )
    painter = workplace.painter
    state = RunState(
        painter, painter.empty_scene(60, 80, None), TargetWindow(pixels, analysis.weights), cells
    )
    for index, phase in enumerate(painter.plan(cells, 1)):
        for job in jobs_of(state, index, phase):
            state.apply(advance(workplace, job))
    alpha = state.draw()[..., 3]
    assert alpha[25:35, 35:55].mean() > 200
    assert alpha[:5].mean() < 40


def test_ink_is_light_on_dark_paper():
    target = target_of(data.camera()[::4, ::4])
    target = Target(target.pixels, (0.0, 0.0, 0.0), False, (128, 128), None, NOWHERE)
    analysis = GasPainter(GasParams(count=50)).analyse(target)
    assert analysis.params.colours == ("#ffffff",)
    assert analysis.params.is_light
    assert analysis.background == (0.0, 0.0, 0.0)
