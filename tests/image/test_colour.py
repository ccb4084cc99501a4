"""Colours said by profiles and by numbers come out as sRGB, as plain matrices have them."""

import struct
import zlib
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageCms

from engine.image.coding import of_code_points
from engine.image.target import open_target
from tests.doubles.pictures import noise, png
from tests.image.test_cases import CASES

Floats = npt.NDArray[np.float64]
D65 = (0.3127, 0.3290)
SRGB = (0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
P3 = (0.68, 0.32, 0.265, 0.69, 0.15, 0.06)
BT2020 = (0.708, 0.292, 0.17, 0.797, 0.131, 0.046)
ADOBE = (0.64, 0.33, 0.21, 0.71, 0.15, 0.06)


def to_xyz(primaries: tuple[float, ...]) -> Floats:
    """SMPTE RP 177, from linear RGB with the white of D65."""
    xyz = np.array([(x, y, 1 - x - y) for x, y in zip(primaries[::2], primaries[1::2], strict=True)]).T
    white = np.array([D65[0], D65[1], 1 - sum(D65)]) / D65[1]
    return xyz @ np.diag(np.linalg.inv(xyz) @ white)


def encoded(light: Floats) -> Floats:
    light = np.clip(light, 0, 1)
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def decoded(stored: Floats) -> Floats:
    return np.where(stored <= 0.04045, stored / 12.92, ((stored + 0.055) / 1.055) ** 2.4)


def shown(light: Floats, primaries: tuple[float, ...]) -> Floats:
    """What sRGB has for linear light of other primaries, 0 to 255."""
    return 255 * encoded(light @ (np.linalg.inv(to_xyz(SRGB)) @ to_xyz(primaries)).T)


STORED = noise(40, 40)
CHRM = struct.pack(">8I", *(round(100_000 * value) for value in (*D65, *ADOBE)))


def gamma(value: float) -> tuple[bytes, bytes]:
    return b"gAMA", struct.pack(">I", round(100_000 * value))


def of_chunks(path: Path, *chunks: tuple[bytes, bytes]) -> Floats:
    rows = b"".join(b"\0" + row.tobytes() for row in STORED)
    path.write_bytes(png(40, 40, 8, 2, rows, *chunks))
    return open_target(str(path), 40).pixels.astype(float)


def swapped_profile() -> bytes:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = profile.replace(b"rXYZ", b"????").replace(b"bXYZ", b"rXYZ").replace(b"????", b"bXYZ")
    return b"name\0\0" + zlib.compress(swapped)


@pytest.mark.parametrize(
    ("chunks", "light", "primaries"),
    [
        ([gamma(1)], lambda v: v, SRGB),
        ([gamma(0.5)], lambda v: v**2, SRGB),
        ([gamma(1 / 2.2)], decoded, SRGB),  # how encoders of sRGB say it
        ([(b"cHRM", CHRM)], decoded, ADOBE),
        ([gamma(1 / 2.199), (b"cHRM", CHRM)], lambda v: v**2.199, ADOBE),
        ([gamma(0.5), (b"sRGB", b"\0")], decoded, SRGB),
        ([(b"cICP", bytes((12, 13, 0, 1)))], decoded, P3),
        ([(b"cICP", bytes((12, 13, 0, 1))), (b"iCCP", swapped_profile()), gamma(0.5)], decoded, P3),
        ([(b"cICP", bytes((9, 8, 0, 1)))], lambda v: v, BT2020),
        ([(b"cICP", bytes((1, 4, 0, 0)))], lambda v: np.clip((255 * v - 16) / 219, 0, 1) ** 2.2, SRGB),
        ([(b"cICP", bytes((99, 13, 0, 1))), gamma(1)], lambda v: v, SRGB),  # an unknown number
        ([(b"gAMA", bytes(4)), (b"cHRM", bytes(32))], decoded, SRGB),
        ([(b"gAMA", b"odd"), (b"cICP", b"odd")], decoded, SRGB),
    ],
)
def test_a_pngs_numbers(tmp_path: Path, chunks, light, primaries) -> None:
    found = of_chunks(tmp_path / "a.png", *chunks)
    assert np.abs(found - shown(light(STORED / 255), primaries)).max() <= 1


def test_a_profile_goes_before_gamma(tmp_path: Path) -> None:
    found = of_chunks(tmp_path / "a.png", gamma(0.2), (b"sRGB", b"\0"), (b"iCCP", swapped_profile()))
    assert np.abs(found - shown(decoded(STORED / 255)[..., ::-1], SRGB)).max() <= 1


def test_the_cases_of_other_programs() -> None:
    base = open_target(str(CASES / "plain.png"), 200).pixels
    linear = open_target(str(CASES / "09-gama-linear.png"), 200).pixels
    assert np.abs(base.astype(int) - linear).mean() < 1.5  # it was stored in whole steps of light
    wide = open_target(str(CASES / "09-cicp-p3.png"), 200).pixels
    assert np.abs(wide - shown(decoded(base / 255), P3)).max() <= 1


def test_high_dynamic_range_is_told_and_has_paper_for_white(tmp_path: Path) -> None:
    rows = b"\0" + bytes((0, 0, 0, 148, 148, 148, 255, 255, 255))  # 148/255 in PQ: 203 cd/m2
    (tmp_path / "a.png").write_bytes(png(3, 1, 8, 2, rows, (b"cICP", bytes((9, 16, 0, 1)))))
    target = open_target(str(tmp_path / "a.png"), 3)
    assert target.pixels[0, :, 0].tolist() == pytest.approx([0, 255, 255], abs=2)
    assert target.remarks == (
        "a.png: is of a high dynamic range; what is brighter than white paper is as white as that.",
    )


@pytest.mark.parametrize("transfer", [1, 4, 5, 7, 8, 13, 16, 17, 18])
def test_curves_rise_from_black_to_white(transfer: int) -> None:
    coding = of_code_points(1, transfer)
    assert coding is not None
    light = coding.transfer(np.linspace(0, 1, 500))
    assert light[0] == pytest.approx(0, abs=1e-6)
    assert min(1.0, light[-1]) == pytest.approx(1, abs=1e-3)
    assert (np.diff(light) >= 0).all()


def test_an_avifs_numbers(tmp_path: Path) -> None:
    """Pillow writes AVIF as of sRGB; the file is made to say that it is of P3, with linear light."""
    path = tmp_path / "a.avif"
    Image.new("RGB", (32, 32), (128, 60, 40)).save(path, quality=100)
    content = path.read_bytes()
    at = content.index(b"colrnclx") + 8
    path.write_bytes(content[:at] + struct.pack(">HH", 12, 8) + content[at + 4 :])
    expected = shown(np.array([128, 60, 40]) / 255, P3)
    assert open_target(str(path), 32).pixels[9, 9].tolist() == pytest.approx(expected.tolist(), abs=4)
