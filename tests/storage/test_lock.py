"""A lock has one owner at a time, says who it is, and ends with its process."""

import os
import signal
import socket
import subprocess
import sys
import threading

import pytest

from engine.errors import LockError, RunError
from engine.storage.lock import Owner, locked, owner
from tests import ROOT

HOLD = """
import sys, time
from pathlib import Path
from engine.storage.lock import locked
with locked(Path(sys.argv[1]), "run"):
    print("locked", flush=True)
    time.sleep(60)
"""


def test_a_second_owner_is_refused_and_told_who_the_first_is(tmp_path):
    with locked(tmp_path / "lock", "outputs/cat"):
        with pytest.raises(LockError) as caught, locked(tmp_path / "lock", "outputs/cat"):
            pass
        assert owner(tmp_path / "lock") == Owner(os.getpid(), socket.gethostname())
    words = f"process {os.getpid()} on {socket.gethostname()} is working on it"
    assert str(caught.value) == f"outputs/cat: {words}; wait for it, or stop it first."
    assert owner(tmp_path / "lock") is None
    with locked(tmp_path / "lock", "outputs/cat"):
        pass


def test_a_lock_ends_with_a_killed_owner(tmp_path):
    path = tmp_path / "lock"
    process = subprocess.Popen([sys.executable, "-c", HOLD, path], cwd=ROOT, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"locked\n"
    assert owner(path) == Owner(process.pid, socket.gethostname())
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert owner(path) is None
    with locked(path, "run"):
        assert owner(path) == Owner(os.getpid(), socket.gethostname())


def test_whoever_asks_does_not_stop_an_owner_to_be(tmp_path):
    path, done = tmp_path / "lock", threading.Event()
    path.touch()

    def ask() -> None:
        while not done.is_set():
            owner(path)

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        for _ in range(50):
            with locked(path, "run"):
                pass
    finally:
        done.set()
        asking.join()


def test_an_owner_without_a_name(tmp_path):
    with locked(tmp_path / "lock", "run"):
        (tmp_path / "lock").write_text("")
        assert owner(tmp_path / "lock") == Owner(0, "")
        with (
            pytest.raises(LockError, match="another process is working on it"),
            locked(tmp_path / "lock", "run"),
        ):
            pass


def test_a_folder_that_is_not_there(tmp_path):
    with (
        pytest.raises(RunError, match=r"^run: can't be locked \(No such file"),
        locked(tmp_path / "no" / "lock", "run"),
    ):
        pass
    assert owner(tmp_path / "no" / "lock") is None
