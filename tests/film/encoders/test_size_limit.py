"""A film that may have only so many bytes: the best rung that fits, found in few tries."""

from __future__ import annotations

import math
import re
from collections.abc import Generator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from engine.cli.messages import Lines, say
from engine.errors import SpecError, ToolError
from engine.events import Event, Fitting
from engine.film.encoders.request import Frame
from engine.film.encoders.size_limit import Rung, Tried, best_fitting, encode_within, ladder, most_tries
from engine.film.encoders.tools import Tools, find_tools
from engine.formatting import byte_count
from engine.scene.scene import scaled
from tests.doubles.films import script, video
from tests.doubles.toy import picture

sizes = st.integers(16, 4000)


@given(sizes, st.floats(0.05, 1))
def test_a_ladder_goes_down(size: int, share: float) -> None:
    shortest = max(1, round(size * share))
    rungs = ladder(size, shortest)
    assert rungs[0] == Rung(size, 1)
    assert rungs[-1].quality == 0
    assert len(set(rungs)) == len(rungs)
    for better, worse in pairwise(rungs):
        assert better.size >= worse.size
        assert better.quality >= worse.quality
    smaller = [rung.size for rung in rungs if rung.size < size]
    assert all(each % 2 == 0 for each in smaller), "for 4:2:0"
    assert all(scaled(size, shortest, each)[1] >= 64 for each in smaller)
    assert smaller or shortest * 0.9 < 65, "it goes down as far as it may"


@given(sizes, st.floats(0.05, 1), st.floats(0.1, 3), st.integers(1000, 10**8))
def test_the_best_rung_that_fits_is_found(size: int, share: float, weight: float, max_bytes: int) -> None:
    shortest = max(1, round(size * share))
    tries: list[Rung] = []

    def count(rung: Rung) -> int:
        return round(900 + weight * rung.size**2 * share * (0.05 + rung.quality))

    def attempt(rung: Rung) -> Tried:
        tries.append(rung)
        return Tried(rung, count(rung), max(1, round(rung.size * share)), "fake")

    best = best_fitting(size, max_bytes, attempt)
    rungs = ladder(size, shortest)
    assert best.rung == next((rung for rung in rungs if count(rung) <= max_bytes), rungs[-1])
    assert len(tries) <= most_tries(size, shortest) <= 2 + math.log2(len(rungs))
    if count(rungs[0]) <= max_bytes:
        assert len(tries) == 1
    fitted = [rung for rung in tries if count(rung) <= max_bytes]
    assert not fitted or best.rung == fitted[-1], "the last film that fitted is the one that is kept"


@given(st.lists(st.integers(1000, 5000), min_size=60, max_size=60), st.integers(1000, 5000))
def test_whatever_an_encoder_makes_of_it_nothing_is_too_large(counts: list[int], max_bytes: int) -> None:
    rungs = ladder(1000, 1000)
    tried: list[Tried] = []

    def attempt(rung: Rung) -> Tried:
        tried.append(Tried(rung, counts[rungs.index(rung)], 1000, "fake"))
        return tried[-1]

    best = best_fitting(1000, max_bytes, attempt)
    fitted = [each for each in tried if each.bytes <= max_bytes]
    assert best == (fitted or tried)[-1]


def test_what_is_too_small_for_all_that_it_shows_is_no_film() -> None:
    def attempt(rung: Rung) -> Tried:
        return Tried(rung, 0 if rung.size < 300 else round(rung.size * (1 + rung.quality)), rung.size, "")

    assert best_fitting(1000, 600, attempt).rung.size >= 300
    assert 0 < best_fitting(1000, 600, attempt).bytes <= 600
    assert best_fitting(1000, 100, attempt).bytes > 100, "there is none"


class Slides:
    """Films of different pictures; `drawn` counts their frames by size."""

    def __init__(self, frames: int, height: int, width: int) -> None:
        self.pictures = [Image.fromarray(picture(height, width, seed)) for seed in range(frames)]
        self.made: list[Generator[Frame, None, None]] = []  # so that nothing closes them by the way
        self.open = 0
        self.drawn: dict[int, int] = {}

    def __call__(self, size: int) -> Generator[Frame, None, None]:
        self.made.append(self._frames(size))
        return self.made[-1]

    def _frames(self, size: int) -> Generator[Frame, None, None]:
        self.open += 1
        try:
            for full in self.pictures:
                height, width = scaled(full.height, full.width, size)
                self.drawn[size] = self.drawn.get(size, 0) + 1
                yield Frame(np.asarray(full.resize((width, height))), 0.1)
        finally:
            self.open -= 1


