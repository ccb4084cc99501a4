"""The model of V4: its slopes, what it leaves out, and that it tells its patterns from others."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter

from engine.errors import SpecError
from engine.painters.curves.fields import PATTERNS
from engine.painters.curves.objectives.base import Sight
from engine.painters.curves.objectives.v4 import V4
from engine.painters.curves.objectives.v4_motifs import CHANNELS

ANY = np.random.default_rng(0)


def judged(channel, picture, wraps=True):
    return V4(channel).verdict(Sight(picture, wraps, None), ANY)


def drawn(channel, side=96, width=2.5):
    """Motifs of a channel side by side on white, as a fine pen would draw them."""
    picture = np.ones((side, side))
    for line in CHANNELS[channel].motifs[0]:
        for x, y in np.concatenate([np.linspace(a, b, 8) for a, b in pairwise(line)]):
            for at in (0, side // 2):
                picture[round(y + at) % side, round(x + at) % side] = 0
    soft = gaussian_filter(1 - picture, width / 3, mode="wrap")
    return np.repeat(np.clip(1 - 2.5 * soft, 0, 1)[None], 3, axis=0)


@settings(max_examples=15, deadline=None)
@given(
    st.sampled_from(sorted(CHANNELS)),
    st.integers(8, 50),
    st.integers(8, 50),
    st.booleans(),
    st.integers(0, 2**32 - 1),
)
def test_slopes_are_those_of_the_loss(channel, height, width, wraps, seed):
    random = np.random.default_rng(seed)
    picture, step = random.random((3, height, width)), 1e-4 * random.normal(size=(3, height, width))
    measured = judged(channel, picture + step, wraps).loss - judged(channel, picture - step, wraps).loss
    verdict = judged(channel, picture, wraps)
    assert (verdict.slopes.shape, verdict.slopes.dtype) == (picture.shape, np.float32)
    assert 2 * (verdict.slopes * step).sum() == pytest.approx(measured, rel=1e-3, abs=1e-8)


@pytest.mark.parametrize("shift", [(1, 0), (0, 3), (17, 40)])
def test_on_a_torus_the_place_makes_no_difference(shift):
    picture = ANY.random((3, 60, 50)).astype(np.float32)
    verdict, moved = judged("curl", picture), judged("curl", np.roll(picture, shift, (1, 2)))
    assert moved.loss == pytest.approx(verdict.loss, rel=1e-3)
    whole = (10, 8)  # coarse places are 60 / 30 and 50 / 25 pixels apart: nothing else may differ
    moved = judged("curl", np.roll(picture, whole, (1, 2)))
    np.testing.assert_allclose(moved.slopes, np.roll(verdict.slopes, whole, (1, 2)), atol=1e-7)


def test_the_border_counts_little_where_a_picture_ends():
    verdict = judged("scallop", np.random.default_rng(0).random((3, 160, 160)), wraps=False)
    size = np.abs(verdict.slopes).sum(axis=0)
    assert size[:4].mean() < 0.25 * size[60:100, 60:100].mean()


@pytest.mark.parametrize("channel", sorted(CHANNELS))
def test_each_channel_likes_its_own_motifs(channel):
    own = drawn(channel)
    best = [
        V4(channel).map(Sight(picture.astype(np.float32), True, None)).min()
        for picture in (own, np.ones_like(own))
    ]
    assert best[0] < best[1] - 0.05
    if channel in ("scallop", "rainbow", "fan", "scales", "wave", "zigzag", "water", "ripple"):
        assert judged(channel, own).loss < judged(channel, np.rot90(own, 1, (1, 2))).loss


def test_the_map_shows_where_the_pattern_is_missing():
    picture = np.ones((3, 192, 96), np.float32)
    picture[:, 48:144] = drawn("fan")
    bad = V4("fan").map(Sight(picture, True, None))
    rows = bad.shape[0]
    assert 0 <= bad.min() <= bad.max() <= 1
    assert bad[rows * 3 // 8 : rows * 5 // 8].mean() < bad[: rows // 8].mean() - 0.02


def test_the_same_bytes_each_time():
    picture = ANY.random((3, 40, 64)).astype(np.float32)
    assert judged("leaf", picture).slopes.tobytes() == judged("leaf", picture).slopes.tobytes()


def test_of_an_unknown_channel_the_known_ones_are_named():
    with pytest.raises(SpecError, match="v4/scallops: there is no such channel; there are scallop, rainbow"):
        V4("scallops")


def test_settings_know_all_channels():
    assert {name for name in PATTERNS if name.startswith("v4/")} == {f"v4/{name}" for name in CHANNELS}
