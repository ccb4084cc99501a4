"""Checkpoints: written whole, two of them, and never believed when a bit is wrong."""

import json
import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import CheckpointError, SpaceError
from engine.storage.checkpoint import VERSION, Checkpoint, checksum, read_checkpoint, write_checkpoint
from engine.storage.checkpoint_header import Header, read_header
from engine.storage.run_folder import CHECKPOINTS, RunFolder

HEADER = Header(None, 0.25, 7, 1000, 0.05, 1.5, "d" * 64, "/photo.png", "a" * 64)


def made(number):
    arrays = {"scene.points": np.full((3, 2), number, np.float32), "order": np.arange(number)}
    return Checkpoint(HEADER, arrays, {"phase": number, "name": "é", "seconds": 0.1 + number})


@pytest.fixture
def folder(tmp_path):
    return RunFolder.create(tmp_path / "run")


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = RunFolder.create(tmp_path_factory.mktemp("runs") / "run")
    write_checkpoint(folder, made(1), 1)
    write_checkpoint(folder, made(2), 2)
    return folder


def test_the_newest_is_read_and_the_one_before_is_kept(folder):
    for generation in range(1, 6):
        write_checkpoint(folder, made(generation), generation)
    assert sorted(path.name for path in folder.path.iterdir()) == sorted(CHECKPOINTS)
    found = read_checkpoint(folder)
    assert found.damaged == ()
    assert found.checkpoint.header.generation == 5
    assert found.checkpoint.facts == made(5).facts
    for name, array in made(5).arrays.items():
        assert found.checkpoint.arrays[name].dtype == array.dtype
        np.testing.assert_array_equal(found.checkpoint.arrays[name], array)
    assert read_header(folder) == found.checkpoint.header
    found.path.unlink()
    assert read_checkpoint(folder).checkpoint.header.generation == 4


@given(st.data())
def test_any_wrong_bit_and_any_torn_file_is_noticed_and_the_older_one_used(written, data):
    newest = written / CHECKPOINTS[0]
    whole = newest.read_bytes()
    assert read_checkpoint(written).checkpoint.header.generation == 2
    at = data.draw(st.integers(0, len(whole) - 1))
    if data.draw(st.booleans()):
        damaged = whole[:at]
    else:
        bit = data.draw(st.integers(0, 7))
        damaged = whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1 :]
    newest.write_bytes(damaged)
    try:
        found = read_checkpoint(written)
        assert found.checkpoint.header.generation == 1
        assert found.checkpoint.facts == made(1).facts
        assert found.damaged == (newest,)
    finally:
        newest.write_bytes(whole)


def test_two_damaged_ones_are_told_in_one_sentence(folder):
    with pytest.raises(CheckpointError, match=r"had not begun to paint; remove it, and render the picture"):
        read_checkpoint(folder)
    folder.write("snapshots.jsonl", "")
    with pytest.raises(CheckpointError, match=r"it has no checkpoint; .* --from RUN\.$"):
        read_checkpoint(folder)
    for name in CHECKPOINTS:
        (folder / name).write_bytes(b"\0" * 50)
    with pytest.raises(CheckpointError, match=r"\(checkpoint-a, checkpoint-b\) are damaged; .*--from RUN\.$"):
        read_checkpoint(folder)
    assert read_header(folder) is None


def test_another_versions_file_is_refused_and_not_guessed_at(folder):
    write_checkpoint(folder, made(1), 1)
    write_checkpoint(folder, made(2), 2)
    path = folder / CHECKPOINTS[0]
    line, _, payload = path.read_bytes().partition(b"\n")
    fields = {**json.loads(line), "version": VERSION + 1}
    del fields["checksum"]
    fields["checksum"] = checksum(fields, payload)
    path.write_bytes(json.dumps(fields).encode() + b"\n" + payload)
    with pytest.raises(
        CheckpointError, match=rf"format {VERSION + 1}, this one reads {VERSION}\); resume it"
    ):
        read_checkpoint(folder)


def test_a_full_disk_leaves_the_last_good_one(folder, monkeypatch):
    write_checkpoint(folder, made(1), 1)

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SpaceError):
        write_checkpoint(folder, made(2), 2)
    monkeypatch.undo()
    assert read_checkpoint(folder).checkpoint.header.generation == 1
    assert [path.name for path in folder.path.iterdir()] == [CHECKPOINTS[1]], "and no temporary file"


def test_arrays_come_back_however_they_lay_in_memory(folder):
    arrays = {"turned": np.arange(6.0).reshape(2, 3).T, "none": np.zeros((0, 2)), "one": np.array(7)}
    assert arrays["turned"].flags.f_contiguous
    write_checkpoint(folder, Checkpoint(HEADER, arrays, {}), 1)
    found = read_checkpoint(folder).checkpoint.arrays
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array)
        assert found[name].flags.c_contiguous, "kernels are compiled for those"
        assert found[name].flags.writeable
