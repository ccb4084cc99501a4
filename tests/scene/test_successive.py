"""Pictures one after the other are what each is by itself, and only what has changed is drawn."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import engine.scene.successive as successive
from engine.image.pixels import Colour
from engine.scene.drawing import Outlines
from engine.scene.successive import BLOCK, Successive, changes, pieces_of, redrawn

HEIGHT, WIDTH = 2 * BLOCK + 9, 3 * BLOCK + 5  # blocks that the picture's borders cut, too


def outlines(rng, count, samples=1, is_clear=False, vertices=3):
    """Shapes of many sizes, some beyond the picture's borders."""
    middles = rng.uniform(-20, WIDTH + 20, (count, 1, 2))
    points = middles + rng.choice([4, 30, 150], (count, 1, 1)) * rng.uniform(-1, 1, (count, vertices, 2))
    colours = rng.random((count, 4 if is_clear else 3)).astype(np.float32)
    if is_clear:
        colours[:, 3] = 1
    background = None if is_clear else (0.2, 0.4, 0.6)
    opacities = rng.random(count).astype(np.float32)
    return Outlines(HEIGHT, WIDTH, background, points.astype(np.float32), colours, opacities, samples)


def altered(rng, before):
    """Some shapes moved, coloured, removed, added or put elsewhere in the order."""
    count = len(before.points)
    points, colours, opacities = before.points.copy(), before.colours.copy(), before.opacities.copy()
    chosen = rng.random(count) < rng.choice([0, 0.05, 0.3])
    if rng.random() < 0.5:
        points[chosen] += rng.uniform(-9, 9, (int(chosen.sum()), 1, 2)).astype(np.float32)
    if rng.random() < 0.5:
        colours[chosen, 0] = rng.random()
        opacities[chosen] /= 2
    order = np.arange(count)
    if count > 1 and rng.random() < 0.5:
        order = np.delete(order, rng.integers(count))
    if len(order) > 1 and rng.random() < 0.3:
        order[[0, -1]] = order[[-1, 0]]
    return replace(before, points=points[order], colours=colours[order], opacities=opacities[order])


@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1), st.integers(0, 25), st.sampled_from([1, 1, 2]), st.booleans())
def test_a_picture_is_the_same_whatever_was_drawn_before(seed, count, samples, is_clear):
    rng = np.random.default_rng(seed)
    picture, pictures = outlines(rng, count, samples, is_clear), Successive()
    for _ in range(4):
        np.testing.assert_array_equal(pictures.draw(picture), picture.draw())
        picture = altered(rng, picture)


def test_what_nothing_new_reaches_into_is_not_drawn():
    before = outlines(np.random.default_rng(1), 30)
    points = np.array([[[3, 3], [9, 4], [5, 11]]], np.float32)
    after = replace(
        before,
        points=np.concatenate([before.points, points]),
        colours=np.concatenate([before.colours, before.colours[:1]]),
        opacities=np.concatenate([before.opacities, before.opacities[:1]]),
    )
    changed = changes(before, after)
    assert changed[0, 0]
    assert changed.sum() == 1
    marked = np.full((HEIGHT, WIDTH, 3), 7, np.uint8)
    picture = redrawn(before, marked, after)
    assert (picture[BLOCK:] == 7).all()
    assert (picture[:, BLOCK:] == 7).all()
    np.testing.assert_array_equal(picture[:BLOCK, :BLOCK], after.draw()[:BLOCK, :BLOCK])
    assert (marked == 7).all()
    assert not changes(after, after).any()
    assert redrawn(after, marked, after) is marked


def test_room_for_more_vertices_is_no_change():
    before = outlines(np.random.default_rng(2), 12)
    roomy = replace(before, points=before.points[:, [0, 1, 2, 2, 2]])
    assert not changes(before, roomy).any()
    assert not changes(roomy, before).any()


def test_the_order_of_shapes_counts_where_they_meet():
    before = outlines(np.random.default_rng(3), 2)
    here = np.array([[[5, 5], [40, 8], [9, 50]], [[9, 9], [50, 8], [9, 30]]], np.float32)
    there = here + np.array([[[0, 0]], [[BLOCK + 8, 0]]], np.float32)
    for points, expected in ((here, 1), (there, 0)):
        one = replace(before, points=points)
        other = replace(
            one, **{name: getattr(one, name)[::-1].copy() for name in ("points", "colours", "opacities")}
        )
        assert changes(one, other).sum() == expected


def test_another_frame_is_drawn_as_a_whole():
    rng = np.random.default_rng(4)
    before = outlines(rng, 8)
    pixels = before.draw()
    for after in (
        replace(before, background=(1.0, 1.0, 1.0)),
        replace(before, samples=3),
        replace(before, height=HEIGHT - 30),
    ):
        np.testing.assert_array_equal(redrawn(before, pixels, after), after.draw())


def test_too_much_to_be_looked_at_is_drawn(monkeypatch):
    before = outlines(np.random.default_rng(5), 9)
    monkeypatch.setattr(successive, "MOST", 5)
    assert changes(before, before).all()


def test_nobody_changes_what_later_pictures_begin_with():
    pixels = Successive().draw(outlines(np.random.default_rng(6), 3))
    with pytest.raises(ValueError, match="read-only"):
        pixels[0] = 0


def test_blocks_beside_each_other_are_one_piece():
    changed = np.array([[1, 1, 0, 1], [0, 0, 0, 0], [0, 1, 1, 1]], bool)
    pieces = pieces_of(changed, HEIGHT, WIDTH)
    assert pieces.tolist() == [
        [0, 0, 2 * BLOCK, BLOCK],
        [3 * BLOCK, 0, WIDTH, BLOCK],
        [BLOCK, 2 * BLOCK, WIDTH, HEIGHT],
    ]


def test_a_picture_of_another_kind_is_drawn_by_itself():
    blots = Blots(HEIGHT, WIDTH, (1.0, 1.0, 1.0))
    pictures = Successive()
    for _ in range(2):
        np.testing.assert_array_equal(pictures.draw(blots), blots.draw())


@dataclass(frozen=True)
class Blots:
    """A picture that is not made of outlines."""

    height: int
    width: int
    background: Colour | None

    def draw(self) -> NDArray[np.uint8]:
        return self.draw_window(0, 0, self.height, self.width)

    def within(self, x0: int, y0: int, height: int, width: int) -> Blots:
        return self

    def draw_window(self, x0: int, y0: int, height: int, width: int) -> NDArray[np.uint8]:
        y, x = np.mgrid[y0 : y0 + height, x0 : x0 + width]
        return np.repeat(((x // 3 + y // 5) % 251).astype(np.uint8)[..., None], 3, axis=2)
