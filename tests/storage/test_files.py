"""What a stranger may have put below a folder: nothing leads out of it, and nothing is waited for."""

import errno
import os
import stat

import pytest

from engine.errors import RunError
from engine.events import Event, Notice, Trouble
from engine.storage import files
from engine.storage.lock import locked
from engine.storage.log import logged
from engine.storage.run_folder import LOCK, LOG, PREVIEW, SNAPSHOT_FOLDER, SPEC, RunFolder

NAMES = ("spec.yaml", "snapshots/000000.frames")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "run" / SNAPSHOT_FOLDER).mkdir(parents=True)
    return RunFolder(tmp_path / "run")


@pytest.fixture
def outside(tmp_path):
    """A file of somebody's outside the folder."""
    path = tmp_path / "outside"
    path.write_bytes(b"mine")
    yield path
    assert path.read_bytes() == b"mine"
    assert path.stat().st_nlink == 1 or stat.S_ISREG(path.stat().st_mode)


@pytest.mark.parametrize("name", NAMES)
def test_a_link_is_never_read_nor_written(folder, outside, name):
    (folder / name).symlink_to(outside)
    assert not folder.has(name)
    with pytest.raises(OSError, match="symbolic link"):
        folder.read(name, 100)
    with pytest.raises(RunError, match="symbolic link"):
        folder.append(name, {"event": "x"})
    with pytest.raises(RunError, match="symbolic link"):
        folder.extend(name, 2, b"theirs")
    folder.write(name, b"theirs")
    assert folder.read(name, 100) == b"theirs"
    (folder / name).unlink()
    (folder / name).symlink_to(outside)
    folder.extend(name, 0, b"new")
    assert folder.read(name, 100) == b"new"


def test_a_linked_folder_of_snapshots_is_none(folder, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for name in ("000000.frames", ".0123abcd.part"):
        (elsewhere / name).write_bytes(b"mine")
    (folder / SNAPSHOT_FOLDER).rmdir()
    (folder / SNAPSHOT_FOLDER).symlink_to(elsewhere)
    assert folder.names(SNAPSHOT_FOLDER) == []
    with pytest.raises(OSError, match="symbolic link"):
        folder.read("snapshots/000000.frames", 100)
    with pytest.raises(RunError, match="symbolic link"):
        folder.extend("snapshots/000001.frames", 0, b"theirs")
    with folder.held():
        folder.remove(SNAPSHOT_FOLDER)
    assert sorted(path.name for path in elsewhere.iterdir()) == [".0123abcd.part", "000000.frames"]


@pytest.mark.parametrize("name", ["../outside", "snapshots/../../outside", "/etc/passwd"])
def test_a_name_never_leads_out(folder, outside, name):
    with pytest.raises(OSError, match="outside"):
        folder.read(name, 10_000)
    with pytest.raises(RunError):
        folder.remove(name)


@pytest.mark.parametrize("name", NAMES)
def test_a_pipe_and_a_device_are_neither_waited_for_nor_read(folder, name):
    os.mkfifo(folder / name)
    with pytest.raises(OSError, match="a device, pipe or socket"):
        folder.read(name, 100)
    with pytest.raises(RunError, match="a device, pipe or socket"):
        folder.append(name, {})
    assert not folder.has(name)
    folder.remove(name)
    assert not os.path.lexists(folder / name)


def test_a_large_file_is_refused_before_it_is_read(folder):
    with (folder / "spec.yaml").open("wb") as file:
        file.truncate(50_000_000_000)
    with pytest.raises(OSError, match=r"larger than 1 kB") as caught:
        folder.read("spec.yaml", 1000)
    assert caught.value.errno == errno.EFBIG


def test_a_file_with_another_name_is_read_but_not_written_to(folder, outside):
    os.link(outside, folder / LOG)
    assert folder.read(LOG, 100) == b"mine"
    said: list[Event] = []
    logged(folder, said.append)(Notice("x"))
    assert [type(event) for event in said] == [Notice, Trouble]
    assert isinstance(said[1], Trouble)
    assert "hard link" in said[1].message
    folder.write(LOG, b"a new one")
    assert folder.read(LOG, 100) == b"a new one"


@pytest.mark.parametrize("make", [os.symlink, os.link])
def test_a_lock_that_is_a_link_is_not_taken(folder, outside, make):
    make(outside, folder / LOCK)
    with (
        pytest.raises(RunError, match=r"can't be locked \(a (symbolic link|file with another)"),
        folder.held(),
    ):
        pass


def test_a_lock_that_is_removed_lets_nobody_in(folder):
    with folder.held():
        (folder / LOCK).unlink()
        with pytest.raises(Exception, match="another process is working on it"), folder.held():
            pass
    with folder.held():
        pass


def test_a_lock_that_was_exchanged_while_it_was_waited_for_is_opened_again(folder, monkeypatch):
    real = files.open_plain
    opened: list[str] = []

    def replaced(root, name, flags, most=None):
        descriptor = real(root, name, flags, most)
        if not opened:
            (folder / LOCK).unlink()
        opened.append(name)
        return descriptor

    monkeypatch.setattr("engine.storage.lock.open_plain", replaced)
    with locked(folder / LOCK, "run"):
        assert len(opened) == 2
        assert (folder / LOCK).exists()


def test_only_what_is_ours_is_swept(folder):
    inner = folder / "inner"
    for path in (inner / ".0123abcd.part", folder / "snapshots/.0123abcd.part", folder / ".abcd1234.part",
                 folder / ".my-download.part", folder / ".film-mine", folder / ".hidden"):  # fmt: skip
        path.parent.mkdir(exist_ok=True)
        path.touch()
    with folder.held():
        left = sorted(path.name for path in folder.path.rglob(".*"))
    assert left == sorted([".0123abcd.part", ".my-download.part", ".film-mine", ".hidden", LOCK])
    assert (inner / ".0123abcd.part").exists(), "it is another run's"


def test_a_spec_that_is_a_link_is_said(folder, outside):
    (folder / SPEC).symlink_to(outside)
    with pytest.raises(RunError, match=r"spec\.yaml: is no plain file, perhaps a link"):
        RunFolder.open(folder.path)


def test_files_follow_the_umask(folder):
    before = os.umask(0o027)
    try:
        folder.write(PREVIEW, b"x")
        folder.append(LOG, {})
        folder.extend("snapshots/000001.frames", 0, b"x")
    finally:
        os.umask(before)
    for name in (PREVIEW, LOG, "snapshots/000001.frames"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o640


def test_what_fails_leaves_nothing_behind(folder):
    with pytest.raises(ZeroDivisionError), folder.writing(PREVIEW):
        raise ZeroDivisionError
    assert [path.name for path in folder.path.iterdir()] == [SNAPSHOT_FOLDER]


def test_a_folder_whose_list_is_a_link_is_not_free(folder, outside):
    with folder.held():
        (folder / "snapshots.jsonl").symlink_to(outside)
    with pytest.raises(RunError, match="is not empty"):
        RunFolder.check_free(folder.path)
