"""A pyramid of tiles has the pixels of a picture drawn at once, and means of them at each level above."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.export import pyramid
from engine.export.pyramid import Tile, half, in_tiles, levels_of
from tests.export.test_json_shapes import scene

SIDE = 16  # of a tile in most tests


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(pyramid, "TILE", SIDE)
    monkeypatch.setattr(pyramid, "BLOCK", 2 * SIDE)


def put_together(tiles, levels, channels):
    """The levels as pictures, from tiles that are their pixels as bytes."""
    pictures = [np.zeros((*size, channels), np.uint8) for size in levels]
    seen = set()
    for level, row, column, content in tiles:
        assert (level, row, column) not in seen
        seen.add((level, row, column))
        place = pictures[level][row * SIDE : (row + 1) * SIDE, column * SIDE : (column + 1) * SIDE]
        place[:] = np.frombuffer(content, np.uint8).reshape(place.shape)
    assert len(seen) == sum(-(-rows // SIDE) * -(-columns // SIDE) for rows, columns in levels)
    return pictures


def plain_half(pixels):
    """Each pixel the mean of those that are there."""
    height, width = pixels.shape[:2]
    halves = np.empty((-(-height // 2), -(-width // 2), pixels.shape[2]))
    for y, x in np.ndindex(halves.shape[:2]):
        halves[y, x] = pixels[2 * y : 2 * y + 2, 2 * x : 2 * x + 2].mean(axis=(0, 1))
    return np.floor(halves + 0.5)


@pytest.mark.parametrize("channels", [3, 4])
@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 99))
def test_half_is_the_mean_of_what_is_there(channels, height, width, seed):
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, channels), np.uint8)
    np.testing.assert_array_equal(half(pixels), plain_half(pixels))


@given(st.integers(1, 3000), st.integers(1, 3000), st.sampled_from([1, 512]))
def test_levels_are_halves_down_to_the_last(height, width, least):
    levels = levels_of(height, width, least)
    assert levels[0] == (height, width)
    assert max(levels[-1]) <= least or len(levels) == 1
    for (a, b), (c, d) in pairwise(levels):
        assert max(a, b) > least
        assert (c, d) == ((a + 1) // 2, (b + 1) // 2)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("background", [(0.1, 1 / 3, 0.5), None])
@settings(max_examples=25, deadline=None)
@given(st.integers(1, 150), st.integers(1, 150), st.sampled_from([1, SIDE]))
def test_tiles_are_those_of_the_whole_picture(background, height, width, least):
    picture, told = scene(2, background=background), list[int]()
    levels = levels_of(height, width, least)
    tiles = in_tiles(picture.drawable(height, width), levels, lambda pixels: pixels.tobytes(), told.append)
    first, *others = put_together(tiles, levels, 3 if background else 4)
    np.testing.assert_array_equal(first, picture.draw(height, width))
    below = first
    for each in others:
        np.testing.assert_array_equal(each, plain_half(below))
        below = each
    assert told == sorted(told)
    assert told[-1] == height


@pytest.mark.usefixtures("small")
def test_the_order_does_not_depend_on_the_number_of_cores(monkeypatch):
    found = set()
    for cores in (1, 2, 5):
        monkeypatch.setattr(pyramid, "available_cores", lambda cores=cores: cores)
        levels = levels_of(200, 130, 1)
        tiles = in_tiles(scene().drawable(200, 130), levels, lambda pixels: b"", lambda rows: None)
        found.add(tuple(Tile(*each) for each in tiles))
    assert len(found) == 1


@pytest.mark.usefixtures("small")
def test_few_tiles_wait_for_their_neighbours(monkeypatch):
    most = 0

    class Watched(pyramid._Parents):
        def put(self, piece):
            nonlocal most
            most = max(most, len(self._waiting))
            return super().put(piece)

    monkeypatch.setattr(pyramid, "_Parents", Watched)
    levels = levels_of(SIDE, 400 * SIDE, SIDE)
    assert sum(1 for _ in in_tiles(scene().drawable(*levels[0]), levels, bytes, lambda rows: None)) > 800
    assert most <= len(levels)


@pytest.mark.usefixtures("small")
def test_a_failure_ends_the_threads():
    def fail(pixels):
        raise OSError("no space")

    with pytest.raises(OSError, match="no space"):
        list(in_tiles(scene().drawable(300, 300), levels_of(300, 300, 1), fail, lambda rows: None))
