"""A user's command is told how it ended, and can do no harm whatever it does."""

import json
import os
from pathlib import Path

import pytest

from engine.events import BatchEnded, Event, Finished, TaskEnded, Trouble
from engine.spec.models import NotifySettings
from engine.system import notify
from engine.system.notify import notify_of_batch, notify_of_run, run_command
from tests.conftest import ends

FINISHED = Finished("finished", (), 0.25, 9, 10, 1.0, 2.0, 1, 100, 0, {"name": "polygons"}, "abc", "0.1")


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def tell(command, summary=None, **variables):
    return run_command(command, {} if summary is None else summary, variables)


def test_it_gets_the_summary_and_variables(here):
    assert (
        tell('cat > in.json; echo "$TESSERA_MESSAGE" > message', {"error": 0.5}, MESSAGE="a\nb $HOME") == ""
    )
    assert json.loads(Path("in.json").read_text()) == {"error": 0.5}
    assert Path("message").read_text() == "a\nb $HOME\n"


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        ("exit 3", "ended with exit code 3"),
        ("no-such-program", "ended with exit code 127"),
        ("kill -9 $$", "was killed by signal 9"),
        ("echo \0", "can't be run (embedded null byte)"),
        ("true", ""),
        ("exec <&-; sleep 0.1", ""),
        ("sleep 1 &", ""),
    ],
)
def test_whatever_it_does_is_said_and_no_more(command, problem, capfd):
    assert tell(command, {"long": "x" * 1_000_000} if "&-" in command else None, MESSAGE="\0") == problem
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("command", ["sleep 60; true", "sleep 60 & echo $! > pid; cat > /dev/null; wait"])
@pytest.mark.parametrize("size", [1, 1_000_000])
def test_a_hanging_one_is_killed_with_its_children(here, monkeypatch, command, size):
    monkeypatch.setattr(notify, "PATIENCE", 0.3)
    assert tell(command, {"long": "x" * size}) == "was stopped after 0 s"
    if "pid" in command:
        assert ends(int(Path("pid").read_text()))


def test_a_long_message_is_cut(here):
    assert tell('echo "$TESSERA_MESSAGE" > message', MESSAGE="x" * 1_000_000) == ""
    assert len(Path("message").read_text()) == notify.LONGEST + 1


@pytest.mark.parametrize(
    ("code", "called"),
    [
        *((0, "success"), (2, "failure"), (4, "failure"), (5, "failure"), (6, "failure")),
        *((3, None), (130, None), (143, None)),
    ],
)
def test_which_command_is_run(here, code, called):
    commands = NotifySettings(on_success="touch success", on_failure="touch failure")
    troubles: list[Event] = []
    notify_of_run(commands, code, here, FINISHED if code == 0 else None, "why", troubles.append)
    assert [path.name for path in here.iterdir()] == ([called] if called else [])
    notify_of_run(NotifySettings(), code, None, None, "why", troubles.append)
    assert troubles == []


def test_a_run_tells_its_figures(here):
    commands = NotifySettings(
        on_success="cat > in.json; env | grep ^TESSERA_ | sort > env",
        on_failure="env | grep ^TESSERA_ | sort > env",
    )
    notify_of_run(commands, 0, Path("run"), FINISHED, "", print)
    summary = json.loads(Path("in.json").read_text())
    assert (summary["outcome"], summary["shapes"], summary["folder"]) == ("finished", 9, str(here / "run"))
    assert Path("env").read_text().splitlines() == [
        "TESSERA_ERROR=0.25",
        "TESSERA_EXIT_CODE=0",
        f"TESSERA_FOLDER={here / 'run'}",
        "TESSERA_MESSAGE=",
        "TESSERA_OUTCOME=finished",
    ]
    notify_of_run(commands, 6, Path("run"), None, "the disk is full.", print)
    lines = Path("env").read_text().splitlines()
    assert lines[3:] == ["TESSERA_MESSAGE=the disk is full.", "TESSERA_OUTCOME=failed"]


def test_a_batch_tells_its_counts(here):
    job = TaskEnded(1, 2, "a.png", "failed", "no.", 4, 2, None, None, None, None, ())
    other = TaskEnded(2, 2, "b.png", "left", "the deadline came.", 3, 1, None, None, None, None, ())
    ended = BatchEnded("failed", 4, "2030-01-31T06:00:00", 9.0, {"failed": 1, "left": 1}, (job, other))
    troubles: list[Event] = []
    commands = NotifySettings(on_failure="cat > in.json; env > env; exit 9")
    notify_of_batch(commands, Path("outputs"), ended, troubles.append)
    assert json.loads(Path("in.json").read_text())["jobs"][0]["why"] == "no."
    lines = Path("env").read_text().splitlines()
    assert {"TESSERA_FAILED=1", "TESSERA_LEFT=1", "TESSERA_MESSAGE=a.png: no."} <= set(lines)
    assert len(troubles) == 1
    assert isinstance(troubles[0], Trouble)
    assert troubles[0].message.endswith("ended with exit code 9; try it by hand.")
    assert os.environ.get("TESSERA_FAILED") is None
