"""Pictures of every format and mode come out as the right sRGB pixels, and bad ones as one sentence."""

import os
import re
import stat
import struct
import subprocess
import sys
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import PIL
import pytest
import tifffile
from PIL import ExifTags, Image, ImageCms

from engine.errors import TargetError
from engine.image import apart
from engine.image.metric import rmse
from engine.image.pixels import Pixels
from engine.image.target import open_target
from tests.doubles.pictures import BLUE, GREEN, RED, damaged_fax, noise, png, refusal, saved, smooth

new_in_pillow_13 = pytest.mark.skipif(
    int(PIL.__version__.split(".")[0]) < 13, reason="Pillow reads such TIFF files from its release 13 on"
)


# --- formats ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("PNG", {}),
        ("BMP", {}),
        ("WEBP", {"lossless": True}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("TIFF", {"compression": "tiff_adobe_deflate"}),
    ],
)
def test_lossless_formats_are_told_by_their_content(
    tmp_path: Path, kind: str, options: dict[str, Any]
) -> None:
    pixels = noise(9, 14)
    target = open_target(saved(tmp_path / "picture.txt", Image.fromarray(pixels), kind, **options), 100)
    assert np.array_equal(target.pixels, pixels)
    assert target.pixels.dtype == np.uint8
    assert target.full_size == (9, 14)


def test_jpeg(tmp_path: Path) -> None:
    pixels = smooth(40, 60)
    target = open_target(saved(tmp_path / "a.jpg", Image.fromarray(pixels), "JPEG", quality=95), 60)
    assert rmse(target.pixels, pixels) < 0.01


def test_only_the_first_frame_of_an_animation_counts(tmp_path: Path) -> None:
    first, second = (Image.new("RGB", (5, 4), colour) for colour in (RED, BLUE))
    for kind in ("GIF", "WEBP", "PNG", "TIFF"):
        path = saved(tmp_path / kind, first, kind, save_all=True, append_images=[second])
        assert np.abs(open_target(path, 5).pixels.astype(int) - RED).max() <= 3, kind


# --- modes -----------------------------------------------------------------------------------------------


def test_grey_and_one_bit(tmp_path: Path) -> None:
    grey = Image.fromarray(np.array([[0, 90, 255]], np.uint8))
    for kind in ("PNG", "TIFF", "BMP"):
        shades = saved(tmp_path / "g", grey, kind)
        assert open_target(shades, 3).pixels[0].tolist() == [[v] * 3 for v in (0, 90, 255)]
        bits = saved(tmp_path / "b", grey.convert("1", dither=Image.Dither.NONE), kind)
        assert open_target(bits, 3).pixels[0].tolist() == [[v] * 3 for v in (0, 0, 255)]


def test_palette(tmp_path: Path) -> None:
    picture = Image.new("P", (2, 1))
    picture.putpalette([*RED, *GREEN, *BLUE])
    picture.putdata([2, 1])
    for kind in ("PNG", "GIF", "BMP", "TIFF"):
        target = open_target(saved(tmp_path / "p", picture, kind), 2)
        assert target.pixels.tolist() == [[[0, 0, 255], [0, 255, 0]]]


@pytest.mark.parametrize(("kind", "transparency"), [("PNG", 2), ("GIF", 2), ("PNG", b"\xff\xff\x00")])
def test_palette_with_transparency(tmp_path: Path, kind: str, transparency: int | bytes) -> None:
    picture = Image.new("P", (2, 1))
    picture.putpalette([*RED, *GREEN, *BLUE])
    picture.putdata([2, 1])
    path = saved(tmp_path / "p", picture, kind, transparency=transparency)
    assert open_target(path, 2, "#010203").pixels.tolist() == [[[1, 2, 3], [0, 255, 0]]]


def test_palette_with_alpha(tmp_path: Path) -> None:
    picture = Image.new("PA", (2, 1))
    picture.putpalette([*RED, *GREEN, *BLUE])
    picture.putdata([(2, 0), (1, 255)])
    target = open_target(saved(tmp_path / "p", picture, "TIFF"), 2, "#010203")
    assert target.pixels.tolist() == [[[1, 2, 3], [0, 255, 0]]]


