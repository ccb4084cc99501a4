"""What plotters read, and the preview, say the same lines as the plot, where they belong on the paper."""

import io
import re
import sys

import numpy as np
import pytest
import vpype

from engine.errors import SpecError, ToolError
from engine.events import Exported, Notice, Plotted, Trouble
from engine.export.plotter.gcode import check_profile, to_gcode
from engine.export.plotter.hpgl import paper_of_device, to_hpgl
from engine.export.plotter.path_order import lengths
from engine.export.plotter.plotter import too_near
from engine.export.plotter.preview import preview_of
from engine.installation import to_add
from tests.export.plotter.test_plotter import (  # noqa: F401  (copy is a fixture)
    BLACK,
    RED,
    box,
    circle,
    copy,
    export,
    layers,
    plot,
    scene,
    stroke,
)

MARKS = box(20, 10, 60, 50), circle(80, 40, 20, RED), stroke((10, 70), (110, 72), colour=RED)
PAGES = {"upright": "60x100", "lying": "100x60"}


@pytest.fixture(params=list(PAGES.values()), ids=list(PAGES))
def made(request):
    return plot(scene(*MARKS), page=request.param, margin=None).plot


def wanted(made):
    """The lines of each pen in mm from the lower left corner."""
    height = made.page.page[1]
    return [[line * [1, -1] + [0, height] for line in layer.lines] for layer in made.layers]


def same(found, expected, within):
    assert [len(lines) for lines in found] == [len(lines) for lines in expected]
    for lines, others in zip(found, expected, strict=True):
        for line, other in zip(lines, others, strict=True):
            np.testing.assert_allclose(line, other, rtol=0, atol=within)


def test_hpgl_has_each_pens_lines_in_its_units(made):
    text, remarks = to_hpgl(made, "generic")
    assert remarks == []
    assert text.startswith("IN;DF;SP1;PU")
    assert text.endswith("PU;SP0;IN;\n")
    pens = re.split(r"SP[1-9]\d*;", text)[1:]
    found = [
        [
            np.array(f"{start},{others}".split(","), float).reshape(-1, 2) / 40
            for start, others in re.findall(r"PU(-?\d+,-?\d+);PD([-\d,]+);", each)
        ]
        for each in pens
    ]
    same(found, wanted(made), 0.0126)


def test_gcode_has_each_pens_lines_in_millimetres_and_lifts_between_them(made):
    text, said = to_gcode(made, "pen")
    assert said == ""
    words = text.splitlines()
    assert words[:3] == ["G21", "G90", "G0 Z5"]
    assert words[-2:] == ["G0 X0 Y0", "M2"]
    assert re.findall(r"\(pen (\S+)\)", text) == [layer.name for layer in made.layers]
    assert words.count("M0 (change the pen)") == len(made.layers) - 1
    found: list[list[list[list[float]]]] = []
    is_down = False
    for word in words[:-2]:
        place = re.fullmatch(r"G([01]) X(\S+) Y(\S+)", word)
        if word.startswith("(pen"):
            found.append([])
        elif word in ("G0 Z5", "G1 Z0 F1000"):
            is_down = word != "G0 Z5"
        elif place and place[1] == "0":
            assert not is_down, "it travels with the pen up"
            found[-1].append([[float(place[2]), float(place[3])]])
        elif place:
            assert is_down
            found[-1][-1].append([float(place[2]), float(place[3])])
    same([[np.array(line) for line in lines] for lines in found], wanted(made), 0.00051)


def test_other_profiles_and_what_they_say(made):
    text, said = to_gcode(made, "gcode")
    assert text.startswith("G20\n"), "inches"
    assert said == "This gcode profile is correctly inverted across the y-axis"
    with pytest.raises(SpecError, match=r"export\.profile must be .*gcodemm.*, pen, .* not laser; ~/\.vpype"):
        check_profile("laser")


