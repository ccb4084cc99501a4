import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np

from engine.export.svg import to_svg
from engine.painters.polygons.scene import Polygons, PolygonScene


def scene(points, colour=(1.0, 0.5, 0.0), opacity=0.25):
    one = Polygons(
        np.array([0]),
        np.array([points], np.float32),
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


def test_an_opaque_mark_says_nothing_of_opacity():
    assert "opacity" not in to_svg(scene([(0, 0), (9, 0), (0, 9)], opacity=1.0))