def test_one_transparent_grey_or_colour(tmp_path: Path) -> None:
    grey = Image.fromarray(np.array([[7, 90]], np.uint8))
    path = saved(tmp_path / "g", grey, "PNG", transparency=7)
    assert open_target(path, 2, "white").pixels.tolist() == [[[255] * 3, [90] * 3]]
    colour = Image.fromarray(np.array([[RED, GREEN]], np.uint8))
    path = saved(tmp_path / "c", colour, "PNG", transparency=RED)
    assert open_target(path, 2, "white").pixels.tolist() == [[[255] * 3, [0, 255, 0]]]


@pytest.mark.parametrize("mode", ["LA", "RGBA"])
@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_alpha(tmp_path: Path, mode: str, kind: str) -> None:
    picture = Image.new(mode, (1, 1), (100, 128) if mode == "LA" else (100, 100, 100, 128))
    path = saved(tmp_path / "a", picture, kind)
    over_white = round((100 * 128 + 255 * 127) / 255)
    over_black = round(100 * 128 / 255)
    assert open_target(path, 1, "white").pixels.tolist() == [[[over_white] * 3]]
    assert open_target(path, 1, "black").pixels.tolist() == [[[over_black] * 3]]


@pytest.mark.parametrize("shape", [pytest.param((1, 1, 2), marks=new_in_pillow_13), (1, 1, 4)])
def test_premultiplied_alpha(tmp_path: Path, shape: tuple[int, int, int]) -> None:
    pixels = np.full(shape, 50, np.uint8)
    pixels[..., -1] = 100
    path = tmp_path / "a.tif"
    photometric = "minisblack" if shape[2] == 2 else "rgb"
    tifffile.imwrite(
        path, pixels, photometric=photometric, extrasamples=["assocalpha"], planarconfig="contig"
    )
    assert open_target(str(path), 1, "black").pixels[0, 0].tolist() == pytest.approx([50, 50, 50], abs=1)
    assert open_target(str(path), 1, "white").pixels[0, 0].tolist() == pytest.approx([205, 205, 205], abs=1)


def test_sixteen_bit_grey_is_scaled_and_not_clipped(tmp_path: Path) -> None:
    values = np.array([[0, 257, 128 * 257, 65535]], np.uint16)
    expected = [[v] * 3 for v in (0, 1, 128, 255)]
    paths = [saved(tmp_path / f"i16.{kind}", Image.fromarray(values), kind) for kind in ("PNG", "TIFF")]
    paths.append(saved(tmp_path / "i.TIFF", Image.fromarray(values.astype(np.int32)), "TIFF"))
    tifffile.imwrite(tmp_path / "big.tif", values, byteorder=">")
    for path in [*paths, str(tmp_path / "big.tif")]:
        assert open_target(path, 4).pixels[0].tolist() == expected, path


def test_wide_integers_and_floats(tmp_path: Path) -> None:
    def opened(values: npt.NDArray[Any], **options: Any) -> list[int]:
        tifffile.imwrite(tmp_path / "t.tif", values, **options)
        pixels = open_target(str(tmp_path / "t.tif"), 4).pixels
        assert (pixels == pixels[..., :1]).all()
        return pixels[0, :, 0].tolist()

    assert opened(np.array([[0, 16384, 32767]], np.int16)) == [0, 128, 255]
    assert opened(np.array([[-1000, 0, 1000]], np.int16)) == [0, 128, 255]
    assert opened(np.array([[0, 32768, 65535]], np.uint32)) == [0, 128, 255]
    assert opened(np.array([[0, 1 << 31, (1 << 32) - 1]], np.uint32)) == [0, 128, 255]
    assert opened(np.array([[0.0, 0.25, 0.5]], np.float32)) == [0, 64, 128]
    assert opened(np.array([[-2.0, 0.0, 2.0]], np.float32)) == [0, 128, 255]
    assert opened(np.array([[7.0, 7.0]], np.float32)) == [0, 0]
    assert opened(np.array([[0, 65535]], np.uint16), photometric="miniswhite") == [255, 0]
    with pytest.raises(TargetError, match=r"t\.tif: .*finite"):
        opened(np.array([[0.0, np.nan]], np.float32))


