"""A PDF drawn by an independent renderer is the picture, in vectors, where it belongs on the page."""

import re
from dataclasses import replace

import numpy as np
import pypdfium2
import pypdfium2.raw
import pytest

from engine.errors import SpecError
from engine.export import pdf_content
from engine.export.metadata import PROGRAM, Metadata
from engine.export.pdf import page_layout, to_pdf
from engine.image.metric import rmse
from engine.scene.kinds import BEZIER
from engine.scene.kinds import LINE as LINE_KIND
from engine.scene.scene import Mark
from engine.scene.shape_scene import ShapeScene
from engine.spec.models import ExportSettings
from tests.export.strokes import ARC, CORNERS, LINE, STROKES, truth
from tests.export.strokes import scene as scene_of_marks
from tests.export.test_svg import ELEMENTS, many, scene_of

LEGEND = Metadata("größer (1)", "how it was made", "")
MM = 72 / 25.4


def opened(scene, **settings):
    place = page_layout(scene.height, scene.width, ExportSettings(**settings))
    return pypdfium2.PdfDocument(to_pdf(scene, LEGEND, place))


def rendered(document, scale):
    """(height, width, 3); scale: pixels for a point."""
    return document[0].render(scale=scale, no_smoothtext=True).to_numpy()[..., 2::-1]


@pytest.mark.parametrize(("kind", "geometry"), [element[:2] for element in ELEMENTS])
def test_an_independent_renderer_draws_the_same(kind, geometry):
    picture = scene_of(kind, geometry)
    drawn = rendered(opened(picture), 4 / 0.75)
    # Like resvg, pdfium approximates the sides of bent strokes.
    assert rmse(drawn, picture.draw(80, 160)) < (0.008 if kind == BEZIER else 0.004)


@pytest.mark.parametrize("mark", STROKES)
def test_curves_with_round_ends_are_what_they_are(mark):
    picture = scene_of_marks(mark)
    large = rendered(opened(picture), 8 / 0.75).astype(float).reshape(40, 8, 60, 8, 3)
    assert (
        rmse(large.mean(axis=(1, 3)).round().astype(np.uint8), truth(picture).round().astype(np.uint8))
        < 0.006
    )


def test_ends_and_corners_are_those_of_each_mark():
    butt = replace(CORNERS, cap="butt")
    polygon = Mark("polygon", np.array([(40, 2), (55, 2), (50, 9), (44, 9)], np.float64), (1, 0, 0), 1)
    marks = (
        LINE,
        replace(LINE, points=LINE.points + np.array([2, 9]), cap="butt"),
        polygon,
        CORNERS,
        polygon,
        ARC,
        butt,
    )
    paths = list(opened(scene_of_marks(*marks))[0].get_objects())[1:]
    ends = [
        (pypdfium2.raw.FPDFPageObj_GetLineCap(each), pypdfium2.raw.FPDFPageObj_GetLineJoin(each))
        for each, mark in zip(paths, marks, strict=True)
        if mark.form == "stroke"
    ]
    assert ends == [(1, 0), (0, 0), (1, 1), (1, 0), (0, 1)]


def test_shapes_that_overlap_mix_in_their_order():
    picture = many(count=150, side=60)
    drawn = rendered(opened(picture), 2 / 0.75)
    assert rmse(drawn, picture.draw(240, 400)) < 0.01


def test_nothing_is_drawn_beyond_the_picture_and_nothing_under_a_transparent_one():
    picture = scene_of(LINE_KIND, [-20, 10, 60, 10, 30], opacity=1.0)
    drawn = rendered(opened(picture, margin="10mm"), 1)
    edge = round(10 * MM)
    assert (drawn[: edge - 1] == 255).all()
    assert (drawn[:, : edge - 1] == 255).all()
    assert (drawn[edge + 1 : -edge - 1, edge + 1 : -edge - 1] == [255, 128, 0]).all()
    blank = ShapeScene.empty(20, 40, None, 6)
    assert (rendered(opened(blank), 1) == 255).all()
    blank = ShapeScene.empty(20, 40, (0.0, 0.2, 1.0), 6)
    assert (rendered(opened(blank), 4) == [0, 51, 255]).all()


def test_there_are_vectors_and_no_images():
    page = opened(many(count=50))[0]
    kinds = [each.type for each in page.get_objects()]
    assert kinds.count(pypdfium2.raw.FPDF_PAGEOBJ_PATH) == 51
    assert set(kinds) == {pypdfium2.raw.FPDF_PAGEOBJ_PATH}


