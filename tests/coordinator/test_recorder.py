"""Snapshots and the preview are worth a small part of the time and of the disk, however long a run is."""

import json
import math
import shutil
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.coordinator import recorder
from engine.coordinator.recorder import (
    MOST_SHARE,
    PREVIEW_SECONDS,
    Preview,
    Recorder,
    most_snapshots,
    thin_snapshots,
)
from engine.errors import CheckpointError, RunError, SpaceError
from engine.events import Trouble
from engine.grid import SHIFTED, TileBox
from engine.spec.models import RecordSettings
from engine.storage.run_folder import RunFolder
from engine.storage.snapshots import Snapshot, SnapshotReader, read_snapshots


class SlowCanvas:
    """A canvas that takes some seconds to read, by a clock that nothing else moves."""

    def __init__(self, seconds):
        self.seconds = seconds
        self.now = 0.0
        self.reads = 0

    def read(self):
        self.now += self.seconds
        self.reads += 1
        return np.zeros((1, 1), np.int64), np.zeros((6, 8, 3), np.uint8)


@pytest.fixture
def folder(tmp_path):
    return RunFolder.create(tmp_path / "run")


@pytest.mark.parametrize("every", [0.0, 0.2, 2.0])
@pytest.mark.parametrize("seconds", [0.001, 0.03, 0.5])
def test_the_preview_takes_a_small_part_of_the_time(folder, monkeypatch, seconds, every):
    canvas: Any = SlowCanvas(seconds)
    monkeypatch.setattr(recorder.time, "monotonic", lambda: canvas.now)
    preview = Preview(folder, canvas, every, print)
    share = min(seconds / every, PREVIEW_SECONDS / every, MOST_SHARE) if every else MOST_SHARE
    apart = seconds / share
    while canvas.now < 50 * apart:
        preview.refresh()
        canvas.now += apart / 100
    assert canvas.reads == pytest.approx(50, rel=0.1)
    before = canvas.reads
    preview.refresh(last=True)
    assert canvas.reads == before + 1, "the last one is always due"


def at_job(job):
    """A picture after so many jobs, whose error falls fast at first and then ever slower."""
    scene = SimpleNamespace(arrays=lambda: {"job": np.array(job)})
    last = TileBox(1, SHIFTED, (0, 0, job, 2 * job)) if job else None
    figures = {"seconds": job, "evaluations": 10 * job, "error": 0.5 / (1 + job), "marks": 1}
    return SimpleNamespace(**figures, last=last, scene=scene)


def recorded(folder, jobs, keep=20, every=1, state=None, first=0, report=print):
    found = Recorder(folder, every, keep, 0, report, state)
    for job in range(first, jobs):
        found.show(at_job(job))
    return found


def jobs_of(folder):
    """The jobs after which the snapshots of a folder were taken, as their scenes say."""
    found, reader = list[int](), SnapshotReader(folder)
    for snapshot in read_snapshots(folder):
        found.append(int(reader.arrays(snapshot)["job"]))
        assert snapshot.evaluations == 10 * found[-1]
        assert snapshot.place == at_job(found[-1]).last
    return found


def damage(folder, snapshot):
    """Turn a byte of a snapshot over."""
    content = bytearray((folder / snapshot.file).read_bytes())
    content[snapshot.offset + snapshot.bytes - 1] ^= 1
    (folder / snapshot.file).write_bytes(content)


def scenes(folder):
    return {path.name for path in (folder / "snapshots").iterdir()}


