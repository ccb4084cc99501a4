"""Targets are found, scaled and laid over their background; the metric, windows and PNG are exact."""

import hashlib
import io
import math
import os
import subprocess
import sys
import tracemalloc
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from engine.errors import SpecError, TargetError
from engine.image import bands
from engine.image.metric import rmse
from engine.image.pixels import Pixels, encode_png, resample
from engine.image.samples import samples
from engine.image.target import Origin, find_origin, open_target
from tests.doubles.pictures import RED, noise, refusal, saved

# --- transparency and background -------------------------------------------------------------------------


def test_hidden_colours_do_not_bleed_into_the_copy(tmp_path: Path) -> None:
    pixels = np.zeros((2, 16, 4), np.uint8)
    pixels[:, ::2] = (255, 255, 255, 255)
    pixels[:, 1::2] = (255, 0, 0, 0)
    copy = open_target(saved(tmp_path / "a", Image.fromarray(pixels), "PNG"), 4, "black").pixels
    assert (copy == copy[..., :1]).all()
    assert copy.mean() == pytest.approx(127.5, abs=3)


def test_mean_background_weighs_colours_by_opacity(tmp_path: Path) -> None:
    pixels = np.array([[(200, 0, 0, 255), (0, 100, 0, 51), (0, 0, 255, 0)]], np.uint8)
    target = open_target(saved(tmp_path / "a", Image.fromarray(pixels), "PNG"), 3)
    mean = (round(200 / 1.2), round(100 * 0.2 / 1.2), 0)
    assert target.background == tuple(value / 255 for value in mean)
    assert target.pixels[0, 2].tolist() == list(mean)


def test_mean_background_of_an_opaque_picture(tmp_path: Path) -> None:
    pixels = noise(20, 30)
    target = open_target(saved(tmp_path / "a", Image.fromarray(pixels), "PNG"), 30)
    assert target.background == pytest.approx(pixels.mean(axis=(0, 1)) / 255, abs=0.5001 / 255)


@pytest.mark.parametrize(
    ("background", "expected"), [("black", (0, 0, 0)), ("white", (1, 1, 1)), ("#ff8000", (1, 128 / 255, 0))]
)
def test_named_background(tmp_path: Path, background: str, expected: tuple[float, ...]) -> None:
    path = saved(tmp_path / "a", Image.new("RGBA", (2, 2)), "PNG")
    target = open_target(path, 2, background)
    assert target.background == expected
    assert target.pixels[0, 0].tolist() == [round(255 * value) for value in expected]
    opaque = saved(tmp_path / "b", Image.new("RGB", (2, 2), RED), "PNG")
    assert open_target(opaque, 2, background).background == expected


def test_a_transparent_background_leaves_colours_premultiplied(tmp_path: Path) -> None:
    pixels = np.array([[(200, 100, 0, 255), (200, 100, 50, 51), (0, 0, 255, 0)]], np.uint8)
    target = open_target(saved(tmp_path / "a", Image.fromarray(pixels), "PNG"), 3, "transparent")
    assert target.background is None
    assert target.pixels.tolist() == [[[200, 100, 0, 255], [40, 20, 10, 51], [0, 0, 0, 0]]]


def test_no_colour_of_a_smaller_copy_is_stronger_than_its_alpha(tmp_path: Path) -> None:
    pixels = np.zeros((60, 60, 4), np.uint8)
    pixels[20:40, 20:40] = (255, 128, 0, 255)
    path = saved(tmp_path / "a", Image.fromarray(pixels), "PNG")
    copy = open_target(path, 22, "transparent").pixels
    assert copy.shape == (22, 22, 4)
    assert (copy[..., :3] <= copy[..., 3:]).all()
    assert 0 < copy[..., 3].mean() / 255 < 0.13


def test_an_opaque_picture_stays_opaque_on_a_transparent_background() -> None:
    target, plain = open_target("coffee", 30, "transparent"), open_target("coffee", 30)
    np.testing.assert_array_equal(target.pixels[..., :3], plain.pixels)
    assert (target.pixels[..., 3] == 255).all()


