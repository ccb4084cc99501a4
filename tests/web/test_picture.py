"""Pictures of strangers: none harms, and of those that are taken nothing is left but the pixels."""

from __future__ import annotations

import io
import os
import tempfile
import zlib

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("fastapi", reason="needs the extra web")

from engine.image.cleaned import cleaned
from engine.image.formats import missing
from engine.web import picture
from engine.web.options import Limits
from engine.web.painter import NICE
from engine.web.picture import KINDS, Size, clean
from engine.web.refused import Refused
from tests.image.test_colour import swapped_profile
from tests.web.hostile_pictures import HOSTILE, jpeg_with_position, png, saved

STATUSES = {"kind": 415, "large": 413, "damaged": 422}
SIDE = 256


def answered(content, most=50_000_000, side=SIDE):
    """What the child answers, here."""
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.seek(0)
        return cleaned(file, "The picture", KINDS, most, side)


def copy_of(content, **more):
    facts, planes = answered(content, **more)
    image = Image.open(io.BytesIO(planes[0].content))
    image.load()
    assert tuple(facts["size"]) == image.size
    return image


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_files_are_refused_in_a_sentence_or_harmless(what):
    make, status = HOSTILE[what]
    content = make()
    facts, planes = answered(content)
    if status is None:
        assert Image.open(io.BytesIO(planes[0].content)).format == "PNG"
        assert names(planes[0].content) == {b"IHDR", b"IDAT", b"IEND"}
        return
    why, words = facts["refusal"]
    if missing("AVIF" if "AVIF" in what else "HEIF" if "HEIC" in what else "PNG"):
        assert why == "kind"
        return
    assert STATUSES[why] == status, facts
    assert why != "damaged" or (words.startswith("The picture: ") and words.endswith("."))


def test_there_are_forty():
    assert len(HOSTILE) >= 40


def names(content):
    """The kinds of chunks in a PNG."""
    at, found = 8, set()
    while at < len(content):
        found.add(content[at + 4 : at + 8])
        at += 12 + int.from_bytes(content[at : at + 4], "big")
    return found


def test_a_position_does_not_stay_and_the_picture_is_upright():
    content = jpeg_with_position()
    assert b"SECRET" in content
    facts, planes = answered(content)
    assert facts["size"] == (16, 24)
    packed = planes[0].content
    assert names(packed) == {b"IHDR", b"IDAT", b"IEND"}
    assert b"SECRET" not in packed
    image = Image.open(io.BytesIO(packed))
    assert not image.info
    assert not image.getexif()


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        ("PNG", "RGB"),
        ("PNG", "RGBA"),
        ("WEBP", "RGBA"),
        ("TIFF", "CMYK"),
        ("BMP", "RGB"),
        ("GIF", "P"),
        ("PNG", "L"),
    ],
)
def test_pixels_stay_as_they_are(kind, mode):
    content = saved(kind, mode=mode, lossless=True, exact=True) if kind == "WEBP" else saved(kind, mode=mode)
    original = Image.open(io.BytesIO(content))
    wanted = original.convert("RGBA" if mode == "RGBA" else "RGB")
    copy = copy_of(content)
    assert copy.mode == wanted.mode
    assert np.array_equal(np.asarray(copy), np.asarray(wanted))


def test_a_large_picture_is_made_smaller_with_what_is_clear_in_it():
    pixels = np.zeros((300, 600, 4), np.uint8)
    pixels[:, :300] = (255, 0, 0, 255)
    pixels[:, 300:] = (0, 255, 0, 0)  # clear, in a colour that must not show
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    copy = np.asarray(copy_of(file.getvalue()))
    assert copy.shape == (128, 256, 4)
    assert (copy[:, :, 1][copy[:, :, 3] > 0] == 0).all()
    assert (copy[:, :100] == (255, 0, 0, 255)).all()
    assert (copy[:, 160:, 3] == 0).all()


def test_a_profile_is_obeyed_and_goes():
    content = saved("PNG", icc_profile=zlib.decompress(swapped_profile().split(b"\0\0", 1)[1]))
    copy = copy_of(content)
    wanted = np.asarray(Image.open(io.BytesIO(saved("PNG"))))
    assert np.abs(np.asarray(copy).astype(int) - wanted).max() > 20  # red and blue were exchanged
    assert not copy.info


def test_what_is_sent_is_copied_by_another_process(tmp_path):
    (tmp_path / "sent").write_bytes(jpeg_with_position())
    assert clean(tmp_path / "sent", tmp_path / "picture.png", Limits()) == Size(16, 24)
    with Image.open(tmp_path / "picture.png") as copy:
        assert copy.size == (16, 24)
    assert (tmp_path / "picture.png").stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):  # nothing is ever written over
        clean(tmp_path / "sent", tmp_path / "picture.png", Limits())


def test_limits_are_the_hosts(tmp_path):
    (tmp_path / "sent").write_bytes(saved("PNG", (200, 100)))
    with pytest.raises(Refused) as found:
        clean(tmp_path / "sent", tmp_path / "picture.png", Limits(megapixels=0.01))
    assert found.value.status == 413
    assert "0.01 megapixels" in found.value.sentence
    assert not (tmp_path / "picture.png").exists()


@pytest.mark.parametrize(
    ("bounds", "status"),
    [
        ({"_LEAST_MEMORY": 1 << 20, "_PIXEL_BYTES": 0}, 413),
        ({"_SECONDS": 0}, 422),
        ({"_PATIENCE": 0.01}, 422),
    ],
)
def test_a_child_that_takes_too_much_is_ended(tmp_path, monkeypatch, bounds, status):
    for name, value in bounds.items():
        monkeypatch.setattr(picture, name, value)
    (tmp_path / "sent").write_bytes(png(2000, 2000))
    with pytest.raises(Refused) as found:
        clean(tmp_path / "sent", tmp_path / "picture.png", Limits())
    assert found.value.status == status
    assert list(tmp_path.iterdir()) == [tmp_path / "sent"]


def test_decoding_stands_back_behind_answering_but_not_as_far_as_painting(tmp_path, monkeypatch):
    set_to, given = os.setpriority, list[int]()

    def note(which, who, nice):
        given.append(nice)
        set_to(which, who, nice)

    monkeypatch.setattr("engine.image.apart.os.setpriority", note)
    source = tmp_path / "source"
    source.write_bytes(saved("PNG", (4, 3)))
    assert clean(source, tmp_path / "clean.png", Limits()) == Size(4, 3)
    assert len(given) == 1
    assert 0 < given[0] < NICE
