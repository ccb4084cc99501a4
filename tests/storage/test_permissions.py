"""Files and folders follow the umask, where chmod is refused too; a colleague in the group can go on."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.cli.app import app
from engine.kernels.cache import cache_folder
from engine.kernels.place import INHERITED
from tests import ROOT

GROUP, ANNA, BEN = 4711, 4712, 4713  # nobody here
SETPRIV = shutil.which("setpriv")
FILMS = ("--set", "film.format=mp4,gif,png", "--set", "film.size=64", "--set", "film.duration=1s")
COUNT = ("--count", 20, "--effort", 0.1, "--size", 60, "--workers", 1)


def tessera(*words: object) -> None:
    """A command in this process, to a good end."""
    assert not app([*map(str, words), "--quiet"], standalone_mode=False)


@pytest.fixture
def _no_chmod(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system that has no permissions to change."""

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    for name in ("chmod", "fchmod", "lchmod"):
        monkeypatch.setattr(os, name, refuse, raising=False)


@pytest.mark.parametrize("umask", [0o002, 0o027])
@pytest.mark.usefixtures("_no_chmod")
def test_all_that_is_written_follows_the_umask(
    photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, umask: int
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path.parent / f"state-{umask}"))
    hangup, before = signal.getsignal(signal.SIGHUP), os.umask(umask)
    try:
        jobs = {"defaults": {"count": 9, "size": 40, "workers": 1, "film": {"enabled": False}}}
        Path("jobs.json").write_text(json.dumps({**jobs, "jobs": [str(photo)]}))
        tessera("batch", "--jobs-file", "jobs.json", "--outputs", "night")
        tessera("render", photo, "--out", "new/run", *COUNT, *FILMS, "--set", "notify.on-success=true")
        tessera("animate", "new/run", *FILMS)
        tessera("film", "new/run", "--set", "film.format=gif", "--set", "film.max-bytes=2MB")
        tessera("export", "new/run", "--format", "svg,pdf,json,png")
        tessera("report", "new/run")
        tessera("words", "page", "--out", "new/words.png")
    finally:
        os.umask(before)
        signal.signal(signal.SIGHUP, hangup)
    made = [path for path in tmp_path.rglob("*") if path.name != "photo"]
    names = {path.name for path in made}
    assert {"summary.json", ".batch.lock", ".lock", ".mark", "checkpoint-a", "preview.png", "spec.yaml",
            "log.jsonl", "snapshots", "evolution.gif", "picture.pdf", "report.html", "words.png",
            } <= names  # fmt: skip
    wrong = {
        str(path.relative_to(tmp_path)): oct(stat.S_IMODE(path.stat().st_mode))
        for path in made
        if stat.S_IMODE(path.stat().st_mode) != (0o777 if path.is_dir() else 0o666) & ~umask
    }
    assert wrong == {}


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder of a group, in which all that is made belongs to the group, with all that its members need."""
    if os.getuid() or SETPRIV is None:
        pytest.skip("only root can be two other users in turn, and needs setpriv for it")
    folder = Path(tempfile.mkdtemp())
    shutil.copytree(cache_folder(), folder / cache_folder().name)
    os.chown(folder, ANNA, GROUP)
    folder.chmod(0o2775)
    yield folder
    shutil.rmtree(folder)


def as_user(user: int, folder: Path, umask: int, *words: object) -> subprocess.CompletedProcess[str]:
    """A command of somebody in the group, who may read whatever Python needs, but write only their own."""
    assert SETPRIV is not None
    become = [SETPRIV, f"--reuid={user}", f"--regid={user}", f"--groups={GROUP}",
              "--inh-caps=-all,+dac_read_search", "--ambient-caps=-all,+dac_read_search",
              "--bounding-set=-all,+dac_read_search"]  # fmt: skip
    home = folder / f"home-{user}"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(home), "TMPDIR": str(folder),
                   INHERITED: str(folder / cache_folder().name)}  # fmt: skip
    return subprocess.run(
        [*become, sys.executable, "-P", "-m", "engine", *map(str, words), "--quiet"], cwd=folder, umask=umask,
        env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def test_a_colleague_in_the_group_goes_on_where_the_umask_lets_them(photo: Path, shared: Path) -> None:
    shutil.copy(photo, shared / "photo.png")
    run = shared / "run"
    done = as_user(ANNA, shared, 0o002, "render", "photo.png", "--out", "run", *COUNT, "--no-film")
    assert (done.returncode, done.stderr) == (0, "")
    assert {(path.stat().st_uid, path.stat().st_gid) for path in run.iterdir()} == {(ANNA, GROUP)}
    words = ("resume", "run", "--effort", "0.2", "--set", "film.enabled=true", *FILMS)
    done = as_user(BEN, shared, 0o002, *words)
    assert (done.returncode, done.stderr) == (0, "")
    assert (run / "evolution.gif").stat().st_uid == BEN
    for path in (run, *run.iterdir()):
        path.chmod(path.stat().st_mode & ~0o022)  # as after umask 022
    done = as_user(BEN, shared, 0o002, "export", "run", "--format", "svg")
    assert done.returncode == 2
    assert done.stderr.startswith("tessera: ")
    assert "Permission denied" in done.stderr
    assert len(done.stderr.splitlines()) == 1
