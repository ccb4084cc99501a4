"""Strokes of cubic curves with round ends in an SVG: short, and drawn by others as what they are."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import given

from engine.export.animated_svg import to_moving_svg
from engine.export.svg import to_svg
from engine.export.svg_elements import element, tag
from tests.export.strokes import ARC, STROKES, WAVE, curve, scene, strokes, truth
from tests.export.test_svg import drawn


def distance(first, second):
    return np.sqrt(np.square(np.subtract(first, second, dtype=float)).mean()) / 255


def fine(svg, height=40, width=60, times=8):
    """By resvg, which has few steps of a pixel, at eight times the size and then made smaller."""
    large = drawn(svg, times * height, times * width)[..., :3]
    return large.reshape(height, times, width, times, 3).mean(axis=(1, 3))


@pytest.mark.parametrize("mark", STROKES)
def test_an_independent_renderer_draws_what_it_is(mark):
    picture = scene(mark)
    assert distance(fine(to_svg(picture)), truth(picture)) < 0.005


def test_what_all_have_in_common_is_said_once():
    svg = to_svg(scene(WAVE, *(curve(*(WAVE.points + shift), width=4) for shift in (3, 5))))
    for name in ("stroke", "fill", "stroke-width", "stroke-linecap", "stroke-linejoin"):
        assert svg.count(f' {name}="') == 1 + (name == "fill"), name  # the background has one, too
    assert svg.splitlines()[5] == '<path d="m8 20c6-16 14-16 20 0s14 16 20 0"/>'


def test_paths_are_relative_and_a_smooth_curve_goes_on():
    corner = curve((1, 2), (3, 2), (5, 4), (5, 6), (9, 6), (9.5, 6.25), (8, 9), cap="butt")
    assert tag(element(corner, 2)) == (
        '<path d="m1 2c2 0 4 2 4 4 4 0 4.5.25 3 3" stroke="#000" stroke-width="3" stroke-linejoin="round" '
        'fill="none"/>'
    )
    assert 'stroke-linecap="round"' in tag(element(ARC, 2))
    assert "stroke-linejoin" not in tag(element(ARC, 2))


def read_back(path):
    """The control points that a path of m, c and s says, (n, 2)."""
    points = []
    for command, text in re.findall("([mcs])([^mcs]*)", path):
        steps = np.array(re.findall(r"-?(?:\d+\.?\d*|\.\d+)", text), float).reshape(-1, 2)
        if command == "m":
            points = [steps[0]]
            continue
        for at in range(0, len(steps), 3 if command == "c" else 2):
            start = points[-1]
            told = list(start + steps[at : at + (3 if command == "c" else 2)])
            points += told if command == "c" else [2 * start - points[-2], *told]
    return np.array(points)


@given(strokes.filter(lambda mark: len(mark.points) > 3))
def test_every_control_point_is_where_it_was(mark):
    (path,) = re.findall(' d="([^"]*)"', tag(element(mark, 2)))
    assert np.abs(read_back(path) - mark.points).max() <= 0.0252 + 1e-9


@given(strokes)
def test_it_is_xml_and_says_its_ends(mark):
    root = ET.fromstring(to_svg(scene(mark)))
    assert {each.get("stroke-linecap") for each in root.iter()} - {None} == (
        {"round"} if mark.cap == "round" else set()
    )


def test_lines_in_a_row_that_differ_in_their_ends_are_not_one():
    same = [curve((1, 1), (9, at), cap=cap) for at, cap in enumerate(("butt", "butt", "round", "round"))]
    paths = re.findall("<path[^>]*>", to_svg(scene(*same)))
    assert ["round" in path for path in paths] == [False, True]


def test_one_that_paints_itself_ends_as_the_finished_picture():
    picture = scene(*STROKES)
    moving = to_moving_svg(picture, 9, 1, 1)
    np.testing.assert_array_equal(drawn(moving, 80, 120), drawn(to_svg(picture), 80, 120))
    assert len(re.findall("--t:", moving)) == len(STROKES)
