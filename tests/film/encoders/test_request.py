"""Frames with their time: whole ticks, nothing lost, nothing added up."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.film.encoders.request import EncodeRequest, EncoderSettings, Frame
from engine.film.encoders.tools import Tools
from tests.doubles.films import plain


def timed(frames: list[Frame], rate: int) -> list[tuple[int, int]]:
    """The grey of the pictures that are shown, and for how many ticks."""
    request = EncodeRequest(frames, (32, 48), Path("film"), rate, Tools("ffmpeg", None), EncoderSettings())
    return [(int(pixels[0, 0, 0]), ticks) for pixels, ticks in request.timed(Fraction(rate))]


def test_rounding_does_not_accumulate() -> None:
    # 0.07 s are 0.7 ticks: rounded one by one, 100 frames would take 100 ticks instead of 70.
    shown = timed([Frame(plain(grey), 0.07) for grey in range(100)], 10)
    assert sum(ticks for _, ticks in shown) == 70
    starts = np.cumsum([0] + [ticks for _, ticks in shown[:-1]])
    assert max(abs(start - 0.7 * grey) for start, (grey, _) in zip(starts, shown, strict=True)) <= 0.7


def test_a_frame_of_a_tick_or_more_is_always_seen() -> None:
    frames = [Frame(plain(0), 0.14), Frame(plain(120), 0.1), Frame(plain(60), 0.04), Frame(plain(240), 0.32)]
    assert timed(frames, 10) == [(0, 1), (120, 1), (60, 1), (240, 3)]


@given(
    st.lists(st.integers(0, 3_000), min_size=1, max_size=40),
    st.sampled_from([1, 10, 24, 60, 120]),
)
def test_the_length_is_exact_to_a_tick(milliseconds: list[int], rate: int) -> None:
    shown = timed([Frame(plain(9), each / 1000) for each in milliseconds], rate)
    assert all(ticks >= 1 for _, ticks in shown)
    total = sum(ticks for _, ticks in shown)
    assert abs(total - max(1, sum(milliseconds) * rate / 1000)) <= 0.5 + 1e-6 or total == 1


@pytest.mark.parametrize(
    ("frames", "message"),
    [
        ([Frame(plain(1), 1.0), Frame(plain(1, 32, 50), 1.0)], r"frame 1 is uint8 \(32, 50, 3\)"),
        ([Frame(plain(1).astype(float), 1.0)], "frame 0 is float64"),
        ([Frame(plain(1), 1.0), Frame(plain(1), float("nan"))], "frame 1 is shown for nan seconds"),
        ([Frame(plain(1), -1.0)], "frame 0 is shown for -1.0 seconds"),
    ],
)
def test_frames_that_make_no_film(frames: list[Frame], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        timed(frames, 10)


def test_a_quality_lies_between_a_formats_own_ends() -> None:
    assert [EncoderSettings(quality=quality).between(38, 18) for quality in (0, 0.5, 1)] == [38, 28, 18]
