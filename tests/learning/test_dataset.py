"""Data sets drawn by the real engine: the same bytes for any number of processes, also after a kill."""

import errno
import hashlib
import io
import os
import signal
import subprocess
import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from engine.errors import LockError, RunError, SpaceError, SpecError
from engine.events import Drawing, Drawn
from engine.learning import dataset
from engine.learning.dataset import Wanted, draw_part, make_dataset, wanted_of
from engine.learning.drawing import draw_actions
from engine.learning.shards import open_strokes
from engine.mypaint.bundled import bundled_text
from engine.storage import files
from engine.storage.lock import locked
from tests.conftest import command
from tests.doubles.paint_engine import needs_engine

pytestmark = needs_engine
COUNT, SHARD = 210, 100  # three files, the last one not full


def silent(event):
    pass


def digests(folder):
    named = (path for path in sorted(folder.iterdir()) if path.name != ".lock")
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in named}


@pytest.fixture(scope="module")
def wanted():
    return replace(wanted_of("marker", COUNT, 3), shard=SHARD)


@pytest.fixture(scope="module")
def one(tmp_path_factory, wanted):
    """A data set drawn in one process, and what was said."""
    folder = tmp_path_factory.mktemp("one") / "set"
    events: list[Any] = []
    make_dataset(folder, wanted, 1, events.append)
    return folder, events


def test_it_is_whole_and_says_so(one):
    folder, events = one
    found = open_strokes(folder)
    assert (found.count, found.manifest["brush"], found.manifest["seed"]) == (COUNT, "marker", 3)
    assert found.manifest["held_out"] == len(found.held_out()[0]) == 4
    assert 0.01 < found.alpha.mean() / 255 < 0.5
    assert len(np.unique(found.actions, axis=0)) == COUNT
    assert [type(event) for event in events] == [Drawing] * 4 + [Drawn]
    assert events[-1].strokes == COUNT
    assert events[-1].bytes == sum(path.stat().st_size for path in folder.iterdir() if path.name[0] != ".")


def test_strokes_drawn_again_differ_by_the_brushs_own_noise_only(one):
    found = open_strokes(one[0])
    again = found.again()
    assert again is not None
    error = ((again - found.held_out()[1]) ** 2).mean()
    assert 0 < error < 0.1 * (again**2).mean()


def test_two_processes_draw_the_same_bytes_and_what_is_there_is_left(one, tmp_path, wanted):
    folder = tmp_path / "two"
    folder.mkdir()
    (folder / ".1a2b3c4d.part").write_text("what a killed process was writing")
    make_dataset(folder, wanted, 2, silent)
    assert digests(folder) == digests(one[0])
    before = (folder / "shard-00000.npz").stat().st_mtime_ns
    (folder / "shard-00001.npz").unlink()
    make_dataset(folder, wanted, 1, silent)
    assert digests(folder) == digests(one[0])
    assert (folder / "shard-00000.npz").stat().st_mtime_ns == before


def test_it_goes_on_after_a_kill(tmp_path):
    arguments = ("brush", "dataset", "--brush", "marker", "--count", "1400", "--workers", "1", "--out")
    process = subprocess.Popen(command(*arguments, tmp_path / "set"), stderr=subprocess.PIPE)
    while not (tmp_path / "set/shard-00000.npz").exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    left = digests(tmp_path / "set")
    assert len(left) < 5
    wanted = wanted_of("marker", 1400, 0)
    make_dataset(tmp_path / "set", wanted, 2, silent)
    found = digests(tmp_path / "set")
    assert left.items() <= found.items()
    assert open_strokes(tmp_path / "set").count == 1400
    assert draw_part(wanted, "shard-00001.npz")[1] == (tmp_path / "set/shard-00001.npz").read_bytes()


def test_another_seed_gives_other_strokes_and_other_grain(wanted):
    text = bundled_text("oil")
    actions = open_strokes_of(draw_part(Wanted("oil", text, 5, 0), "shard-00000.npz")[1])
    others = open_strokes_of(draw_part(Wanted("oil", text, 5, 1), "shard-00000.npz")[1])
    assert (actions != others).all()
    same, other = (draw_actions(text, actions, [seed]).astype(float) for seed in (0, 1))
    assert (same == draw_actions(text, actions, [0])).all()
    assert 1 < np.abs(same - other).mean() < 20


def open_strokes_of(content):
    with np.load(io.BytesIO(content)) as found:
        return found["actions"]


def test_what_is_in_the_way_is_a_sentence(one, tmp_path, wanted):
    with pytest.raises(RunError, match=r"holds a data set with another count \(210, not 5\)"):
        make_dataset(one[0], replace(wanted, count=5), 1, print)
    with pytest.raises(RunError, match="with another seed"):
        make_dataset(one[0], replace(wanted, seed=4), 1, print)
    with pytest.raises(RunError, match="with another brush "):
        make_dataset(one[0], replace(wanted, brush="knife"), 1, print)
    (tmp_path / "holiday.jpg").touch()
    with pytest.raises(RunError, match="is not empty, and no data set; give another folder"):
        make_dataset(tmp_path, wanted, 1, print)
    with pytest.raises(RunError, match="can't be written"):
        make_dataset(tmp_path / "holiday.jpg", wanted, 1, print)
    with pytest.raises(SpecError, match="can't be read as a brush"):
        wanted_of("oel", 5, 0)
    with locked(one[0] / ".lock", "it"), pytest.raises(LockError, match="is working on it"):
        make_dataset(one[0], wanted, 1, print)


def test_a_full_disk_is_a_sentence_and_what_is_there_stays(tmp_path, wanted, monkeypatch):
    whole = files.replacing

    def full(folder, name, durable=False):
        if name == "shard-00001.npz":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return whole(folder, name, durable)

    monkeypatch.setattr(dataset.files, "replacing", full)
    with pytest.raises(SpaceError, match="no space left on the disk; free some, and the same command"):
        make_dataset(tmp_path / "set", wanted, 1, silent)
    assert (tmp_path / "set/shard-00000.npz").exists()
    assert not list((tmp_path / "set").glob(".*.part"))
