"""A plot is the picture in lines: in millimetres, within its borders, each line once, and soon drawn."""

import json
import math
import re
import shutil
import sys
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import shapely
import vpype
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import afterwards
from engine.cli.messages import Lines, say
from engine.errors import SpecError, ToolError
from engine.events import Event, Exported, PenWork, Plotted
from engine.export.metadata import Metadata
from engine.export.pdf import page_layout
from engine.export.plotter.files import MARGIN
from engine.export.plotter.occlusion import visible
from engine.export.plotter.page import PlotterPage, to_svg
from engine.export.plotter.path_order import Strand, hops, lengths, route, seconds
from engine.export.plotter.pens import find_pens, paper_of
from engine.export.plotter.plotter import Plot, to_plot
from engine.installation import to_add
from engine.scene.scene import Mark
from engine.scene.shape_scene import ShapeScene
from engine.spec.models import ExportSettings
from engine.spec.settings import from_flags

SVG = "{http://www.w3.org/2000/svg}"
INKSCAPE = "{http://www.inkscape.org/namespaces/inkscape}"
LEGEND = Metadata("title", "how it was made", "")
BLACK, WHITE, RED = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), (0.8, 0.2, 0.0)
# On this page a pixel of a picture of 120 x 80 is half a millimetre, and the picture begins at (10, 10).
PAGE = {"page": "80x60", "margin": "10mm"}


def polygon(*corners, colour=BLACK, opacity=1.0):
    return Mark("polygon", np.array(corners, np.float64), colour, opacity)


def box(x0, y0, x1, y1, colour=BLACK, opacity=1.0):
    centre = (x0 + x1) / 2, (y0 + y1) / 2
    points = np.array([centre, (x1, centre[1]), (centre[0], y1)], np.float64)
    return Mark("rectangle", points, colour, opacity)


def circle(x, y, radius, colour=BLACK):
    return Mark("ellipse", np.array([(x, y), (x + radius, y), (x, y + radius)], np.float64), colour, 1.0)


def stroke(*points, width=0.2, colour=BLACK, opacity=1.0):
    return Mark("stroke", np.array(points, np.float64), colour, opacity, width)


def scene(*marks, background=WHITE, height=80, width=120):
    return ShapeScene.from_marks(height, width, background, marks)


@dataclass(frozen=True)
class Made:
    plot: Plot
    svg: str

    @property
    def pens(self):
        return self.plot.work


def plot(picture, is_chosen=False, **changes):
    wanted = ExportSettings.model_validate(PAGE | changes)
    page = PlotterPage.of(picture, page_layout(picture.height, picture.width, wanted, MARGIN))
    made = to_plot(picture, page, wanted, is_chosen)
    return Made(made, to_svg(page, LEGEND, made.layers, wanted.pen))


def layers(svg):
    """The lines of each layer, (n, 2) in mm, by its name."""
    return {
        group.get(f"{INKSCAPE}label"): [
            np.array(re.findall(r"([-\d.]+),([-\d.]+)", str(path.get("d"))), np.float64) for path in group
        ]
        for group in ET.fromstring(svg).iter(f"{SVG}g")
    }


def lines_of(*marks, **changes):
    """All lines of a plot with one pen at most."""
    drawn = list(layers(plot(scene(*marks), **changes).svg).values())
    assert len(drawn) <= 1
    return drawn[0] if drawn else []


def ink(*marks, **changes):
    """Millimetres."""
    return lengths(lines_of(*marks, **changes)).sum()


