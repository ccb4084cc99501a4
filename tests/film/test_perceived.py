"""The pace of the eye: SSIM as others have it, and a way that rises from nothing to the result."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skimage.metrics import structural_similarity

from engine.film.frames import thumbnail
from engine.film.pacing import paced
from engine.film.perceived import Eye, Structure, perceived_way, reduced
from engine.film.timeline import Timeline
from engine.scene.shape_scene import ShapeScene
from engine.storage.run_folder import RunFolder
from engine.storage.snapshots import read_scene, read_snapshots
from scripts.benches.pace import WANTED, crossings
from tests.doubles.toy import picture


@given(st.integers(0, 99), st.integers(7, 20), st.integers(7, 20), st.sampled_from([1, 3]))
def test_likeness_is_ssim(seed, height, width, channels):
    one, other = np.random.default_rng(seed).random((2, height, width, channels), np.float32)
    expected = structural_similarity(
        one, other, win_size=7, channel_axis=2, data_range=1.0, use_sample_covariance=False, full=True
    )[1].mean()
    assert Structure.of(one).likeness(other) == pytest.approx(expected, abs=1e-3)
    assert Structure.of(one).likeness(one) == pytest.approx(1, abs=1e-4)


@given(st.integers(1, 11), st.integers(1, 11), st.integers(1, 5))
def test_what_is_reduced_are_means(height, width, factor):
    values = np.random.default_rng(height).random((height, width, 2))
    rows, columns = (np.minimum(np.arange(-(-n // factor) * factor), n - 1) for n in (height, width))
    wide = values[rows][:, columns]
    found = reduced(values, factor)
    assert found.shape == (-(-height // factor), -(-width // factor), 2)
    for y, x in np.ndindex(found.shape[:2]):
        block = wide[y * factor : (y + 1) * factor, x * factor : (x + 1) * factor]
        np.testing.assert_allclose(found[y, x], block.mean(axis=(0, 1)), atol=1e-6)


def test_the_eye_sees_nothing_at_first_and_all_at_last():
    result = picture(48, 64)
    blank = np.full_like(result, 99)
    eye = Eye.of(blank, result)
    np.testing.assert_allclose(eye.progress(blank), 0, atol=1e-6)
    np.testing.assert_allclose(eye.progress(result), 1, atol=1e-3)
    soft = np.repeat(np.repeat(reduced(result.astype(np.float32), 4), 4, axis=0), 4, axis=1).astype(np.uint8)
    masses, form, edges = eye.progress(soft)
    assert masses > 0.9
    assert masses > form > edges


def test_a_detour_is_passed_quickly():
    result = picture(48, 64)
    blank = np.full_like(result, 99)
    views = [blank, 255 - result, np.roll(result, 20, axis=1), blank // 2 + result // 2, result]

    def look(places):
        return (views[round(at)] for at in places)

    places, path = perceived_way(look, 4)
    assert (np.diff(path) >= 0).all()
    gone = np.interp([0, 2, 3, 4], places, path)
    assert gone[0] == 0
    assert gone[1] < 0.3 < gone[2] < 0.9 < gone[3]


def test_structure_comes_as_it_is_wanted(run_folder):
    """Of a tiny picture roughly; scripts/bench pace measures pictures."""
    folder = RunFolder.open(run_folder)
    snapshots = read_snapshots(folder)
    scenes = [read_scene(folder, snapshot, ShapeScene) for snapshot in snapshots]
    found = Timeline(scenes.__getitem__, snapshots, np.arange(len(scenes)))
    with ThreadPoolExecutor(2) as executor:
        passed = {
            pace: crossings([thumbnail(found.scene(at), 256) for at in paced(found, pace, 100, executor)])
            for pace in ("perceived", "even")
        }
    for at, (low, high) in zip(passed["perceived"], WANTED, strict=True):
        assert low - 8 <= at <= high + 8, passed
    assert passed["even"][0] > 38, "which is why the other one is there"
