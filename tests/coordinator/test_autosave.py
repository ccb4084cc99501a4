"""When checkpoints are written, and what happens while none can be."""

from typing import Any

import numpy as np
import pytest

from engine.coordinator import autosave as autosave
from engine.coordinator.autosave import RETRIES, CheckpointSchedule
from engine.coordinator.loop import paint_run
from engine.coordinator.run import start_run, write_first_files
from engine.errors import CheckpointError, SpaceError
from engine.image.target import Target
from engine.painters.registry import params_of
from engine.parallel.place import Place
from engine.scene.shape_scene import ShapeScene
from engine.spec.models import CheckpointSettings
from engine.spec.resolution import resolve
from engine.spec.settings import from_assignments, from_flags
from engine.storage.checkpoint import Checkpoint, read_checkpoint, scene_arrays
from engine.storage.checkpoint_header import Header
from engine.storage.run_folder import RunFolder
from engine.storage.snapshots import read_scene, read_snapshots
from tests.contracts.painter_contract import content
from tests.doubles.toy import NOWHERE, picture

HEADER = Header(None, 0.25, 7, 1000, 0.05, 1.5, "d" * 64, "/photo.png", "a" * 64)
CHECKPOINT = Checkpoint(HEADER, {"a": np.arange(3)}, {})


@pytest.fixture
def clock(monkeypatch):
    """A clock that only the test moves: clock[0]."""
    now = [1000.0]
    monkeypatch.setattr(autosave.time, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def folder(tmp_path):
    return RunFolder.create(tmp_path / "run")


@pytest.fixture
def full(monkeypatch):
    """A disk that is full as long as full[0] is true."""
    state, write = [True], RunFolder.write

    def try_to_write(self, name, *rest, **options):
        if state[0]:
            raise SpaceError(f"{name}: there is no space left on the disk; free some and start again.")
        return write(self, name, *rest, **options)

    monkeypatch.setattr(RunFolder, "write", try_to_write)
    return state


def test_they_are_due_at_most_so_often(folder, clock):
    rota, written = CheckpointSchedule(folder, CheckpointSettings(every=30), 0, print), 0
    for _ in range(1000):
        clock[0] += 1
        written += rota.is_due() and rota.attempt(CHECKPOINT)
    assert written == 34
    assert read_checkpoint(folder).checkpoint.header.generation == 34


def test_generations_go_on_where_they_were(folder, clock):
    CheckpointSchedule(folder, CheckpointSettings(), 41, print).save(CHECKPOINT)
    assert read_checkpoint(folder).checkpoint.header.generation == 42


def test_a_full_disk_is_told_once_and_tried_again(folder, clock, full):
    told: list[Any] = []
    rota, saved = CheckpointSchedule(folder, CheckpointSettings(every=30, grace=600), 0, told.append), []
    for second in range(500):
        clock[0] += 1
        full[0] = second < 400
        if rota.is_due() and rota.attempt(CHECKPOINT):
            saved.append(second)
    assert saved[0] in range(400, 461), "a minute after there is room again at the latest"
    assert saved[1] == saved[0] + 30
    (trouble,) = told
    assert trouble.message == (
        "checkpoint-b: there is no space left on the disk; painting goes on with the last good checkpoint, "
        "for 600 s at most: free some space."
    )


@pytest.mark.parametrize("grace", [0, 600])
def test_after_the_grace_it_is_an_error(folder, clock, full, grace):
    rota, begun = CheckpointSchedule(folder, CheckpointSettings(every=30, grace=grace), 0, print), clock[0]

    def paint():
        while clock[0] < begun + 10_000:
            clock[0] += 1
            if rota.is_due():
                rota.attempt(CHECKPOINT)

    with pytest.raises(SpaceError):
        paint()
    assert grace <= clock[0] - begun <= grace + 2 * RETRIES


def test_a_sleeping_machine_is_no_reason_to_stop(folder, clock, full):
    rota = CheckpointSchedule(folder, CheckpointSettings(every=30, grace=60), 0, print)
    assert not rota.attempt(CHECKPOINT)
    clock[0] += 100_000
    assert not rota.attempt(CHECKPOINT)
    full[0] = False
    assert rota.attempt(CHECKPOINT)


def test_a_folder_that_is_gone_is_an_error_at_once(folder, clock):
    folder.path.rename(folder.path.with_name("elsewhere"))
    with pytest.raises(CheckpointError, match="has been removed or renamed"):
        CheckpointSchedule(folder, CheckpointSettings(), 0, print).attempt(CHECKPOINT)


@pytest.mark.parametrize("every", [1, 10**6])
def test_the_last_snapshot_is_the_picture_whatever_lies_between_two(tmp_path, every):
    """Parts of one phase overlap those of the next: beside the loop they follow each other as they did."""
    flags = {"target": "a", "count": 12, "effort": 0.3, "size": 64, "grid": "2x2"}
    spec = resolve([from_flags(flags), from_assignments([f"record.every={every}"])], params_of)
    spec = spec.model_copy(update={"film": spec.film.model_copy(update={"enabled": False})})
    home = RunFolder.create(tmp_path / "run")
    with home.held():
        run = start_run(spec, Target(picture(48, 64), (0.5, 0.4, 0.3), False, (48, 64), None, NOWHERE), None)
        paint_run(
            write_first_files(home, run), home, None, lambda: False, lambda event: None, Place("inline")
        )
    assert len(run.plan) > 2
    found = read_snapshots(home)
    assert len(found) == 2 or every == 1
    assert content(read_scene(home, found[-1], ShapeScene)) == content(run.state.scene)
    saved = read_checkpoint(home).checkpoint
    assert content(ShapeScene.from_arrays(scene_arrays(saved.arrays))) == content(run.state.scene)