def test_a_plotter_that_vpype_knows_has_its_own_papers_and_reach():
    lying = plot(scene(*MARKS), page="a4").plot
    text, remarks = to_hpgl(lying, "hp7475a")
    assert remarks == [Notice("hp7475a: The plotter must be configured in Metric mode.")]
    assert "PS4;" in text
    numbers = np.array(re.findall(r"(-?\d+),(-?\d+)", text), int)
    assert (numbers >= 0).all()
    assert (numbers <= [11040, 7721]).all()
    with pytest.raises(SpecError, match=r"hp7475a has pages of 297x210, 420x297, 279\.4x215\.9, 431"):
        paper_of_device("hp7475a", (100, 60))
    with pytest.raises(SpecError, match=r"export\.device must be artisan, .*generic.*, not laserwriter"):
        paper_of_device("laserwriter", (100, 60))


def test_what_a_plotter_cannot_reach_is_told():
    frame = plot(scene(box(0, 0, 120, 80)), page="a4", margin="0mm").plot
    _, remarks = to_hpgl(frame, "hp7475a")
    (trouble,) = [remark for remark in remarks if isinstance(remark, Trouble)]
    assert re.match(r"hp7475a doesn't reach 0\.7 m of 1\.0 m of ink", trouble.message)


def test_an_empty_plot_is_a_file_too():
    empty = plot(scene()).plot
    assert to_hpgl(empty, "generic") == ("IN;DF;PU;SP0;IN;\n", [])
    assert to_gcode(empty, "pen")[0] == "G21\nG90\nG0 Z5\nG0 X0 Y0\nM2\n"
    assert (preview_of(empty, "order", 50).draw() == 255).all()


def test_a_plot_keeps_ten_millimetres_off_the_edge_and_less_is_told():
    frame = scene(box(0, 0, 120, 80))
    ((line,),) = layers(plot(frame, page="140x100", margin=None).svg).values()
    np.testing.assert_allclose(line.min(axis=0), [10, 10], atol=0.002)
    assert too_near(plot(frame, page="140x100", margin=None).plot) == ""
    assert too_near(plot(frame, page="140x100", margin="5.2mm").plot) == ""
    assert too_near(plot(frame, page="140x100", margin="5mm", pen="1mm").plot) == (
        "The ink comes within 4.5 mm of the paper's edge, where many plotters hold the paper or don't reach; "
        "a --margin of 10mm is usual."
    )
    assert "within 0.0 mm" in too_near(plot(frame, margin="0mm").plot)
    assert too_near(plot(scene(box(40, 30, 80, 50)), margin="0mm").plot) == "", "it is about the ink"


@pytest.mark.parametrize(
    ("page", "size"), [("297x210", "297 210"), ("210x297", "210 297"), ("11x8.5in", "279.4 215.9")]
)
@pytest.mark.parametrize("picture", [(80, 120), (120, 80)])
def test_the_paper_lies_as_it_is_written(page, size, picture):
    height, width = picture
    svg = plot(scene(box(5, 5, 40, 40), height=height, width=width), page=page).svg
    assert f'viewBox="0 0 {size}"' in svg


def test_pens_and_margins_in_inches():
    svg = plot(scene(box(0, 0, 120, 80)), page="11x8.5in", margin="0.5in", pen="0.012in").svg
    assert 'stroke-width="0.305"' in svg
    ((line,),) = layers(svg).values()
    assert line[:, 0].min() == pytest.approx(12.7, abs=0.002)


def test_a_preview_shows_lines_as_wide_as_the_pen():
    drawn = plot(scene(stroke((0, 20), (120, 20)), stroke((0, 60), (120, 60), colour=RED)), pen="1mm").plot
    pixels = preview_of(drawn, "pens", 254).draw()
    assert pixels.shape == (600, 800, 3)
    for y, colour in ((200, (0, 0, 0)), (400, (204, 51, 0))):
        column = pixels[y - 30 : y + 30, 400].astype(int)
        inked = 1 - (column.sum(axis=1) - sum(colour)) / (765 - sum(colour))
        assert inked.sum() == pytest.approx(10, abs=0.1)
        assert tuple(column[30]) == colour
        assert (pixels[y, 110:690] == colour).all()
        assert (pixels[y, 97], pixels[y, 85]) == (pytest.approx(colour), pytest.approx(255)), (
            "its end is round"
        )


