"""A film that may have only so many bytes: the best rung that fits, found in few tries."""

from __future__ import annotations

import math
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
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
from engine.events import Event, Filmed, Filming, Fitting
from engine.film.encoders.size_limit import Rung, Tried, best_fitting, ladder, most_tries
from engine.film.encoders.tools import Tools, find_tools
from engine.film.frames import DrawShot, FilmPlan, make_film
from engine.film.shots import Shot
from engine.formatting import byte_count
from engine.image.pixels import Pixels
from engine.scene.scene import scaled
from engine.spec.models import FilmSettings
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
        self.drawn: Counter[int] = Counter()

    def at_size(self, size: int) -> DrawShot:
        def draw(shot: Shot) -> Pixels:
            full = self.pictures[round(shot.at)]
            height, width = scaled(full.height, full.width, size)
            self.drawn[size] += 1
            return np.asarray(full.resize((width, height)))

        return draw

    def made(self, path: Path, max_bytes: int | None, tools: Tools) -> list[Event]:
        """Make a film of them; what was said of it, but for the frames."""
        shots = [Shot("painting", float(number)) for number in range(len(self.pictures))]
        film = FilmSettings(size=max(self.pictures[0].size), fps=10, max_bytes=max_bytes)
        events: list[Event] = []
        with ThreadPoolExecutor(1) as executor:
            make_film(FilmPlan(path, film, shots, self.at_size, tools), executor, events.append)
        return [event for event in events if not isinstance(event, Filming)]


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
    slides, path = Slides(6, 72, 128), tmp_path / f"a.{suffix}"
    (filmed,) = slides.made(path, None, only_ffmpeg)
    usual = path.stat().st_size
    assert isinstance(filmed, Filmed)
    assert filmed.encoder.startswith(name)
    assert slides.drawn == {128: 6}

    fitting, filmed = slides.made(path, usual, only_ffmpeg)
    assert fitting == Fitting(str(path), usual, usual, 128, 1)
    assert isinstance(filmed, Filmed)
    assert filmed.encoder.startswith(name)
    assert filmed.encoder.endswith(", 128 px, quality 1")

    wanted = usual * 2 // 5
    *events, filmed = slides.made(path, wanted, only_ffmpeg)
    tries = [event for event in events if isinstance(event, Fitting)]
    fitted = [each for each in tries if each.bytes <= wanted]
    best = fitted[-1]
    assert path.stat().st_size == best.bytes <= wanted
    assert isinstance(filmed, Filmed)
    assert filmed.encoder.endswith(f", {best.size} px, quality {best.quality:g}")
    assert len(tries) <= most_tries(128, 72)
    rungs = ladder(128, 72)
    place = rungs.index(Rung(best.size, best.quality))
    assert any(rungs[place - 1] == Rung(each.size, each.quality) for each in tries if each.bytes > wanted)
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_nothing_that_fits_is_said_with_what_was_reached(only_ffmpeg: Tools, tmp_path: Path) -> None:
    path = tmp_path / "a.gif"
    path.write_text("the film of yesterday")
    with pytest.raises(SpecError) as caught:
        Slides(3, 72, 128).made(path, 1000, only_ffmpeg)
    assert re.fullmatch(
        r"a\.gif: has \d,\d{3} bytes even with 116 px and the lowest quality, more than film\.max-bytes "
        r"\(1,000\); make it shorter \(film\.duration\), or give it fewer frames a second \(film\.fps\)\.",
        str(caught.value),
    )
    assert path.read_text() == "the film of yesterday"
    assert [each.name for each in tmp_path.iterdir()] == ["a.gif"]


def test_frames_that_fail_in_a_later_try_leave_nothing(only_ffmpeg: Tools, tmp_path: Path) -> None:
    class Gone(Slides):
        def at_size(self, size: int) -> DrawShot:
            if len(self.drawn) > 1:
                raise RuntimeError("the snapshot is gone")
            return super().at_size(size)

    slides = Gone(6, 72, 128)
    with pytest.raises(RuntimeError, match="the snapshot is gone"):
        slides.made(tmp_path / "a.mp4", 2000, only_ffmpeg)
    assert len(slides.drawn) == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("max_bytes", [None, 2000])
def test_no_more_is_drawn_when_an_encoder_fails(tmp_path: Path, max_bytes: int | None) -> None:
    tools, slides = Tools(script(tmp_path, "exit 1"), None), Slides(60, 240, 426)
    with pytest.raises(ToolError, match="exit code 1"):
        slides.made(tmp_path / "a.mp4", max_bytes, tools)
    assert list(slides.drawn) == [426]
    assert slides.drawn[426] < 60


def test_odd_sizes_are_made_to_fit(only_ffmpeg: Tools, tmp_path: Path) -> None:
    path = tmp_path / "a.webm"
    Slides(3, 101, 151).made(path, 6000, only_ffmpeg)
    assert path.stat().st_size <= 6000
    assert {length % 2 for pixels, _ in video(path) for length in pixels.shape[:2]} == {0}
