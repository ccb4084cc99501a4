"""Snapshots and the preview are worth a small part of the time, however large the picture is."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from engine import recorder
from engine.recorder import PREVIEW_EVERY, PREVIEW_SHARE, Preview, Recorder, read_snapshots
from engine.run_folder import RunFolder
from engine.spec import Record


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


@pytest.mark.parametrize("seconds", [0.001, 0.5])
def test_the_preview_takes_a_small_part_of_the_time(tmp_path, monkeypatch, seconds):
    canvas: Any = SlowCanvas(seconds)
    monkeypatch.setattr(recorder.time, "monotonic", lambda: canvas.now)
    preview = Preview(RunFolder.create(tmp_path / "run"), canvas)
    while canvas.now < 1000:
        preview.refresh()
        canvas.now += 0.1
    wanted = 1000 * min(1 / PREVIEW_EVERY, PREVIEW_SHARE / seconds)
    assert canvas.reads == pytest.approx(wanted, rel=0.1)
    before = canvas.reads
    preview.refresh(last=True)
    assert canvas.reads == before + 1, "the last one is always due"


class Growing:
    """A picture that has another scene whenever somebody looks."""

    evaluations, error, marks = 0, 0.5, 1

    @property
    def scene(self):
        return SimpleNamespace(arrays=lambda: {"nothing": np.zeros(1)})


@pytest.mark.parametrize(("shapes", "kept"), [(1000, 400), (50_000, 100), (10_000_000, 2)])
def test_large_scenes_are_kept_less_often(tmp_path, shapes, kept):
    folder = RunFolder.create(tmp_path / "run")
    target: Any = SimpleNamespace(full_size=(6, 8))
    keeper = Recorder(folder, Record(), 400, shapes, target, print)
    picture: Any = Growing()
    for job in range(400):
        keeper.show(picture, job)
    assert len(read_snapshots(folder)) == kept
