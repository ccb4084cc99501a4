"""Large pictures: read piece by piece by libvips, and kept in files where they are too large to be held."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image

from engine.errors import SpaceError, TargetError
from engine.image import apart, decode, stored, target
from engine.image.metric import rmse
from engine.image.target import open_target
from tests.doubles.pictures import png, saved, smooth

pytest.importorskip("pyvips", reason="pyvips (the extra murals) reads large pictures")

LOWERED = "import engine.image.large as large; large.LARGE = 10_000\n"


@pytest.fixture
def low(monkeypatch: pytest.MonkeyPatch) -> None:
    """What counts as large is small, in the process that decodes too, and nobody else reads it there."""
    monkeypatch.setattr(decode, "LARGE", 10_000)
    no_other = "import engine.image.decode as decode; decode._frame = None\n"
    monkeypatch.setattr(apart, "_ANSWER", f"{LOWERED}{no_other}{apart._ANSWER}")


def picture(mode: str) -> Image.Image:
    image = Image.fromarray(smooth(200, 300))
    if mode == "I;16":
        return Image.fromarray(smooth(200, 300)[..., 0].astype(np.uint16) * 257)
    if mode in ("LA", "RGBA"):
        image.putalpha(image.getchannel("G"))
    return image.convert(mode)


@pytest.mark.parametrize(
    ("kind", "mode", "options"),
    [
        ("PNG", "RGB", {}),
        ("PNG", "RGBA", {}),
        ("PNG", "LA", {}),
        ("PNG", "P", {}),
        ("PNG", "1", {}),
        ("PNG", "I;16", {}),
        ("JPEG", "RGB", {"exif": 6}),
        ("JPEG", "L", {"progressive": True}),
        ("JPEG", "CMYK", {}),
        ("TIFF", "RGB", {"compression": "tiff_lzw"}),
        ("TIFF", "RGBA", {"compression": "tiff_deflate"}),
        ("TIFF", "L", {}),
    ],
)
def test_it_is_the_picture_that_others_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, kind: str, mode: str,
    options: dict[str, Any],
) -> None:  # fmt: skip
    if orientation := options.pop("exif", 0):
        options["exif"] = Image.Exif()
        options["exif"][0x0112] = orientation
    path = saved(tmp_path / "a", picture(mode), kind, **options)
    plain = open_target(path, 100, "auto")
    request.getfixturevalue("low")
    found = open_target(path, 100, "auto")
    assert (found.full_size, found.pixels.shape) == (plain.full_size, plain.pixels.shape)
    assert rmse(found.pixels, plain.pixels) < 0.01
    assert found.remarks == ()


@pytest.mark.parametrize("channels", [2, 4])
def test_a_channel_that_means_nothing_is_no_alpha(
    tmp_path: Path, request: pytest.FixtureRequest, channels: int
) -> None:
    """Programs save a mask so, of which nobody says that it is one of transparency."""
    pixels = np.dstack([smooth(200, 300)[..., : channels - 1], smooth(200, 300)[..., 0]])
    photometric = "rgb" if channels == 4 else "minisblack"
    options: dict[str, Any] = {"planarconfig": "contig", "extrasamples": ["unspecified"]}
    tifffile.imwrite(tmp_path / "a.tif", pixels, photometric=photometric, **options)
    plain = open_target(str(tmp_path / "a.tif"), 100, "auto")
    request.getfixturevalue("low")
    found = open_target(str(tmp_path / "a.tif"), 100, "auto")
    assert found.pixels.shape == plain.pixels.shape
    assert rmse(found.pixels, plain.pixels) < 0.01


@pytest.mark.usefixtures("low")
def test_luminance_and_chroma_in_a_tiff_are_left_to_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As libvips shows them as red, green and blue."""
    monkeypatch.setattr(apart, "_ANSWER", apart._ANSWER.replace("decode._frame = None", "pass"))
    path = saved(tmp_path / "a", picture("YCbCr"), "TIFF")
    assert rmse(open_target(path, 300, "auto").pixels, smooth(200, 300)) < 0.02


@pytest.mark.usefixtures("low")
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF"])
def test_what_is_cut_short_is_refused(tmp_path: Path, kind: str) -> None:
    path = Path(saved(tmp_path / "a", Image.effect_noise((300, 200), 90), kind))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(TargetError, match=r"cut short|begins like"):
        open_target(str(path), 100)


