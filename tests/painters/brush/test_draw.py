"""Paintings as bytes: in windows, over transparency, on paper, and one after the other."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from engine.painters.brush.repaint import BLOCK, Memory, changed, painted_after
from engine.painters.brush.strokes import NEW
from engine.scene.successive import Successive
from tests.painters.brush.scenes import painting, some_strokes

HEIGHT, WIDTH = 150, 70  # more than two bands
WHITE = (1.0, 1.0, 1.0)


@pytest.mark.parametrize(("background", "paper"), [*product((WHITE, None), ("plain", "canvas", "rough"))])
def test_a_window_has_the_same_bytes_as_the_whole(background, paper):
    drawable = painting(25, HEIGHT, WIDTH, background=background, paper=paper).drawable(2 * HEIGHT, 2 * WIDTH)
    whole = drawable.draw()
    for x0, y0, height, width in ((0, 0, 1, 1), (13, 57, 80, 40), (139, 299, 1, 1), (31, 60, 200, 100)):
        inside = whole[y0 : y0 + height, x0 : x0 + width]
        np.testing.assert_array_equal(drawable.draw_window(x0, y0, height, width), inside)
        part = drawable.within(x0, y0, height, width)
        np.testing.assert_array_equal(part.draw_window(x0, y0, height, width), inside)


@pytest.mark.parametrize("paper", ["plain", "rough"])
def test_transparent_pictures_are_the_same_over_white_paper(paper):
    clear = painting(25, background=None, paper=paper).draw(60, 80).astype(float)
    opaque = painting(25, background=WHITE).draw(60, 80)
    assert clear.shape == (60, 80, 4)
    assert (clear[..., :3] <= clear[..., 3:]).all()
    if paper == "plain":
        assert np.abs(clear[..., :3] + 255 - clear[..., 3:] - opaque).max() <= 1.01


@pytest.mark.parametrize("paper", ["canvas", "rough"])
def test_paper_is_light_and_shade_that_changes_no_colour_on_average(paper):
    plain, textured = (painting(0, background=(0.6, 0.5, 0.4), paper=each) for each in ("plain", paper))
    flat, drawn = plain.draw(900, 1200).astype(float), textured.draw(900, 1200).astype(float)
    assert np.abs(drawn.mean(axis=(0, 1)) - flat.mean(axis=(0, 1))).max() < 1.5
    assert drawn.std() > flat.std()
    assert drawn[..., 0].std() > 2
    np.testing.assert_array_equal(textured.draw(40, 50), plain.draw(40, 50), "too fine to be seen")


def test_a_stroke_that_is_half_drawn_is_its_first_half():
    scene = painting(1)
    strokes = scene.strokes
    strokes.points[0] = [[10, 30], [40, 30], [70, 30]]
    half = replace(scene, strokes=replace(strokes, shown=np.array([0.5], np.float32)))
    whole, drawn, bare = scene.draw(60, 80), half.draw(60, 80), painting(0).draw(60, 80)
    np.testing.assert_array_equal(drawn[:, :30], whole[:, :30])
    np.testing.assert_array_equal(drawn[:, 50:], bare[:, 50:])
    assert (whole[:, 50:] != bare[:, 50:]).any()


def altered(strokes, random):
    """As from one picture of a film to the next."""
    strokes = strokes[random.random(len(strokes)) > 0.05]
    strokes = replace(strokes, points=strokes.points.copy(), shown=strokes.shown.copy())
    if random.random() < 0.5:
        moves = random.random(len(strokes)) < 0.2
        strokes.points[moves] += random.normal(0, 4, (int(moves.sum()), 3, 2)).astype(np.float32)
    else:
        strokes.shown[-3:] = random.random(len(strokes[-3:]))
    new = some_strokes(3, 150, 200, int(random.integers(1000)))
    first = int(strokes.ids.max(initial=NEW)) + 1
    return strokes.joined(replace(new, ids=first + np.arange(3)))


@pytest.mark.parametrize(("background", "paper"), [(WHITE, "canvas"), (None, "plain")])
def test_a_picture_is_the_same_whatever_was_drawn_before(background, paper):
    random, pictures = np.random.default_rng(3), Successive()
    scene = painting(20, 150, 200, background=background, paper=paper)
    for _ in range(12):
        drawable = scene.drawable(150, 200)
        np.testing.assert_array_equal(pictures.draw(drawable), drawable.draw())
        scene = replace(scene, strokes=altered(scene.strokes, random))
    other = replace(scene, background=(0.0, 0.1, 0.2)).drawable(150, 200)
    np.testing.assert_array_equal(pictures.draw(other), other.draw())
    larger = scene.drawable(170, 220)
    np.testing.assert_array_equal(pictures.draw(larger), larger.draw())


def test_what_nothing_new_reaches_into_is_not_painted():
    scene = painting(20, 150, 200)
    more = some_strokes(1, 150, 200, 9, 0.02)
    more.ids[:], more.points[0] = 20, [[5, 5], [10, 10], [20, 10]]
    before, after = scene.drawable(150, 200), replace(scene, strokes=scene.strokes.joined(more))
    assert [place for place, _ in changed(before, after.drawable(150, 200))] == [(0, 0)]
    marked = np.full((150, 200, 3), 7, np.uint8)
    drawn = painted_after(after.drawable(150, 200), Memory(before, marked)).pixels
    assert (drawn[BLOCK:] == 7).all()
    assert (drawn[:, BLOCK:] == 7).all()
    np.testing.assert_array_equal(drawn[:BLOCK, :BLOCK], after.draw(150, 200)[:BLOCK, :BLOCK])
    assert (marked == 7).all()
    assert not list(changed(before, before))