@pytest.mark.parametrize("every", [1, 3])
@pytest.mark.parametrize("keep", [2, 3, 20, 21])
@pytest.mark.parametrize("jobs", [1, 2, 21, 22, 1000])
def test_there_are_never_too_many_nor_too_few(folder, jobs, keep, every):
    found = recorded(folder, jobs, keep, every)
    found.show_last(at_job(jobs - 1))
    kept = jobs_of(folder)
    assert min(keep // 2, -(-jobs // every)) <= len(kept) <= keep
    assert kept == sorted(set(kept)), "each once"
    assert (kept[0], kept[-1]) == (0, jobs - 1)
    assert {f"snapshots/{name}" for name in scenes(folder)} >= {each.file for each in read_snapshots(folder)}
    assert len(scenes(folder)) <= 2 * keep + 1


def test_small_steps_of_the_error_go_first_and_both_ends_stay():
    errors = [0.5, 0.1, 0.0999, 0.0998, 0.05, 0.0499, 0.0498]
    snapshots = [Snapshot(n, n, n, error, 1, str(n)) for n, error in enumerate(errors)]
    assert [each.index for each in thin_snapshots(snapshots, 4)] == [0, 1, 4, 6]
    assert [each.index for each in thin_snapshots(snapshots, 1)] == [0, 6]
    assert thin_snapshots(snapshots, 7) == snapshots


def one_by_one(snapshots, keep):
    """What is thinned out as it is described: at each turn the steps of all that are left are looked at."""
    left = list(snapshots)
    heights = [math.log(max(snapshot.error, 1e-9)) for snapshot in left]
    while len(left) > max(keep, 2):
        steps = [abs(before - after) for before, after in zip(heights, heights[2:], strict=False)]
        least = steps.index(min(steps)) + 1
        del left[least], heights[least]
    return left


@given(st.lists(st.sampled_from([0, 0.1, 0.11, 0.2, 0.4, 0.5]), max_size=40), st.integers(0, 40))
def test_thinning_looks_at_neighbours_as_they_are_by_then(errors, keep):
    snapshots = [Snapshot(n, n, n, error, 1, str(n)) for n, error in enumerate(errors)]
    assert thin_snapshots(snapshots, keep) == one_by_one(snapshots, keep)


@pytest.mark.parametrize("saved_at", [1, 20, 29, 75, 100])
@pytest.mark.parametrize("killed_at", [76, 130, 260])
def test_what_was_recorded_after_a_checkpoint_leaves_no_trace(tmp_path, saved_at, killed_at):
    straight, killed = (RunFolder.create(tmp_path / name) for name in ("straight", "killed"))
    recorded(straight, 300).show_last(at_job(299))
    found = recorded(killed, saved_at // 2)
    found.state()
    found.settle()
    for job in range(saved_at // 2, saved_at):
        found.show(at_job(job))
    state = json.loads(json.dumps(found.state()))
    found.settle()
    for job in range(saved_at, max(killed_at, saved_at)):
        found.show(at_job(job))
    again = recorded(killed, 300, state=state, first=saved_at)
    again.state()
    again.settle()
    again.show_last(at_job(299))
    assert jobs_of(killed) == jobs_of(straight)
    assert [replace(each, seconds=0) for each in read_snapshots(killed)] == [
        replace(each, seconds=0) for each in read_snapshots(straight)
    ]


def test_what_two_checkpoints_know_stays_and_the_rest_goes(folder):
    found = recorded(folder, 15)
    before = json.loads(json.dumps(found.state()))
    found.settle()
    for job in range(15, 100):
        found.show(at_job(job))
    after = found.state()
    found.settle()
    known = {each["file"] for state in (before, after) for each in state["kept"]}
    assert {f"snapshots/{name}" for name in scenes(folder)} == known


def test_the_end_spares_what_the_checkpoint_before_the_last_one_names(folder):
    found, states = recorded(folder, 15), []
    for job in range(15, 200):
        found.show(at_job(job))
        if job % 60 == 0:
            states.append(json.loads(json.dumps(found.state())))
            found.settle()
    found.show_last(at_job(199))
    for state in states[-2:]:
        again = recorded(folder, 200, state=state, first=state["shown"])
        again.show_last(at_job(199))
        assert jobs_of(folder)[-1] == 199


@pytest.mark.parametrize("line", ["[]", "null", "{}", '{"place": {"box": 3}}', "nonsense"])
def test_a_garbled_list_of_snapshots_is_said_in_a_sentence(folder, line):
    folder.write("snapshots.jsonl", f"{line}\n")
    with pytest.raises(RunError, match=r"can't be read .*; render the picture again\.$"):
        read_snapshots(folder)


def test_a_run_goes_on_without_snapshots_that_are_gone(folder):
    found = recorded(folder, 10)
    state = found.state()
    damage(folder, read_snapshots(folder)[7])
    told: list[Any] = []
    again = recorded(folder, 12, state=state, first=10, report=told.append)
    again.state()
    assert jobs_of(folder) == [0, 1, 2, 3, 4, 5, 6, 10, 11]
    assert [event.message for event in told] == [
        f"{folder / 'snapshots'}: 3 snapshots are damaged or missing; the film does without."
    ]


def test_a_full_disk_pauses_the_snapshots_and_is_told_once(folder, monkeypatch):
    told: list[Any] = []
    found = Recorder(folder, 1, 100, 0, told.append)
    extend = RunFolder.extend

    def refuse(self, name, *rest, **options):
        raise SpaceError(f"{name}: there is no space left on the disk; free some and start again.")

    for job in range(30):
        monkeypatch.setattr(RunFolder, "extend", extend if job % 20 < 10 else refuse)
        found.show(at_job(job))
    assert told == [
        Trouble(
            "snapshots/000000.frames: there is no space left on the disk; painting goes on without snapshots."
        )
    ]
    assert jobs_of(folder) == [*range(10), *range(20, 30)]


def test_a_folder_that_is_gone_is_no_trouble_but_an_error(folder):
    found = Recorder(folder, 1, 100, 0, print)
    folder.path.rename(folder.path.with_name("elsewhere"))
    with pytest.raises(CheckpointError, match=r"has been removed or renamed; nothing more can be kept\.$"):
        found.show(at_job(0))
    assert not folder.path.exists()


@pytest.mark.parametrize(("shapes", "kept"), [(1000, 500), (50_000, 100), (10_000_000, 2)])
def test_large_scenes_are_kept_less_often(shapes, kept):
    assert most_snapshots(RecordSettings(), shapes) == kept
    assert most_snapshots(RecordSettings(keep=7), shapes) == 7


@pytest.mark.parametrize("moved", [True, False])
def test_without_its_snapshots_a_run_goes_on_and_says_so_once(folder, tmp_path, moved):
    told: list[Any] = []
    found = recorded(folder, 10, report=told.append)
    found.state()
    found.settle()
    if moved:
        (folder / "snapshots").rename(tmp_path / "elsewhere")
    else:
        shutil.rmtree(folder / "snapshots")
    for job in range(10, 12):
        found.show(at_job(job))
    for _ in range(2):
        state = json.loads(json.dumps(found.state()))
        found.settle()
    found.show_last(at_job(12))
    assert jobs_of(folder) == [10, 11, 12]
    assert len(state["kept"]) == 2, "what a checkpoint names is there"
    assert [event.message for event in told] == [
        f"{folder / 'snapshots'}: 10 snapshots are damaged or missing; the film does without."
    ]


def test_want_of_space_is_known_to_be_why_there_are_no_snapshots(folder, monkeypatch):
    full = Recorder(folder, 1, 100, 1 << 62, print)
    full.show(at_job(0))
    full.show_last(at_job(1))
    assert isinstance(full.shortage, SpaceError)
    some = recorded(folder, 2)
    monkeypatch.setattr(some, "_reserve", 1 << 62)
    some.show_last(at_job(2))
    assert some.shortage is None, "there are some"
