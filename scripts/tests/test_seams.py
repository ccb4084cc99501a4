"""The bench's measure of seams, on lines that are known and on what is painted."""

import subprocess

import numpy as np
import pytest

from engine.grid import PLAIN, SHIFTED, Grid
from engine.image.pixels import encode_png
from engine.painters.base import Phase
from engine.scene.scene import Mark
from engine.scene.shape_scene import ShapeScene
from scripts.benches.runs import tessera
from scripts.benches.seams import Lines, excess, gradient, hairlines, hairs, painted, plotted, segments_of

SIDE = 256
LINES = Lines(np.array([64.0, 128.0, 192.0]), np.array([64.0, 128.0, 192.0]))


def triangles(count, seed=0):
    """Random ones of random directions, (count, 3, 2)."""
    rng = np.random.default_rng(seed)
    return rng.uniform(0, SIDE, (count, 1, 2)) + rng.uniform(-30, 30, (count, 3, 2))


def marks_of(corners, opacity=1.0):
    rng = np.random.default_rng(1)
    return [Mark("polygon", points, tuple(rng.uniform(size=3).tolist()), opacity) for points in corners]


def pressed(corners, line, axis, count):
    """The first triangles with two corners on a line."""
    corners = corners.copy()
    corners[:count, :2, axis] = line
    return corners


def scene_of(corners):
    return ShapeScene.from_marks(SIDE, SIDE, (0.5, 0.5, 0.5), marks_of(corners))


@pytest.mark.parametrize("by_length", [False, True])
def test_without_seams_as_much_lies_along_lines_as_elsewhere(by_length):
    found = [excess(segments_of(marks_of(triangles(3000, seed))), LINES, by_length) for seed in range(8)]
    here, elsewhere = sum(one.here for one in found), sum(one.elsewhere for one in found)
    assert here == pytest.approx(elsewhere, rel=0.3)


@pytest.mark.parametrize("axis", [0, 1])
def test_edges_on_one_line_are_found_whatever_their_direction(axis):
    corners = pressed(triangles(500), LINES[axis][1], axis, 12)
    found = excess(segments_of(marks_of(corners)), LINES)
    assert found.most >= 12
    assert found.ratio > 3
    away = excess(segments_of(marks_of(pressed(triangles(500), LINES[axis][1] + 5, axis, 12))), LINES)
    assert away.ratio < 1.5


def test_edges_count_as_the_plain_definition_says():
    segments = segments_of(marks_of(np.concatenate([triangles(200), pressed(triangles(9), 64.2, 0, 9)])))
    count = 0
    for (ax, ay), (bx, by) in segments:
        for along, across, lines, middle in (
            (abs(by - ay), abs(bx - ax), LINES.xs, (ax + bx) / 2),
            (abs(bx - ax), abs(by - ay), LINES.ys, (ay + by) / 2),
        ):
            if np.degrees(np.arctan2(across, along)) <= 2:
                count += sum(abs(middle - line) <= 0.3 for line in lines)
    assert count >= 9
    assert excess(segments, LINES).here == count


def test_ink_is_what_can_be_seen():
    corners = pressed(triangles(40), 128, 0, 10)
    seen = excess(plotted(scene_of(corners)), LINES, by_length=True)
    cover = np.array([[[-9, -9], [600, -9], [-9, 600]]])
    hidden = excess(plotted(scene_of(np.concatenate([corners, cover]))), LINES, by_length=True)
    assert seen.here > 50
    assert hidden.here == 0


def test_a_hairline_is_a_row_that_differs_from_both_sides():
    picture = np.full((40, 30, 3), 100, np.uint8)
    picture[10, :15], picture[20:22] = 110, 90
    picture[30:] = 200  # an edge is none
    expected = np.zeros(40)
    expected[10], expected[20:22] = 0.5, 1
    np.testing.assert_array_equal(hairs(picture), expected)


def test_gaps_between_shapes_along_a_line_are_hairlines():
    halves = [[(0, 0), (64 - gap, 0), (64 - gap, SIDE), (0, SIDE)] for gap in (0.15, 0)]
    rest = [(64, 0), (SIDE, 0), (SIDE, SIDE), (64, SIDE)]
    shares = []
    for half in halves:
        marks = [Mark("polygon", np.array(part, float), (1.0, 1.0, 1.0), 1.0) for part in (half, rest)]
        scene = ShapeScene.from_marks(SIDE, SIDE, (0.0, 0.0, 0.0), marks)
        shares.append(hairlines(scene.drawable(6 * SIDE, 6 * SIDE), LINES))
    assert shares[0] > 0 == shares[1]


def test_lines_are_the_borders_of_all_passes():
    grid = Grid.fit(64, 128, "1x2")
    plan = [Phase(1, tiling, "place", 1, 1, 1, 1.0) for tiling in (PLAIN, SHIFTED)]
    lines = Lines.of(plan, grid)
    assert lines.xs.tolist() == [32, 64, 96]
    assert lines.ys.tolist() == []


@pytest.mark.parametrize(
    "painter", [("--count", 1500), ("--painter", "gng", "--count", 6000, "--set", "painter.contrast=1")]
)
def test_a_smooth_picture_is_painted_without_seams(painter, tmp_path):
    """Where nothing else draws edges: with borders that come back there are ten times as many along them."""
    (tmp_path / "smooth.png").write_bytes(encode_png(gradient(512)))
    flags = (*painter, "--effort", 0.5, "--no-film", "--out", tmp_path / "run", "--quiet")
    subprocess.run(tessera("render", tmp_path / "smooth.png", *flags), check=True)
    scene, lines = painted(tmp_path / "run")
    found = excess(segments_of(scene.marks()), lines)
    assert found.here <= 1.5 * found.elsewhere + 3 * found.elsewhere**0.5
    assert found.most <= 4
