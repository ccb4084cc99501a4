"""What lies in the current folder is never run instead of ours, nor of Python's own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.own_python import import_paths, python
from tests import ROOT

# What the interpreter itself imports for `python -m`, before it comes to us.
EARLY = ("runpy", "pkgutil")
SCRIPT = "from engine.__main__ import main\nmain()\n"  # as pip writes one


@pytest.fixture
def strange(tmp_path: Path) -> Path:
    """A folder with a picture, one that a process of its own reads, and a file for each module of Python."""
    folder = tmp_path / "strange"
    folder.mkdir()
    trap = "import os; os.close(os.open({!r}, os.O_CREAT)); raise SystemExit(0)\n"
    for name in sys.stdlib_module_names:
        (folder / f"{name}.py").write_text(trap.format(str(tmp_path / f"ran-{name}")))
    Image.fromarray(np.eye(32, 48) > 0).save(folder / "fax.tif", compression="group4")
    (folder / "jobs.yaml").write_text(
        "defaults: {count: 9, size: 48, film: {enabled: false}}\njobs: [fax.tif]\n"
    )
    return folder


def run(words: list[str], folder: Path) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        words, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.parametrize("way", ["script", "module"])
def test_a_batch_beside_files_that_are_called_like_modules(strange: Path, way: str) -> None:
    if way == "script":
        script = strange.parent / "tessera"
        script.write_text(SCRIPT)
        start = [sys.executable, str(script)]
        (strange / "engine").mkdir()
        (strange / "engine/__init__.py").write_text((strange / "signal.py").read_text())
        (strange / "engine/__main__.py").touch()
    else:
        start = [sys.executable, "-m", "engine"]
        for name in EARLY:
            (strange / f"{name}.py").unlink()
    done = run([*start, "batch", "--jobs-file", "jobs.yaml", "--json", "--workers", "1"], strange)
    assert [path.name for path in strange.parent.glob("ran-*")] == []
    assert (done.returncode, done.stderr) == (0, "")
    ended = json.loads(done.stdout.splitlines()[-1])
    assert ended["counts"]["done"] == 1
    assert (strange / "outputs/fax/result.png").is_file()


def test_a_child_imports_the_same_engine(strange: Path) -> None:
    done = run(python("print(engine.__file__, *sys.argv[1:])", "a b"), strange)
    assert (done.stdout, done.stderr) == (f"{ROOT / 'engine/__init__.py'} a b\n", "")
    assert not list(strange.parent.glob("ran-*"))


def test_accidental_places_come_last(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["/beside/the/program", "", "/usr/lib/python", str(tmp_path), "/last"])
    assert import_paths() == ["/usr/lib/python", "/last", "/beside/the/program", str(tmp_path)]


def test_a_folder_that_has_been_removed_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    monkeypatch.setattr(sys, "path", ["", "/usr/lib/python"])
    assert import_paths() == ["/usr/lib/python"]
