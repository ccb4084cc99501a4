"""Runs that are killed, stopped or starved go on to the same bytes as if nothing had happened."""

import json
import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from engine.storage.checkpoint import read_checkpoint
from engine.storage.run_folder import RunFolder
from tests import ROOT
from tests.conftest import QUICK, result
from tests.doubles.runs import content, frames, left_behind, started

SAVED = ["--set", "checkpoint.every=0s"]
LONG = ["--count", "500", "--effort", "1000", "--size", "90", "--no-film"]


def pictures(folder):
    return [(folder / name).read_bytes() for name in ("result.svg", "result.png")]


@pytest.fixture(scope="module")
def straight(tessera, photo, tmp_path_factory):
    """A run of 27 jobs that nobody disturbed."""
    out = tmp_path_factory.mktemp("straight") / "run"
    assert tessera("render", photo, "--out", out, *QUICK, "--effort", 1, "--quiet").returncode == 0
    return out


@pytest.mark.parametrize(("workers", "kills"), [(1, [6]), (2, [1, 6, 3]), (5, [3])])
def test_a_killed_run_goes_on_to_the_same_bytes(tessera, photo, straight, tmp_path, workers, kills):
    out = tmp_path / "run"
    arguments = ["render", photo, "--out", out, *QUICK, *SAVED, "--effort", 1, "--workers", workers]
    for jobs in kills:
        process = started(*arguments, until=jobs)
        if jobs == 6:
            process.kill()  # alone: its workers must notice
            process.communicate(timeout=20)
        else:
            process.end(signal.SIGKILL)
        arguments = ["resume", out]
    done = tessera("resume", out)
    assert done.returncode == 0, done.stderr
    assert re.search(r"Going on with .*: \d+ shapes, error 0\.\d+", done.stderr)
    assert content(out) == content(straight)
    assert frames(out) == frames(straight)
    assert left_behind(out, process.pid) == []


def test_a_killed_worker_costs_its_job_only(tessera, photo, run_folder, tmp_path):
    out = tmp_path / "run"
    process = started("render", photo, "--out", out, *QUICK, *SAVED, "--workers", 2, until=2)
    os.kill(process.workers()[0], signal.SIGKILL)
    assert process.end() == (0, "")
    assert content(out) == content(run_folder)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_run_goes_on_to_the_same_bytes(tessera, photo, straight, tmp_path, number):
    out = tmp_path / "run"
    process = started("render", photo, "--out", out, *QUICK, "--effort", 1, until=2)
    assert process.end(number)[0] == 128 + number
    assert result(out)["outcome"] == "interrupted"
    assert (out / "result.svg").exists()
    assert tessera("resume", out, "--workers", 2, "--quiet").returncode == 0
    assert content(out) == content(straight)


def test_a_second_ctrl_c_ends_at_once_and_the_run_goes_on_all_the_same(tessera, photo, straight, tmp_path):
    out = tmp_path / "run"
    process = started("render", photo, "--out", out, *QUICK, *SAVED, "--effort", 1, until=2)
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGINT)
    assert process.end()[0] == 130
    assert left_behind(out, process.pid) == []
    assert tessera("resume", out, "--quiet").returncode == 0
    assert content(out) == content(straight)


def test_a_second_sigterm_has_its_own_exit_code(photo, tmp_path):
    process = started("render", photo, "--out", tmp_path / "run", *LONG, until=2)
    process.send_signal(signal.SIGTERM)
    process.send_signal(signal.SIGTERM)
    assert process.end()[0] == 143


def test_a_finished_run_is_left_as_it_is(tessera, run_folder, tmp_path):
    copy = Path(shutil.copytree(run_folder, tmp_path / "copy"))
    film = (copy / "evolution.mp4").stat().st_mtime_ns
    assert tessera("resume", copy).returncode == 0
    assert content(copy) == content(run_folder)
    assert (copy / "evolution.mp4").stat().st_mtime_ns == film
    (copy / "evolution.mp4").unlink()  # as if it had been killed while filming
    assert tessera("resume", copy, "--quiet").returncode == 0
    assert frames(copy) == frames(run_folder)


def test_more_shapes_and_more_effort_for_a_finished_run(tessera, run_folder, tmp_path):
    copy = Path(shutil.copytree(run_folder, tmp_path / "copy"))
    film = (copy / "evolution.mp4").stat().st_mtime_ns
    before = result(copy)
    assert tessera("resume", copy, "--count", 90, "--quiet").returncode == 0
    larger = result(copy)
    assert before["shapes"] < larger["shapes"] <= 90
    assert larger["error"] < before["error"]
    assert (copy / "evolution.mp4").stat().st_mtime_ns > film
    assert tessera("resume", copy, "--effort", 1, "--no-film", "--quiet").returncode == 0
    better = result(copy)
    assert better["error"] < larger["error"]
    assert better["evaluations"] > larger["evaluations"]


