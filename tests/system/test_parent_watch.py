"""A child on a leash is stopped when its parent is gone, and its own children know nothing of it."""

import signal
import subprocess
import sys
import threading

from engine.system.parent_watch import LEASH, heed_leash
from tests import ROOT

CHILD = """
import os, signal, sys, time
from engine.system.parent_watch import LEASH, heed_leash
def stop(number, frame):
    os.write(1, b"stopped by %d\\n" % number)  # the print() below may still be at work
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
descriptor = int(os.environ[LEASH])
heed_leash()
print(LEASH in os.environ, os.get_inheritable(descriptor), flush=True)
time.sleep(60)
"""
PARENT = f"""
import subprocess, sys
from engine.system.parent_watch import leash
with leash() as (inherited, environment):
    subprocess.Popen([sys.executable, "-c", {CHILD!r}], env=environment, pass_fds=(inherited,)).wait()
"""


def test_it_is_stopped_in_good_order_when_its_parent_is_killed():
    parent = subprocess.Popen([sys.executable, "-c", PARENT], cwd=ROOT, stdout=subprocess.PIPE)
    assert parent.stdout is not None
    assert parent.stdout.readline() == b"False False\n"
    parent.send_signal(signal.SIGKILL)
    said, _ = parent.communicate(timeout=30)
    assert said == b"stopped by 15\n"


def test_without_a_leash_nothing_happens(monkeypatch):
    monkeypatch.delenv(LEASH, raising=False)
    before = threading.enumerate()
    heed_leash()
    assert threading.enumerate() == before
