"""How large a picture's file is, and that it shows what it should."""

import numpy as np
import pytest

from engine.errors import SpecError
from engine.export.frame import check_fits, frame_of, svg_size
from engine.spec.models import ExportSettings
from tests.export.test_json_shapes import scene

FULL = 200, 300  # height, width


def frame(**settings):
    return frame_of(FULL, ExportSettings.model_validate(settings), 600)


@pytest.mark.parametrize(
    ("settings", "size", "dpi"),
    [
        ({}, (600, 400), None),
        ({"size": 900}, (900, 600), None),
        ({"size": "900"}, (900, 600), None),
        ({"dpi": 72}, (600, 400), 72),
        ({"size": "30cm"}, (3543, 2362), 300),
        ({"size": "30cm", "dpi": 100}, (1181, 787), 100),
        ({"size": "30x20cm"}, (3543, 2362), 300),
        ({"size": "12in x 8in"}, (3600, 2400), 300),
        ({"size": "300x200mm", "dpi": 254}, (3000, 2000), 254),
        ({"size": "20x30cm", "dpi": 254}, (2000, 1333), 254),
        ({"size": "20x30cm", "dpi": 254, "fit": "crop"}, (2000, 3000), 254),
        ({"size": "1000x1000"}, (1000, 667), None),
        ({"size": "1000x1000px", "fit": "crop"}, (1000, 1000), None),
        ({"size": "600", "fit": "crop"}, (600, 400), None),
        ({"size": "30x20cm", "bleed": "3mm", "dpi": 254}, (3060, 2060), 254),
        ({"size": 900, "bleed": "2.54mm"}, (960, 660), 300),
        ({"size": "1x1"}, (1, 1), None),
    ],
)
def test_a_size_in_pixels_and_on_paper(settings, size, dpi):
    found = frame(**settings)
    assert ((found.width, found.height), found.dpi) == (size, dpi)


@pytest.mark.parametrize(
    "settings",
    [{"size": "90x90", "fit": "crop"}, {"size": "30x90", "fit": "crop"}, {"size": "90", "bleed": "1mm"}],
)
def test_what_is_cut_off_is_as_much_on_both_sides_and_nothing_is_bare(settings):
    found = frame(**settings)
    picture = scene(2)
    drawable = found.of(picture)
    whole = picture.draw(*found.drawn)
    drawn = drawable.draw()
    assert drawn.shape == (found.height, found.width, 3)
    free = found.drawn[0] - found.height, found.drawn[1] - found.width
    assert min(free) >= 0
    assert min(free) <= 1 or settings.get("bleed")
    assert abs(2 * found.y0 - free[0]) <= 1
    assert abs(2 * found.x0 - free[1]) <= 1
    shown = whole[found.y0 : found.y0 + found.height, found.x0 : found.x0 + found.width]
    np.testing.assert_array_equal(drawn, shown)
    np.testing.assert_array_equal(drawable.draw_window(3, 5, 10, 7), shown[5:15, 3:10])
    assert found.drawn[1] / found.drawn[0] == pytest.approx(1.5, rel=0.02)


def test_what_would_be_too_large_is_refused_with_what_it_comes_to():
    with pytest.raises(SpecError, match=r"export\.size: 2000x2e8mm at 1200 dpi is 9,448,818,898 pixels on a"):
        frame(size="2000x2e8mm", dpi=1200, fit="crop")
    assert frame(size="2000x3000mm", dpi=1200, fit="crop").height == 141_732
    with pytest.raises(SpecError, match=r"a webp has at most 16,383 pixels a side.* 16,384 x 10,923"):
        check_fits(frame(size=16_384), "webp")
    check_fits(frame(size=16_383), "webp")
    check_fits(frame(size=50_000), "jpeg")


@pytest.mark.parametrize(
    ("settings", "size", "window"),
    [
        ({}, None, None),
        ({"size": 900}, ("900", "600"), None),
        ({"size": "10cm"}, ("10cm", "6.667cm"), None),
        ({"size": "20x20cm"}, ("20cm", "13.333cm"), None),
        ({"size": "8x8in", "fit": "crop"}, ("8in", "8in"), (50, 0, 250, 200)),
        ({"size": "800x300"}, ("450", "300"), None),
    ],
)
def test_an_svg_says_its_size_in_the_unit_that_was_asked_for(settings, size, window):
    assert svg_size(FULL, ExportSettings.model_validate(settings)) == (size, window)
