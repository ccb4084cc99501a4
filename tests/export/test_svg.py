import io
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
import resvg_py
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from engine.export import svg as svg_module
from engine.export.animated_svg import to_moving_svg
from engine.export.layers import KEYS
from engine.export.metadata import Metadata
from engine.export.svg import Look, to_svg
from engine.export.svg_elements import _joined
from engine.grid import Grid
from engine.image.metric import rmse
from engine.scene.kinds import BEZIER, CIRCLE, ELLIPSE, LINE, RECTANGLE, ROTATED_ELLIPSE, ROTATED_RECTANGLE
from engine.scene.scene import Mark
from engine.scene.shape_scene import ShapeScene
from engine.scene.shapes import Shapes


def scene(points, colour=(1.0, 0.5, 0.0), opacity=0.25):
    return scene_of(len(points), np.array(points).ravel(), colour, opacity)


def many(count=9, side=20, opacity=None, colour=None):
    """Triangles up to `side` wide, anywhere in a picture of 120 x 200."""
    rng = np.random.default_rng(0)
    points = rng.uniform(0, [200, 120], (count, 1, 2)) + rng.uniform(-side / 2, side / 2, (count, 3, 2))
    shapes = Shapes(
        np.arange(count),
        np.full(count, 3, np.int16),
        points.reshape(count, 6).astype(np.float32),
        rng.random((count, 3), np.float32) if colour is None else np.full((count, 3), colour, np.float32),
        rng.random(count, np.float32) if opacity is None else np.full(count, opacity, np.float32),
    )
    return ShapeScene(120, 200, (0.0, 0.2, 1.0), shapes, count)


def scene_of(kind, geometry, colour=(1.0, 0.5, 0.0), opacity=0.25):
    one = Shapes(
        np.array([0]),
        np.array([kind], np.int16),
        np.array([geometry], np.float32),
        np.array([colour], np.float32),
        np.array([opacity], np.float32),
    )
    return ShapeScene(20, 40, (0.0, 0.2, 1.0), one, 1)


def test_numbers_are_short_and_nothing_is_lost():
    svg = to_svg(scene([(0.001, -0.5), (12.3456, 7.0), (-10.25, 100.0)]))
    (name,) = set(re.findall(r"t[0-9a-f]{10}", svg))
    assert svg.replace(name, "NAME").splitlines() == [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20" width="40" height="20">',
        '<clipPath id="NAME-page"><rect width="40" height="20"/></clipPath>',
        '<g clip-path="url(#NAME-page)">',
        '<rect width="40" height="20" fill="#03f"/>',
        '<path d="m0-.5 12.35 7.5-22.6 93z" fill="#ff8000" fill-opacity=".25"/>',
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
        '<rect x="15" y="8" width="10" height="4" transform="rotate(53.13 20 10)" {fill}/>',
    ),
    (ELLIPSE, [20, 10, 8, 4], '<ellipse cx="20" cy="10" rx="8" ry="4" {fill}/>'),
    (
        ROTATED_ELLIPSE,
        [20, 10, 6, -8, 3],
        '<ellipse cx="20" cy="10" rx="10" ry="3" transform="rotate(-53.13 20 10)" {fill}/>',
    ),
    (CIRCLE, [20, 10, 7.5], '<circle cx="20" cy="10" r="7.5" {fill}/>'),
    (LINE, [5, 4, 30, 12, 1.5], '<line x1="5" y1="4" x2="30" y2="12" {stroke}/>'),
    (BEZIER, [5, 4, 20, 25, 35, 4, 1.5], '<path d="m5 4q15 21 30 0" {stroke} fill="none"/>'),
]
PAINT = {
    "fill": 'fill="#ff8000" fill-opacity=".25"',
    "stroke": 'stroke="#ff8000" stroke-opacity=".25" stroke-width="3"',
}


@pytest.mark.parametrize(("kind", "geometry", "element"), ELEMENTS)
def test_shapes_are_native_elements(kind, geometry, element):
    assert to_svg(scene_of(kind, geometry)).splitlines()[4] == element.format(**PAINT)


