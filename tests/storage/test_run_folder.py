"""A run folder: what may be begun in, and what is cleared away."""

import shutil

import pytest

from engine.errors import RunError
from engine.parallel.shared_memory import SEGMENT
from engine.storage.run_folder import UNBEGUN, RunFolder


@pytest.fixture
def unbegun(tmp_path):
    """What a run leaves that was killed before its first checkpoint."""
    folder = RunFolder.create(tmp_path / "run")
    with folder.held():
        for name in UNBEGUN - {".lock", "snapshots"}:
            folder.write(name, "something")
        folder.write("snapshots/000000.npz", "blank")
    (folder / ".0123abcd.part").touch()
    (folder / SEGMENT).touch()
    (folder / ".film-abcd_123").mkdir()
    return folder


def test_a_run_that_had_hardly_begun_is_begun_again(unbegun):
    again = RunFolder.create(unbegun.path)
    with again.held():
        again.clear()
        assert [path.name for path in again.path.iterdir()] == [".lock"]


@pytest.mark.parametrize(
    "name",
    ["checkpoint-a", "result.svg", "result.json", "evolution.mp4", "mine.txt", "snapshots/000001.npz"],
)
def test_a_folder_with_anything_else_is_not_touched(unbegun, name):
    unbegun.write(name, "worth something")
    with pytest.raises(RunError, match="is not empty; choose another --out"):
        RunFolder.create(unbegun.path)


def test_a_segment_with_several_snapshots_is_not_touched(unbegun):
    unbegun.remove("snapshots/000000.npz")
    unbegun.write("snapshots/000000.frames", "several")
    unbegun.write("snapshots.jsonl", "one\ntwo\n")
    with pytest.raises(RunError, match="is not empty; choose another --out"):
        RunFolder.create(unbegun.path)


def test_a_users_own_files_are_none_of_ours(unbegun):
    (unbegun / ".lock").unlink()
    with pytest.raises(RunError, match="is not empty; choose another --out"):
        RunFolder.check_free(unbegun.path)


def test_what_a_killed_command_has_left_goes_when_the_folder_is_held(unbegun):
    names = {path.name for path in unbegun.path.iterdir()}
    with unbegun.held():
        gone = names - {path.name for path in unbegun.path.iterdir()}
    assert gone == {".0123abcd.part", SEGMENT, ".film-abcd_123"}


def test_missing_and_empty_folders_are_free(tmp_path):
    RunFolder.check_free(tmp_path / "missing")
    RunFolder.check_free(RunFolder.made(tmp_path / "empty").path)
    shutil.rmtree(tmp_path / "empty")
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match="there is a file where a folder is wanted"):
        RunFolder.create(tmp_path / "file")


def test_a_file_and_a_folder_are_removed_and_what_is_missing_is_none(tmp_path):
    folder = RunFolder(tmp_path)
    (tmp_path / "evolution.png").mkdir()
    (tmp_path / "evolution.png" / "000001.png").write_bytes(b"picture")
    (tmp_path / "evolution.mp4").write_bytes(b"film")
    for name in ("evolution.png", "evolution.mp4", "evolution.gif"):
        folder.remove(name)
    assert list(tmp_path.iterdir()) == []