def test_a_film_is_made_anew_when_it_no_longer_shows_the_end_or_is_wanted_otherwise(
    tessera, run_folder, tmp_path
):
    copy = Path(shutil.copytree(run_folder, tmp_path / "copy"))
    broken = ["--set", "film.encoder=/no/ffmpeg"]
    assert tessera("resume", copy, "--count", 70, *broken).returncode == 4
    assert (copy / "result.json").exists(), "found before anything was done"
    breaks = tmp_path / "ffmpeg"
    encoders = r"printf ' V....D %s  x\n' libx264 libx264rgb gif png"
    breaks.write_text(
        f"#!/bin/sh\ncase $* in *-version*) exec true;; *-encoders*) {encoders}; exit;; esac\nexit 1\n"
    )
    breaks.chmod(0o755)
    assert tessera("resume", copy, "--count", 70, "--set", f"film.encoder={breaks}").returncode == 4
    assert not (copy / "evolution.mp4").exists()
    assert tessera("resume", copy, "--set", "film.encoder=null", "--quiet").returncode == 0
    assert len(frames(copy)) == 20
    assert tessera("resume", copy, "--set", "film.duration=1s", "--quiet").returncode == 0
    assert len(frames(copy)) == 10


def test_time_that_is_used_up_can_be_raised(tessera, photo, tmp_path):
    out = tmp_path / "run"
    assert tessera("render", photo, "--out", out, *LONG, "--time", "1s").returncode == 0
    first = result(out)
    assert first["outcome"] == "time"
    assert tessera("resume", out).returncode == 0
    assert result(out)["evaluations"] == first["evaluations"], "there is no time left"
    assert tessera("resume", out, "--time", "5s").returncode == 0
    assert result(out)["outcome"] == "time"
    assert result(out)["evaluations"] > first["evaluations"]


def test_a_deadline_leaves_the_rest_for_another_night(tessera, photo, run_folder, tmp_path):
    out = tmp_path / "run"
    done = tessera("render", photo, "--out", out, *QUICK, "--until", "2020-01-01 06:00", "--no-film")
    assert done.returncode == 3, done.stderr
    assert "Stopped at the deadline" in done.stderr
    assert read_checkpoint(RunFolder.open(out)).checkpoint.header.outcome == "deadline"
    assert tessera("resume", out, "--until", "2999-01-01 06:00").returncode == 0
    assert pictures(out) == pictures(run_folder)


@pytest.fixture
def half(photo, tmp_path):
    """A run that was killed halfway, and its target."""
    target = Path(shutil.copy(photo, tmp_path))
    out = tmp_path / "run"
    started("render", target, "--out", out, *QUICK, *SAVED, until=6).end(signal.SIGKILL)
    return out, target


def test_a_damaged_checkpoint_is_told_and_the_one_before_is_used(tessera, half, run_folder):
    out, _ = half
    newest = read_checkpoint(RunFolder.open(out)).path
    data = bytearray(newest.read_bytes())
    data[len(data) // 2] ^= 1
    newest.write_bytes(data)
    done = tessera("resume", out, "--quiet")
    assert done.returncode == 0
    assert re.fullmatch(rf"tessera: {newest}: is damaged; .*checkpoint-[ab]\.\n", done.stderr)
    assert pictures(out) == pictures(run_folder)


def test_a_changed_target_is_refused_and_a_missing_one_is_not_needed(tessera, half, run_folder):
    out, target = half
    original = target.read_bytes()
    target.write_bytes(original + b"\n")
    done = tessera("resume", out, "--quiet")
    assert done.returncode == 2
    assert re.fullmatch(rf"tessera: {target}: has changed since .*\.\n", done.stderr)
    target.unlink()
    done = tessera("resume", out)
    assert done.returncode == 0, done.stderr
    assert re.search(rf"{target}: can't be read any more .* its own copy, target\.png\.\n", done.stderr)
    assert pictures(out) == pictures(run_folder)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--count", "5"], ["painter.count", "60", "can only be raised", "--from"]),
        (["--effort", "0.01"], ["budget.effort", "can only be raised"]),
        (["--set", "seed=4"], ["seed", "begun with 0, not 4", "--from"]),
        (["--set", "painter.shape=quad"], ["painter.shape", "triangle", "quad"]),
        (["--shape", "quad"], ["--shape"]),
        (["--workers", "none"], ["--workers", "none"]),
        (["--set", "out=elsewhere"], ["out", "move its folder"]),
    ],
)
def test_a_run_can_not_become_another_one(tessera, run_folder, tmp_path, arguments, words):
    copy = Path(shutil.copytree(run_folder, tmp_path / "copy"))
    done = tessera("resume", copy, *arguments)
    assert done.returncode == 2
    assert done.stderr.startswith("tessera: ")
    assert done.stderr.count("\n") == 1
    assert all(word in done.stderr for word in words), done.stderr
    assert content(copy) == content(run_folder)
    assert (copy / "result.json").exists()


def test_one_command_at_a_time_works_on_a_run(tessera, photo, tmp_path):
    out = tmp_path / "run"
    process = started("render", photo, "--out", out, *LONG, until=2)
    try:
        for other in (["resume", out], ["film", out]):
            done = tessera(*other)
            assert done.returncode == 5
            assert re.fullmatch(rf"tessera: {out}: process {process.pid} on .*; wait for it.*\n", done.stderr)
    finally:
        assert process.end(signal.SIGINT)[0] == 130


