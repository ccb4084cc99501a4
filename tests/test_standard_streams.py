"""No file that is opened later becomes a standard stream."""

import os
import subprocess
import sys

from engine.standard_streams import above_standard
from tests import ROOT

SCRIPT = """
import os, sys
for number in range(3):
    os.close(number)
from engine.standard_streams import fill_standard_streams
sys.stdout = sys.stderr = None
fill_standard_streams()
opened = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)
children = [os.get_inheritable(number) for number in range(3)]
try:
    print("x", flush=True)
except OSError as exc:
    os.write(opened, repr((opened > 2, children, exc.errno)).encode())
os._exit(0)
"""


def test_closed_ones_are_taken_and_writing_there_still_fails(tmp_path):
    subprocess.run([sys.executable, "-c", SCRIPT, str(tmp_path / "a")], cwd=ROOT, check=True)
    assert (tmp_path / "a").read_text() == "(True, [True, True, True], 9)"


def test_workers_and_children_without_standard_streams(tmp_path):
    script = """
import os, sys
from contextlib import closing
for number in range(3):
    os.close(number)
from engine.parallel.process_pool import ProcessPool
from engine.system.child_process import Stopping, run
with closing(ProcessPool("tests.doubles.pool_steps:square", 2)) as pool:
    pool.submit(3)
    results = list(pool.completed())
with Stopping() as stopping:
    code = run(["--version"], stopping, lambda event: results.append(event.message)).code
with open(sys.argv[1], "w") as file:
    file.write(repr((results[0], results[1].startswith("tessera "), code)))
os._exit(0)
"""
    subprocess.run([sys.executable, "-c", script, str(tmp_path / "a")], cwd=ROOT, check=True, timeout=60)
    assert (tmp_path / "a").read_text() == "(9, True, 0)"


def test_a_descriptor_is_moved_only_where_it_must_be():
    first, second = os.pipe()
    assert (above_standard(first), above_standard(second)) == (first, second)
    os.close(first)
    os.close(second)
