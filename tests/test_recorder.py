"""The preview is worth a small part of the time, however large the picture is."""

from typing import Any

import numpy as np
import pytest

from engine import recorder
from engine.recorder import PREVIEW_EVERY, PREVIEW_SHARE, Preview
from engine.run_folder import RunFolder


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
