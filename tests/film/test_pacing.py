from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.coordinator.recorder import thin_snapshots
from engine.film import pacing
from engine.film.frames import thumbnail
from engine.film.pacing import OPENED, PACES, STILL, paced, visual_changes
from engine.film.timeline import Timeline
from engine.image.metric import rmse
from engine.scene.shape_scene import ShapeScene
from engine.storage.run_folder import RunFolder
from engine.storage.snapshots import read_scene, read_snapshots
from tests.doubles.film_steps import growing, timeline


@pytest.fixture(scope="module")
def executor():
    with ThreadPoolExecutor(2) as found:
        yield found


def unevenness(changes):
    """Coefficient of variation."""
    return np.std(changes) / np.mean(changes)


@pytest.mark.parametrize("name", PACES)
@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(0, 4), st.floats(0, 9)), min_size=1, max_size=12), st.integers(1, 30))
def test_every_pace_goes_from_the_first_snapshot_to_the_last(executor, name, steps, frames):
    bars = [bars for bars, _ in steps]
    found = timeline(bars, np.cumsum([seconds for _, seconds in steps]).tolist())
    places = paced(found, name, frames, executor)
    assert places.shape == (frames,)
    assert (np.diff(places) >= 0).all()
    assert places[-1] == found.end
    assert places[0] == (0 if frames > 1 else found.end)


def of_run(folder, snapshots):
    scenes = [read_scene(folder, snapshot, ShapeScene) for snapshot in snapshots]
    return Timeline(scenes.__getitem__, snapshots, np.arange(len(scenes)))


@pytest.mark.parametrize("frames", ["as many as snapshots", 150])
def test_an_even_pace_is_four_times_as_even_as_all_snapshots(run_folder, executor, frames):
    folder = RunFolder.open(run_folder)
    found = of_run(folder, read_snapshots(folder))
    count = frames if isinstance(frames, int) else found.end + 1

    def measured(pace):
        # At another size than that where the pace was found.
        pictures = [found.scene(at).draw(160, 240) for at in paced(found, pace, count, executor).tolist()]
        return unevenness([rmse(one, other) for one, other in pairwise(pictures)])

    assert measured("even") < measured("all") / 4


def test_a_thinned_run_is_as_even(run_folder, executor):
    folder = RunFolder.open(run_folder)
    snapshots = read_snapshots(folder)
    found = [of_run(folder, kept) for kept in (snapshots, thin_snapshots(snapshots, len(snapshots) // 2))]
    whole, half = (
        unevenness(visual_changes(each, paced(each, "even", 60, executor), executor)) for each in found
    )
    assert found[1].end < found[0].end
    assert half < 1.25 * whole + 0.1


def test_more_frames_than_are_measured_lie_between_those(executor, monkeypatch):
    monkeypatch.setattr(pacing, "NODES", 9)
    found = timeline([0, 1, 2, 3, 4])
    coarse, fine = (paced(found, "even", frames, executor) for frames in (9, 17))
    np.testing.assert_allclose(fine[::2], coarse)
    np.testing.assert_allclose(fine[1::2], (coarse[1:] + coarse[:-1]) / 2)


def test_visual_change_is_what_is_seen(executor):
    drawn = [thumbnail(growing(bars)) for bars in (0, 1, 4)]
    measured = visual_changes(timeline([0, 1, 4]), np.array([0.0, 1.0, 2.0]), executor)
    assert measured == pytest.approx([rmse(drawn[0], drawn[1]), rmse(drawn[1], drawn[2])])


def after_the_opening(found, pace, frames, executor):
    """So many frames of which the first one shows what was painted first; an opening of one comes before."""
    return paced(found, pace, 19 * (frames - 1) + frames, executor)[frames - 1 :: 19].tolist()


@pytest.mark.parametrize("pace", OPENED)
def test_what_is_painted_first_comes_evenly(executor, pace):
    found = timeline([0, 3, 4], [0, 50, 50.1])  # starting up takes 50 seconds, and is not counted
    places = paced(found, pace, 201, executor)
    assert places[10] == pytest.approx(1)
    changes = visual_changes(found, places[:11], executor)
    assert changes.max() < 2 * changes.mean()


def test_all_takes_equally_long_for_each(executor):
    found = timeline([0, 1, 1, 2, 3])
    assert after_the_opening(found, "all", 5, executor) == pytest.approx([1, 1.5, 2, 2.5, 3])


def test_in_real_time_a_duplicate_lengthens_what_was_before(executor):
    found = timeline([0, 1, 1, 2], [5, 6, 8, 9])
    assert after_the_opening(found, "time", 4, executor) == pytest.approx([1, 1, 1, 2])


def test_in_logarithmic_time_equal_ratios_take_equally_long(executor):
    found = timeline([0, 1, 2, 3, 4], [0, 5, 6, 8, 12])  # 0, 1, 3, 7 seconds: the logarithm of 1, 2, 4, 8
    assert after_the_opening(found, "log-time", 7, executor) == pytest.approx([1, 1.5, 2, 2.5, 3, 3.5, 4])


def test_decay_loses_one_more_in_every_chunk(executor):
    found = timeline([n % 2 for n in range(16)])  # four chunks of four lose 0, 1, 2 and 3
    places = after_the_opening(found, "decay", 10, executor)
    assert places == pytest.approx([1, 2, 3, 4, 5, 6, 8, 10, 12, 15]), "and the last one stays"


def test_by_shapes_each_frame_adds_as_many(executor):
    found = timeline([0, 1, 3, 4])
    places = paced(found, "shapes", 9, executor)
    shown = np.interp(places, [0, 1, 2, 3], [0, 1, 3, 4])
    np.testing.assert_allclose(np.diff(shown), 0.5)
    logarithmic = paced(found, "log-shapes", 9, executor)
    shown = np.interp(logarithmic, [0, 1, 2, 3], np.log1p([0, 1, 3, 4]))
    np.testing.assert_allclose(np.diff(shown), np.log(5) / 8)


def test_what_changes_without_new_shapes_takes_its_time(executor):
    first = timeline([0, 1, 2])
    scenes = [growing(bars) for bars in (0, 2, 2)]
    scenes[2] = replace(scenes[2], background=(1.0, 0.0, 0.0))
    snapshots = [
        replace(each, shapes=len(scene)) for each, scene in zip(first.snapshots, scenes, strict=True)
    ]
    places = paced(Timeline(scenes.__getitem__, snapshots, first.places), "shapes", 11, executor)
    assert places[round(10 * (1 - STILL))] == pytest.approx(1)