@pytest.mark.parametrize(
    ("size", "settings", "page", "corner", "picture"),
    [
        ((80, 120), {"page": "a4", "margin": "15mm"}, (297, 210), (15, 16), (267, 178)),
        ((120, 80), {"page": "a4", "margin": "15mm"}, (210, 297), (16, 15), (178, 267)),
        ((80, 120), {"page": None, "margin": "1cm"}, (51.75, 41.167), (10, 10), (31.75, 21.167)),
    ],
)
def test_a_page_is_in_millimetres_and_the_picture_in_its_margins(size, settings, page, corner, picture):
    height, width = size
    frame = scene(box(0, 0, width, height), height=height, width=width)
    root = ET.fromstring(plot(frame, **settings).svg)
    assert root.get("width") == f"{page[0]:g}mm"
    assert root.get("height") == f"{page[1]:g}mm"
    assert root.get("viewBox") == f"0 0 {page[0]:g} {page[1]:g}"
    ((line,),) = layers(plot(frame, **settings).svg).values()
    np.testing.assert_allclose(line.min(axis=0), corner, atol=0.002)
    np.testing.assert_allclose(line.max(axis=0) - line.min(axis=0), picture, atol=0.002)


def test_there_are_strokes_alone_as_wide_as_the_pen():
    root = ET.fromstring(plot(scene(box(9, 9, 60, 60), circle(60, 40, 30)), pen="0.5mm").svg)
    assert {each.tag.removeprefix(SVG) for each in root.iter()} == {"svg", "title", "desc", "g", "path"}
    (group,) = root.iter(f"{SVG}g")
    assert (group.get("fill"), group.get("stroke"), group.get("stroke-width")) == ("none", "#000000", "0.5")
    assert group.get(f"{INKSCAPE}groupmode") == "layer"
    assert all(path.keys() == ["d"] for path in group)


colours = st.tuples(*[st.sampled_from([0.0, 0.2, 0.5, 1.0])] * 3)
places = st.floats(-60, 180, allow_nan=False)
points = st.tuples(places, places)
opacities = st.sampled_from([0.02, 0.3, 0.6, 1.0])
looks = {"colour": colours, "opacity": opacities}
marks = st.one_of(
    st.builds(polygon, points, points, points, points, points, **looks),  # many of them cross themselves
    st.builds(stroke, points, points, points, width=st.floats(0.1, 30), **looks),
    st.builds(stroke, points, points, width=st.floats(0.1, 30), **looks),
    st.builds(box, places, places, places, places, **looks),
    st.builds(circle, places, places, st.floats(0.01, 90), colours),
)


@settings(max_examples=60)
@given(
    st.lists(marks, max_size=8),
    st.sampled_from(["none", "tone", "1.3mm"]),
    st.sampled_from(["auto", 3, "#000000,#cc3300"]),
    st.sampled_from([WHITE, BLACK, RED, None]),
)
def test_nothing_is_drawn_beyond_the_picture(all_, hatch, pens, background):
    made = plot(scene(*all_, background=background), hatch=hatch, pens=pens)
    drawn = [line for lines in layers(made.svg).values() for line in lines]
    assert len(drawn) == sum(pen.lines for pen in made.pens)
    for line in drawn:
        assert len(line) >= 2
        assert (line >= 10 - 0.001).all()
        assert (line <= np.array([70, 50]) + 0.001).all()


@pytest.mark.parametrize(
    ("mark", "length"),
    [
        (polygon((20, 20), (80, 20), (80, 65)), (60 + 45 + 75) / 2),
        (box(20, 20, 50, 60), 70),
        (circle(60, 40, 30), 15 * 2 * math.pi),
        (stroke((10, 10), (110, 10)), 50),
        (stroke((20, 20), (50, 20), (80, 20)), 30),
        (stroke((10, 10), (40, 10), (40, 40)), 15 * 1.62322524),  # a parabola's arc, by its formula
        (stroke((10, 10), (110, 10), width=1.2), 2 * 50 + 0.3),  # 0.6 mm: two lines, joined at an end
        (stroke((10, 10), (110, 10), width=20), 2 * 60),  # a bar has an outline
        (stroke((10, 10), (110, 10), width=1.2, opacity=0.5), 50),
        (stroke((-40, 10), (60, 10)), 30),
        (circle(60, 40, 0.2), 0.1),  # a dot
        (stroke((10, 10), (110, 10), width=1.5), 3 * 50 + 2 * 0.225),  # 0.75 mm
        (circle(60, 40, 0.78), 0.24 * 16 * math.sin(math.pi / 8) + 0.29),  # a ring, and a dot joined to it
        (circle(60, 40, 0.6), 0.15 * 16 * math.sin(math.pi / 8)),  # a ring within, of eight sides
        (stroke((10, 10), (10, 10)), 0),
        (stroke((10, 10), (110, 10), colour=WHITE), 0),
        (box(20, 20, 50, 60, opacity=0.02), 0),
    ],
)
def test_the_ink_of_known_shapes(mark, length):
    assert ink(mark) == pytest.approx(length, rel=0.004, abs=0.002)


