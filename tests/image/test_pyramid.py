"""A picture in a file gives the windows that it has, at any scale, and nothing else passes for one."""

import os
import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.image.metric import rmse
from engine.image.pixels import Pixels, resample
from engine.image.pyramid import BLOCK, Pyramid, write_pyramid
from engine.image.source import StoredSource
from tests.doubles.pictures import noise, smooth


def stored(path: Path, pixels: Pixels, rows: int = 100) -> Pyramid:
    height, width, channels = pixels.shape
    bands = (pixels[top : top + rows] for top in range(0, height, rows))
    with path.open("w+b") as file:
        write_pyramid(file, height, width, channels, bands)
    return Pyramid.of(path)


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Pyramid:
    return stored(tmp_path_factory.mktemp("odd") / "a", noise(777, 1301))


@pytest.fixture(scope="module")
def even(tmp_path_factory: pytest.TempPathFactory) -> Pyramid:
    return stored(tmp_path_factory.mktemp("even") / "a", smooth(1024, 1536))


def halved(pixels: Pixels) -> Pixels:
    """The obvious way, pixel by pixel of the result."""
    pixels = np.pad(pixels, ((0, pixels.shape[0] % 2), (0, pixels.shape[1] % 2), (0, 0)), "edge").astype(int)
    rows = pixels[0::2] + pixels[1::2]
    return ((rows[:, 0::2] + rows[:, 1::2] + 2) // 4).astype(np.uint8)


def test_each_level_is_half_of_the_one_before(odd: Pyramid) -> None:
    assert odd.levels == ((777, 1301), (389, 651), (195, 326))
    np.testing.assert_array_equal(odd.pixels, noise(777, 1301))
    level = halved(noise(777, 1301))
    np.testing.assert_array_equal(odd.read((0, 0, 1300, 776), 0.5), level[:388, :650])
    np.testing.assert_array_equal(odd.read((400, 200, 800, 400), 0.25), halved(level)[50:100, 100:200])


@given(st.tuples(st.integers(0, 1300), st.integers(1, 1301), st.integers(0, 776), st.integers(1, 777)))
def test_a_window_is_the_pixels_there(odd: Pyramid, sides: tuple[int, int, int, int]) -> None:
    x0, x1, y0, y1 = sides
    x1, y1 = max(x0 + 1, x1), max(y0 + 1, y1)
    window = odd.read((x0, y0, x1, y1))
    np.testing.assert_array_equal(window, noise(777, 1301)[y0:y1, x0:x1])


@given(st.integers(0, 700), st.integers(0, 500), st.floats(0.02, 0.99))
def test_a_scaled_window_is_nearly_that_of_the_picture(even: Pyramid, x0: int, y0: int, scale: float) -> None:
    window = even.read((x0, y0, x0 + 800, y0 + 500), scale)
    height, width = max(1, round(500 * scale)), max(1, round(800 * scale))
    exact = resample(smooth(1024, 1536)[y0 : y0 + 500, x0 : x0 + 800], height, width)
    assert window.shape == exact.shape
    assert rmse(window, exact) < 0.01


def test_a_source_clips_its_boxes_and_has_weights(tmp_path: Path) -> None:
    pixels = noise(40, 60)
    source = StoredSource(stored(tmp_path / "a", pixels), stored(tmp_path / "b", pixels[..., :1]))
    again = pickle.loads(pickle.dumps(source))
    window = again.read((-5, 30, 8, 99))
    np.testing.assert_array_equal(window.pixels, pixels[30:, :8])
    np.testing.assert_array_equal(window.weights, pixels[30:, :8, 0])
    assert (source.height, source.width, source.channels) == (40, 60, 3)
    np.testing.assert_array_equal(source.weights, pixels[..., 0])


@pytest.mark.parametrize("damage", ["short", "long", "head", "sides", "link", "pipe", "huge"])
def test_what_is_no_pyramid_is_refused(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "a"
    stored(path, noise(20, 30))
    content = path.read_bytes()
    if damage == "link":
        path.rename(tmp_path / "b")
        path.symlink_to("b")
    elif damage == "pipe":
        path.unlink()
        os.mkfifo(path)
    elif damage == "huge":
        os.truncate(path, 1 << 40)
    else:
        path.write_bytes(
            {
                "short": content[:-1],
                "long": content + b"\0",
                "head": b"x" * BLOCK + content[BLOCK:],
                "sides": content.replace(b'"height": 20', b'"height": -2'),
            }[damage]
        )
    with pytest.raises((OSError, ValueError)):
        Pyramid.of(path)


def test_a_file_that_is_cut_short_later_is_an_error(tmp_path: Path) -> None:
    found = stored(tmp_path / "a", noise(20, 30))
    os.truncate(tmp_path / "a", BLOCK + 100)
    with pytest.raises(OSError, match="cut short"):
        found.read((0, 0, 30, 20))
