from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.film.frames import draw_frames, frame_counts, moments, visual_changes
from engine.image import rmse
from engine.painters.polygons.arrays import Shapes
from engine.painters.polygons.scene import PolygonScene

changes = st.lists(st.floats(0, 1), max_size=20)


@given(changes, st.integers(1, 50))
def test_moments_go_from_the_first_snapshot_to_the_last_at_an_even_pace(steps, frames):
    path = np.concatenate([[0], np.cumsum(steps)])
    places = list(moments(steps, frames))
    assert len(places) == frames
    assert places[-1] == (len(steps), 0.0)
    at = []
    for index, share in places:
        assert 0 <= share < 1
        assert 0 <= index <= len(steps)
        at.append(path[index] + (share * steps[index] if share else 0))
    np.testing.assert_allclose(at, np.linspace(0 if frames > 1 else path[-1], path[-1], frames), atol=1e-9)


@pytest.mark.parametrize(
    ("duration", "hold", "fps", "expected"),
    [(12, 2, 60, (600, 121)), (1, 0, 10, (10, 1)), (1, 5, 10, (5, 6)), (0.01, 0, 10, (1, 1))],
)
def test_the_hold_is_a_part_of_the_duration(duration, hold, fps, expected):
    assert frame_counts(duration, hold, fps) == expected


def growing(index):
    """A scene with `index` bars out of four."""
    lefts = np.arange(index) * 10.0
    points = [[(x, 0), (x + 10, 0), (x + 10, 20), (x, 20)] for x in lefts]
    bars = Shapes(
        np.arange(index),
        np.full(index, 4, np.int16),
        np.array(points, np.float32).reshape(index, 8),
        np.ones((index, 3), np.float32),
        np.ones(index, np.float32),
    )
    return PolygonScene(20, 40, (0.0, 0.0, 0.0), bars, index)


def test_frames_are_drawn_from_the_scenes_and_the_last_one_is_held():
    with ThreadPoolExecutor(2) as executor:
        steps = visual_changes(growing, 5, executor)
        frames = list(draw_frames(growing, steps, 80, 10, 2.0, 0.5, executor))
    assert [frame.seconds for frame in frames] == pytest.approx([0.1] * 14 + [0.6])
    assert not frames[0].pixels.any()
    assert frames[-1].pixels.shape == (40, 80, 3)
    assert (frames[-1].pixels == 255).all()
    lit = [frame.pixels.mean() for frame in frames]
    assert lit == sorted(lit), "bars appear, none goes away"


def clear(index):
    return PolygonScene.blank(20, 40, None, 3)


def test_a_transparent_scene_is_filmed_on_white():
    with ThreadPoolExecutor(2) as executor:
        frames = list(draw_frames(clear, [0.0], 80, 10, 1.0, 0.0, executor))
    assert frames[0].pixels.shape == (40, 80, 3)
    assert (frames[0].pixels == 255).all()


def test_visual_change_is_what_is_seen():
    with ThreadPoolExecutor(2) as executor:
        measured = visual_changes(growing, 3, executor)
    drawn = [growing(index).draw(64, 128) for index in range(3)]
    assert measured == pytest.approx([rmse(drawn[0], drawn[1]), rmse(drawn[1], drawn[2])])