def test_it_says_what_it_is_and_when_is_no_matter():
    picture = many()
    assert opened(picture).get_metadata_dict() == {
        "Title": "größer (1)", "Author": PROGRAM, "Subject": "how it was made", "Creator": PROGRAM,
        "Keywords": "", "Producer": "ReportLab PDF Library - (opensource)",
        "CreationDate": "D:20000101000000+00'00'", "ModDate": "D:20000101000000+00'00'",
    }  # fmt: skip
    place = page_layout(picture.height, picture.width, ExportSettings())
    assert to_pdf(picture, LEGEND, place) == to_pdf(picture, LEGEND, place)


@pytest.mark.parametrize(
    ("settings", "size"),
    [
        ({}, (150, 90)),
        ({"margin": "10mm"}, (150 + 20 * MM, 90 + 20 * MM)),
        ({"page": "a4"}, (297 * MM, 210 * MM)),
        ({"page": "a0", "margin": "5cm"}, (1189 * MM, 841 * MM)),
        ({"page": "tabloid"}, (17 * 72, 11 * 72)),
        ({"page": "50x40.5"}, (50 * MM, 40.5 * MM)),
    ],
)
def test_the_picture_lies_in_the_middle_of_its_page(settings, size):
    blank = ShapeScene.empty(120, 200, (1.0, 0.0, 0.0), 6)
    document = opened(blank, **settings)
    assert document[0].get_size() == pytest.approx(size, abs=0.01)
    drawn = rendered(document, 1)
    margin = (ExportSettings(**settings).margin or 0) * MM
    inside = np.argwhere((drawn == [255, 0, 0]).all(axis=2))
    (top, left), (bottom, right) = inside.min(axis=0), inside.max(axis=0) + 1
    height, width = drawn.shape[:2]
    assert min(left, top) == pytest.approx(margin, abs=1), "it reaches the margins on two sides"
    assert left + right == pytest.approx(width, abs=2)
    assert top + bottom == pytest.approx(height, abs=2)
    assert (right - left) / (bottom - top) == pytest.approx(200 / 120, rel=0.03)


def test_a_tall_picture_gets_an_upright_page():
    place = page_layout(200, 120, ExportSettings(page="a4"))
    assert place.width < place.height
    assert page_layout(120, 200, ExportSettings(page="a4")).width == place.height


@pytest.mark.parametrize(
    ("page", "size"),
    [
        ("297x210", (297, 210)),
        ("210 x 297mm", (210, 297)),
        ("11x8.5in", (279.4, 215.9)),
        ("a4-landscape", (297, 210)),
        ("Letter portrait", (215.9, 279.4)),
    ],
)
@pytest.mark.parametrize("picture", [(200, 120), (120, 200)])
def test_a_page_whose_sides_are_said_lies_as_it_is_written(page, size, picture):
    height, width = picture
    place = page_layout(height, width, ExportSettings(page=page))
    assert (place.width, place.height) == pytest.approx((size[0] * MM, size[1] * MM))
    assert place.scale * height <= place.height + 1e-9
    assert place.scale * width <= place.width + 1e-9


def test_a_square_picture_gets_an_upright_page():
    place = page_layout(200, 200, ExportSettings(page="a5"))
    assert place.width < place.height


def test_a_page_is_never_larger_than_pdf_allows():
    place = page_layout(20_000, 10_000, ExportSettings(margin=10))
    assert place.height == pytest.approx(14_400)
    assert place.width == pytest.approx(7_200 + 10 * MM)


@pytest.mark.parametrize("margin", ["105mm", "20cm"])
def test_margins_that_leave_nothing_are_refused(margin):
    with pytest.raises(SpecError) as caught:
        page_layout(20, 40, ExportSettings.model_validate({"page": "a4", "margin": margin}))
    length = 200 if margin == "20cm" else 105
    assert str(caught.value) == (
        f"margin: {length:g}mm on all sides leave nothing of the page a4 (210 x 297 mm); make it smaller."
    )


def box_of(content, name):
    """What the page says, in points."""
    (numbers,) = re.findall(rf"/{name} \[([^\]]*)\]", content.decode("latin-1"))
    return [float(number) for number in numbers.split()]


def made(scene, **settings):
    wanted = ExportSettings.model_validate(settings)
    return to_pdf(scene, LEGEND, page_layout(scene.height, scene.width, wanted))