def test_nothing_visible_is_nothing_to_paint(tmp_path: Path) -> None:
    path = saved(tmp_path / "ghost.png", Image.new("RGBA", (2, 2), (9, 9, 9, 0)), "PNG")
    with pytest.raises(TargetError, match=r"ghost\.png: wholly transparent, so there is nothing to paint"):
        open_target(path, 2, "transparent")


def test_nothing_visible_has_no_mean(tmp_path: Path) -> None:
    path = saved(tmp_path / "ghost.png", Image.new("RGBA", (2, 2), (9, 9, 9, 0)), "PNG")
    with pytest.raises(TargetError, match=r"ghost\.png: wholly transparent"):
        open_target(path, 2)


@pytest.mark.parametrize("background", ["pink", "#fff", "#12345g", "", "#1234567", "Mean"])
def test_bad_background(background: str) -> None:
    with pytest.raises(SpecError, match=r"background: .* is not auto, mean, black, white, .* or #rrggbb"):
        open_target("astronaut", 10, background)


# --- sizes -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sizes")


@settings(max_examples=60, deadline=None)
@given(height=st.integers(1, 70), width=st.integers(1, 70), size=st.integers(1, 80))
def test_copy_fits_and_keeps_its_proportions(folder: Path, height: int, width: int, size: int) -> None:
    path = saved(folder / "a.bmp", Image.new("RGB", (width, height), (9, 99, 199)), "BMP")
    target = open_target(path, size)
    copy_height, copy_width = target.pixels.shape[:2]
    assert target.full_size == (height, width)
    assert max(copy_height, copy_width) == min(size, max(height, width))
    scale = max(copy_height, copy_width) / max(height, width)
    assert copy_height == 1 or abs(copy_height - height * scale) <= 0.5
    assert copy_width == 1 or abs(copy_width - width * scale) <= 0.5
    assert (target.pixels == (9, 99, 199)).all()


@pytest.mark.parametrize(
    ("width", "height", "size", "expected"),
    [(3, 2000, 512, (512, 1)), (2000, 3, 1999, (3, 1999)), (1, 1, 512, (1, 1)), (5, 900, 1, (1, 1))],
)
def test_thin_shapes(tmp_path: Path, width: int, height: int, size: int, expected: tuple[int, int]) -> None:
    for kind in ("PNG", "JPEG"):
        path = saved(tmp_path / "a", Image.new("RGB", (width, height)), kind)
        assert open_target(path, size).pixels.shape[:2] == expected


def test_lanczos(tmp_path: Path) -> None:
    pixels = noise(50, 70)
    copy = open_target(saved(tmp_path / "a", Image.fromarray(pixels), "PNG"), 21).pixels
    exact = Image.fromarray(pixels).resize((21, 15), Image.Resampling.LANCZOS)
    assert np.array_equal(copy, np.asarray(exact))


@pytest.mark.parametrize("size", [0, -3])
def test_bad_size(size: int) -> None:
    with pytest.raises(SpecError, match=f"size: {size} is too small"):
        open_target("astronaut", size)


# --- samples ---------------------------------------------------------------------------------------------


def test_every_sample_opens() -> None:
    names = samples()
    assert {"astronaut", "camera", "cat", "chelsea", "coffee", "rocket"} <= set(names)
    for name in names:
        target = open_target(name, 32, "white")
        assert max(target.pixels.shape) == 32, name


def test_samples_are_those_of_scikit_image() -> None:
    from skimage import data

    for name in samples():
        expected = getattr(data, name)()
        assert open_target(name, 16, "white").full_size == expected.shape[:2], name
    assert np.array_equal(open_target("astronaut", 512).pixels, data.astronaut())


