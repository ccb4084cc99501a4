"""Frames of another aspect than the picture's."""

import shutil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import SpecError
from engine.film.compose import PAPER, Composer
from engine.film.framing import framed, paper_of
from engine.film.layout import Layout, Shape, frame_size, words_of
from engine.film.shots import Shot
from engine.film.timeline import Figures
from engine.spec.models import FilmSettings
from tests.conftest import decode, refused
from tests.doubles.film_steps import HEIGHT, WIDTH, timeline
from tests.doubles.toy import picture

WORDS = words_of(Figures(1000, 4_323_310, 0.0342, 4.1))
ASPECTS = ("1:1", "9:16", "4:5", "16:9")
sides = st.integers(1, 4000)


@pytest.mark.parametrize(
    ("aspect", "size"), [("1:1", (640, 640)), ("9:16", (640, 360)), ("4:5", (640, 512)), ("16:9", (360, 640))]
)
def test_a_frame_has_its_aspect_and_its_longest_side(aspect, size):
    assert frame_size(aspect, 640) == size


@given(
    sides,
    sides,
    st.integers(300, 2160),
    st.integers(1, 2),
    st.booleans(),
    st.sampled_from(ASPECTS),
    st.sampled_from(["pad", "crop", "blur"]),
)
def test_all_that_is_shown_is_within_the_frame_and_apart(height, width, size, panels, has_words, aspect, fit):
    try:
        layout = Layout.fit(height, width, size, panels, WORDS if has_words else (), Shape(aspect, fit))
    except SpecError:
        assert has_words
        return
    assert (layout.height, layout.width) == frame_size(aspect, size)
    taken = np.zeros((layout.height, layout.width), int)
    for y, x in layout.spots:
        assert min(y, x) >= 0
        assert taken[y : y + layout.panel[0], x : x + layout.panel[1]].shape == layout.panel
        taken[y : y + layout.panel[0], x : x + layout.panel[1]] += 1
    taken[layout.words_y : layout.words_y + layout.band] += 1
    assert layout.words_y + layout.band <= layout.height
    assert taken.max() == 1
    assert layout.picture[0] >= layout.panel[0]
    assert layout.picture[1] >= layout.panel[1]
    if fit == "crop":
        assert panels == 2 or taken.min() == 1, "nothing but the picture and the words is seen"
    else:
        assert layout.picture == layout.panel


def test_a_padded_picture_has_its_paper_around_it():
    layout = Layout.fit(40, 80, 80, 1, (), Shape("1:1", "pad"))
    frame = framed(layout, [picture(40, 80)], paper_of((1.0, 0.0, 0.2)))
    assert (frame[:20] == (255, 0, 51)).all()
    np.testing.assert_array_equal(frame[20:60], picture(40, 80))
    assert paper_of(None) == (255, 255, 255)


def test_a_blurred_copy_is_dim_and_soft():
    layout = Layout.fit(40, 80, 80, 1, (), Shape("1:1", "blur"))
    shown = picture(40, 80)
    frame = framed(layout, [shown], None).astype(float)
    np.testing.assert_array_equal(frame[20:60], shown)
    around = np.concatenate([frame[:20], frame[60:]])
    assert around.mean() == pytest.approx(0.6 * shown.mean(), rel=0.2)
    assert np.abs(np.diff(around, axis=1)).mean() < np.abs(np.diff(shown.astype(float), axis=1)).mean() / 2


def test_a_cropped_picture_is_its_middle():
    layout = Layout.fit(HEIGHT, WIDTH, 80, 1, (), Shape("1:1", "crop"))
    assert layout.is_bare
    pixels = Composer(timeline([0, 4]), layout, None, None).picture(Shot("painting", 1.0))
    assert pixels.shape == (80, 80, 3)
    half = Composer(timeline([0, 2]), layout, None, None).picture(Shot("painting", 1.0))
    assert (half[:, :40] == 255).all()
    assert (half[:, 40:] == 0).all()


def test_target_and_words_find_their_places():
    layout = Layout.fit(HEIGHT, WIDTH, 640, 2, WORDS, Shape("9:16", "pad"))
    target = np.full((*layout.panel, 3), 99, np.uint8)
    frame = Composer(timeline([0, 4]), layout, target, None).picture(Shot("painting", 1.0))
    (y, x), (lower, same) = layout.spots
    assert x == same, "one below the other in a narrow frame"
    height, width = layout.panel
    assert (frame[y : y + height, x : x + width] == 99).all()
    assert (frame[lower : lower + height, x : x + width] == 255).all()
    band = frame[layout.words_y : layout.words_y + layout.band]
    assert (band != PAPER).any()
    assert (frame[0] == PAPER).all()


@pytest.mark.parametrize("given", ["9:16", 9 * 60 + 16])
def test_a_ratio_is_read_from_yaml(given):
    assert FilmSettings(aspect=given).aspect == "9:16", "which YAML 1.1 reads as minutes and seconds"


@pytest.mark.parametrize(
    ("flag", "value", "sentence"),
    [
        ("--aspect", "2:1", "--aspect must be picture, 1:1, 9:16, 4:5 or 16:9, not 2:1"),
        ("--fit", "stretch", "--fit must be pad, crop or blur, not stretch"),
        ("--poster", "last", "--poster must be result or first, not last"),
        ("--pacing", "slow", "--pacing must be perceived, even, shapes, log-shapes, decay, time, "),
    ],
)
def test_other_values_are_refused(run_folder, flag, value, sentence):
    assert refused("film", run_folder, flag, value).startswith(sentence)


def test_an_animation_has_the_aspect_too(tessera, run_folder, tmp_path):
    run = shutil.copytree(run_folder, tmp_path / "run")
    flags = ("--aspect", "9:16", "--fit", "crop", "--size", 64, "--fps", 10, "--duration", "0.5s")
    done = tessera("animate", run, "--effect", "assemble", *flags, "--hold", "0.2s", "--quiet")
    assert (done.returncode, done.stderr) == (0, "")
    assert len(decode(run / "assemble.mp4", (64, 36))) == 5
