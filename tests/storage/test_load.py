"""One way to a run's settings, to what it has painted and to what it approximates."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from engine.errors import RunError, SpecError
from engine.image.pixels import decode_png
from engine.spec.settings import from_assignments
from engine.storage.checkpoint import read_checkpoint
from engine.storage.load import open_run, read_target_copy
from engine.storage.run_folder import CHECKPOINTS, SPEC, TARGET, RunFolder
from engine.storage.snapshots import read_snapshots
from tests.conftest import result


@pytest.fixture
def copy(run_folder, tmp_path):
    return Path(shutil.copytree(run_folder, tmp_path / "copy"))


def test_a_run_has_its_settings_and_what_it_has_painted(run_folder):
    run = open_run(run_folder)
    assert run.spec.to_yaml() == (run_folder / SPEC).read_text()
    assert run.last is run.last, "it is read once"
    assert len(run.last.scene) == result(run_folder)["shapes"]
    assert run.last.full_size == (80, 120)


def test_without_a_checkpoint_there_is_the_last_snapshot(copy):
    for name in CHECKPOINTS:
        (copy / name).unlink(missing_ok=True)
    run = open_run(copy)
    assert len(run.last.scene) == read_snapshots(run.folder)[-1].shapes
    assert run.last.full_size == (run.last.scene.height, run.last.scene.width)


def test_a_state_that_may_not_be_the_newest_is_said(copy):
    assert open_run(copy).last.remark == ""
    newest = read_checkpoint(RunFolder(copy)).path
    newest.write_bytes(newest.read_bytes()[:-1])
    last = open_run(copy).last
    other = next(name for name in CHECKPOINTS if name != newest.name)
    if (copy / other).exists():
        assert last.remark == f"{newest}: is damaged; this is the state of {other}."
        (copy / other).write_bytes(b"")
    remark = open_run(copy).last.remark
    assert remark.startswith(f"{copy}: its checkpoints")
    assert remark.endswith("damaged; this is the last snapshot.")


def test_other_settings_are_checked_and_change_nothing_of_the_run(run_folder):
    run = open_run(run_folder)
    changed = run.changed([from_assignments(["film.size=33"])])
    assert changed.film.size == 33
    assert changed.model_copy(update={"film": run.spec.film}) == run.spec
    with pytest.raises(SpecError, match=r"film\.size"):
        run.changed([from_assignments(["film.size=none"])])


def test_what_is_no_run_is_refused(tmp_path, copy):
    with pytest.raises(RunError):
        open_run(tmp_path / "nothing")
    (copy / SPEC).write_text("nonsense: 1\n")
    with pytest.raises(SpecError, match="nonsense"):
        open_run(copy)


@pytest.mark.parametrize("content", [None, b"", b"no PNG"])
def test_a_target_that_is_gone_or_damaged_is_said_with_the_remedy(copy, content):
    folder = open_run(copy).folder
    assert (read_target_copy(folder, "") == decode_png((copy / TARGET).read_bytes())).all()
    (copy / TARGET).unlink()
    if content is not None:
        (copy / TARGET).write_bytes(content)
    with pytest.raises(RunError, match=r"target\.png: is damaged or missing .*; do this\.$"):
        read_target_copy(folder, "do this")
