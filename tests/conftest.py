"""Fixtures: a run made once by the real command, shared by all tests that only read it."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from numpy.typing import NDArray
from PIL import Image

from engine.cli.app import app
from engine.coordinator.prepare import make_ready
from engine.errors import TesseraError
from engine.film.encoders.tools import find_tools
from engine.painters.registry import PAINTERS
from tests.doubles.toy import picture
from tests.doubles.warm import warm

slow_machine = [HealthCheck.too_slow]
settings.register_profile("steady", derandomize=True, deadline=None, suppress_health_check=slow_machine)
settings.load_profile("steady")

# A shell starts background jobs with Ctrl-C ignored, and children inherit that; the tests press it.
signal.signal(signal.SIGINT, signal.default_int_handler)

Tessera = Callable[..., subprocess.CompletedProcess[str]]
FILM = [
    "--set",
    "film.size=101",
    "--set",
    "film.fps=10",
    "--set",
    "film.duration=2s",
    "--set",
    "film.hold=0.5s",
]
# One worker, unless a later flag says more: each takes a second to start.
QUICK = ["--count", "60", "--effort", "0.1", "--grid", "2x3", "--size", "90", "--workers", "1", *FILM]


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "engine", *map(str, arguments)]


def pytest_configure(config: pytest.Config) -> None:
    """Compile the kernels before any test, if that has not been done on this machine.

    In a process of its own, as a run does: what a process has linked itself rounds sums in another order
    than what all others load, and then pictures drawn here are not those that a command has written.
    """
    if hasattr(config, "workerinput"):  # a process that runs a part only
        return
    for painter in PAINTERS:
        make_ready(painter, print, print)


@pytest.fixture(scope="session")
def tessera() -> Tessera:
    """Run the command line in a process of its own, which is forked; with options it is started."""

    def run(*arguments: object, cwd: Path | None = None, **options: Any) -> subprocess.CompletedProcess[str]:
        if not options:
            return warm().run(*arguments, cwd=cwd)
        return subprocess.run(
            command(*arguments), cwd=cwd, capture_output=True, text=True, timeout=120, check=False, **options
        )

    return run


def refused(*arguments: object) -> str:
    """The sentence with which the command line, run in this process, refuses something that is wrong."""
    with pytest.raises(TesseraError) as caught:
        app([*map(str, arguments)], standalone_mode=False)
    assert caught.value.exit_code == 2
    assert str(caught.value).isprintable()
    return str(caught.value)


@pytest.fixture(scope="session")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture of 120 x 80 pixels."""
    path = tmp_path_factory.mktemp("photo") / "photo.png"
    Image.fromarray(picture(80, 120)).save(path)
    return path


@pytest.fixture(scope="session")
def run_folder(tessera: Tessera, photo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run with two workers and a film in both formats; only to be read."""
    out = tmp_path_factory.mktemp("runs") / "run"
    done = tessera(
        "render", photo, "--out", out, *QUICK, "--workers", 2, "--set", "film.format=mp4,gif", "--json"
    )
    assert done.returncode == 0, done.stderr
    (out / "events.jsonl").write_text(done.stdout)
    return out


def result(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "result.json").read_text())


def decode(path: Path, size: tuple[int, int]) -> NDArray[np.uint8]:
    """All frames of a film; size: (height, width)."""
    ffmpeg = [find_tools().ffmpeg, "-v", "error", "-i", str(path), "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    raw = subprocess.run(ffmpeg, capture_output=True, check=True).stdout
    return np.frombuffer(raw, np.uint8).reshape(-1, *size, 3)


def is_alive(group: int) -> bool:
    """Whether a process of a group is there."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def ends(pid: int) -> bool:
    """Whether a process, nobody's child perhaps, ends within ten seconds."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return select.select([descriptor], [], [], 10)[0] == [descriptor]
    finally:
        os.close(descriptor)
