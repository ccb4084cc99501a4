"""Encoding as a whole: which formats there are, what they need, and that a film is complete or not there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import get_args

import pytest

from engine.errors import RunError, SpecError, ToolError
from engine.film.encoders.encode import FORMATS, TooLargeError, encode, tools_for
from engine.film.encoders.request import EncoderSettings, Frame
from engine.film.encoders.tools import Tools, find_tools
from engine.spec.fields import Formats
from engine.spec.models import FilmSettings
from tests.doubles.films import bars, folder, plain, script
from tests.doubles.toy import picture


def test_every_format_of_the_settings_is_made_here_but_svg() -> None:
    choices = get_args(get_args(Formats.__origin__)[0])  # type: ignore[attr-defined]
    assert {*FORMATS, "svg"} == set(choices)


def test_an_unknown_format_is_refused(tmp_path: Path) -> None:
    words = r"a\.avi: not a film that an encoder makes \(those are mp4, webm, gif, webp, apng, png\)"
    with pytest.raises(SpecError, match=words):
        encode([Frame(plain(1), 1.0)], tmp_path / "a.avi", 10, Tools("ffmpeg", None))


def test_no_frames_are_no_film(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least one frame"):
        encode([], tmp_path / "a.mp4", 10, Tools("ffmpeg", None))


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    for suffix in FORMATS:
        with pytest.raises(RunError, match="can't be written"):
            encode([Frame(plain(1), 1.0)], tmp_path / "nowhere" / f"a.{suffix}", 10, find_tools())


@pytest.mark.parametrize("suffix", ["mp4", "png"])
def test_others_may_read_it(tmp_path: Path, suffix: str) -> None:
    film = tmp_path / f"a.{suffix}"
    encode([Frame(plain(90), 0.1)], film, 10, find_tools())
    umask = os.umask(0)
    os.umask(umask)
    if suffix == "png":
        assert film.stat().st_mode & 0o777 == 0o777 & ~umask
        film /= "000001.png"
    assert film.stat().st_mode & 0o777 == 0o666 & ~umask


def test_a_folder_of_pictures_replaces_whatever_has_its_name(tmp_path: Path) -> None:
    film = tmp_path / "a.png"
    film.write_text("a picture of yesterday")
    encode([Frame(drawn, 0.1) for drawn in bars(6)], film, 10, find_tools())
    assert len(folder(film)) == 6
    encode([Frame(drawn, 0.1) for drawn in bars(2)], film, 10, find_tools())
    assert len(folder(film)) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def test_a_folder_that_is_in_the_way_of_a_file_is_named(tmp_path: Path) -> None:
    film = tmp_path / "a.mp4"
    (film / "mine").mkdir(parents=True)
    with pytest.raises(RunError, match=r"a\.mp4: can't be written \(Is a directory\)"):
        encode([Frame(plain(1), 0.1)], film, 10, find_tools())
    assert (film / "mine").is_dir()


def test_a_film_that_grows_too_large_is_given_up(tmp_path: Path) -> None:
    drawn = []

    def frames(count):
        for step in range(count):
            drawn.append(step)
            yield Frame(picture(64, 96, step), 0.1)

    film = tmp_path / "a.mp4"
    encode(frames(3), film, 10, find_tools(), EncoderSettings(max_bytes=1_000_000))
    written = film.read_bytes()
    drawn.clear()
    with pytest.raises(TooLargeError) as caught:
        encode(frames(1000), film, 10, find_tools(), EncoderSettings(max_bytes=50_000))
    assert caught.value.bytes > 50_000
    assert len(drawn) < 900, "long before its end"
    with pytest.raises(TooLargeError):
        encode(frames(3), film, 10, find_tools(), EncoderSettings(max_bytes=len(written) - 1))
    encode(frames(3), film, 10, find_tools(), EncoderSettings(max_bytes=len(written)))
    assert film.read_bytes() == written
    assert list(tmp_path.iterdir()) == [film]


def test_one_of_two_encoders_is_enough(tmp_path: Path) -> None:
    fake = script(tmp_path, "echo ' V....D libaom-av1   AV1'")
    assert tools_for(FilmSettings(format=("mp4",), codec="av1", encoder=fake)).encoders == {"libaom-av1"}
    words = (
        r"encoder: makes no mp4 in h265, for it was built without libx265; give the path of another ffmpeg"
    )
    with pytest.raises(ToolError, match=words):
        tools_for(FilmSettings(format=("mp4",), codec="h265", encoder=fake))
    with pytest.raises(ToolError, match="makes no webm, for it was built without libvpx-vp9"):
        tools_for(FilmSettings(format=("webm",), codec="av1", encoder=fake))


def test_the_built_in_ffmpeg_makes_them_all() -> None:
    for codec in ("h264", "h265", "av1"):
        tools_for(FilmSettings(format=(*FORMATS, "svg"), codec=codec))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["apng", "png", "svg"])
def test_what_cannot_be_made_smaller_is_refused_before(name: str) -> None:
    words = rf"film\.max-bytes: {name} can't be made smaller by quality; .* \(mp4, webm, gif, webp\)\.$"
    with pytest.raises(SpecError, match=words):
        tools_for(FilmSettings(format=("gif", name), max_bytes=10_000))  # type: ignore[arg-type]
    tools_for(FilmSettings(format=("mp4", "webm", "gif", "webp"), max_bytes=10_000))
