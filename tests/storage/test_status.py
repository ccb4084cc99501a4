"""A run's status is told by its folder alone, also by one that a killed process left behind."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from dataclasses import asdict, replace
from datetime import datetime, timedelta

import numpy as np
import pytest

from engine.cli.status_table import _end, show, statuses
from engine.errors import RunError
from engine.formatting import short_duration
from engine.painters.registry import params_of
from engine.spec.resolution import resolve
from engine.spec.settings import from_keywords
from engine.storage.asked import Asked
from engine.storage.checkpoint import Checkpoint, write_checkpoint
from engine.storage.checkpoint_header import Header
from engine.storage.lock import locked
from engine.storage.run_folder import CHECKPOINTS, LOCK, LOG, OLDER_LOG, RESULT, RunFolder
from engine.storage.status import TAIL, _tail, read_status
from tests.conftest import command

HEADER = Header(None, 0.25, 7, 1000, 0.05, 90.0, "d" * 64, "/photo.png", "a" * 64)
NOW = datetime.now().astimezone().replace(microsecond=0)
PROGRESS = {
    "event": "progress",
    "at": NOW.isoformat(),
    **{"share": 0.5, "error": 0.04, "shapes": 20, "evaluations": 5000},
    **{"rate": 2.5e6, "elapsed": 120.0, "remaining": 60.0},
}
FAILED = {"event": "failed", "at": NOW.isoformat(), "message": "no ffmpeg was found.", "exit_code": 4}


LONG_NAME = "a-name-that-is-much-longer-than-its-column"
NO_FILM = from_keywords({"film.enabled": False})


def made(path, film="{enabled: false}"):
    folder = RunFolder.create(path)
    folder.write("spec.yaml", f"target: photo.png\nfilm: {film}\n")
    return folder


def checkpoint(folder, outcome=None, generation=1, **figures):
    header = replace(HEADER, outcome=outcome, **figures)
    write_checkpoint(folder, Checkpoint(header, {"scene": np.zeros(3)}, {}), generation)


def log(folder, *records):
    for record in records:
        folder.append(LOG, record)


@pytest.fixture
def folder(tmp_path):
    return made(tmp_path / "run")


@pytest.mark.parametrize("outcome", ["finished", "time", "error"])
def test_a_run_that_has_ended_in_order_is_finished(folder, outcome):
    checkpoint(folder, outcome)
    assert read_status(folder.path).state == "interrupted", "killed before its results were written"
    folder.write_json(RESULT, {"outcome": outcome, "error": 0.03, "shapes": 9, "wall_seconds": 99.0})
    status = read_status(folder.path)
    assert (status.state, status.outcome, status.doing) == ("finished", outcome, "")
    assert (status.error, status.shapes, status.evaluations) == (0.03, 9, 1000)
    assert (status.share, status.seconds) == (0.25, 90.0)
    assert (status.target_path, status.target_sha256) == ("/photo.png", "a" * 64)
    assert (status.pid, status.host, status.message, status.expected_end) == (None, None, None, None)


@pytest.mark.parametrize("outcome", [None, "deadline", "interrupted"])
def test_a_run_that_can_go_on_is_interrupted(folder, outcome):
    checkpoint(folder, outcome)
    folder.write_json(RESULT, {"outcome": outcome})
    status = read_status(folder.path)
    assert (status.state, status.outcome) == ("interrupted", outcome)


def test_a_run_is_not_finished_without_all_of_its_films(tmp_path):
    film = "{format: [mp4, gif], duration: 12s, intro-shows: blank, max-bytes: null}"
    folder = made(tmp_path / "run", film)
    checkpoint(folder, "finished")
    folder.write_json(RESULT, {"outcome": "finished"})
    folder.write("evolution.mp4", b"film")
    assert read_status(folder.path).state == "interrupted"
    folder.write("evolution.gif", b"film")
    assert read_status(folder.path).state == "finished"


def test_a_run_of_a_version_without_checkpoints(folder):
    log(folder, PROGRESS)
    assert read_status(folder.path).state == "interrupted"
    assert read_status(folder.path).error == 0.04
    folder.write_json(RESULT, {"outcome": "finished", "error": 0.03, "wall_seconds": 150.0})
    status = read_status(folder.path)
    assert (status.state, status.outcome, status.error, status.share) == ("finished", "finished", 0.03, 0.5)
    folder.write_json(RESULT, {"outcome": "interrupted"})
    assert read_status(folder.path).state == "interrupted"


def test_a_running_one_says_who_works_on_it_and_when_it_will_end(folder):
    checkpoint(folder)
    log(folder, {"event": "started"}, PROGRESS)
    with locked(folder / LOCK, "run"):
        status = read_status(folder.path)
    assert (status.state, status.doing, status.outcome) == ("running", "painting", None)
    assert (status.pid, status.host) == (os.getpid(), socket.gethostname())
    assert (status.share, status.error, status.shapes, status.rate) == (0.5, 0.04, 20, 2.5e6)
    assert (status.evaluations, status.seconds) == (5000, 120.0)
    assert datetime.fromisoformat(status.expected_end or "") == NOW + timedelta(seconds=60)
    assert status.checkpoint_age is not None
    assert 0 <= status.checkpoint_age < 60
    after = read_status(folder.path)
    assert (after.state, after.rate, after.expected_end) == ("interrupted", None, None)
    assert (after.error, after.seconds) == (0.05, 90.0), "a resume goes on from the checkpoint"


def test_a_running_one_says_what_it_does(folder):
    with locked(folder / LOCK, "run"):
        assert read_status(folder.path).doing == "preparing"
        log(folder, PROGRESS, FAILED)
        assert read_status(folder.path).doing == "preparing", "an earlier one failed"
        log(folder, {"event": "resumed"})
        status = read_status(folder.path)
        assert (status.doing, status.rate, status.message) == ("painting", None, None)
        log(folder, PROGRESS)
        folder.write_json(RESULT, {"outcome": "finished"})
        status = read_status(folder.path)
        assert (status.doing, status.outcome, status.expected_end) == ("filming", "finished", None)
        log(folder, {"event": "filmed"})
        assert read_status(folder.path).doing == "filming"


def test_a_run_has_failed_until_something_newer_happens(folder):
    checkpoint(folder, "finished")
    folder.write_json(RESULT, {"outcome": "finished"})
    log(folder, PROGRESS, FAILED, {"event": "trouble", "message": "the command that was to tell failed"})
    status = read_status(folder.path)
    assert (status.state, status.message) == ("failed", "no ffmpeg was found.")
    with locked(folder / LOCK, "run"):
        assert read_status(folder.path).message is None
    log(folder, {"event": "filmed"})
    status = read_status(folder.path)
    assert (status.state, status.message) == ("finished", None)


def test_only_the_end_of_the_log_is_read_and_the_older_one_when_it_was_rotated(folder):
    log(folder, {**FAILED, "traceback": "x" * 2 * TAIL}, *[{"event": "filmed"}] * 3)
    assert read_status(folder.path).state == "interrupted"
    assert len(_tail(folder, LOG)) == TAIL
    log(folder, FAILED)
    with (folder / LOG).open("a") as file:
        file.write('{"event": "progress", "sha')
    assert read_status(folder.path).state == "failed"
    (folder / LOG).rename(folder / OLDER_LOG)
    assert read_status(folder.path).state == "failed"
    log(folder, PROGRESS)
    assert read_status(folder.path).state == "interrupted"


@pytest.mark.parametrize(
    "content",
    [b"", b"\0\xff\xfe", b"[", b"null", b"[1, 2]", b'{"event": 3}', b'{"error": NaN, "share": "half"}'],
)
def test_damaged_files_count_as_missing(folder, content):
    for name in ("spec.yaml", RESULT, LOG, OLDER_LOG, LOCK, *CHECKPOINTS):
        folder.path.joinpath(name).write_bytes(content)
    status = read_status(folder.path)
    assert status.state == ("interrupted" if content.startswith(b"{") else "unreadable")
    assert (status.error, status.share, status.outcome) == (None, None, None)
    assert json.loads(json.dumps(asdict(status), allow_nan=False))["state"] == status.state


def test_a_folder_that_is_no_run(tmp_path):
    for path in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(RunError, match=r"is not a run folder \(there is no spec\.yaml in it\)"):
            read_status(path)


@pytest.fixture
def outputs(tmp_path):
    """Four runs, one in each state but running, and what is no run."""
    for number, name in enumerate(("done", "killed", "broken", LONG_NAME)):
        folder = made(tmp_path / name)
        checkpoint(folder, "finished" if name == "done" else None)
        for path in folder.path.iterdir():
            os.utime(path, (1e9 + number, 1e9 + number))
    RunFolder(tmp_path / "done").write_json(RESULT, {"outcome": "finished"})
    log(RunFolder(tmp_path / "broken"), FAILED)
    (tmp_path / "gallery").mkdir()
    (tmp_path / "file").touch()
    os.utime(tmp_path / "done" / RESULT, (1e9, 1e9))
    os.utime(tmp_path / "broken" / LOG, (2e9, 2e9))
    return tmp_path


def test_running_ones_come_first_then_the_newest(outputs):
    with locked(outputs / "killed" / LOCK, "killed"):
        found = [(status.folder.rpartition("/")[2], status.state) for status in statuses(outputs)]
    assert found == [
        ("killed", "running"),
        ("broken", "failed"),
        (LONG_NAME, "interrupted"),
        ("done", "finished"),
    ]
    assert [status.state for status in statuses(outputs / "done")] == ["finished"]


def test_a_table_fits_a_terminal_and_says_why_a_run_failed(outputs, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    checkpoint(RunFolder(outputs / "killed"), error=0.1234, shapes=1_000_000)
    log(RunFolder(outputs / "killed"), PROGRESS | {"rate": 123.4e6, "error": 0.1234, "shapes": 1_000_000})
    with locked(outputs / "killed" / LOCK, "killed"):
        show(outputs)
    *lines, last = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    assert "\x1b" not in "".join(lines)
    assert re.match(r"killed +running: 50% +1,000,000 +0\.1234 ", lines[1])
    assert "broken: no ffmpeg was found." in lines
    assert "…" not in "".join(lines)
    assert last == f"What was interrupted goes on: tessera resume {outputs / LONG_NAME}"


def test_runs_of_one_picture_are_told_apart_and_say_what_ended_them(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    asked: dict[str, tuple[dict[str, object], str | None]] = {
        "a": ({"seed": 7, "shape": "quad"}, "finished"),
        "b": ({"time": "90s", "effort": 4}, "time"),
        "c": ({"until": "06:00"}, "deadline"),
        "d": ({"painter": "gng", "look": "stipple", "count": 20_000, "error": 0.25}, "error"),
        "e": ({}, "interrupted"),
        "f": ({}, None),
    }
    for name, (settings, outcome) in asked.items():
        folder, whole = RunFolder.create(tmp_path / name), from_keywords({"target": "photo.png", **settings})
        folder.write("spec.yaml", resolve([NO_FILM, whole], params_of).to_yaml())
        share = 1.0 if outcome == "finished" else 0.175
        checkpoint(folder, outcome, share=share, shapes=12, error=0.5)
        folder.write_json(RESULT, {"outcome": outcome} if outcome else {})
    show(tmp_path)
    lines = capsys.readouterr().out.splitlines()[1:7]
    assert [re.split("  +", line)[:3] for line in sorted(lines)] == [
        ["a", "finished", "quad 12 of 1,000, seed 7"],
        ["b", "finished: 1 min 30 s were up, 17%", "triangle 12 of 1,000, effort 4"],
        ["c", "interrupted: 06:00 came, 17%", "triangle 12 of 1,000"],
        ["d", "finished: error 0.25 was reached, 17%", "stipple 12 of 20,000"],
        ["e", "interrupted: it was stopped, 17%", "triangle 12 of 1,000"],
        ["f", "interrupted: its process was killed, 17%", "triangle 12 of 1,000"],
    ]
    assert read_status(tmp_path / "b").asked == Asked("polygons", "triangle", 1000, 0, 4.0, 90.0, None, None)


def test_no_runs_are_said_in_one_sentence(tmp_path, capsys):
    show(tmp_path)
    sentence = f"{tmp_path}: there are no runs in it yet; tessera render makes one.\n"
    assert capsys.readouterr().out == sentence


def test_spans_and_ends_are_short(folder):
    spans = {0.2: "0 s", 89: "89 s", 100: "1.7 min", 3000: "50 min", 9000: "2.5 h", 1e6: "12 d"}
    assert {seconds: short_duration(seconds) for seconds in spans} == spans
    log(folder, PROGRESS)
    with locked(folder / LOCK, "run"):
        running = read_status(folder.path)
    for days in (0, 1, 30):
        end = (NOW + timedelta(days)).isoformat()
        form = {0: "%H:%M", 1: "%a %H:%M", 30: "%Y-%m-%d"}[days]
        assert _end(replace(running, expected_end=end)) == f"{NOW + timedelta(days):{form}}"
    assert _end(replace(running, doing="filming")) == "filming"


def run(*arguments):
    return subprocess.run(
        command("status", *arguments), capture_output=True, text=True, timeout=60, check=False
    )


def test_the_command_and_its_exit_codes(outputs):
    done = run(outputs, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(run["state"] for run in json.loads(done.stdout)) == [
        "failed", "finished", "interrupted", "interrupted",
    ]  # fmt: skip
    missing = run(outputs / "nowhere")
    assert (missing.returncode, missing.stdout) == (2, "")
    assert missing.stderr.count("\n") == 1
    nothing = run(outputs / "gallery", "--json")
    assert (nothing.returncode, json.loads(nothing.stdout)) == (0, [])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_watch_goes_on_until_it_is_ended(outputs, number):
    process = subprocess.Popen(
        command("status", outputs, "--watch", "--json"),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert len(json.loads(process.stdout.readline())) == 4
    (outputs / "killed" / "spec.yaml").unlink()
    assert len(json.loads(process.stdout.readline())) == 3
    process.send_signal(number)
    _, words = process.communicate(timeout=10)
    ends = {signal.SIGINT: (0, ""), signal.SIGTERM: (143, "tessera: stopped by SIGTERM.\n")}
    assert (process.returncode, words) == ends[number]


def test_nothing_heavy_is_imported():
    code = (
        "import sys, engine.cli.app, engine.cli.status_table; "
        "sys.exit('numba' in sys.modules or 'PIL' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
