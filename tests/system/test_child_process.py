"""Events come back from a child as they were, and what it leaves behind doesn't hold us up."""

import json
import os
import sys

import pytest

from engine.events import Event, Filmed, PenWork, Plotted, Trouble
from engine.records import to_record
from engine.system import child_process as child
from engine.system.child_process import Stopping, run
from tests.conftest import ends

PENCIL = PenWork("black", 3, 2.0, 3.0, 1.0, 4.0)


@pytest.fixture
def python(monkeypatch):
    """Run Python code as the child."""
    monkeypatch.setattr(child, "command", lambda arguments: [sys.executable, "-c", *arguments])

    def call(code):
        heard: list[Event] = []
        with Stopping() as stopping:
            return run([code], stopping, heard.append), heard

    return call


def test_events_come_as_they_were(python):
    events: list[Event] = [
        Filmed("evolution.mp4", "ffmpeg", 1.5),
        Plotted("a.svg", 2.0, 3.0, 1.0, 4.0, (PENCIL, PENCIL)),
    ]
    lines = "\n".join(json.dumps(to_record(event)) for event in events)
    assert python(f"print({lines!r})")[1] == events


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
    ended, heard = python(code)
    assert ended.code == -9
    assert ends(int(heard[0].message))


def test_it_has_a_session_of_its_own_and_no_standard_input(python):
    code = "import json, os, sys; print(json.dumps([os.getsid(0), sys.stdin.read()]))"
    session, given = json.loads(python(code)[1][0].message)
    assert (session != os.getsid(0), given) == (True, "")
