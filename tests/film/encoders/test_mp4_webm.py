"""MP4 and WebM: the contract for each codec, and what players want of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.errors import SpecError
from engine.film.encoders.encode import encode
from engine.film.encoders.request import EncoderSettings, Frame
from engine.film.encoders.tools import find_tools
from tests.contracts.encoder_contract import EncoderContract
from tests.doubles.films import describe, plain, video


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
