"""Snapshots share what they have in common; whatever is torn, exchanged, doubled or foreign is noticed."""

import json
import zipfile
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from engine.errors import RunError
from engine.npz import read_npz
from engine.storage.checkpoint import Checkpoint, write_checkpoint
from engine.storage.checkpoint_header import Header
from engine.storage.run_folder import SNAPSHOTS, RunFolder
from engine.storage.segments import LONGEST, Frame, frames
from engine.storage.snapshot_writer import SnapshotWriter
from engine.storage.snapshots import (
    Snapshot,
    SnapshotReader,
    read_snapshots,
    whole_snapshots,
    without_damaged,
)
from tests.storage.test_deltas import same

MANY = LONGEST + 5  # snapshots, in two segments


def arrays_of(index):
    values = np.arange(20 + index, dtype=np.float32)
    values[index % 20] = -1
    return {"ids": np.arange(20 + index), "values": values}


def fill(folder, count, writer=None, first=0):
    """A run's snapshots, with their list."""
    writer = writer or SnapshotWriter(folder)
    found = []
    for index in range(first, first + count):
        found.append(writer.add(Snapshot(index, index, index, 0.5, index, ""), arrays_of(index)))
        folder.append(SNAPSHOTS, found[-1].to_record())
    return found


@pytest.fixture
def folder(tmp_path):
    return RunFolder.create(tmp_path / "run")


def told(folder):
    """The indices of the snapshots that a film is made of, and what is said about the others."""
    said: list[Any] = []
    found = whole_snapshots(folder, said.append)
    return [each.index for each in found], [event.message.partition(": ")[2] for event in said]


def test_they_come_back_in_any_order_and_the_next_one_costs_one_step(folder, monkeypatch):
    written, steps = fill(folder, MANY), list[Frame]()
    unpacked = Frame.arrays

    def counted(self, before):
        steps.append(self)
        return unpacked(self, before)

    monkeypatch.setattr(Frame, "arrays", counted)
    assert read_snapshots(folder) == written
    assert len({each.file for each in written}) == 2
    reader = SnapshotReader(folder)
    for each in written:
        assert same(reader.arrays(each), arrays_of(each.index))
    assert len(steps) == MANY
    for index in np.random.default_rng(0).permutation(MANY):
        before = len(steps)
        assert same(SnapshotReader(folder).arrays(written[index]), arrays_of(index))
        assert len(steps) - before <= LONGEST


def test_a_torn_tail_costs_what_is_torn(folder):
    written = fill(folder, 6)
    path = folder / written[0].file
    content = path.read_bytes()
    ends = [each.offset + each.bytes for each in written]
    for cut in range(len(content) + 1):
        path.write_bytes(content[:cut])
        whole = [each.index for each in without_damaged(folder, written)]
        assert whole == [index for index, end in enumerate(ends) if end <= cut]
    path.write_bytes(content[:-3] + bytes(3))  # a power cut may leave a file as long as it was to be
    assert told(folder) == ([0, 1, 2, 3, 4], ["1 snapshot is damaged or missing; the film does without."])


def test_what_follows_a_torn_tail_takes_its_place(folder):
    written = fill(folder, 4)
    path = folder / written[0].file
    content = path.read_bytes()
    path.write_bytes(content + b'{"format": "tess')
    writer = SnapshotWriter(folder, 1)
    writer.go_on(written[1])
    again = fill(folder, 2, writer, 2)
    assert again == written[2:]
    assert path.read_bytes() == content, "and not a byte of it is another one"
    path.write_bytes(content[: written[3].offset - 1])
    assert writer.add(Snapshot(9, 9, 9, 0.5, 9, ""), arrays_of(9)).file != written[0].file


def test_they_are_written_anew_without_what_lies_between(folder):
    writer = SnapshotWriter(folder)
    written = fill(folder, MANY, writer)
    fewer = writer.compact(written[::2])
    assert [each.index for each in fewer] == [each.index for each in written[::2]]
    assert not {each.file for each in fewer} & {each.file for each in written}
    for each in fewer:
        assert same(SnapshotReader(folder).arrays(each), arrays_of(each.index))
    (folder / written[0].file).unlink()
    assert [each.index for each in writer.compact(written)] == list(range(LONGEST, MANY))


def exchange(lines, one, other, *fields):
    """Lines two of which have each other's fields; without fields the lines themselves change places."""
    first, second = (json.loads(lines[each]) for each in (one, other))
    for name in fields or first:
        first[name], second[name] = second[name], first[name]
    lines[one], lines[other] = json.dumps(first), json.dumps(second)


def instead(old, new):
    """A change of the third line."""
    return lambda lines: lines.__setitem__(2, lines[2].replace(old, new))


@pytest.mark.parametrize(
    ("change", "left"),
    [
        (lambda lines: lines.insert(3, lines[3]), [0, 1, 2, 3, 4, 5]),
        (lambda lines: lines.append(lines[0]), [0, 1, 2, 3, 4, 5]),
        (lambda lines: exchange(lines, 2, 3), [0, 1, 3, 4, 5]),
        (lambda lines: exchange(lines, 2, 4, "offset", "bytes", "checksum"), [0, 1, 3, 5]),
        (lambda lines: exchange(lines, 2, 4, "checksum"), [0, 1, 3, 5]),
        (lambda lines: lines.__setitem__(2, "nonsense"), [0, 1, 3, 4, 5]),
        (lambda lines: lines.__setitem__(2, "[]"), [0, 1, 3, 4, 5]),
        (instead("000000.frames", "../a.npz"), [0, 1, 3, 4, 5]),
        (instead("snapshots/", "/snapshots/"), [0, 1, 3, 4, 5]),
        (instead("000000.frames", "a.frames"), [0, 1, 3, 4, 5]),
        (instead('"offset": ', '"offset": -'), [0, 1, 3, 4, 5]),
        (instead("0.5", "NaN"), [0, 1, 3, 4, 5]),
        (instead("0.5", '"low"'), [0, 1, 3, 4, 5]),
    ],
)  # fmt: skip
def test_a_list_that_is_wrong_is_noticed(folder, change, left):
    fill(folder, 6)
    lines = (folder / SNAPSHOTS).read_text().splitlines()
    change(lines)
    (folder / SNAPSHOTS).write_text("\n".join(lines) + "\n")
    indices, said = told(folder)
    assert indices == left
    assert len(said) == 1