@pytest.mark.parametrize(("side", "sentence"), [(60_000, "damaged or cut short"), (70_000, "4 gigapixels")])
def test_the_limit_is_four_gigapixels(tmp_path: Path, side: int, sentence: str) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(png(side, side, 8, 2, b"\0" * 100))
    with pytest.raises(TargetError, match=sentence):
        open_target(str(path), 10)


@pytest.fixture
def unheld(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(target, "HELD", 10_000)


@pytest.mark.usefixtures("unheld")
@pytest.mark.parametrize("is_mural", [False, True])
@pytest.mark.parametrize(
    ("mode", "background", "importance"),
    [
        ("RGB", "mean", "none"),
        ("RGBA", "auto", "none"),
        ("RGBA", "mean", "none"),
        ("RGB", "transparent", "none"),
        ("RGBA", "#102030", "auto"),
        ("RGB", "mean", "mask"),
    ],
)
def test_a_stored_target_is_the_same_as_a_held_one(
    tmp_path: Path,
    request: pytest.FixtureRequest,
    mode: str,
    background: str,
    importance: str,
    is_mural: bool,
) -> None:
    path = saved(tmp_path / "a.png", picture(mode), "PNG")
    if importance == "mask":
        importance = saved(tmp_path / "mask.png", picture("L").resize((60, 40)), "PNG")
    held = open_target(path, 400, background, importance)
    if is_mural:
        request.getfixturevalue("low")
    (tmp_path / "room").mkdir()
    found = open_target(path, 400, background, importance, room=tmp_path / "room")
    assert found.stored is not None
    assert list((tmp_path / "room").iterdir()) == []
    assert found.pixels.shape == held.pixels.shape
    assert rmse(np.array(found.pixels), held.pixels) < 0.004
    if held.background is None or found.background is None:
        assert held.background is found.background
    else:
        assert found.background == pytest.approx(held.background, abs=1.1 / 255)
    assert (found.weights is None) == (held.weights is None)
    if held.weights is not None and found.weights is not None:
        assert np.abs(found.weights.astype(int) - held.weights).mean() < 3
    assert found.sampled.shape == held.pixels.shape


@pytest.mark.usefixtures("low", "unheld")
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_stored_target_is_upright(tmp_path: Path, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = saved(tmp_path / "a", picture("RGB"), "JPEG", exif=exif)
    found = open_target(path, 400, room=tmp_path)
    held = open_target(path, 400)
    assert found.full_size == held.full_size == found.pixels.shape[:2]
    np.testing.assert_array_equal(found.pixels, held.pixels)


@pytest.mark.usefixtures("unheld")
def test_without_room_on_the_disk_it_is_refused_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(tmp_path / "a.png", picture("RGB"), "PNG")
    monkeypatch.setattr(stored.shutil, "disk_usage", lambda folder: stored.shutil._ntuple_diskusage(9, 9, 9))
    with pytest.raises(SpaceError, match=r"takes 720 kB on the disk for a while, and 9 bytes are free"):
        open_target(path, 400, room=tmp_path)


@pytest.mark.usefixtures("unheld")
@pytest.mark.parametrize("is_apart", [False, True])
def test_a_full_disk_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, is_apart: bool
) -> None:
    path = saved(tmp_path / "a.png", picture("RGB"), "PNG")
    full = Path("/dev/full")
    if is_apart:
        request.getfixturevalue("low")
        monkeypatch.setattr(apart, "_room", lambda folder: full.open("r+b", buffering=0))
    else:
        monkeypatch.setattr(stored.tempfile, "TemporaryFile", lambda dir: full.open("r+b", buffering=0))
    with pytest.raises(SpaceError, match="no space left on the disk"):
        open_target(path, 400, room=tmp_path)


@pytest.mark.usefixtures("unheld")
def test_nothing_to_see_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.png", Image.new("RGBA", (300, 200)), "PNG")
    with pytest.raises(TargetError, match="nothing to paint"):
        open_target(path, 400, "auto", room=tmp_path)
    with pytest.raises(TargetError, match="no mean colour"):
        open_target(path, 400, "mean", room=tmp_path)
