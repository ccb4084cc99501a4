"""Compiled kernels on the disk: what is not what was written is never used, and nothing stops a run."""

import errno
import os

import pytest

from engine.errors import SpaceError
from engine.kernels import store as store_module
from engine.kernels.place import BYTES, INHERITED, VARIABLE, Place, find_place
from engine.kernels.store import KernelStore

BODY = bytes(range(256)) * 40
REFUSED = OSError(errno.EROFS, os.strerror(errno.EROFS))


def replaced(path, content):
    path.unlink()
    path.write_bytes(content)


def made_folder(path):
    path.unlink()
    path.mkdir()
    (path / "x").touch()


DAMAGES = {
    "emptied": lambda path: path.write_bytes(b""),
    "cut off": lambda path: path.write_bytes(path.read_bytes()[:-1]),
    "in the middle": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "a flipped bit": lambda path: replaced(path, bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:]),
    "noise": lambda path: path.write_bytes(os.urandom(3000)),
    "longer": lambda path: path.write_bytes(path.read_bytes() + b"0"),
    "gone": lambda path: path.unlink(),
    "a folder": made_folder,
    "a link to nowhere": lambda path: (path.unlink(), path.symlink_to("nowhere")),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_damaged_is_thrown_away_and_can_be_saved_again(tmp_path, damage):
    store = KernelStore(Place(tmp_path))
    store.save("a", BODY)
    store.save("b", BODY)
    store.note("toy", ["a", "b"])
    assert store.damaged("toy") == []
    DAMAGES[damage](tmp_path / "a.kernel")
    assert store.damaged("toy") == ["a"]
    assert store.load("a") is None
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.kernel", "toy.list"]
    store.save("a", BODY)
    assert store.load("a") == BODY
    assert store.problem is None


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_list_means_that_nobody_knows(tmp_path, damage):
    store = KernelStore(Place(tmp_path))
    store.note("toy", ["a", "b"])
    assert store.known("toy") == ["a", "b"]
    DAMAGES[damage](tmp_path / "toy.list")
    assert store.known("toy") is None
    store.note("toy", ["a"])
    assert store.known("toy") == ["a"]


def test_where_nothing_can_be_kept_what_is_there_is_read(tmp_path, monkeypatch):
    KernelStore(Place(tmp_path)).save("a", BODY)
    KernelStore(Place(tmp_path)).note("toy", ["a"])
    store = KernelStore(Place(tmp_path).refused(REFUSED))
    assert not store.is_temporary
    assert store.load("a") == BODY
    assert store.news() == ""


def test_more_goes_into_a_temporary_folder_with_what_is_good(tmp_path):
    before = KernelStore(Place(tmp_path))
    for name in "ab":
        before.save(name, BODY)
    before.note("toy", ["a", "b"])
    (tmp_path / "b.kernel").write_bytes(b"damaged")
    store = KernelStore(Place(tmp_path).refused(REFUSED))
    store.make_room()
    assert store.is_temporary
    assert store.folder.name == tmp_path.name
    assert store.folder != tmp_path
    assert store.damaged("toy") == ["b"]
    store.save("b", BODY)
    assert store.damaged("toy") == []
    assert (tmp_path / "b.kernel").read_bytes() == b"damaged"
    assert "Read-only file system" in store.news()
    assert store.news() == "", "said once"


def test_a_place_that_fills_up_is_left_and_a_second_one_is_an_error(tmp_path):
    store = KernelStore(Place(tmp_path))
    store.move_out(OSError(errno.ENOSPC, "No space left on device"))
    assert store.is_temporary
    assert "No space left on device" in store.news()
    with pytest.raises(SpaceError, match="nor has"):
        store.move_out(OSError(errno.ENOSPC, "No space left on device"))


def test_without_any_folder_there_is_one_sentence(tmp_path, monkeypatch):
    def refuse():
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(store_module, "temporary_folder", refuse)
    with pytest.raises(
        SpaceError, match=r"there is no temporary folder either \(No space left on device\)\.$"
    ):
        KernelStore(Place(tmp_path).refused(REFUSED))


def test_a_place_is_tried_out(tmp_path, monkeypatch):
    found = find_place("kernels-1", {VARIABLE: str(tmp_path)})
    assert found == Place(tmp_path / "tessera/kernels-1")
    assert list(found.folder.iterdir()) == []
    (tmp_path / "file").touch()
    blocked = find_place("kernels-1", {VARIABLE: str(tmp_path / "file")})
    assert "Not a directory" in blocked.problem
    assert f"{BYTES // 1_000_000} MB free" in blocked.problem
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(errno.ENOSPC, "full")))
    assert "(full)" in find_place("kernels-1", {VARIABLE: str(tmp_path)}).problem


def test_without_a_home_there_is_a_sentence(monkeypatch):
    def lost():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr("engine.kernels.place.Path.home", lost)
    assert "Could not determine home directory" in find_place("kernels-1", {}).problem


def test_children_take_the_place_of_their_parent(tmp_path):
    inherited = {INHERITED: str(tmp_path / "kernels-1"), VARIABLE: "/not/looked/at"}
    assert find_place("kernels-1", inherited) == Place(tmp_path / "kernels-1")
    own = {**inherited, VARIABLE: str(tmp_path)}
    assert find_place("kernels-2", own) == Place(tmp_path / "tessera/kernels-2"), "of another version"