def test_dots_of_nothing_but_ink_are_filled_and_paler_ones_of_that_size_are_outlines():
    black = {"pen": "0.3mm", "pens": "#000000"}
    scale = ink(circle(60, 40, 4), **black) / (2 * math.pi * 4)  # mm a px; a twelfth of 80 px is less
    area = math.pi * (3 * scale) ** 2
    assert ink(circle(60, 40, 3), **black) == pytest.approx(area / 0.3, rel=0.2), "filled"
    pale = ink(circle(60, 40, 3, (0.6, 0.6, 0.6)), **black)
    assert pale == pytest.approx(2 * math.pi * 3 * scale, rel=0.01), "an outline"


def test_what_lies_below_a_shape_is_not_drawn():
    below = stroke((20, 40), (100, 40))  # 40 mm
    above = {"colour": WHITE, "opacity": 1.0}
    outline = ink(box(40, 20, 80, 60))
    assert ink(below, box(40, 20, 80, 60, **above)) == pytest.approx(20 + outline, abs=0.2)
    assert ink(below, box(40, 20, 80, 60, WHITE, 0.6)) == pytest.approx(20 + outline, abs=0.2)
    assert ink(below, box(40, 20, 80, 60, WHITE, 0.4)) == pytest.approx(40 + outline, abs=0.2)
    assert ink(box(40, 20, 80, 60, **above), below) == pytest.approx(40 + outline, abs=0.2)
    assert ink(below, box(10, 10, 110, 70, **above)) == pytest.approx(ink(box(10, 10, 110, 70)), abs=0.2)


def test_an_edge_that_shapes_share_is_drawn_once():
    grid = [box(x, y, x + 20, y + 20) for x in range(10, 110, 20) for y in range(10, 70, 20)]
    assert ink(*grid) == pytest.approx((6 * 60 + 4 * 100) / 2, abs=30 * 0.15)


def test_crumbs_between_shapes_are_left_out():
    line = np.array([[0.0, 0.0], [10.0, 0.0]])
    covers = [np.array([[x, -1], [x + 3, -1], [x + 3, 1], [x, 1], [x, -1]]) for x in (1, 4.2, 7.8)]
    areas = dict(enumerate(map(shapely.Polygon, covers), 1))
    pieces, owners = visible([line], np.array([0]), areas, (0, -1, 10, 1), 0.3)
    assert owners.tolist() == [0, 0]
    np.testing.assert_allclose(np.stack(pieces)[..., 0], np.array([[0, 0.925], [7.275, 7.725]]))


def shuffled_chain(count):
    corners = np.array([[10 + at, 20 + 3 * (at % 2)] for at in range(count + 1)], np.float64)
    rng = np.random.default_rng(0)
    return [corners[at : at + 2][:: rng.choice([-1, 1])] for at in rng.permutation(count)]


def test_lines_that_meet_become_one():
    chain = [stroke(*ends) for ends in shuffled_chain(100)]
    (line,) = lines_of(*chain)
    assert len(line) == 101
    assert ink(*chain) == pytest.approx(50 * math.sqrt(10), abs=0.1)


def test_lines_are_sorted_and_all_of_them_are_there():
    rng = np.random.default_rng(0)
    loose = [start + np.array([[0, 0], [2, 0]]) for start in rng.uniform(0, 100, (300, 2))]
    found = route([Strand(loose, 0.1)], 0.1)
    assert hops(found).sum() < hops(loose).sum() / 8
    assert lengths(found).sum() == pytest.approx(600)
    ends = {tuple(sorted(map(tuple, line.round(6).tolist()))) for line in found}
    assert ends == {tuple(sorted(map(tuple, line.round(6).tolist()))) for line in loose}


