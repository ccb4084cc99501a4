"""An SVG that paints itself: when each shape appears, and that all else shows the finished picture."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from engine.export.animated_svg import FADE, to_moving_svg
from engine.export.metadata import Metadata
from engine.export.svg import to_svg
from engine.painters.curves.inking import Period
from engine.painters.curves.scene import CurveScene
from engine.painters.curves.strokes import POINTS, Strokes
from tests.export.test_svg import drawn, many

TIMES = r"animation:t[0-9a-f]{10} (\d+)ms calc\((\d+)ms \+ var\(--t\)\*1ms\) backwards"


def times(svg):
    """Seconds: each shape's delay in the order of drawing, what it takes to appear, and what comes before."""
    (fade, intro), *others = re.findall(TIMES, svg)
    assert not others
    styles = [each.get("style") for each in ET.fromstring(svg).iter()]
    delays = [int(style.removeprefix("--t:")) for style in styles if style is not None]
    return np.array(delays) / 1000, int(fade) / 1000, int(intro) / 1000


@pytest.mark.parametrize(("duration", "intro", "hold"), [(12, 1, 2), (3, 0, 0), (10, 0, 5)])
def test_shapes_appear_one_after_the_other_between_intro_and_hold(duration, intro, hold):
    delays, fade, before = times(to_moving_svg(many(count=50), duration, intro, hold))
    assert (before, fade) == (intro, FADE)
    assert len(delays) == 50
    assert delays[0] == 0
    assert intro + delays[-1] + fade == pytest.approx(duration - hold)
    assert np.diff(delays) == pytest.approx((duration - intro - hold - fade) / 49, abs=0.0011), "evenly"


@pytest.mark.parametrize(("duration", "intro", "hold"), [(0.2, 0, 0.1), (1, 0.5, 0.5), (1, 2, 2)])
def test_however_short_it_is_all_appear(duration, intro, hold):
    delays, fade, _ = times(to_moving_svg(many(count=50), duration, intro, hold))
    assert delays[-1] + fade == pytest.approx(max(duration - intro - hold, 0), abs=0.002)
    assert (delays >= 0).all()


@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_shapes(count):
    assert len(times(to_moving_svg(many(count=count), 9, 1, 1))[0]) == count


def test_strokes_that_come_again_at_the_other_border_appear_too():
    strokes = Strokes.empty(1)
    strokes.points[:] = np.linspace((-5, 8), (5, 8), POINTS)
    tile = CurveScene(16, 16, (1.0, 1.0, 1.0), strokes, period=Period(16, 16))
    assert len(times(to_moving_svg(tile, 9, 1, 1))[0]) == 2


@pytest.mark.parametrize("opacity", [None, 0.5])
def test_without_animation_it_is_the_finished_picture(opacity):
    picture = many(count=80, side=60, opacity=opacity)
    np.testing.assert_array_equal(
        drawn(to_moving_svg(picture, 9, 1, 1), 120, 200), drawn(to_svg(picture), 120, 200)
    )


def test_it_moves_only_for_those_who_like_it_and_stays_short():
    picture = many(count=500)
    svg = to_moving_svg(picture, 9, 1, 1, Metadata("<a>", "b", ""))
    assert ET.fromstring(svg)[0].text == "<a>"
    style = svg.partition("<style>")[2].partition("</style>")[0]
    assert style.startswith("@media(prefers-reduced-motion:no-preference){")
    assert style.count("{") == style.count("}")
    assert len(svg) < len(to_svg(picture)) + 20 * 500 + 400
