"""A watched child is stopped when its parent is gone, and its own children know nothing of it."""

import signal
import subprocess
import sys
import threading

from engine.system.parent_watch import PARENT_PIPE, end_with_parent
from tests import ROOT

CHILD = """
import os, signal, sys, time
from engine.system.parent_watch import PARENT_PIPE, end_with_parent
def stop(number, frame):
    os.write(1, b"stopped by %d\\n" % number)  # the print() below may still be at work
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
descriptor = int(os.environ[PARENT_PIPE])
end_with_parent()
print(PARENT_PIPE in os.environ, os.get_inheritable(descriptor), flush=True)
time.sleep(60)
"""
PARENT = f"""
import subprocess, sys
from engine.system.parent_watch import watched
with watched() as (inherited, environment):
    subprocess.Popen([sys.executable, "-c", {CHILD!r}], env=environment, pass_fds=(inherited,)).wait()
"""


def test_it_is_stopped_in_good_order_when_its_parent_is_killed():
    parent = subprocess.Popen([sys.executable, "-c", PARENT], cwd=ROOT, stdout=subprocess.PIPE)
    assert parent.stdout is not None
    assert parent.stdout.readline() == b"False False\n"
    parent.send_signal(signal.SIGKILL)
    said, _ = parent.communicate(timeout=30)
    assert said == b"stopped by 15\n"


def test_without_a_watching_parent_nothing_happens(monkeypatch):
    monkeypatch.delenv(PARENT_PIPE, raising=False)
    before = threading.enumerate()
    end_with_parent()
    assert threading.enumerate() == before
