"""Animations: they end with the picture, to the last bit, move smoothly, and are the same for one seed."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import SpecError
from engine.film.animation import _covering, _script, check_animation
from engine.film.effects import EFFECTS, ranks
from engine.film.morph import _spread, morph
from engine.scene.drawing import Outlines
from engine.scene.shape_scene import ShapeScene
from engine.scene.shapes import Shapes
from engine.spec.models import AnimationSettings, FilmSettings

HEIGHT, WIDTH = 60, 90


def random_outlines(count, seed=0, vertices=6, channels=3):
    """Convex outlines of 3 to `vertices` corners, the last one repeated."""
    rng = np.random.default_rng(seed)
    points = np.empty((count, vertices, 2), np.float32)
    for each in points:
        corners = rng.integers(3, vertices + 1)
        angles = np.sort(rng.uniform(0, 2 * np.pi, corners))
        circle = np.stack([np.cos(angles), np.sin(angles)], axis=1)
        each[:corners] = rng.uniform(0, [WIDTH, HEIGHT]) + rng.uniform(2, 20) * circle
        each[corners:] = each[corners - 1]
    colours = np.ones((count, channels), np.float32)
    colours[:, :3] = rng.random((count, 3))
    background = (0.2, 0.4, 0.6) if channels == 3 else None
    return Outlines(HEIGHT, WIDTH, background, points, colours, rng.uniform(0.3, 1, count).astype(np.float32))


def made(effect, outlines, seed=0, order="birth"):
    if effect == "morph":
        return morph(random_outlines(17, 1), outlines)
    return EFFECTS[effect](outlines, order, np.random.default_rng(seed))


EVERY = pytest.mark.parametrize("effect", [*EFFECTS, "morph"])


def same(one, other):
    return all(
        np.array_equal(getattr(one, name), getattr(other, name))
        for name in ("points", "colours", "opacities")
    )


@EVERY
@pytest.mark.parametrize("count", [0, 1, 40])
@pytest.mark.parametrize("channels", [3, 4])
def test_the_end_is_the_picture(effect, count, channels):
    outlines = random_outlines(count, channels=channels)
    at = made(effect, outlines)
    assert same(at(1.0), outlines)
    for moment in (0.0, 0.3, 0.9):
        found = at(moment)
        assert np.isfinite(found.points).all()
        assert (found.opacities >= 0).all()
        assert (found.opacities <= 1).all()
        assert found.draw().shape[:2] == (HEIGHT, WIDTH)


@EVERY
def test_the_beginning_is_another_picture(effect):
    outlines = random_outlines(40)
    at = made(effect, outlines)
    beginnings = {
        "assemble": lambda: not len(at(0.0).points),
        "explode": lambda: not len(at(0.0).points),
        "draw-on": lambda: not len(at(0.0).points),
        "breathe": lambda: same(at(0.0), outlines) and not same(at(0.4), outlines),
        "morph": lambda: same(at(0.0), random_outlines(17, 1)),
    }
    assert beginnings[effect]()


@EVERY
def test_nothing_jumps(effect):
    at, steps = made(effect, random_outlines(40)), 400
    pictures = [at(step / steps).draw().astype(int) for step in range(steps + 1)]
    changes = [np.abs(one - other).mean() for one, other in pairwise(pictures)]
    assert max(changes) < 6, "of 255"
    assert max(changes) > 0


@EVERY
def test_a_seed_says_it_all(effect):
    outlines = random_outlines(20)
    assert same(made(effect, outlines, seed=3)(0.6), made(effect, outlines, seed=3)(0.6))
    is_random = effect not in ("draw-on", "morph")
    assert same(made(effect, outlines, seed=3)(0.6), made(effect, outlines, seed=4)(0.6)) != is_random


@pytest.mark.parametrize("order", ["birth", "size"])
def test_shapes_are_drawn_on_in_order(order):
    outlines = random_outlines(30)
    turns = ranks(outlines, order)
    assert sorted(turns.tolist()) == pytest.approx(np.arange(30) / 29)
    at = made("draw-on", outlines, order=order)
    for moment in (0.2, 0.5, 0.8):
        there = {colour.tobytes() for colour in at(moment).colours}
        late = min(turns[k] for k in range(30) if outlines.colours[k].tobytes() not in there)
        early = max(turns[k] for k in range(30) if outlines.colours[k].tobytes() in there)
        assert early < late
    if order == "size":
        assert (np.diff(outlines.areas()[np.argsort(turns)]) <= 0).all()


def test_shapes_fly_in_from_beyond_the_border():
    outlines = random_outlines(60)
    at, seen = made("assemble", outlines), set()
    for moment in np.arange(0, 1, 0.002):
        found = at(float(moment))
        for colour, place, size in zip(found.colours, found.middles(), np.sqrt(found.areas()), strict=True):
            if colour.tobytes() not in seen:
                seen.add(colour.tobytes())
                x, y = np.abs(place - [WIDTH / 2, HEIGHT / 2])
                assert x > WIDTH / 2 - size or y > HEIGHT / 2 - size
    assert len(seen) == 60


def test_many_are_on_their_way_at_a_time():
    at, outlines = made("assemble", random_outlines(60)), random_outlines(60)
    home = {colour.tobytes(): place for colour, place in zip(outlines.colours, outlines.points, strict=True)}
    found = at(0.5)
    away = sum(not np.array_equal(points, home[colour.tobytes()])
               for colour, points in zip(found.colours, found.points, strict=True))  # fmt: skip
    assert 10 < away < 50


@given(st.integers(0, 999), st.integers(6, 40))
def test_an_outline_with_more_vertices_is_the_same(seed, vertices):
    outlines = random_outlines(1, seed)
    spread = _spread(outlines.points[0], vertices)
    assert spread.shape == (vertices, 2)
    more = replace(outlines, points=spread[None].astype(np.float32))
    assert more.areas() == pytest.approx(outlines.areas(), rel=1e-3, abs=1e-3)
    assert np.abs(more.draw().astype(int) - outlines.draw()).max() <= 1


@pytest.mark.parametrize("turn", [0, 1, 4])
def test_a_picture_turns_into_itself_without_moving(turn):
    outlines = random_outlines(25)
    full = replace(outlines, points=np.array([_spread(points, 9) for points in outlines.points], np.float32))
    other = replace(full, points=np.roll(full.points, turn, axis=1))
    np.testing.assert_allclose(morph(full, other)(0.5).points, full.points, atol=1e-4)


def test_what_has_no_counterpart_vanishes_or_appears_in_its_place():
    few, many = random_outlines(5, 1), random_outlines(23, 2)
    for before, after in ((few, many), (many, few)):
        found = morph(before, after)(0.5)
        assert len(found.points) == 23
        ends = morph(before, after)(0.001), morph(before, after)(0.999)
        assert [int((end.opacities > 0.01).sum()) for end in ends] == [len(before.points), len(after.points)]


@pytest.mark.parametrize(
    ("settings", "words"),
    [({"effect": "morph"}, "needs another run"), ({"to": "a"}, "needs another run"), ({}, "choose another")],
)
def test_settings_that_contradict_each_other_are_refused(settings, words):
    with pytest.raises(SpecError, match=words):
        check_animation(AnimationSettings(**settings), FilmSettings(format=("svg",)))


def test_an_intro_is_no_part_of_an_animation():
    film = FilmSettings(duration=2, fps=10, intro=0.5, hold=0.5, compare="wipe")
    for animation, first in (
        (AnimationSettings(effect="explode"), 1.0),
        (AnimationSettings(effect="assemble"), 0.0),
    ):
        script = _script(animation, film)
        assert script[0].at == first
        assert sum(shot.frames for shot in script) == 20
        assert not any(shot.wiped or shot.shows == "target" for shot in script)


def test_what_is_played_in_a_loop_does_not_show_its_beginning_twice():
    script = _script(AnimationSettings(effect="breathe"), FilmSettings(duration=1, fps=10, hold=0))
    assert [shot.at for shot in script] == pytest.approx(np.arange(10) / 10)


def test_another_picture_covers_the_page():
    points = np.array([[0, 0, 40, 0, 40, 20, 0, 20]], np.float32)
    kind, ones = np.array([4], np.int16), np.ones((1, 3), np.float32)
    whole = Shapes(np.array([0]), kind, points, ones, np.ones(1, np.float32))
    scene = ShapeScene(20, 40, (0.0, 0.0, 0.0), whole, 1)
    for height, width in ((60, 60), (10, 100), (100, 10)):
        found = _covering(scene, height, width)
        assert (found.height, found.width) == (height, width)
        assert (found.draw() == 255).all()
        assert found.middles()[0].tolist() == pytest.approx([width / 2, height / 2])
