"""Large pictures are made smaller before anything else, in bounded memory, and look the same."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from engine.image import decode, large
from engine.image.large import LARGE, reduced, reduction
from engine.image.metric import rmse
from engine.image.target import open_target, shown_side
from tests.doubles.pictures import png, saved, smooth


@given(st.integers(1, 200_000), st.integers(1, 200_000), st.integers(1, 20_000))
def test_what_is_left_of_a_large_picture_is_enough(width: int, height: int, size: int) -> None:
    number = reduction(width, height, size)
    if width * height <= LARGE:
        assert number == 1
    if number > 1:
        assert max(width, height) / number >= size
    if max(width, height) >= 2 * size and width * height > LARGE:
        left = -(-width // number) * -(-height // number)
        assert left <= 1.1 * LARGE or max(width, height) / number < 2 * size


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P", "CMYK", "I;16", "1"])
def test_a_reduced_picture_is_of_means(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large, "_BAND_ROWS", 2)
    image = Image.fromarray(smooth(43, 61))
    if mode == "I;16":
        image = Image.fromarray(smooth(43, 61)[..., 0].astype(np.uint16) * 257)
    elif mode == "RGBA":
        image.putalpha(image.getchannel("R"))
    else:
        image = image.convert(mode)
    colour, alpha = reduced(image, 4)
    assert colour.size == (16, 11)
    assert (alpha is None) == (mode != "RGBA")
    expected = image.convert("RGBA" if mode == "RGBA" else "L" if mode in ("1", "L") else "RGB")
    if mode == "I;16":
        expected = Image.fromarray(smooth(43, 61)[..., 0])
    expected = expected.reduce(4)
    if alpha is not None:
        assert np.abs(np.asarray(alpha).astype(int) - np.asarray(expected.getchannel("A"))).max() <= 1
    found = np.asarray(colour.convert("RGB")).astype(int)
    assert np.abs(found - np.asarray(expected.convert("RGB"))).mean() < 2


@pytest.mark.parametrize(
    ("kind", "orientation"), [("PNG", 1), ("PNG", 6), ("JPEG", 6), ("TIFF", 1), ("WEBP", 1)]
)
def test_a_large_picture_is_decoded_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, orientation: int
) -> None:
    """The limit is lowered in the process that decodes, too."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = saved(tmp_path / "a", Image.fromarray(smooth(200, 300)), kind, exif=exif)
    plain = open_target(path, 20)
    monkeypatch.setattr(decode, "LARGE", 10_000)
    lowered = f"import engine.image.large as large; large.LARGE = 10_000\n{decode.apart._ANSWER}"
    monkeypatch.setattr(decode.apart, "_ANSWER", lowered)
    target = open_target(path, 20)
    assert target.full_size == plain.full_size
    assert rmse(target.pixels, plain.pixels) < 0.01


def test_four_hundred_megapixels(tmp_path: Path) -> None:
    """Of grey, which Pillow keeps in a byte each, for the sake of time."""
    path = tmp_path / "large.png"
    path.write_bytes(png(20_000, 20_000, 1, 0, (b"\0" + b"\xff" * 2500) * 20_000))
    code = (
        "import resource, sys; from engine.image.target import open_target\n"
        "target = open_target(sys.argv[1], 16)\n"
        "assert target.full_size == (20_000, 20_000) and (target.pixels == 255).all()\n"
        "own = int(open('/proc/self/status').read().split('VmHWM:')[1].split()[0])\n"  # ru_maxrss is a parent's, too
        "print(max(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))"
    )
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 1_100_000  # kB


def test_a_large_picture_is_shown_at_a_hundred_megapixels() -> None:
    assert shown_side(20_000, 20_000) == 10_000
    assert shown_side(10_000, 10_000) == 10_000
    assert shown_side(400, 300) == 400
    assert shown_side(200_000, 2_000) == 100_000