def test_samples_do_not_import_scikit_image() -> None:
    code = (
        "import sys; from engine.image.target import open_target; "
        "open_target('astronaut', 8); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"skimage", "scipy"} & set(done.stdout.split())


def test_a_file_wins_over_a_sample_and_a_folder_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    saved(tmp_path / "coffee", Image.new("RGB", (3, 2)), "PNG")
    (tmp_path / "rocket").mkdir()
    assert open_target("coffee", 10).full_size == (2, 3)
    assert open_target("rocket", 10).full_size == (427, 640)


# --- names that lead nowhere -----------------------------------------------------------------------------


def test_missing_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_bytes(b"")
    for source in ("photo.png", "no/such", str(tmp_path / "none"), "file/inside"):
        assert "no such file" in refusal(source)
    assert "astronaut, " in refusal("astronot")
    assert "check the path" in refusal("x" * 5000)
    assert "check the path" in refusal("zero\0byte")
    with pytest.raises(TargetError, match="no name"):
        open_target("", 10)


def test_folders_and_pipes(tmp_path: Path) -> None:
    assert "a folder" in refusal(str(tmp_path))
    os.mkfifo(tmp_path / "pipe.png")
    assert "pipe" in refusal(str(tmp_path / "pipe.png"))


# --- the metric, windows, PNG ----------------------------------------------------------------------------


def slow_rmse(a: npt.NDArray[Any], b: npt.NDArray[Any]) -> float:
    def value(pixels: npt.NDArray[Any], index: tuple[int, ...]) -> float:
        return float(pixels[index]) / 255 if pixels.dtype == np.uint8 else float(pixels[index])

    indices = list(product(*map(range, a.shape)))
    return math.sqrt(math.fsum((value(a, i) - value(b, i)) ** 2 for i in indices) / len(indices))


def pictures(height: int, width: int) -> st.SearchStrategy[npt.NDArray[Any]]:
    shape = (height, width, 3)
    return st.one_of(
        hnp.arrays(np.uint8, shape),
        hnp.arrays(np.float32, shape, elements=st.floats(0, 1, width=32)),
        hnp.arrays(np.float64, shape, elements=st.floats(0, 1)),
    )


@settings(deadline=None)
@given(data=st.data(), height=st.integers(1, 5), width=st.integers(1, 5), band=st.integers(1, 30))
def test_rmse_against_a_plain_one(data: st.DataObject, height: int, width: int, band: int) -> None:
    a, b = data.draw(pictures(height, width)), data.draw(pictures(height, width))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bands, "BAND_PIXELS", band)
        assert rmse(a, b) == pytest.approx(slow_rmse(a, b), abs=1e-9)
        assert rmse(a, b) == rmse(b, a)
        assert rmse(a, a) == 0


@settings(deadline=None)
@given(data=st.data())
def test_rmse_with_transparency(data: st.DataObject) -> None:
    shape = (2, 3, 4)
    drawn, target = data.draw(hnp.arrays(np.uint8, shape)), data.draw(hnp.arrays(np.uint8, shape))
    expected = 0.0
    for index in np.ndindex(2, 3):
        one, other = drawn[index] / 255, target[index] / 255
        papers = [np.square(one[:3] - other[:3] - paper * (one[3] - other[3])).sum() for paper in (0, 1)]
        outside = 1.5 * (one[3] - other[3]) ** 2
        expected += other[3] * sum(papers) / 2 + (1 - other[3]) * outside
    assert rmse(drawn, target) == pytest.approx(math.sqrt(expected / 18), abs=1e-9)
    assert rmse(drawn, target / 255) == pytest.approx(rmse(drawn, target))


def test_rmse_of_black_and_white() -> None:
    black, white = np.zeros((700, 2000, 3), np.uint8), np.ones((700, 2000, 3))
    assert rmse(black, white) == 1.0


@pytest.mark.parametrize(
    ("a", "b"), [((2, 3, 3), (3, 2, 3)), ((2, 3), (2, 3)), ((2, 3, 5), (2, 3, 5)), ((0, 3, 3),) * 2]
)
def test_rmse_wants_pictures_of_one_shape(a: tuple[int, ...], b: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="one shape"):
        rmse(np.zeros(a), np.zeros(b))


def test_rmse_refuses_integers_of_unknown_range() -> None:
    with pytest.raises(TypeError, match="int64"):
        rmse(np.zeros((1, 1, 3), np.int64), np.zeros((1, 1, 3)))


def slow_resample(pixels: Pixels, height: int, width: int) -> npt.NDArray[np.float64]:
    out = np.zeros((height, width, 3))
    for row, column in product(range(height), range(width)):
        top, bottom = (pixels.shape[0] * (row + k) / height for k in (0, 1))
        left, right = (pixels.shape[1] * (column + k) / width for k in (0, 1))
        for y, x in product(range(pixels.shape[0]), range(pixels.shape[1])):
            area = max(0, min(bottom, y + 1) - max(top, y)) * max(0, min(right, x + 1) - max(left, x))
            out[row, column] += area / ((bottom - top) * (right - left)) * pixels[y, x]
    return out