def test_a_circle_stays_one_wherever_it_lies():
    rng = np.random.default_rng(0)
    for x, y, radius in rng.uniform(1, 500, (50, 3)):
        assert "<circle " in to_svg(scene_of(CIRCLE, [x, y, radius]))
        assert "<ellipse " in to_svg(scene_of(ELLIPSE, [x, y, radius, radius + 0.02]))


@given(values=st.lists(st.floats(-1e5, 1e5), min_size=1, max_size=6), decimals=st.integers(0, 6))
def test_numbers_that_run_together_read_back(values, decimals):
    units = [round(value * 10**decimals) for value in values]
    text = _joined(units, decimals)
    read = [Decimal(each) for each in re.findall(r"-?(?:\d+\.?\d*|\.\d+)", text)]  # as SVG's grammar has it
    assert [each * 10**decimals for each in read] == units


@pytest.mark.parametrize("decimals", [0, 1, 3])
def test_precision_is_the_number_of_decimals(decimals):
    steps = to_svg(scene([(0.1234, 0.5678), (12.3456, 7.1), (3.3333, 9.9)]), look=Look(decimals))
    x, _, dx, *_ = re.findall(r"-?\d*\.?\d+", steps.split('d="m')[1])
    assert len(x.partition(".")[2]) <= decimals
    assert float(x) + float(dx) == pytest.approx(round(12.3456, decimals)), "rounding doesn't add up"


def test_what_all_have_in_common_is_said_once():
    svg = to_svg(many(opacity=0.5))
    assert svg.count('fill-opacity=".5"') == 1
    assert svg.count("<g") == 2
    assert to_svg(many(opacity=0.5, colour=(0, 0, 0))).count("fill=") == 1, (
        "black is what SVG takes for granted"
    )
    assert to_svg(many(count=1)).count("<g") == 1
    assert to_svg(many(count=0)).count("<g") == 1


def test_it_says_what_it_is_whatever_the_target_is_called():
    metadata = Metadata("<b> & \ufffd", "how > why", "")
    root = ET.fromstring(to_svg(scene([(0, 0), (9, 0), (0, 9)]), metadata))
    assert [(each.tag.rpartition("}")[2], each.text) for each in root[:2]] == [
        ("title", "<b> & \ufffd"), ("desc", "how > why"),
    ]  # fmt: skip


def drawn(svg, height, width):
    """By resvg, premultiplied floats."""
    png = bytes(resvg_py.svg_to_bytes(svg_string=svg, width=width, height=height))
    with Image.open(io.BytesIO(png)) as image:
        return np.asarray(image.convert("RGBa")).astype(float)


@pytest.mark.parametrize("form", ["level", "tile"])
@pytest.mark.parametrize("background", [(0.1, 0.5, 0.9), None])
def test_groups_change_nothing_of_the_picture(form, background):
    picture = replace(many(count=150, side=60), background=background)
    grid = Grid.fit(picture.height, picture.width, "3x5")
    grouped = to_svg(picture, look=Look(key=KEYS[form](grid)))
    ET.fromstring(grouped)
    assert grouped.count("inkscape:label") > 3
    for scale in (1, 2):
        size = scale * picture.height, scale * picture.width
        difference = np.abs(drawn(grouped, *size) - drawn(to_svg(picture), *size))
        assert difference.max() <= 1


@pytest.mark.parametrize(("kind", "geometry", "element"), ELEMENTS)
def test_an_independent_renderer_draws_the_same(kind, geometry, element):
    picture = scene_of(kind, geometry, opacity=1.0)
    drawn = bytes(resvg_py.svg_to_bytes(svg_string=to_svg(picture), width=160, height=80))
    with Image.open(io.BytesIO(drawn)) as image:
        difference = rmse(np.asarray(image.convert("RGB")), picture.draw(80, 160))
    # resvg approximates the sides of bent strokes: from its fill of the fine outline it differs by .013.
    assert difference < (0.015 if kind == BEZIER else 0.006)


def names(svg):
    """Of all that a page of HTML has in common with what stands in it."""
    root = ET.fromstring(svg)
    attributes = [set(each.get(kind, "").split()) for each in root.iter() for kind in ("id", "class")]
    return set().union(*attributes, re.findall(r"@keyframes ([\w-]+)", svg))


