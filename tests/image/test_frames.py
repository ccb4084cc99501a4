"""One picture of those that move or have pages."""

import os
import subprocess
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
import tifffile
from PIL import Image

from engine.errors import TargetError
from engine.image.target import open_target
from tests.doubles.pictures import BLUE, GREEN, RED, noise, refusal, saved

COLOURS = (RED, GREEN, BLUE)
FRAMES = 40


def moving(path: Path, kind: str, **options) -> str:
    first, *others = (Image.new("RGB", (30, 20), colour) for colour in COLOURS)
    return saved(path, first, kind, save_all=True, append_images=others, **options)


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "AVIF", "TIFF"])
def test_frames_and_pages(tmp_path: Path, kind: str) -> None:
    path = moving(tmp_path / "a", kind, **({"lossless": True} if kind == "WEBP" else {}))
    for number, colour in enumerate(COLOURS):
        target = open_target(path, 30, frame=number)
        assert target.pixels.shape == (20, 30, 3)
        assert np.abs(target.pixels.astype(int) - colour).max() <= 3, number
        assert target.remarks == ()
    with pytest.raises(TargetError, match="a: has 3 frames, so there is no frame 3; give one up to 2"):
        open_target(path, 30, frame=3)


def test_a_still_picture_has_one_frame(tmp_path: Path) -> None:
    for kind in ("JPEG", "BMP", "PNG", "WEBP", "TIFF"):
        path = saved(tmp_path / kind, Image.fromarray(noise(8, 8)), kind)
        with pytest.raises(TargetError, match=f"{kind}: a still picture, so there is no frame 1"):
            open_target(path, 8, frame=1)


def test_a_frame_keeps_its_transparency(tmp_path: Path) -> None:
    clear, half = (Image.new("RGBA", (8, 8), (200, 100, 0, alpha)) for alpha in (0, 255))
    half.paste((0, 0, 0, 0), (0, 0, 4, 8))
    for kind in ("PNG", "GIF", "WEBP"):
        path = saved(tmp_path / kind, clear, kind, save_all=True, append_images=[half], disposal=2)
        alpha = open_target(path, 8, "transparent", frame=1).pixels[4, :, 3]
        assert alpha.tolist() == [0] * 4 + [255] * 4, kind


def test_pages_of_any_numbers(tmp_path: Path) -> None:
    pages = np.stack([noise(8, 8), noise(8, 8, 1)])
    tifffile.imwrite(tmp_path / "a.tif", pages / 255, photometric="rgb", compression="zlib")
    for number in (0, 1):
        assert np.array_equal(open_target(str(tmp_path / "a.tif"), 8, frame=number).pixels, pages[number])
    assert "TIFF of 64-bit complex numbers" in refusal(_odd(tmp_path, np.zeros((4, 4), np.complex64)))
    with pytest.raises(TargetError, match="has 2 frames, so there is no frame 5"):
        open_target(str(tmp_path / "a.tif"), 8, frame=5)


def _odd(folder: Path, values, photometric: str = "minisblack") -> str:
    tifffile.imwrite(folder / "odd.tif", values, photometric=photometric)
    return str(folder / "odd.tif")


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film whose frames say their numbers in bars, six bits of them."""
    frames = np.full((FRAMES, 32, 48, 3), 40, np.uint8)
    for number, bit in np.ndindex(FRAMES, 6):
        frames[number, :, 8 * bit : 8 * bit + 8] = 200 if number >> bit & 1 else 40
    path = tmp_path_factory.mktemp("film") / "a.mp4"
    tool = imageio_ffmpeg.get_ffmpeg_exe()
    command = f"{tool} -v error -f rawvideo -pix_fmt rgb24 -s 48x32 -r 12 -i - -pix_fmt yuv420p -g 9".split()
    subprocess.run([*command, str(path)], input=frames.tobytes(), check=True)
    return path


def number_of(path: str, frame: int) -> int:
    row = open_target(path, 48, frame=frame).pixels[16, 4::8, 0]
    return sum(1 << bit for bit, value in enumerate(row) if value > 120)


def test_each_frame_of_a_film_is_found(film: Path) -> None:
    numbers = (0, 1, 9, 26, FRAMES - 1)
    assert [number_of(str(film), number) for number in numbers] == list(numbers)
    with pytest.raises(TargetError, match=f"a.mp4: has {FRAMES} frames, so there is no frame {FRAMES};"):
        open_target(str(film), 48, frame=FRAMES)


def test_a_film_may_be_called_anything(film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    name = os.fsdecode(b"-i \xff%d;concat:x")
    (tmp_path / name).write_bytes(film.read_bytes())
    assert number_of(name, 5) == 5


def test_a_film_cut_short_or_of_other_content(film: Path, tmp_path: Path) -> None:
    content = film.read_bytes()
    for name, held in (
        ("cut", content[: len(content) // 2]),
        ("odd", b"\0\0\0\x20ftypisom" + b"ffconcat" * 9),
    ):
        (tmp_path / name).write_bytes(held)
        assert "a film that is damaged or cut short, or has no pictures" in refusal(str(tmp_path / name))
