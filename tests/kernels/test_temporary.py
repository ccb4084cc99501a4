"""Temporary kernels go with their process, however that ends."""

import os
import subprocess
import sys
import tempfile

from engine.kernels.temporary import temporary_folder
from tests import ROOT

MAKE = """
import os, signal, sys
from engine.kernels.temporary import temporary_folder
folder = temporary_folder()
(folder / "x").touch()
os.utime(folder, (0, 0))
print(folder, flush=True)
if sys.argv[1:]:
    os.kill(os.getpid(), signal.SIGKILL)
"""


def made(temporary, *arguments):
    environment = {**os.environ, "TMPDIR": str(temporary), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", MAKE, *arguments]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False
    ).stdout.strip()


def test_it_is_removed_at_the_end_and_after_a_kill_by_the_next(tmp_path, monkeypatch):
    assert made(tmp_path)
    assert not list(tmp_path.iterdir())
    left = made(tmp_path, "kill")
    assert [str(path) for path in tmp_path.iterdir()] == [left]
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / "tessera-kernels-a-file").touch()
    (tmp_path / "tessera-kernels-young").mkdir()
    (tmp_path / "tessera-kernels-link").symlink_to(ROOT)
    mine = temporary_folder()
    os.utime(mine, (0, 0))
    kept = {mine.name, *(f"tessera-kernels-{name}" for name in ("a-file", "young", "link"))}
    assert {path.name for path in tmp_path.iterdir()} == kept
    other = made(tmp_path)
    assert other
    assert {path.name for path in tmp_path.iterdir()} == kept, "what a living process holds stays"
