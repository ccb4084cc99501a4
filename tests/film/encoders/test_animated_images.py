"""WebP, APNG and PNG files: the contract for each, and how long they show a picture."""

from __future__ import annotations

import re
import zlib
from pathlib import Path

import pytest
from PIL import Image

from engine.errors import SpecError, ToolError
from engine.film.encoders.encode import encode
from engine.film.encoders.request import Frame
from engine.film.encoders.tools import Tools, find_tools
from tests.contracts.encoder_contract import EncoderContract
from tests.doubles.films import animation, bars, folder, plain, script


class TestWebP(EncoderContract):
    suffix = "webp"
    decode = staticmethod(animation)
    repeats = False
    tolerance = 0.04


class TestAPNG(EncoderContract):
    suffix = "apng"
    decode = staticmethod(animation)
    repeats = False


class TestPNG(EncoderContract):
    suffix = "png"
    decode = staticmethod(folder)
    tells_time = False


def seconds(film: Path) -> list[float]:
    return [each for _, each in animation(film)]


@pytest.mark.parametrize("suffix", ["webp", "apng"])
def test_milliseconds_do_not_add_up_to_another_length(tmp_path: Path, suffix: str) -> None:
    film = tmp_path / f"a.{suffix}"
    encode([Frame(drawn, 1 / 60) for drawn in bars(48)], film, 60, find_tools())
    assert len(seconds(film)) == 48
    assert sum(seconds(film)) == pytest.approx(0.8, abs=1e-3)
    assert max(seconds(film)) < 0.018


@pytest.mark.parametrize("suffix", ["webp", "apng"])
def test_browsers_are_given_no_frame_that_they_would_show_for_longer(tmp_path: Path, suffix: str) -> None:
    film = tmp_path / f"a.{suffix}"
    encode([Frame(drawn, 1 / 120) for drawn in bars(12)], film, 120, find_tools())
    assert min(seconds(film)) > 0.01
    assert sum(seconds(film)) == pytest.approx(0.1, abs=1e-3)


def test_webp_knows_the_time_of_pictures_that_equal_the_one_before(tmp_path: Path) -> None:
    red, blue = plain((250, 0, 0)), plain((0, 0, 250))
    given = [(red, 0.1), (red, 0.2), (blue, 0.3), (blue, 0.1), (red, 1.5), (red, 0.25)]
    encode([Frame(drawn, shown) for drawn, shown in given], tmp_path / "a.webp", 20, find_tools())
    assert seconds(tmp_path / "a.webp") == pytest.approx([0.3, 0.4, 1.75])


def test_apng_is_a_sound_file(tmp_path: Path) -> None:
    film = tmp_path / "a.apng"
    encode([Frame(drawn, 0.1) for drawn in bars(3)], film, 30, find_tools())
    data, place, names = film.read_bytes(), 8, []
    while place < len(data):
        size = int.from_bytes(data[place : place + 4], "big")
        chunk = data[place + 4 : place + 8 + size]
        assert zlib.crc32(chunk) == int.from_bytes(data[place + 8 + size : place + 12 + size], "big")
        names.append(chunk[:4])
        place += 12 + size
    assert names.count(b"fcTL") == 3
    assert names[-1] == b"IEND"


def test_a_picture_is_not_shown_for_days(tmp_path: Path) -> None:
    frames = [Frame(plain(1), 0.1), Frame(plain(9), 70_000.0)]
    for suffix in ("webp", "apng"):
        with pytest.raises(
            SpecError, match=rf"^a\.{suffix}: this format shows no picture for more than \d+ s"
        ):
            encode(frames, tmp_path / f"a.{suffix}", 10, find_tools())
    assert list(tmp_path.iterdir()) == []


def test_an_animation_that_is_not_what_was_given_is_no_film(tmp_path: Path) -> None:
    ffmpeg = find_tools().ffmpeg
    late = script(tmp_path, rf'exec {ffmpeg} $(echo "$@" | sed "s/-framerate 1000/-framerate 10/")')
    with pytest.raises(ToolError, match=r"a\.webp: ffmpeg has timed its frames wrongly; try another one"):
        encode([Frame(drawn, 0.1) for drawn in bars(3)], tmp_path / "a.webp", 10, Tools(late, None))
    fewer = script(tmp_path, f'exec {ffmpeg} -t 0.002 "$@"')
    with pytest.raises(ToolError, match=r"a\.apng: .*ffmpeg|a\.apng: encoder stopped reading"):
        encode([Frame(drawn, 0.1) for drawn in bars(3)], tmp_path / "a.apng", 10, Tools(fewer, None))


def test_pictures_have_square_pixels(tmp_path: Path) -> None:
    encode([Frame(plain(9), 0.1)], tmp_path / "a.png", 10, find_tools())
    with Image.open(tmp_path / "a.png" / "000001.png") as image:
        assert image.info.get("aspect") in (None, (1, 1))
        assert re.fullmatch("RGB", image.mode)