def test_a_plot_says_what_there_is_to_do():
    rng = np.random.default_rng(1)
    loose = [stroke(start, start + np.array([8, 0])) for start in rng.uniform(0, 72, (50, 2))]
    made = plot(scene(*loose))
    (lines,) = layers(made.svg).values()
    (pen,) = made.pens
    assert (pen.name, pen.lines) == ("1-black", len(lines))
    assert pen.ink == pytest.approx(lengths(lines).sum() / 1000, abs=0.001)
    assert pen.pen_up == pytest.approx(hops(lines).sum() / 1000, abs=0.001)
    assert pen.pen_up < pen.pen_up_before / 2
    assert pen.pen_up_before == pytest.approx(
        hops([10 + mark.points / 2 for mark in loose]).sum() / 1000, abs=0.001
    )
    assert pen.minutes == pytest.approx(seconds(lines) / 60, abs=0.05)


def test_the_time_for_lines_by_hand():
    # To 50 mm/s and down again takes 12.5 mm and .5 s; with the pen up to 200 mm/s 100 mm and 1 s.
    long = np.array([[0.0, 0.0], [112.5, 0.0]])
    assert seconds([long]) == pytest.approx(0.5 + 2 + 0.24)
    assert seconds([long, long + np.array([287.5, 0])]) == pytest.approx(2 * 2.74 + 1 + 75 / 200)
    assert seconds([np.array([[0.0, 0.0], [2.0, 0.0]])]) == pytest.approx(2 * 0.1 + 0.24)
    assert seconds([]) == 0


@pytest.mark.parametrize("tone", [0.0, 0.1, 0.25, 0.5, 0.62, 0.9, 1.0])
@pytest.mark.parametrize(("hatch", "spacing"), [("tone", 0.3), ("0.8mm", 0.8)])
def test_a_hatch_is_as_dense_as_it_is_dark(tone, hatch, spacing):
    grey = (1 - tone,) * 3
    picture = scene(box(-10, -10, 130, 90, grey))
    lines = layers(plot(picture, hatch=hatch, pens="#000000").svg).get("1-black", [])
    share = lengths(lines).sum() * spacing / (60 * 40)
    assert share == pytest.approx(tone, abs=0.04), "a little more, where lines turn"


@pytest.mark.parametrize("opacity", [0.3, 0.8])
def test_what_is_thinner_is_lighter_and_shapes_add_up(opacity):
    halves = [box(-10, -10, 60, 90, opacity=opacity), box(-10, -10, 130, 90, opacity=opacity)]
    lines = lines_of(*halves, hatch="tone")
    middles = np.concatenate([(line[1:] + line[:-1]) / 2 for line in lines])
    inks = np.concatenate([np.hypot(*np.diff(line, axis=0).T) for line in lines])
    left, right = inks[middles[:, 0] < 40].sum(), inks[middles[:, 0] >= 40].sum()
    assert right * 0.3 / (30 * 40) == pytest.approx(opacity, abs=0.05)
    assert left * 0.3 / (30 * 40) == pytest.approx(1 - (1 - opacity) ** 2, abs=0.05)


def test_a_hatch_keeps_to_its_shape():
    inside = lines_of(box(40, 20, 80, 60), hatch="tone")
    for line in inside:
        assert (line >= np.array([30, 20]) - 0.11).all()
        assert (line <= np.array([50, 40]) + 0.11).all()
    assert ink(box(40, 20, 80, 60), hatch="tone") == pytest.approx(20 * 20 / 0.3, rel=0.05)
    assert len(inside) < 10, "to and fro"


def test_each_pen_hatches_its_shapes_in_a_direction_of_its_own():
    picture = scene(box(-10, -10, 60, 90), box(60, -10, 130, 90, RED))
    drawn = layers(plot(picture, hatch="tone").svg)
    ways = {}
    for name, lines in drawn.items():
        longest = max(
            (step for line in lines for step in np.diff(line, axis=0)), key=lambda step: np.hypot(*step)
        )
        ways[name] = math.degrees(math.atan2(longest[1], longest[0])) % 180
    assert ways == pytest.approx({"1-black": 45, "2-#cc3300": 113.75}, abs=0.2)
    assert max(line[:, 0].max() for line in drawn["1-black"]) == pytest.approx(40, abs=0.11)
    assert min(line[:, 0].min() for line in drawn["2-#cc3300"]) == pytest.approx(40, abs=0.11)


