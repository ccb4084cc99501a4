"""The log: whole lines, not too many of them, and no run ends for its sake."""

import errno
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from engine.errors import RunError, SpaceError
from engine.events import Event, Filmed, Filming, Trouble
from engine.storage import log
from engine.storage.log import logged
from engine.storage.run_folder import LOG, OLDER_LOG, RunFolder


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return RunFolder.create(tmp_path / "run")


def said(number: int) -> Filmed:
    return Filmed(file=f"film-{number}", encoder="x" * 60, seconds=1.0)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_events_are_passed_on_and_logged(folder: RunFolder) -> None:
    seen: list[Event] = []
    report = logged(folder, seen.append)
    frames = [Filming(file="frames", frame=number, frames=9) for number in range(1, 10)]
    events: list[Event] = [said(1), *frames, said(2)]
    for event in events:
        report(event)
    assert seen == events
    logged_lines = lines(folder / LOG)
    assert [line["file"] for line in logged_lines] == ["film-1", "frames", "frames", "film-2"]
    assert [line["frame"] for line in logged_lines[1:3]] == [1, 9], "now and then, and the last"


def test_a_long_log_becomes_the_older_one(folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "LARGEST", 1000)
    report = logged(folder, lambda event: None)
    for number in range(50):
        report(said(number))
    assert sorted(path.name for path in folder.path.iterdir()) == [OLDER_LOG, LOG]
    assert 1000 <= (folder / OLDER_LOG).stat().st_size < 1300
    assert (folder / LOG).stat().st_size < 1300
    numbers = [line["file"] for name in (OLDER_LOG, LOG) for line in lines(folder / name)]
    assert numbers == [f"film-{number}" for number in range(50 - len(numbers), 50)]
    assert len(numbers) > 6


def test_a_log_that_can_not_be_written_is_told_once_and_tried_again(
    folder: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Event] = []
    report = logged(folder, seen.append)
    report(said(1))
    (folder / LOG).rename(folder / "elsewhere")
    (folder / LOG).mkdir()
    report(said(2))
    report(said(3))
    (folder / LOG).rmdir()
    (folder / "elsewhere").rename(folder / LOG)
    report(said(4))
    shutil.rmtree(folder.path)
    report(said(5))
    sentence = f"{folder / LOG}: can't be written (Is a directory); the run goes on without a log."
    assert seen == [said(1), said(2), Trouble(sentence), said(3), said(4), said(5)]


def test_a_line_on_a_full_disk_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk], check=False).returncode:
        pytest.skip("only root can mount a small disk")
    try:
        folder = RunFolder.create(disk / "run")
        seen: list[Event] = []
        report = logged(folder, seen.append)
        for number in range(700):  # more than there is room for, in pages of which lines are no divisors
            report(said(number))
        troubles = [event for event in seen if isinstance(event, Trouble)]
        assert [event.message.partition(": ")[2] for event in troubles] == [
            "can't be written (No space left on device); the run goes on without a log."
        ]
        written = lines(folder / LOG)
        assert (folder / LOG).read_bytes().endswith(b"}\n")
        assert [line["file"] for line in written] == [f"film-{number}" for number in range(len(written))]
        assert 100 < len(written) < 700
        with pytest.raises(SpaceError):
            folder.append("other.jsonl", {"a": 1})
        os.truncate(folder / LOG, (folder / LOG).stat().st_size - 10_000)  # in the middle of a line
        report(said(700))
        assert json.loads((folder / LOG).read_text().splitlines()[-1])["file"] == "film-700"
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


def test_half_a_line_of_a_killed_run_does_not_garble_the_next(folder: RunFolder) -> None:
    (folder / LOG).write_text('{"event": "filmed"}\n{"event": "fil')
    folder.append(LOG, {"event": "resumed"})
    folder.append(LOG, {"event": "started"})
    assert (folder / LOG).read_text().splitlines() == [
        '{"event": "filmed"}', '{"event": "fil', '{"event": "resumed"}', '{"event": "started"}',
    ]  # fmt: skip


def test_a_log_that_may_not_be_rotated_is_told(folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "LARGEST", 10)
    seen: list[Event] = []
    report = logged(folder, seen.append)
    report(said(1))

    def refuse(path: str, target: str, **folders: int) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "replace", refuse)
    report(said(2))
    assert [type(event) for event in seen] == [Filmed, Filmed, Trouble]
    assert "Permission denied" in seen[-1].message  # type: ignore[union-attr]


def test_an_appended_line_names_the_file_that_refused_it(folder: RunFolder) -> None:
    (folder / LOG).mkdir()
    with pytest.raises(RunError, match=r"log\.jsonl: can't be written"):
        folder.append(LOG, {})