def test_exchanged_scenes_are_noticed(folder):
    """Two frames of equal length that have changed places, each with the right checksum of its own."""
    written = fill(folder, 4)
    path = folder / written[0].file
    content = path.read_bytes()
    parts = [content[each.offset : each.offset + each.bytes] for each in written]
    path.write_bytes(parts[0] + parts[2] + parts[1] + parts[3])
    assert [each.index for each in frames(folder, written[0].file)] == [0]
    assert told(folder)[0] == [0]


def test_nothing_is_left_is_said(folder):
    written = fill(folder, 2)
    (folder / written[0].file).write_bytes(b"")
    with pytest.raises(
        RunError, match=r"snapshots: all snapshots are damaged or missing; render .* again\.$"
    ):
        whole_snapshots(folder, print)


def test_older_snapshots_are_files_of_their_own(folder):
    """As runs had them before there were segments: no checksums, but those of zip."""
    (folder / "snapshots").mkdir()
    for index in range(3):
        np.savez(folder / f"snapshots/{index:06}.npz", allow_pickle=False, **arrays_of(index))
        record = Snapshot(index, index, index, 0.5, index, f"snapshots/{index:06}.npz").to_record()
        old = {name: record[name] for name in ("index", "seconds", "evaluations", "error", "shapes", "file")}
        folder.append(SNAPSHOTS, old)
    assert told(folder) == ([0, 1, 2], [])
    found = read_snapshots(folder)
    for each in found:
        assert same(SnapshotReader(folder).arrays(each), arrays_of(each.index))
    path = folder / found[1].file
    content = bytearray(path.read_bytes())
    content[content.index(b"NUMPY") + 200] ^= 1
    path.write_bytes(content)
    assert told(folder)[0] == [0, 2]


def arrays_in(path):
    with path.open("rb") as file:
        return read_npz(file)


def test_arrays_of_an_older_file_can_be_written_to(tmp_path):
    np.savez(tmp_path / "a.npz", a=np.zeros(3))
    assert arrays_in(tmp_path / "a.npz")["a"].flags.writeable, "kernels are compiled for those"


def test_an_older_file_can_not_be_larger_than_it_is(tmp_path):
    path = tmp_path / "a.npz"
    np.savez_compressed(path, a=np.zeros(1000))
    with pytest.raises(ValueError, match="is compressed"):
        arrays_in(path)
    np.savez(path, a=np.array([None]))
    with pytest.raises(ValueError, match="no plain array"):
        arrays_in(path)
    np.savez(path, a=np.zeros(3))
    with zipfile.ZipFile(path) as content:
        header = content.read("a.npy")
    with zipfile.ZipFile(path, "w") as content:
        content.writestr("a.npy", header.replace(b"(3,), }      ", b"(3000000000,)"[:13]))
    with pytest.raises(Exception, match=r"."):
        arrays_in(path)


def test_a_frame_that_says_too_much_is_none(folder):
    written = fill(folder, 2)
    path = folder / written[0].file
    head, _, rest = path.read_bytes().partition(b"\n")
    for name, value in (("bytes", 10**12), ("bytes", -1), ("size", 10**12), ("version", 2), ("index", "0")):
        fields = {**json.loads(head), name: value}
        path.write_bytes(json.dumps(fields).encode() + b"\n" + rest)
        assert without_damaged(folder, written) == []
    path.write_bytes(b"x" * 5000)
    assert list(frames(folder, written[0].file)) == []


def test_a_line_has_all_that_it_had_and_a_place_in_a_file(folder):
    (first, *_) = fill(folder, 2)
    record = first.to_record()
    assert Snapshot.from_record({**record, "added_later": 1}) == first
    assert Snapshot.from_record(json.loads(json.dumps(record))) == first
    assert replace(first, bytes=1) not in without_damaged(folder, [replace(first, bytes=1)])


def test_a_list_that_ends_too_early_is_said(folder):
    """Painting has ended, so the last snapshot has to be of the last state."""
    written = fill(folder, 4)
    figures = None, 1.0, 4, written[-1].evaluations, 0.1, 1.0, "", "", ""
    write_checkpoint(folder, Checkpoint(Header(*figures), {"a": np.zeros(1)}, {}), 1)
    lines = (folder / SNAPSHOTS).read_bytes().splitlines(keepends=True)
    (folder / SNAPSHOTS).write_bytes(b"".join(lines[:-1]))
    assert told(folder) == ([0, 1, 2], []), "it may have been killed"
    ended = Header("finished", *figures[1:])
    write_checkpoint(folder, Checkpoint(ended, {"a": np.zeros(1)}, {}), 2)
    indices, said = told(folder)
    assert indices == [0, 1, 2]
    assert len(said) == 1
    assert "the last snapshots are missing; the film ends before the picture did." in said[0]
    (folder / SNAPSHOTS).write_bytes(b"".join(lines[:-1]) + bytes(20))
    assert "1 snapshot is damaged or missing" in told(folder)[1][0]
    (folder / SNAPSHOTS).write_bytes(b"".join(lines))
    assert told(folder) == ([0, 1, 2, 3], [])
