from concurrent.futures import ThreadPoolExecutor

import pytest

from engine.film.dedup import places_of
from engine.scene.shape_scene import ShapeScene
from engine.storage.run_folder import RunFolder
from engine.storage.snapshots import read_scene, read_snapshots
from tests.doubles.film_steps import BARS, growing


def places(bars, dedup):
    with ThreadPoolExecutor(2) as executor:
        return places_of(lambda index: growing(bars[index]), len(bars), dedup, executor).tolist()


def test_neighbours_that_are_equal_have_one_place():
    assert places([0, 0, 1, 2, 2, 2, 1], "exact") == [0, 0, 1, 2, 2, 2, 3], "far ones are no neighbours"


def test_small_steps_add_up():
    # Each bar more is a mean squared error of 1 / 4.
    assert places([0, 1, 2, 3, 4], "mse:0.2") == [0, 1, 2, 3, 4]
    assert places([0, 1, 2, 3, 4], "mse:0.3") == [0, 0, 1, 1, 2]
    assert places([0, 1, 2, 3, 4], "mse:1") == [0] * 5


@pytest.mark.parametrize("measure", ["dhash", "phash"])
def test_hashes_differ_by_bits(measure):
    assert places([0, 1, BARS], f"{measure}:64") == [0, 0, 0]
    assert places([1, 1, 3], f"{measure}:0") == [0, 0, 1]


def test_all_snapshots_of_a_run_differ_and_stay_where_they_are(run_folder):
    folder = RunFolder.open(run_folder)
    snapshots = read_snapshots(folder)
    before = {path.name: path.stat().st_mtime_ns for path in (run_folder / "snapshots").iterdir()}

    def load(index):
        return read_scene(folder, snapshots[index], ShapeScene)

    with ThreadPoolExecutor(2) as executor:
        exact, coarse = (places_of(load, len(snapshots), dedup, executor) for dedup in ("exact", "mse:0.01"))
    assert exact.tolist() == list(range(len(snapshots)))
    assert 0 < coarse[-1] < exact[-1]
    assert {path.name: path.stat().st_mtime_ns for path in (run_folder / "snapshots").iterdir()} == before
