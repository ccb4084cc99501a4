import io
import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pytest
import resvg_py
from PIL import Image

from engine.export.svg import to_svg
from engine.image import rmse
from engine.painters.polygons.arrays import Shapes
from engine.painters.polygons.kinds import (
    BEZIER,
    CIRCLE,
    ELLIPSE,
    LINE,
    RECTANGLE,
    ROTATED_ELLIPSE,
    ROTATED_RECTANGLE,
)
from engine.painters.polygons.scene import PolygonScene


def scene(points, colour=(1.0, 0.5, 0.0), opacity=0.25):
    return scene_of(len(points), np.array(points).ravel(), colour, opacity)


def scene_of(kind, geometry, colour=(1.0, 0.5, 0.0), opacity=0.25):
    one = Shapes(
        np.array([0]),
        np.array([kind], np.int16),
        np.array([geometry], np.float32),
        np.array([colour], np.float32),
        np.array([opacity], np.float32),
    )
    return PolygonScene(20, 40, (0.0, 0.2, 1.0), one, 1)


def test_numbers_are_short_and_nothing_is_lost():
    svg = to_svg(scene([(0.001, -0.5), (12.3456, 7.0), (-10.25, 100.0)]))
    assert svg.splitlines() == [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20" width="40" height="20">',
        '<clipPath id="page"><rect width="40" height="20"/></clipPath>',
        '<g clip-path="url(#page)">',
        '<rect width="40" height="20" fill="#0033ff"/>',
        '<path fill="#ff8000" fill-opacity=".25" d="M0 -.5 12.35 7 -10.25 100z"/>',
        "</g>",
        "</svg>",
    ]
    ET.fromstring(svg)


def test_a_transparent_background_is_not_drawn():
    clear = replace(scene([(0, 0), (9, 0), (0, 9)]), background=None)
    assert "<rect" not in to_svg(clear).split("</clipPath>")[1]


@pytest.mark.parametrize("opacity", [1.0, 0.9997])
def test_an_opaque_mark_says_nothing_of_opacity(opacity):
    assert "opacity" not in to_svg(scene([(0, 0), (9, 0), (0, 9)], opacity=opacity))


ELEMENTS = [
    (RECTANGLE, [20, 10, 8, 4], '<rect x="12" y="6" width="16" height="8" {fill}/>'),
    (
        ROTATED_RECTANGLE,
        [20, 10, 3, 4, 2],
        '<rect x="15" y="8" width="10" height="4" {fill} transform="rotate(53.13 20 10)"/>',
    ),
    (ELLIPSE, [20, 10, 8, 4], '<ellipse cx="20" cy="10" rx="8" ry="4" {fill}/>'),
    (
        ROTATED_ELLIPSE,
        [20, 10, 6, -8, 3],
        '<ellipse cx="20" cy="10" rx="10" ry="3" {fill} transform="rotate(-53.13 20 10)"/>',
    ),
    (CIRCLE, [20, 10, 7.5], '<circle cx="20" cy="10" r="7.5" {fill}/>'),
    (LINE, [5, 4, 30, 12, 1.5], '<line x1="5" y1="4" x2="30" y2="12" {stroke}/>'),
    (BEZIER, [5, 4, 20, 25, 35, 4, 1.5], '<path {stroke} d="M5 4Q20 25 35 4"/>'),
]
PAINT = {
    "fill": 'fill="#ff8000" fill-opacity=".25"',
    "stroke": 'fill="none" stroke="#ff8000" stroke-width="3" stroke-opacity=".25"',
}


@pytest.mark.parametrize(("kind", "geometry", "element"), ELEMENTS)
def test_shapes_are_native_elements(kind, geometry, element):
    assert to_svg(scene_of(kind, geometry)).splitlines()[4] == element.format(**PAINT)


def test_a_circle_stays_one_wherever_it_lies():
    rng = np.random.default_rng(0)
    for x, y, radius in rng.uniform(1, 500, (50, 3)):
        assert "<circle " in to_svg(scene_of(CIRCLE, [x, y, radius]))
        assert "<ellipse " in to_svg(scene_of(ELLIPSE, [x, y, radius, radius + 0.02]))


@pytest.mark.parametrize(("kind", "geometry", "element"), ELEMENTS)
def test_an_independent_renderer_draws_the_same(kind, geometry, element):
    picture = scene_of(kind, geometry, opacity=1.0)
    drawn = bytes(resvg_py.svg_to_bytes(svg_string=to_svg(picture), width=160, height=80))
    with Image.open(io.BytesIO(drawn)) as image:
        difference = rmse(np.asarray(image.convert("RGB")), picture.draw(80, 160))
    # resvg approximates the sides of bent strokes: from its fill of the fine outline it differs by .013.
    assert difference < (0.015 if kind == BEZIER else 0.006)
