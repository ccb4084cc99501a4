"""MP4 and WebM: the contract for each codec, and what players want of them."""

from __future__ import annotations

import re
import subprocess
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from engine.errors import SpecError
from engine.film.encoders.encode import encode
from engine.film.encoders.request import EncoderSettings, Frame
from engine.film.encoders.tools import find_tools
from tests.contracts.encoder_contract import EncoderContract
from tests.doubles.films import bars, content, describe, plain, rmse, video
from tests.doubles.toy import picture


class VideoContract(EncoderContract):
    suffix = "mp4"
    decode = staticmethod(video)
    evens = True
    tolerance = 0.03


class TestH264(VideoContract):
    pass


class TestH265(VideoContract):
    codec = "h265"
    size = (64, 96)
    odd_sizes = ((67, 85),)


class TestAV1(VideoContract):
    codec = "av1"
    size = (64, 96)  # smaller ones are for libaom


class TestAV1ByLibaom(VideoContract):
    codec = "av1"
    without = frozenset({"libsvtav1"})


class TestWebM(VideoContract):
    suffix = "webm"


CODECS = {
    "h264": (r"Video: h264 \(High\) \(avc1 ", "H.264"),
    "h265": (r"Video: hevc \(Main\) \(hvc1 ", "H.265"),  # QuickTime plays no hev1
    "av1": (r"Video: av1 (\(.*?\) )?\(Main\) \(av01 ", "AV1"),
}


@pytest.mark.parametrize("codec", CODECS)
def test_mp4_is_tagged_streamable_and_readable_by_others(codec: str, tmp_path: Path) -> None:
    film = tmp_path / "a.mp4"
    said = encode([Frame(plain(90, 64, 64), 1.0)], film, 10, find_tools(), EncoderSettings(codec))
    about, name = CODECS[codec]
    assert re.fullmatch(re.escape(name) + r" by ffmpeg( [\d.]+)?", said)
    assert re.search(about, describe(film)), describe(film)
    assert re.search(r"yuv420p\(tv, bt709[,)]", describe(film))  # not bt709/unknown/unknown
    written = film.read_bytes()
    assert 0 < written.index(b"moov") < written.index(b"mdat")


def test_webm_is_tagged(tmp_path: Path) -> None:
    film = tmp_path / "a.webm"
    said = encode([Frame(plain(90, 64, 64), 1.0)], film, 10, find_tools())
    assert re.fullmatch(r"VP9 by ffmpeg( [\d.]+)?", said)
    assert re.search(r"Video: vp9 \(Profile 0\), yuv420p\(tv, bt709[,)]", describe(film))


def test_what_is_too_small_for_a_codec_is_refused(tmp_path: Path) -> None:
    words = r"^a\.mp4: H\.265 wants at least 64 px on each side, not 100 x 62; give it a larger film\.size"
    with pytest.raises(SpecError, match=words):
        encode(
            [Frame(plain(90, 62, 100), 1.0)], tmp_path / "a.mp4", 10, find_tools(), EncoderSettings("h265")
        )
    assert list(tmp_path.iterdir()) == []


def keyframes_of(film: Path) -> list[int]:
    command = [find_tools().ffmpeg, "-hide_banner", "-i", str(film), "-map", "0:v:0", "-vf", "showinfo"]
    said = subprocess.run([*command, "-f", "null", "-"], capture_output=True, text=True, check=True).stderr
    found = re.findall(r" n: *(\d+) pts.* iskey:([01])", said)
    assert len(found) > 9
    return [int(number) for number, is_key in found if is_key == "1"]


@pytest.mark.parametrize("name", ["h264.mp4", "h265.mp4", "av1.mp4", "h264.webm"])
def test_a_player_can_go_to_any_two_seconds_and_to_the_hold(tmp_path: Path, name: str) -> None:
    film, moving = tmp_path / name, bars(11, 64, 96)
    frames = [*(Frame(drawn, 0.5) for drawn in moving[:-1]), Frame(moving[-1], 5.0)]
    encode(frames, film, 4, find_tools(), EncoderSettings(film.stem, still=(20,)))
    assert keyframes_of(film) == [0, 8, 16, 20, 28, 36]
    held = [pixels for pixels, _ in video(film)][20:]
    assert max(rmse(one, other) for one, other in pairwise(held)) < 0.01, "without a jump"


def test_an_mp4_has_a_cover_and_plays_as_before(tmp_path: Path) -> None:
    film, drawn = tmp_path / "a.mp4", bars(3)
    encode([Frame(each, 0.1) for each in drawn], film, 10, find_tools(), EncoderSettings(cover=drawn[-1]))
    assert re.search(r"mjpeg.*48x32.*\(attached pic\)", describe(film))
    assert len(video(film)) == 3
    command = [find_tools().ffmpeg, "-v", "error", "-i", str(film), "-map", "0:v:1", "-f", "rawvideo"]
    raw = subprocess.run([*command, "-pix_fmt", "rgb24", "-"], capture_output=True, check=True).stdout
    assert rmse(np.frombuffer(raw, np.uint8).reshape(32, 48, 3), drawn[-1]) < 0.05


@pytest.mark.parametrize(("suffix", "times"), [("mp4", 30), ("webm", 3)])
def test_the_same_frames_are_the_same_bytes_however_often(tmp_path: Path, suffix: str, times: int) -> None:
    film, drawn = tmp_path / f"a.{suffix}", picture(128, 160)
    frames = [Frame(np.roll(drawn, 3 * step, axis=step % 2), 0.1) for step in range(12)]
    found = set()
    for _ in range(times):
        encode(frames, film, 10, find_tools(), EncoderSettings(cover=drawn, still=(10,)))
        found.add(content(film))
    assert len(found) == 1