@pytest.mark.parametrize(
    ("colour_type", "values", "expected"),
    [
        (2, [65535, 32768, 0], [255, 128, 0]),
        (6, [65535, 32768, 0, 65535], [255, 128, 0]),
        (6, [65535, 32768, 0, 0], [0, 0, 0]),
        (4, [32768, 65535], [128, 128, 128]),
        (4, [32768, 0], [0, 0, 0]),
    ],
)
def test_sixteen_bit_png(tmp_path: Path, colour_type: int, values: list[int], expected: list[int]) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(png(1, 1, 16, colour_type, b"\0" + struct.pack(f">{len(values)}H", *values)))
    assert open_target(str(path), 1, "black").pixels[0, 0].tolist() == expected


def test_one_transparent_value_of_sixteen_bits(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    rows = b"\0" + struct.pack(">HH", 300, 301)  # the same when cut to eight bits
    path.write_bytes(png(2, 1, 16, 0, rows, (b"tRNS", struct.pack(">H", 300))))
    assert open_target(str(path), 2, "white").pixels.tolist() == [[[255] * 3, [1] * 3]]


@pytest.mark.parametrize("kind", ["TIFF", "JPEG"])
def test_cmyk(tmp_path: Path, kind: str) -> None:
    # Pillow writes JPEGs as Adobe does, inverted.
    cyan, dark = Image.new("CMYK", (8, 8), (255, 0, 0, 0)), Image.new("CMYK", (8, 8), (0, 0, 0, 200))
    for picture, expected in [(cyan, (0, 255, 255)), (dark, (55, 55, 55))]:
        target = open_target(saved(tmp_path / "a", picture, kind), 8)
        assert target.pixels[4, 4].tolist() == pytest.approx(expected, abs=2)


def test_lab(tmp_path: Path) -> None:
    lab = Image.new("LAB", (2, 2), (138, 209, 198))  # sRGB red: L 54, a 81, b 70; Pillow adds 128
    path = saved(tmp_path / "l", lab, "TIFF")
    assert open_target(path, 2).pixels[0, 0].tolist() == pytest.approx((255, 0, 0), abs=8)


@pytest.mark.parametrize("kind", [pytest.param("TIFF", marks=new_in_pillow_13), "JPEG"])
def test_ycbcr(tmp_path: Path, kind: str) -> None:
    picture = Image.new("RGB", (8, 8), (200, 100, 50)).convert("YCbCr")
    path = saved(tmp_path / "y", picture, kind)
    assert open_target(path, 8).pixels[4, 4].tolist() == pytest.approx((200, 100, 50), abs=3)


# --- EXIF and profiles -----------------------------------------------------------------------------------

UPRIGHT: dict[int, Callable[[Pixels], Pixels]] = {  # EXIF 2.3, 4.6.4: what makes stored rows upright
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: a[::-1].swapaxes(0, 1),
    7: lambda a: a[::-1, ::-1].swapaxes(0, 1),
    8: lambda a: a[:, ::-1].swapaxes(0, 1),
}


def exif(orientation: int) -> Image.Exif:
    data = Image.Exif()
    data[ExifTags.Base.Orientation] = orientation
    return data


@pytest.mark.parametrize("orientation", UPRIGHT)
@pytest.mark.parametrize(
    ("kind", "options"),
    [("PNG", {}), ("WEBP", {"lossless": True}), ("TIFF", {}), ("TIFF", {"compression": "tiff_lzw"})],
)
def test_orientation(tmp_path: Path, orientation: int, kind: str, options: dict[str, Any]) -> None:
    stored = noise(2, 3)
    path = saved(tmp_path / "a", Image.fromarray(stored), kind, exif=exif(orientation), **options)
    target = open_target(path, 3)
    expected = UPRIGHT[orientation](stored)
    assert np.array_equal(target.pixels, expected)
    assert target.full_size == expected.shape[:2]


@pytest.mark.parametrize("orientation", [1, 3, 6])
def test_large_jpeg_is_reduced_while_it_is_decoded(tmp_path: Path, orientation: int) -> None:
    stored = smooth(601, 1003)
    path = saved(tmp_path / "a", Image.fromarray(stored), "JPEG", quality=95, exif=exif(orientation))
    target = open_target(path, 40)
    upright = UPRIGHT[orientation](stored)
    height, width = target.pixels.shape[:2]
    assert target.full_size == upright.shape[:2]
    assert (height, width) == ((40, 24) if orientation == 6 else (24, 40))
    exact = Image.fromarray(np.ascontiguousarray(upright)).resize((width, height), Image.Resampling.LANCZOS)
    # .005 when the padding of the last block is taken in
    assert rmse(target.pixels, np.asarray(exact)) < 0.003


@pytest.mark.parametrize(("kind", "orientation"), [("AVIF", 6), ("AVIF", 4), ("HEIF", 6), ("HEIF", 3)])
def test_orientation_of_avif_and_heic(tmp_path: Path, kind: str, orientation: int) -> None:
    if kind == "HEIF":
        pytest.importorskip("pillow_heif", reason="HEIC is an extra").register_heif_opener()
    stored = smooth(48, 64)
    path = saved(tmp_path / "a", Image.fromarray(stored), kind, quality=95, exif=exif(orientation).tobytes())
    target = open_target(path, 64)
    expected = np.ascontiguousarray(UPRIGHT[orientation](stored))
    assert target.full_size == expected.shape[:2]
    assert rmse(target.pixels, expected) < 0.02
    assert target.remarks == ()


def test_garbage_exif_does_not_cost_the_picture(tmp_path: Path) -> None:
    pixels = noise(2, 3)
    path = saved(tmp_path / "a", Image.fromarray(pixels), "PNG", exif=b"Exif\0\0garbage")
    assert np.array_equal(open_target(path, 3).pixels, pixels)


def srgb_profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def swapped_profile() -> bytes:
    """An RGB space whose red is sRGB's blue and the other way round."""
    return srgb_profile().replace(b"rXYZ", b"????").replace(b"bXYZ", b"rXYZ").replace(b"????", b"bXYZ")


def linear_profile(space: bytes) -> bytes:
    """A space with linear light: sRGB's profile with one parametric curve, of type 0 and gamma 1."""
    profile = srgb_profile()
    if space == b"GRAY":
        profile = (profile[:16] + b"GRAY" + profile[20:]).replace(b"rTRC", b"kTRC")
    curve = profile.index(b"para\0\0\0\0")
    return profile[: curve + 8] + struct.pack(">HHi", 0, 0, 1 << 16) + profile[curve + 16 :]


ENCODED_HALF = round(255 * (1.055 * (128 / 255) ** (1 / 2.4) - 0.055))  # sRGB for 128/255 of the light


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP"])
def test_rgb_profile_is_converted_to_srgb(tmp_path: Path, kind: str) -> None:
    path = saved(tmp_path / "a", Image.new("RGB", (8, 8), RED), kind, icc_profile=swapped_profile())
    assert open_target(path, 8).pixels[4, 4].tolist() == pytest.approx(BLUE, abs=8)
    path = saved(tmp_path / "b", Image.new("RGB", (8, 8), (200, 100, 50)), kind, icc_profile=srgb_profile())
    assert open_target(path, 8).pixels[4, 4].tolist() == pytest.approx((200, 100, 50), abs=5)


def test_profile_keeps_alpha_and_leaves_the_background_alone(tmp_path: Path) -> None:
    pixels = np.array([[(255, 0, 0, 255), (255, 0, 0, 0)]], np.uint8)
    path = saved(tmp_path / "a", Image.fromarray(pixels), "PNG", icc_profile=swapped_profile())
    target = open_target(path, 2, "#ff0000")
    assert target.pixels[0, 0].tolist() == pytest.approx(BLUE, abs=2)
    assert target.pixels[0, 1].tolist() == [255, 0, 0]


def test_palette_follows_its_profile(tmp_path: Path) -> None:
    picture = Image.new("P", (1, 1))
    picture.putpalette([*RED])
    path = saved(tmp_path / "a", picture, "PNG", icc_profile=swapped_profile())
    assert open_target(path, 1).pixels[0, 0].tolist() == pytest.approx(BLUE, abs=2)


def test_grey_profile(tmp_path: Path) -> None:
    grey = Image.new("L", (1, 1), 128)
    for name, picture, options in [
        ("L", grey, {}),
        ("one transparent value", grey, {"transparency": 3}),
        ("LA", Image.new("LA", (1, 1), (128, 255)), {}),
        ("I;16", Image.fromarray(np.full((1, 1), 128 * 257, np.uint16)), {}),
    ]:
        path = saved(tmp_path / "a", picture, "PNG", icc_profile=linear_profile(b"GRAY"), **options)
        pixel = open_target(path, 1, "black").pixels[0, 0].tolist()
        assert pixel == pytest.approx([ENCODED_HALF] * 3, abs=2), name


def test_rgb_profile_on_a_grey_picture(tmp_path: Path) -> None:
    path = saved(tmp_path / "a", Image.new("L", (1, 1), 128), "PNG", icc_profile=linear_profile(b"RGB "))
    assert open_target(path, 1).pixels[0, 0].tolist() == pytest.approx([ENCODED_HALF] * 3, abs=2)


@pytest.mark.parametrize("profile", [b"garbage", srgb_profile()[:200], linear_profile(b"GRAY")])
def test_unusable_profile_is_passed_over(tmp_path: Path, profile: bytes) -> None:
    path = saved(tmp_path / "a", Image.new("RGB", (2, 2), (12, 34, 56)), "PNG", icc_profile=profile)
    assert open_target(path, 2).pixels[0, 0].tolist() == [12, 34, 56]


# --- refusals --------------------------------------------------------------------------------------------


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_unreadable_file(tmp_path: Path) -> None:
    path = Path(saved(tmp_path / "a.png", Image.new("RGB", (2, 2)), "PNG"))
    path.chmod(0)
    assert "permission" in refusal(str(path)).lower()
    path.chmod(stat.S_IRWXU)


def test_disk_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(tmp_path / "a.png", Image.new("RGB", (2, 2)), "PNG")

    def fail(*args: object) -> None:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(os, "open", fail)
    assert "can't be read (Permission denied)" in refusal(path)


def test_other_contents(tmp_path: Path) -> None:
    picture = Image.new("RGB", (16, 16), RED)
    for kind in ("PPM", "ICO", "PDF", "TGA", "JPEG2000"):
        assert "PNG, JPEG, WebP, TIFF, BMP, GIF, AVIF or HEIC" in refusal(
            saved(tmp_path / f"{kind}.png", picture, kind)
        ), kind
    for name, content in {"empty.png": b"", "text.png": b"Dear diary,\n" * 50}.items():
        (tmp_path / name).write_bytes(content)
        assert "PNG, JPEG, WebP, TIFF, BMP, GIF, AVIF or HEIC" in refusal(str(tmp_path / name)), name


@pytest.mark.parametrize("part", [0.02, 0.5, 0.9])
@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("PNG", {}),
        ("JPEG", {}),
        ("WEBP", {"lossless": True}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("BMP", {}),
        ("GIF", {}),
    ],
)
def test_truncated_files(
    tmp_path: Path, kind: str, options: dict[str, Any], part: float, capfd: pytest.CaptureFixture[str]
) -> None:
    path = Path(saved(tmp_path / "cut", Image.fromarray(noise(40, 40)), kind, **options))
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * part)])
    refusal(str(path))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(("width", "height"), [(25_001, 20_000), (60_000, 60_000), (2**31 - 1, 2**31 - 1)])
