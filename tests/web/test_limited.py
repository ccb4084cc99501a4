"""Commands that stand back, and have limits."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys

import pytest

from engine.web import limited
from engine.web.limited import NICE, Limited

WAITS = "import sys; sys.stdin.read()"
DEAF = (
    "import signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); sys.stdin.read()"
)


@pytest.fixture
def child():
    """Start a child that waits."""
    started = []

    def start(program):
        process = subprocess.Popen(
            [sys.executable, "-c", program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="limits of another process are Linux's")
def test_a_child_stands_back_and_has_so_much_memory(child):
    process = child(WAITS)
    with Limited(50_000_000, 60).passed_to(process):
        assert os.getpriority(os.PRIO_PROCESS, process.pid) >= NICE
        assert resource.prlimit(process.pid, resource.RLIMIT_DATA) == (50_000_000, 50_000_000)


def test_a_child_that_is_late_is_asked_to_end(child):
    process, stopping = child(WAITS), Limited(10**9, 0.05)
    with stopping.passed_to(process):
        process.wait()
    assert (process.returncode, stopping.is_late, stopping.number) == (
        -signal.SIGTERM,
        True,
        signal.SIGTERM,
    )


def test_a_child_that_does_not_listen_is_killed(child, monkeypatch):
    monkeypatch.setattr(limited, "HURRY", 0.05)
    monkeypatch.setattr("engine.system.child_process.HURRY", 0.05)
    process = child(DEAF)
    process.stdout.readline()
    with Limited(10**9, 0.05).passed_to(process):
        process.wait()
    assert process.returncode == -signal.SIGKILL


def test_a_child_that_is_in_time_is_left_alone(child):
    process, stopping = child(WAITS), Limited(10**9, 60)
    with stopping.passed_to(process):
        process.communicate(b"")
    assert (process.returncode, stopping.is_late, stopping.number) == (0, False, 0)