def test_a_closed_terminal_and_a_sleeping_machine_are_survived(photo, run_folder, tmp_path):
    out = tmp_path / "run"
    process = started("render", photo, "--out", out, *QUICK, "--workers", 2, until=3)
    os.killpg(process.pid, signal.SIGHUP)
    os.killpg(process.pid, signal.SIGSTOP)
    time.sleep(0.5)
    os.killpg(process.pid, signal.SIGCONT)
    assert process.end() == (0, "")
    assert content(out) == content(run_folder)


def test_a_folder_that_is_removed_meanwhile_ends_in_one_sentence(photo, tmp_path):
    out = tmp_path / "run"
    process = started("render", photo, "--out", out, *LONG, until=3)
    shutil.rmtree(out.rename(tmp_path / "gone"))
    code, stderr = process.end()
    assert code == 4
    assert re.fullmatch(r"tessera: .*has been removed or renamed; nothing more can be kept\.\n", stderr)
    assert not out.exists()


@pytest.fixture
def disk(tmp_path):
    """A disk of two megabytes."""
    path = tmp_path / "disk"
    path.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", path], check=False)
    if mounted.returncode:
        pytest.skip("only root can mount a small disk")
    yield path
    subprocess.run(["umount", "--lazy", path], check=True)


def fill(path):
    with path.open("wb", buffering=0) as file:
        while True:
            try:
                file.write(bytes(1000))
            except OSError:
                break


def test_a_disk_that_stays_full_ends_the_run_with_its_state_kept(tessera, photo, run_folder, disk):
    out = disk / "run"
    process = started("render", photo, "--out", out, *QUICK, *SAVED, "--effort", 1000, "--no-film",
                      "--set", "checkpoint.grace=0.5s", until=3)  # fmt: skip
    fill(disk / "ballast")
    code, stderr = process.end()
    assert code == 6
    *_, sentence, goes_on = stderr.splitlines()
    assert sentence.endswith("there is no space left on the disk; free some and start again.")
    assert goes_on == f"It goes on with: tessera resume {out}"
    assert left_behind(out, process.pid) == []
    assert read_checkpoint(RunFolder.open(out)).damaged == ()
    (disk / "ballast").unlink()
    wanted = result(run_folder)["error"]
    assert tessera("resume", out, "--error", wanted, "--quiet").returncode == 0
    assert result(out)["error"] == pytest.approx(wanted, rel=0.05)


def test_a_read_only_folder_gets_one_sentence(tessera, photo, half, disk):
    shutil.copytree(half[0], disk / "run")
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    for arguments in (["resume", disk / "run"], ["render", photo, "--out", disk / "new"]):
        done = tessera(*arguments)
        assert done.returncode == 2
        assert re.fullmatch(r"tessera: .*Read-only file system\).*\.\n", done.stderr), done.stderr


@pytest.mark.parametrize(
    ("fuse", "words", "trace"),
    [
        ("raise", "the painter failed with RuntimeError('the paint is dry'), and would again", "in paint"),
        ("die", "3 workers died on this job, the last killed by SIGKILL, often a sign of too little", ""),
    ],
)
def test_a_painter_that_fails_ends_the_run_with_its_state_kept(
    tessera, photo, run_folder, tmp_path, fuse, words, trace
):
    (tmp_path / "sitecustomize.py").write_text(
        "from engine.painters.registry import PAINTERS\n"
        "from tests.doubles.running import like_polygons\n"
        "PAINTERS['bomb'] = like_polygons('tests.doubles.toy:Bomb')\n"
    )
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}:{ROOT}"}
    out = tmp_path / "run"
    done = tessera(
        "render", photo, "--out", out, *QUICK, "--painter", "bomb", "--no-film", "--workers", 2,
        env={**environment, "BOMB": fuse},
    )  # fmt: skip
    assert done.returncode == 4
    *_, sentence, goes_on = done.stderr.splitlines()
    assert re.fullmatch(r"tessera: phase 4, tile \d,\d of level \d: .*", sentence), done.stderr
    assert words in sentence
    assert goes_on == f"It goes on with: tessera resume {out}"
    failed = json.loads((out / "log.jsonl").read_text().splitlines()[-1])
    assert failed["event"] == "failed"
    assert f"tessera: {failed['message']}" == sentence
    assert trace in failed["traceback"]
    shown = tessera("status", out, "--json")
    assert json.loads(shown.stdout)[0]["state"] == "failed"
    assert tessera("resume", out, "--quiet", env=environment).returncode == 0
    svgs = [content(each)["result.svg"].partition(b"</desc>")[2] for each in (out, run_folder)]
    drawings = [re.sub(rb"\bt[0-9a-f]{10}\b", b"", svg) for svg in svgs]  # but for names made of what differs
    assert drawings[0] == drawings[1] != b"", "the same as without the bomb"