def test_a_preview_shows_the_order_of_drawing_and_the_ways_between():
    bars = [stroke((10 + 20 * at, 10), (10 + 20 * at, 70), width=0.3) for at in range(5)]
    drawn = plot(scene(*bars)).plot
    pixels = preview_of(drawn, "order", 254).draw().astype(int)
    (lines,) = [layer.lines for layer in drawn.layers]
    shown = [pixels[300, round(10 * line[0, 0])] for line in lines]
    assert shown[0][2] > 180 > 60 > shown[0][0], "blue"
    assert shown[-1][0] > 180 > 60 > shown[-1][2], "red"
    assert len({tuple(colour) for colour in shown}) == 5
    way = (lines[0][-1] + lines[1][0]) / 2
    x, y = np.rint(10 * way).astype(int)
    grey = pixels[y - 2 : y + 3, x - 2 : x + 3].min(axis=(0, 1))
    assert grey == pytest.approx([191, 191, 191], abs=40)


def test_all_files_of_a_plot_are_of_one(copy):  # noqa: F811
    events = export(copy, format="plotter,hpgl,gcode,plotter-preview", page="a6", margin="3mm", hatch="1mm")
    told = [event for event in events if isinstance(event, Plotted | Exported | Trouble)]
    kinds = ["trouble", "plotted", "exported", "plotted", "exported", "plotted", "exported", "exported"]
    assert [type(event).__name__.lower() for event in told] == kinds, "the edge is told of once"
    assert len({event.ink for event in events if isinstance(event, Plotted)}) == 1
    names = ("picture.plotter.svg", "picture.hpgl", "picture.gcode", "picture.plotter.png")
    assert [event.file for event in events if isinstance(event, Exported)] == [
        str(copy / name) for name in names
    ]
    ink = sum(event.ink for event in events if isinstance(event, Plotted)) / 3
    read = vpype.read_multilayer_svg(io.StringIO((copy / "picture.plotter.svg").read_text()), 0.1)
    assert sum(layer.length() for layer in read.layers.values()) * 25.4 / 96e3 == pytest.approx(ink, abs=0.01)


def test_without_its_plugin_gcode_is_refused_before_anything_is_written(copy, monkeypatch):  # noqa: F811
    before = sorted(copy.rglob("*"))
    monkeypatch.setitem(sys.modules, "vpype_gcode", None)
    with pytest.raises(ToolError) as caught:
        export(copy, format="plotter,gcode")
    assert str(caught.value) == (
        f"export.format gcode needs vpype-gcode, which isn't installed; run {to_add('plotter')}."
    )
    assert sorted(copy.rglob("*")) == before


@pytest.mark.parametrize(("name", "value"), [("device", "unknown"), ("profile", "unknown"), ("page", "a2")])
def test_what_is_impossible_is_found_before_anything_is_written(copy, name, value):  # noqa: F811
    before = sorted(copy.rglob("*"))
    settings = {"device": "hp7475a", name: value}
    with pytest.raises(SpecError):
        export(copy, format="svg,hpgl,gcode", **settings)
    assert sorted(copy.rglob("*")) == before


def test_ink_is_the_same_in_every_form():
    drawn = plot(scene(*MARKS, stroke((5, 5), (90, 60), colour=BLACK)), page="a4").plot
    total = sum(float(lengths(layer.lines).sum()) for layer in drawn.layers)
    text, _ = to_gcode(drawn, "gcodemm")
    words = re.findall(r"G0([01]) X(\S+) Y(\S+)", text)
    steps = np.hypot(*np.diff([(float(x), float(y)) for _, x, y in words], axis=0).T)
    is_ink = np.array([kind == "1" for kind, _, _ in words[1:]])
    assert steps[is_ink].sum() == pytest.approx(total, rel=1e-5)
