"""Files that other programs show: each is read right, or refused for what it is."""

import re
from pathlib import Path

import numpy as np
import pytest
import tifffile

from engine.errors import TargetError
from engine.image import formats
from engine.image.metric import rmse
from engine.image.pixels import Pixels
from engine.image.target import Target, open_target
from tests import ROOT

CASES = ROOT / "tests" / "cases" / "pictures"


def opened(name: str) -> Target:
    return open_target(str(CASES / name), 200, "white")


@pytest.fixture(scope="module")
def plain() -> dict[str, Pixels]:
    return {name: opened(f"plain.{name}").pixels for name in ("png", "jpg")}


@pytest.mark.parametrize("path", sorted(CASES.glob("0[1-4]-*.png")), ids=lambda path: path.name)
def test_what_is_beside_a_pngs_pixels_does_not_matter(path: Path, plain: dict[str, Pixels]) -> None:
    target = opened(path.name)
    # The profile of 1.2 MB is sRGB's, by way of a table.
    assert np.abs(target.pixels.astype(int) - plain["png"]).max() <= (1 if path.name.startswith("01") else 0)
    assert target.remarks == ()


@pytest.mark.parametrize("name", ["05-mpo.jpg", "05-mpo-bad.jpg", "05-mpo-cut.jpg", "11-really-jpeg.HEIC"])
def test_the_first_picture_of_several_and_what_is_called_otherwise(
    name: str, plain: dict[str, Pixels]
) -> None:
    assert np.array_equal(opened(name).pixels, plain["jpg"])
    assert opened(name).remarks == ()


def test_a_gifs_frame_outside_its_screen(plain: dict[str, Pixels]) -> None:
    target = opened("06-frame-far-outside.gif")
    assert target.full_size == (96, 144)
    assert rmse(target.pixels, plain["png"]) < 0.1  # 16 colours


@pytest.mark.parametrize("path", sorted(CASES.glob("07-*.tif")), ids=lambda path: path.name)
def test_tiffs_of_any_numbers(path: Path) -> None:
    values = tifffile.imread(path).astype(float)
    white = 1.0 if "float" in path.name else 65535.0 if "uint16" in path.name else 255.0
    if "cmyk" in path.name:
        expected = (1 - values[..., :3] / white) * (1 - values[..., 3:] / white)
    else:
        expected = (values[..., None] if values.ndim == 2 else values[..., :3]) / white
    target = opened(path.name)
    assert np.abs(target.pixels / 255 - expected).max() <= 1.5 / 255
    assert target.remarks == ()


def test_a_bitmap_whose_alpha_is_empty_is_opaque() -> None:
    target = open_target(str(CASES / "08-bmp32-alpha0.bmp"), 200, "auto")
    assert target.background is not None
    content = (CASES / "08-bmp32-alpha0.bmp").read_bytes()
    stored = np.frombuffer(content[122:], np.uint8).reshape(24, 36, 4)[::-1, :, :3]
    assert np.array_equal(np.sort(target.pixels), np.sort(stored))  # whatever the order of the channels


def test_avif(plain: dict[str, Pixels]) -> None:
    assert rmse(opened("11-photo.avif").pixels, plain["png"]) < 0.03


def test_heic_is_refused_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TargetError, match=r"photo\.heic: begins like HEIC, but is damaged"):
        opened("11-photo.heic")
    monkeypatch.setattr(formats, "find_spec", lambda name: None)
    with pytest.raises(
        TargetError, match=r"photo\.heic: is in the format HEIC, .* yet; run .*(heic|pillow-heif)"
    ):
        opened("11-photo.heic")


@pytest.mark.parametrize(
    ("name", "lack"),
    [("12-no-eoi.jpg", "nothing is missing"), ("12-progressive-70pc.jpg", "finest detail is missing")],
)
def test_a_jpeg_that_lacks_its_last_bytes(name: str, lack: str, plain: dict[str, Pixels]) -> None:
    target = opened(name)
    assert rmse(target.pixels, plain["jpg"]) < 0.02
    assert len(target.remarks) == 1
    assert re.fullmatch(rf"{re.escape(name)}: is cut short, .*{lack}.*; copy it anew\.", target.remarks[0])