@settings(deadline=None, max_examples=60)
@given(*[st.integers(1, 7)] * 4, st.integers(0, 99))
def test_resample_against_a_plain_one(rows: int, columns: int, height: int, width: int, seed: int) -> None:
    pixels = noise(rows, columns, seed)
    small = resample(pixels, height, width)
    assert small.dtype == np.uint8
    assert small.shape == (height, width, 3)
    assert np.abs(small - slow_resample(pixels, height, width)).max() <= 0.5 + 1e-6


def test_resample_at_its_own_size_is_a_copy() -> None:
    pixels = noise(40, 50)[11:40, 7:33]
    window = resample(pixels, 29, 26)
    assert np.array_equal(window, pixels)
    window[:] = 0
    assert np.array_equal(pixels, noise(40, 50)[11:40, 7:33])
    assert window.flags.c_contiguous


@pytest.mark.parametrize("shape", [(1, 1), (3, 200), (31, 17)])
def test_encode_png(shape: tuple[int, int]) -> None:
    pixels = noise(*shape)
    data = encode_png(pixels)
    decoded = Image.open(io.BytesIO(data))
    assert decoded.format == "PNG"
    assert np.array_equal(np.asarray(decoded), pixels)


@pytest.mark.parametrize(
    ("alpha", "is_kept"), [(255, False), (0, True), (128, True)], ids=["opaque", "clear", "half"]
)
def test_a_transparent_picture_stays_so_unless_something_else_is_said(alpha, is_kept, tmp_path):
    pixels = np.full((40, 40, 4), 255, np.uint8)
    pixels[:20, :20, 3] = alpha
    path = saved(tmp_path / "a", Image.fromarray(pixels), "PNG")
    target = open_target(path, 40, "auto")
    assert (target.background is None) == is_kept
    assert target.pixels.shape[2] == (4 if is_kept else 3)
    assert target.has_mean_background != is_kept
    pixels[:20, :20, 3] = 255
    pixels[0, 0, 3] = 0
    assert (
        open_target(saved(tmp_path / "b", Image.fromarray(pixels), "PNG"), 40, "auto").background is not None
    )


# --- where it came from ----------------------------------------------------------------------------------


def test_a_large_file_is_hashed_piece_by_piece(tmp_path: Path) -> None:
    path, mask = tmp_path / "a", tmp_path / "b"
    for each in (path, mask):
        with each.open("wb") as file:
            file.truncate(30_000_000)
    tracemalloc.start()
    try:
        origin = Origin.of(path, mask)
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()
    assert origin.sha256 == hashlib.sha256(bytes(60_000_000)).hexdigest()


def test_what_is_no_file_has_no_origin(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(
        TargetError, match=r"pipe: can't be read \(a device, pipe or socket\); check the file"
    ):
        find_origin("coffee", str(tmp_path / "pipe"))
    with (tmp_path / "huge").open("wb") as file:
        file.truncate(1 << 40)  # without a block on the disk; to read it takes half an hour
    with pytest.raises(TargetError, match=r"huge: can't be read \(larger than 40 GB\); scale it down"):
        find_origin(str(tmp_path / "huge"), "none")
    assert "larger than 40 GB; scale it down" in refusal(str(tmp_path / "huge"))


def test_a_picture_that_becomes_a_pipe_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.png"
    saved(path, Image.new("RGB", (2, 2)), "PNG")
    monkeypatch.setattr("engine.image.target.find_file", lambda source: path)
    path.unlink()
    os.mkfifo(path)
    assert "a device, pipe or socket; save the picture to an ordinary file" in refusal(str(path))


def test_a_sample_that_is_misspelt_is_guessed():
    with pytest.raises(TargetError, match=r"; perhaps coffee is meant\.$"):
        open_target("cofee", 9)
    with pytest.raises(TargetError, match=r"text\)\.$"):
        open_target("zzzzzz", 9)