def test_what_is_thin_is_not_hatched():
    thin = stroke((10, 10), (110, 10), width=1.2), circle(60, 40, 0.7)
    assert ink(*thin, hatch="tone") == ink(*thin) > 100


def test_a_background_that_is_no_paper_is_hatched():
    empty = scene(background=(0.5, 0.5, 0.5))
    assert lengths(layers(plot(empty, hatch="tone").svg)["1-black"]).sum() * 0.3 == pytest.approx(
        1200, rel=0.1
    )
    assert layers(plot(empty, is_chosen=True, hatch="tone").svg) == {}
    assert layers(plot(empty).svg) == {}
    assert layers(plot(scene(background=(0.96,) * 3), hatch="tone").svg) == {}
    assert layers(plot(scene(box(-1, -1, 121, 81, (0.96,) * 3)), hatch="tone", pens="#000000").svg) == {}


def few(*codes):
    return np.array([list(bytes.fromhex(code)) for code in codes], np.float64).reshape(-1, 3) / 255


def names(colours, wanted="auto", paper=WHITE):
    return find_pens(colours, paper, wanted).names


def test_few_colours_have_a_pen_each_the_darkest_first_and_many_have_one():
    assert names(few("cc3300", "000000", "ffffff", "cc3300")) == ["1-black", "2-#cc3300"]
    assert names(few(*(f"{10 * at:02x}0000" for at in range(8)))) == [
        f"{at + 1}-{'black' if at == 0 else f'#{10 * at:02x}0000'}" for at in range(8)
    ]
    many = np.random.default_rng(0).random((1000, 3))
    assert names(many) == ["1-black"]
    assert names(many, paper=BLACK) == ["1-white"]
    assert names(few(), 5) == ["1-black"]
    assert names(many, 1) == ["1-black"]
    assert len(names(many, 6)) == 6
    assert names(many, ("#ffcc00", "#000000")) == ["1-#ffcc00", "2-black"]


def test_a_pen_draws_what_it_comes_nearest_to():
    pens = find_pens(few(), WHITE, ("#000000", "#cc0000"))
    numbers, shares = pens.inks(few("000000", "cc0000", "808080", "e68080", "ffffff", "330000"))
    assert numbers[:4].tolist() == [0, 1, 0, 1]
    assert numbers[5] == 0
    assert shares == pytest.approx([1, 1, 0.498, 0.493, 0, 0.933], abs=0.01)
    own = find_pens(few("000000", "808080"), WHITE, "auto")
    assert own.inks(few("000000", "808080"))[0].tolist() == [0, 1], "not a half of black"


@pytest.mark.parametrize(
    ("background", "is_chosen", "paper"),
    [
        (None, True, WHITE),
        ((0.96, 0.94, 0.9), False, (0.96, 0.94, 0.9)),
        ((0.05, 0.0, 0.1), False, (0.05, 0.0, 0.1)),
        ((0.2, 0.3, 0.6), False, WHITE),
        ((0.2, 0.3, 0.6), True, (0.2, 0.3, 0.6)),
    ],
)
def test_what_is_taken_for_the_paper(background, is_chosen, paper):
    assert paper_of(background, is_chosen) == paper


def test_other_programs_find_the_layers(tmp_path):
    path = tmp_path / "plot.svg"
    path.write_text(plot(scene(stroke((9, 9), (60, 60), colour=RED), box(70, 20, 90, 40))).svg)
    read = vpype.read_multilayer_svg(str(path), 0.1)
    assert {number: layer.property("vp_name") for number, layer in read.layers.items()} == {
        1: "1-black",
        2: "2-#cc3300",
    }
    millimetre = 96 / 25.4
    assert read.page_size == pytest.approx((80 * millimetre, 60 * millimetre), rel=1e-6)
    assert read.layers[2].length() / millimetre == pytest.approx(51 / math.sqrt(2), abs=0.01)