def test_colours_are_mixed_in_rgb():
    """Acrobat goes by the page's transparency group, and by CMYK where there is none."""
    content = made(many()).decode("latin-1")
    (page,) = [each for each in content.split("endobj") if "/Type /Page\n" in each]
    (group,) = re.findall(r"/Group <<([^<>]*)>>", page)
    assert dict(re.findall(r"/(\w+) /(\w+)", group)) == {
        "Type": "Group",
        "S": "Transparency",
        "CS": "DeviceRGB",
    }
    assert "ASCII85" not in content, "which would be a quarter longer"


def test_a_bleed_goes_on_beyond_what_stays_of_the_paper():
    picture = ShapeScene.empty(120, 200, (1.0, 0.0, 0.0), 6)
    content = made(picture, page="a5", bleed="3mm")
    media = [0, 0, 216 * MM, 154 * MM]
    assert box_of(content, "MediaBox") == pytest.approx(media, abs=0.01)
    assert box_of(content, "BleedBox") == pytest.approx(media, abs=0.01)
    assert box_of(content, "TrimBox") == pytest.approx([3 * MM, 3 * MM, 213 * MM, 151 * MM], abs=0.01)
    drawn = rendered(pypdfium2.PdfDocument(content), 1)
    assert (drawn[1:-1, 1:-1] == [255, 0, 0]).all(), "on all sides"
    plain = made(picture, page="a5")
    assert b"TrimBox" not in plain
    assert b"BleedBox" not in plain


def test_the_whole_picture_is_enlarged_into_its_bleed():
    picture = scene_of(LINE_KIND, [20, -5, 20, 25, 2], opacity=1.0)  # upright, in the middle of 40 x 20
    document = pypdfium2.PdfDocument(made(picture, bleed="1mm"))
    assert document[0].get_size() == pytest.approx((30 + 2 * MM, 15 + 2 * MM), abs=0.01)
    drawn = rendered(document, 8)
    stroke = np.flatnonzero((drawn[60] == [255, 128, 0]).all(axis=1))
    width = (15 + 2 * MM) / 20  # points for a pixel of the picture, which its height decides
    assert len(stroke) / 8 == pytest.approx(4 * width, abs=0.3)
    assert (stroke[0] + stroke[-1] + 1) / 2 == pytest.approx(drawn.shape[1] / 2, abs=1)


@pytest.mark.parametrize("margin", [None, "20mm"])
def test_a_picture_that_fills_its_page_is_cut_off_at_the_margins(margin):
    picture = ShapeScene.empty(120, 200, (1.0, 0.0, 0.0), 6)
    settings = {"page": "100x100", "fit": "crop", "margin": margin}
    drawn = rendered(pypdfium2.PdfDocument(made(picture, **settings)), 1)
    red = np.argwhere((drawn == [255, 0, 0]).all(axis=2))
    edge = 0 if margin is None else 20 * MM
    assert red.min(axis=0) == pytest.approx([edge, edge], abs=1.5)
    assert red.max(axis=0) == pytest.approx([100 * MM - edge] * 2, abs=1.5)


def test_a_page_that_may_be_turned_is_turned_so_that_less_is_cut_off():
    place = page_layout(120, 200, ExportSettings(page="a4", fit="crop"))
    assert place.width > place.height
    x0, y0, x1, y1 = place.window
    assert (x1 - x0, y1 - y0) == pytest.approx((120 * 297 / 210, 120))


def test_a_bleed_and_a_margin_contradict_each_other():
    with pytest.raises(SpecError, match="has no margin of 10mm; leave out one of them"):
        made(many(), bleed="3mm", margin="1cm")


def test_what_is_compressed_by_and_by_is_the_same_file(monkeypatch):
    scene = many(300)
    place = page_layout(scene.height, scene.width, ExportSettings())
    whole = to_pdf(scene, LEGEND, place)
    monkeypatch.setattr(pdf_content, "MANY", 7)
    monkeypatch.setattr(pdf_content, "SPOOL", 100)
    assert to_pdf(scene, LEGEND, place) == whole
    table = int(whole.rsplit(b"startxref\n", 1)[1].split()[0])
    assert whole[table : table + 4] == b"xref"
    entries = re.findall(rb"^([0-9]{10}) [0-9]{5} n", whole[table:], re.MULTILINE)
    assert len(entries) > 5
    for number, place_of_object in enumerate(map(int, entries), 1):
        assert whole[place_of_object:].startswith(b"%d 0 obj" % number)
    stream = whole[whole.index(b"stream\n", whole.index(b"/Length")) + 7 :]
    length = int(re.findall(rb"/Length ([0-9]+)", whole)[0])
    assert stream[length:].startswith(b"endstream")