def test_tries_are_said_in_words() -> None:
    fitted = Fitting("evolution.gif", 7_654_321, 8_000_000, 1080, 0.9)
    assert say(fitted) == Lines(["evolution.gif: 1080 px, quality 0.9: 7.65 MB"])
    too_large = replace(fitted, bytes=8_000_001)
    assert say(too_large) == Lines(["evolution.gif: 1080 px, quality 0.9: more than 8 MB"])
    assert [byte_count(count) for count in (999, 54_321, 999_499, 999_500)] == [
        "999 bytes", "54.3 kB", "999 kB", "1 MB",
    ]  # fmt: skip


@pytest.fixture
def only_ffmpeg() -> Tools:
    return Tools(find_tools().ffmpeg, None)


@pytest.mark.parametrize(
    ("suffix", "name"), [("mp4", "H.264 by ffmpeg"), ("gif", "ffmpeg's palette filters")]
)
def test_a_film_is_made_to_fit(only_ffmpeg: Tools, tmp_path: Path, suffix: str, name: str) -> None:
    draw, events, path = Slides(6, 72, 128), list[Event](), tmp_path / f"a.{suffix}"
    encode_within(None, draw, 128, path, 10, only_ffmpeg, "h264", events.append)
    usual = path.stat().st_size
    assert (events, draw.drawn) == ([], {128: 6})

    said = encode_within(usual, draw, 128, path, 10, only_ffmpeg, "h264", events.append)
    assert events == [Fitting(str(path), usual, usual, 128, 1)]
    assert said.startswith(name)
    assert said.endswith(", 128 px, quality 1")

    wanted = usual * 2 // 5
    said = encode_within(wanted, draw, 128, path, 10, only_ffmpeg, "h264", events.append)
    tries = [event for event in events[1:] if isinstance(event, Fitting)]
    fitted = [each for each in tries if each.bytes <= wanted]
    best = fitted[-1]
    assert path.stat().st_size == best.bytes <= wanted
    assert said.endswith(f", {best.size} px, quality {best.quality:g}")
    assert len(tries) <= most_tries(128, 72)
    rungs = ladder(128, 72)
    place = rungs.index(Rung(best.size, best.quality))
    assert any(rungs[place - 1] == Rung(each.size, each.quality) for each in tries if each.bytes > wanted)
    assert draw.open == 0
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_nothing_that_fits_is_said_with_what_was_reached(only_ffmpeg: Tools, tmp_path: Path) -> None:
    path, draw = tmp_path / "a.gif", Slides(3, 72, 128)
    path.write_text("the film of yesterday")
    with pytest.raises(SpecError) as caught:
        encode_within(1000, draw, 128, path, 10, only_ffmpeg, "h264", lambda event: None)
    assert re.fullmatch(
        r"a\.gif: has \d,\d{3} bytes even with 116 px and the lowest quality, more than film\.max-bytes "
        r"\(1,000\); make it shorter \(film\.duration\), or give it fewer frames a second \(film\.fps\)\.",
        str(caught.value),
    )
    assert path.read_text() == "the film of yesterday"
    assert [each.name for each in tmp_path.iterdir()] == ["a.gif"]


def test_frames_that_fail_in_a_later_try_leave_nothing(only_ffmpeg: Tools, tmp_path: Path) -> None:
    tries = Slides(6, 72, 128)

    def draw(size: int) -> Generator[Frame, None, None]:
        if len(tries.drawn) > 1:
            raise RuntimeError("the snapshot is gone")
        yield from tries(size)

    with pytest.raises(RuntimeError, match="the snapshot is gone"):
        encode_within(2000, draw, 128, tmp_path / "a.mp4", 10, only_ffmpeg, "h264", lambda event: None)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("max_bytes", [None, 2000])
def test_frames_are_closed_when_an_encoder_fails(tmp_path: Path, max_bytes: int | None) -> None:
    tools, draw = Tools(script(tmp_path, "exit 1"), None), Slides(60, 72, 128)
    with pytest.raises(ToolError, match="exit code 1"):
        encode_within(max_bytes, draw, 128, tmp_path / "a.mp4", 10, tools, "h264", lambda event: None)
    assert (draw.open, len(draw.made)) == (0, 1)


def test_odd_sizes_are_made_to_fit(only_ffmpeg: Tools, tmp_path: Path) -> None:
    path = tmp_path / "a.webm"
    encode_within(6000, Slides(3, 101, 151), 151, path, 10, only_ffmpeg, "h264", lambda event: None)
    assert path.stat().st_size <= 6000
    assert {length % 2 for pixels, _ in video(path) for length in pixels.shape[:2]} == {0}