@pytest.fixture
def copy(run_folder, tmp_path):
    return Path(shutil.copytree(run_folder, tmp_path / "copy"))


def export(folder, **flags):
    events: list[Event] = []
    documents = [from_flags({f"export.{name}": value for name, value in flags.items()})]
    afterwards.export(folder, documents, events.append)
    return events


def test_the_command_line_says_how_long_it_takes(tessera, copy):
    flags = ["--format", "plotter", "--page", "a4", "--margin", "15mm", "--pen", "0.3mm"]
    done = tessera("export", copy, *flags, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert [event["event"] for event in said] == ["plotted", "exported"]
    path = copy / "picture.plotter.svg"
    assert said[0]["file"] == said[1]["file"] == str(path)
    (drawn,) = layers(path.read_text()).values()
    assert said[0]["ink"] == pytest.approx(lengths(drawn).sum() / 1000, abs=0.01)
    assert 0 < said[0]["pen_up"] < said[0]["pen_up_before"]
    assert said[0]["minutes"] > 0
    assert [pen["name"] for pen in said[0]["pens"]] == ["1-black"]


def test_a_run_is_hatched_with_several_pens_beside_its_svg(copy):
    events = export(copy, format="svg,plotter", hatch="tone", pens="3", page="a6")
    assert [event.file for event in events if isinstance(event, Exported)] == [
        str(copy / "picture.svg"),
        str(copy / "picture.plotter.svg"),
    ]
    (event,) = [event for event in events if isinstance(event, Plotted)]
    assert [pen.name[0] for pen in event.pens] == ["1", "2", "3"]
    assert event.ink == pytest.approx(sum(pen.ink for pen in event.pens))


def test_without_vpype_it_is_refused_before_anything_is_written(copy, monkeypatch):
    before = sorted(copy.rglob("*"))
    monkeypatch.setitem(sys.modules, "vpype_cli", None)
    with pytest.raises(ToolError) as caught:
        export(copy, format="svg,plotter")
    assert str(caught.value) == (
        f"export.format plotter needs vpype, which isn't installed; run {to_add('plotter')}."
    )
    assert sorted(copy.rglob("*")) == before
    export(copy, format="svg")


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        ({"pen": "0mm"}, "must be the width of a pen's line such as 0.3mm (0.05mm to 2cm), not 0mm"),
        ({"pens": "0"}, "must be auto, a number of pens from 1 to 32, or their colours such as"),
        ({"pens": "reddish"}, "must be auto, a number of pens from 1 to 32, or their colours such as"),
        ({"hatch": "dense"}, "must be none, tone or the distance of lines where it is black such as 1mm"),
    ],
)
def test_what_is_wrong_is_said(copy, flags, sentence):
    with pytest.raises(SpecError) as caught:
        export(copy, format="plotter", **flags)
    assert sentence in str(caught.value)


def test_it_is_said_in_a_line_and_one_for_each_of_several_pens():
    black, red = PenWork("1-black", 5, 1.25, 9, 0.51, 12.7), PenWork("2-#cc3300", 4, 1, 3, 1, 61)
    sums = Plotted("a.svg", 2.25, 12, 1.51, 74, (black, red))
    assert say(sums) == Lines(
        [
            "a.svg: 2.2 m of ink, 1.5 m with the pen up (12.0 m unsorted), about 1 h 14 min",
            "pen 1-black: 1.2 m of ink, 0.5 m with the pen up (9.0 m unsorted), about 13 min",
            "pen 2-#cc3300: 1.0 m of ink, 1.0 m with the pen up (3.0 m unsorted), about 1 h 1 min",
        ]
    )
    assert say(Plotted("a.svg", 0.25, 0, 0, 0.3, (black,))) == Lines(
        ["a.svg: 0.2 m of ink, 0.0 m with the pen up (0.0 m unsorted), about half a minute"]
    )