def test_bombs_are_refused_by_the_size_that_they_declare(
    tmp_path: Path, width: int, height: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The extra is taken away in the process that decodes, too."""
    without = f"import engine.image.formats as formats; formats.has_murals = lambda: False\n{apart._ANSWER}"
    monkeypatch.setattr(apart, "_ANSWER", without)
    path = tmp_path / "bomb.png"
    path.write_bytes(png(width, height, 8, 2, b"\0" * 100))
    limit = Image.MAX_IMAGE_PIXELS
    # Were it decoded, it would be found to be cut short.
    sentence = refusal(str(path))
    assert "more than 500 megapixels, which take more memory" in sentence
    assert "pyvips" in sentence or "scripts/install murals" in sentence
    assert limit == Image.MAX_IMAGE_PIXELS


def test_a_hundred_megapixels_are_allowed_without_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "large.png"  # Pillow warns from 89 megapixels on; one bit a pixel keeps this quick
    path.write_bytes(png(10_000, 10_000, 1, 0, b"\0" * (1251 * 10_000)))
    target = open_target(str(path), 4)
    assert target.full_size == (10_000, 10_000)
    assert target.pixels.tolist() == np.zeros((4, 4, 3)).tolist()


@pytest.mark.parametrize("size", [(200_001, 1), (1, 200_001), (99_999_999, 1)])
def test_sides_are_limited_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    path = tmp_path / "thread.png"
    path.write_bytes(png(*size, 8, 0, b"\0" * 100))
    with pytest.raises(TargetError, match=r"thread\.png: more than 200,000 pixels on a side"):
        open_target("coffee", 20, importance=str(path))
    monkeypatch.setattr(Image.Image, "load", lambda self: pytest.fail("it was decoded"))
    assert "more than 200,000 pixels on a side; scale it down" in refusal(str(path))


def test_the_longest_side_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "thread.png"
    path.write_bytes(png(200_000, 1, 1, 0, b"\0" * 25_001))
    assert open_target(str(path), 10).pixels.shape == (1, 10, 3)


@pytest.mark.parametrize("size", [(0, 1), (1, 0), (0, 0)])
def test_sides_of_nothing(tmp_path: Path, size: tuple[int, int]) -> None:
    path = tmp_path / "a"
    path.write_bytes(png(*size, 8, 0, b""))
    assert "begins like PNG, but is damaged" in refusal(str(path))
    for kind, head in (("BMP", "<ii"), ("TIFF", "<II")):
        Image.new("L", (3, 5)).save(path, kind)
        content = path.read_bytes()
        if kind == "BMP":
            content = content[:18] + struct.pack(head, *size) + content[26:]
        else:
            for tag, old, new in zip((256, 257), (3, 5), size, strict=True):
                content = content.replace(
                    struct.pack("<HHII", tag, 4, 1, old), struct.pack("<HHII", tag, 4, 1, new)
                )
        path.write_bytes(content)
        assert f"begins like {kind}, but is damaged" in refusal(str(path)), kind


@pytest.mark.parametrize("name", [b"zTXt", b"iCCP"])
def test_what_unfolds_without_end_is_passed_over(tmp_path: Path, name: bytes) -> None:
    keyword = b"Raw profile type exif" if name == b"zTXt" else b"profile"
    path = tmp_path / "a.png"
    path.write_bytes(png(1, 1, 8, 0, b"\0\7", (name, keyword + b"\0\0" + zlib.compress(bytes(200_000_000)))))
    tracemalloc.start()
    try:
        assert open_target(str(path), 1).pixels.tolist() == [[[7, 7, 7]]]
        assert tracemalloc.get_traced_memory()[1] < 50_000_000
    finally:
        tracemalloc.stop()


def test_scans_without_end(tmp_path: Path) -> None:
    path = Path(saved(tmp_path / "a.jpg", Image.fromarray(noise(16, 16)), "JPEG", progressive=True))
    assert open_target(str(path), 16).full_size == (16, 16)
    content = path.read_bytes()
    last = content[content.rindex(b"\xff\xda") : -2]
    for times, is_taken in ((100, True), (300, False)):
        path.write_bytes(content[:-2] + times * last + content[-2:])
        if is_taken:
            assert open_target(str(path), 16).full_size == (16, 16)
        else:
            assert "a JPEG of more than 200 scans" in refusal(str(path))
    # What follows the picture is none of it: cameras put films there.
    path.write_bytes(content + 300 * last)
    assert open_target(str(path), 16).full_size == (16, 16)


def test_too_little_memory_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    path.write_bytes(png(4_000, 4_000, 8, 2, b"\0" * 12_001 * 4_000))
    code = (
        "import resource, sys; from engine.image.target import open_target; "
        "import numpy; room = 2 ** 20 * int(sys.argv[2]);"
        "used = int(open('/proc/self/statm').read().split()[0]) * 4096;"
        "resource.setrlimit(resource.RLIMIT_AS, (used + room,) * 2); open_target(sys.argv[1], 4_000)"
    )
    for megabytes in (20, 60, 100):
        done = subprocess.run(
            [sys.executable, "-c", code, path, str(megabytes)], capture_output=True, text=True, check=False
        )
        assert "large.png: too large for this machine's memory; close other programs" in done.stderr, (
            megabytes
        )


# --- decoders that talk ----------------------------------------------------------------------------------


@pytest.fixture
def fax(tmp_path: Path) -> str:
    return damaged_fax(tmp_path / "fax.tif")


def test_a_decoders_words_are_kept_and_not_shown(fax: str, capfd: pytest.CaptureFixture[str]) -> None:
    (remark,) = open_target(fax, 80).remarks
    assert re.fullmatch(
        r"fax\.tif: was decoded, but may be damaged; .* \(Fax4Decode: Bad code .*[^.]\)\.", remark
    )
    (remark,) = open_target("coffee", 20, importance=fax).remarks
    assert remark.startswith("fax.tif: was decoded")
    assert capfd.readouterr() == ("", "")


def test_a_talkative_decoder_gives_the_same_picture(tmp_path: Path) -> None:
    pixels = np.dstack([smooth(30, 40), smooth(40, 30).swapaxes(0, 1)[..., 0]])
    data = exif(6)
    for compression in (None, "tiff_lzw"):
        path = saved(tmp_path / "a", Image.fromarray(pixels), "TIFF", compression=compression, exif=data,
                     icc_profile=swapped_profile())  # fmt: skip
        target = open_target(path, 25, "transparent")
        assert target.remarks == ()
        if compression is None:
            plain = target
    assert np.array_equal(target.pixels, plain.pixels)
    assert target.full_size == plain.full_size == (40, 30)


def test_no_end_of_words_is_cut(fax: str, monkeypatch: pytest.MonkeyPatch) -> None:
    says = "import sys; sys.stderr.write('tempfile.tif: Bad\\tline.\\n\\x1b[31m\\n' * 100_000)\n"
    monkeypatch.setattr(apart, "_ANSWER", says + apart._ANSWER)
    (remark,) = open_target(fax, 80).remarks
    assert "(Bad line; ?[31m; Bad line; " in remark
    assert remark.endswith("; ...).")
    assert len(remark) < 300


def test_a_decoder_that_dies_is_a_sentence(fax: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for code, said in (
        ("import os; os.abort()", "its decoder was ended by SIGABRT"),
        ("raise MemoryError", "too large for this machine's memory"),
        ("raise SystemExit(3)", "its decoder ended with code 3"),
        ("raise SystemExit('odd\\nwords')", "(words)"),
    ):
        monkeypatch.setattr(apart, "_ANSWER", code)
        assert said in refusal(fax)


def test_what_pillow_logs_is_not_shown(tmp_path: Path) -> None:
    path = Path(saved(tmp_path / "a.tif", Image.new("RGB", (2, 2)), "TIFF"))
    samples = struct.pack("<HHI", 277, 3, 1)
    path.write_bytes(path.read_bytes().replace(samples + b"\3", samples + b"\xff"))
    code = (  # in a process of its own: pytest has set up logging here
        "import sys; from engine.image.target import open_target; from engine.errors import TargetError\n"
        "try: open_target(sys.argv[1], 2)\nexcept TargetError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True)
    assert "a TIFF of 8-bit integers, damaged or cut short" in done.stdout
    assert done.stderr == ""
