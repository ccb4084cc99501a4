import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import SpecError
from engine.film.shots import Lengths, check_script, still_at, with_poster, write_script
from engine.spec.models import FilmSettings

END = 8


def script(**settings):
    film = FilmSettings(**settings)
    return write_script(film, lambda frames: np.linspace(0, END, frames) if frames > 1 else np.array([8.0]))


def frames(**settings):
    """What each frame shows: a place, or "target", or the share that is wiped."""
    return [
        "target" if shot.shows == "target" else (shot.wiped or shot.at)
        for shot in script(**settings)
        for _ in range(shot.frames)
    ]


@given(
    duration=st.floats(0.01, 20),
    fps=st.integers(1, 60),
    intro=st.floats(0, 20),
    hold=st.floats(0.001, 20),
    play=st.sampled_from(["forward", "reverse", "boomerang"]),
    compare=st.sampled_from(["none", "beside", "wipe"]),
    intro_shows=st.sampled_from(["target", "blank"]),
)
def test_a_film_has_exactly_its_length(**settings):
    found = script(**settings)
    assert sum(shot.frames for shot in found) == max(1, round(settings["duration"] * settings["fps"]))
    assert any(shot.shows == "finished" for shot in found)
    assert all(0 <= shot.at <= END and 0 <= shot.wiped <= 1 and shot.frames > 0 for shot in found)


@pytest.mark.parametrize(
    ("duration", "intro", "hold", "fps", "expected"),
    [
        (12, 0, 2, 60, (0, 600, 120)),
        (1, 0, 0, 10, (0, 10, 0)),
        (1, 0, 5, 10, (0, 5, 5)),
        (1, 6, 4, 10, (3, 5, 2)),
        (0.01, 0, 0, 10, (0, 1, 0)),
        (1.2, 0, 2, 1, (0, 1, 0)),
        (1.5, 0, 2, 1, (0, 1, 1)),
        (2.5, 1, 1, 1, (1, 1, 0)),
    ],
)
def test_intro_and_hold_are_a_half_of_the_duration_at_most(duration, intro, hold, fps, expected):
    lengths = Lengths.of(FilmSettings(duration=duration, intro=intro, hold=hold, fps=fps))
    assert (lengths.intro, lengths.moving, lengths.held) == expected


SHORT = {"duration": 1, "fps": 10, "hold": 0.2}


def test_forwards_backwards_and_both():
    way = [8 * step / 7 for step in range(8)]
    assert frames(**SHORT) == pytest.approx([*way, 8, 8])
    assert frames(**SHORT, play="reverse") == pytest.approx([8, 8, *reversed(way)])
    there = [0, 2, 4, 6, 8]
    assert frames(**SHORT, play="boomerang") == pytest.approx([*there, 8, 8, 6, 4, 2])


def test_an_intro_shows_the_target_or_nothing():
    short, way = {"duration": 1, "fps": 6, "intro": 0.34, "hold": 0}, [0, 8 / 3, 16 / 3, 8]
    assert frames(**short) == ["target", "target", *map(pytest.approx, way)]
    assert frames(**short, intro_shows="blank") == pytest.approx([0, 0, *way])


def test_the_target_is_wiped_over_the_finished_picture_and_back():
    shown = frames(duration=2, fps=5, hold=1, compare="wipe")
    assert shown[4] == 8
    assert shown[5:] == pytest.approx([0.25, 0.75, 1, 0.75, 0.25])


def test_a_poster_is_the_finished_picture_for_a_frame_of_the_hold():
    plain = script(duration=1, fps=10, hold=0.5)
    found = with_poster(plain, 10)
    assert (found[0].shows, found[0].at, found[0].frames) == ("finished", END, 1)
    assert found[1:-1] == plain[:-1]
    assert (plain[-1].frames, found[-1].frames) == (6, 5)
    assert with_poster(script(duration=1, fps=120, hold=0.5), 120)[0].frames == 2, "a sixtieth of a second"
    wiped = script(duration=2, fps=10, hold=1, compare="wipe")
    assert sum(shot.frames for shot in with_poster(wiped, 10)) == 20
    assert with_poster(wiped, 10)[-1] == wiped[-2]


@pytest.mark.parametrize(
    "settings",
    [{"play": "reverse"}, {"play": "boomerang"}, {"intro": 0.3}, {"hold": 0}, {"fps": 9}],
)
def test_where_a_poster_would_disturb_there_is_none(settings):
    settings = {"duration": 1, "fps": 10, "hold": 0.3} | settings
    plain = script(**settings)
    assert with_poster(plain, settings["fps"]) == plain


def test_where_a_picture_begins_to_stay():
    assert still_at(script(duration=1, fps=10, hold=0.5)) == (4,)
    assert still_at(script(duration=2, fps=10, hold=0.5, intro=0.5)) == (0, 14)
    assert still_at(script(duration=2, fps=5, hold=1, compare="wipe")) == (4,)
    assert still_at(script(duration=2, fps=10, hold=0.5, play="boomerang")) == (7,)


@pytest.mark.parametrize(
    "settings", [{"play": "reverse"}, {"compare": "beside"}, {"caption": 1}, {"grid": 1}, {"aspect": "1:1"}]
)
def test_a_drawing_shows_no_more_than_its_shapes(settings):
    check_script(FilmSettings(format=("mp4", "svg"), intro=1, pacing="time"))
    with pytest.raises(SpecError, match=r"^film\.format: svg shows shapes as they appear"):
        check_script(FilmSettings(format=("mp4", "svg"), **settings))


def test_a_film_has_an_end():
    check_script(FilmSettings(duration=3600, fps=60))
    with pytest.raises(SpecError, match=r"^film\.duration: that makes more than 1,000,000 frames; "):
        check_script(FilmSettings(duration=36000, fps=60))


def test_a_wipe_needs_time():
    with pytest.raises(SpecError, match=r"^film\.compare: wipe needs .* a film\.hold\.$"):
        check_script(FilmSettings(compare="wipe", hold=0))
    check_script(FilmSettings(compare="wipe", hold=1))
    check_script(FilmSettings(hold=0))
