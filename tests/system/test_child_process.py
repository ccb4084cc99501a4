"""Events come back from a child as they were, and what it leaves behind doesn't hold us up."""

import contextlib
import io
import json
import os
import sys
import time

import pytest

from engine.cli.console import as_json_line
from engine.events import (
    Event,
    Failed,
    Filmed,
    Finished,
    Preparing,
    Progress,
    Started,
    TaskStarted,
    Trouble,
    event_of,
)
from engine.system import child_process as child
from engine.system.child_process import Stopping, run
from tests.conftest import ends

EVENTS = [
    Preparing(compiled_before=True),
    Started("outputs/a", 80, 120, 2),
    Progress(1, 2, "place", 0, 3, 4, 60, 0.5, 1000, 2.5, 3.0, None, 0.25, 1_000_000, None),
    Filmed("evolution.mp4", "ffmpeg", 1.5),
    Trouble("a hiccup"),
    Failed("no.", 4, "Traceback\n"),
    Finished("time", ("a", "b"), 0.1, 9, 10, 1.0, 2.0, 1, 100, 0, {"name": "polygons"}, "abc", "0.1"),
    TaskStarted(1, 2, "a", "outputs/a", False),
]


@pytest.fixture
def python(monkeypatch):
    """Run Python code as the child."""
    monkeypatch.setattr(child, "COMMAND", (sys.executable, "-c"))

    def call(code):
        heard: list[Event] = []
        with Stopping() as stopping:
            return run([code], stopping, heard.append), heard

    return call


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_an_event_comes_back_as_it_was(event):
    with contextlib.redirect_stdout(io.StringIO()) as out:
        as_json_line(event)
    assert event_of(out.getvalue()) == event


@pytest.mark.parametrize("line", ["hello\n", "3\n", "{}\n", '{"event": "started", "at": "now", "x": 1}\n'])
def test_any_other_line_is_seen_too(line):
    assert event_of(line) == Trouble(line.strip())


def test_how_it_ended(python):
    ended, heard = python(
        "import sys; print('tessera: one.', file=sys.stderr); print('hm'); sys.exit('more')"
    )
    assert (ended.code, ended.message, ended.troubles) == (1, "one.", ("hm",))
    assert heard == [Trouble("hm")]
    assert python("raise ValueError('odd')")[0].message == "ValueError: odd"
    assert python("raise SystemExit(7)")[0].message == "ended with exit code 7."
    assert python("import os; os.kill(os.getpid(), 15)")[0].message == "was killed by signal 15."


def test_much_on_standard_error_blocks_nobody(python):
    ended, _ = python("import sys; print('x' * 999_999 + '\\ntessera: end.', file=sys.stderr); sys.exit(4)")
    assert ended.message == "end."


def test_what_a_dead_child_leaves_behind_is_killed(python, monkeypatch):
    monkeypatch.setattr(child, "LINGER", 0.2)
    code = (
        "import os, subprocess, sys;"
        "left = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
        "print(left.pid, flush=True); os.kill(os.getpid(), 9)"
    )
    started = time.monotonic()
    ended, heard = python(code)
    assert time.monotonic() - started < 20
    assert ended.code == -9
    assert ends(int(heard[0].message))


def test_it_has_a_session_of_its_own_and_no_standard_input(python):
    code = "import json, os, sys; print(json.dumps([os.getsid(0), sys.stdin.read()]))"
    session, given = json.loads(python(code)[1][0].message)
    assert (session != os.getsid(0), given) == (True, "")