def references(svg):
    return set(re.findall(r"url\(#([\w-]+)\)", svg)) | set(re.findall(r"#([\w-]+) \[style\]", svg))


def test_what_stands_in_one_page_has_no_names_in_common():
    pictures = [many(count=40), many(count=41)]
    levels = Look(key=KEYS["level"](Grid.fit(120, 200, "3x5")))
    files = [
        make(picture)
        for picture in pictures
        for make in (
            to_svg,
            lambda picture: to_svg(picture, look=levels),
            lambda picture: to_svg(picture, look=Look(clip="cut", key=levels.key)),
            lambda picture: to_moving_svg(picture, 9, 1, 1),
            lambda picture: to_svg(picture, Metadata("another", "", "")),
        )
    ]
    found = [names(svg) for svg in files]
    assert all(found)
    assert sum(map(len, found)) == len(set().union(*found))
    for svg, own in zip(files, found, strict=True):
        assert references(svg) <= own
        assert all(re.match("[a-z]", name) for name in own), "CSS has no names that begin with a digit"
    assert to_svg(many(count=40)) == files[0], "the same whenever it is made"


def test_rules_are_for_their_own_file():
    style = to_moving_svg(many(), 9, 1, 1).partition("<style>")[2].partition("</style>")[0]
    rules = re.findall(r"([^{}]+)\{[^{}]*\}", style.partition("{")[2])
    assert [
        rule for rule in rules if not re.match(r"#t[0-9a-f]{10} |@keyframes t[0-9a-f]{10}|from", rule)
    ] == []


def test_two_in_a_page_are_drawn_as_each_alone():
    first, second = (
        to_svg(scene([(-9, -9), (99, 5), (9, 99)], (1.0, 0.5, 0.0), opacity)) for opacity in (1, 0.3)
    )
    page = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40" width="40" height="40">'
        f"{first}{second.replace('<svg ', '<svg y=' + chr(34) + '20' + chr(34) + ' ', 1)}</svg>"
    )
    both = drawn(page, 40, 40)
    np.testing.assert_array_equal(both, np.concatenate([drawn(first, 20, 40), drawn(second, 20, 40)]))


@pytest.mark.parametrize(
    ("look", "attributes"),
    [
        (Look(size=("10cm", "5cm")), 'width="10cm" height="5cm">'),
    ],
)
def test_it_says_how_large_it_is_and_keeps_its_coordinates(look, attributes):
    svg = to_svg(many(), look=look)
    assert svg.splitlines()[0].endswith(f'viewBox="0 0 200 120" {attributes}')
    assert svg.splitlines()[2:-1] == to_svg(many(), look=look).splitlines()[2:-1]


def test_what_sticks_out_of_its_box_is_cut_off():
    filled = to_svg(many(), look=Look(size=("120", "120"), window=(40, 0, 160, 120)))
    np.testing.assert_array_equal(drawn(filled, 120, 120), drawn(to_svg(many()), 120, 200)[:, 40:160])


def test_many_lines_in_a_row_are_several_paths(monkeypatch):
    marks = [Mark("stroke", np.array([[x, 1], [x + 2, 19]]), (0, 0, 0), 1, 1.5) for x in range(0, 30, 3)]
    whole = ShapeScene.from_marks(20, 40, (1.0, 1.0, 1.0), marks)
    text = to_svg(whole)
    monkeypatch.setattr(svg_module, "MOST_LINES", 4)
    parts = to_svg(whole)
    assert (text.count("<path"), parts.count("<path")) == (1, 3)
    np.testing.assert_array_equal(drawn(parts, 40, 80), drawn(text, 40, 80))


def test_the_file_is_the_text_with_its_name_in_every_place():
    scene, file = many(), io.BytesIO()
    look = Look(key=KEYS["tile"](Grid.fit(scene.height, scene.width, "2x2")))
    svg_module.write_svg(file, scene, None, look)
    text = file.getvalue().decode()
    names = set(re.findall(r"\bt[0-9a-f]{10}", text))
    assert len(names) == 1
    name = names.pop()
    assert text.count(name) >= 3
    assert svg_module.named(text.replace(name, svg_module.NAME)) == text
