"""The painter of docs/painters.md, run from the page itself."""

from __future__ import annotations

import os
import re
import subprocess
import sys

from tests import ROOT

PAGE = ROOT / "docs/painters.md"


def test_the_painter_of_the_page_paints(tmp_path, photo):
    module, line = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    code = [text for text in module.splitlines() if text.strip()]
    assert len(code) <= 75, "about sixty lines"
    (tmp_path / "confetti.py").write_text(module)
    (tmp_path / "sitecustomize.py").write_text(
        f"from engine.painters.registry import PAINTERS, PainterEntry\n{line}"
    )
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}

    def tessera(*arguments: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "engine", *map(str, arguments)]
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )

    flags = ("--painter", "confetti", "--count", 60, "--size", 128, "--set", "painter.tries=20", "--quiet")
    film = ("--set", "film.size=64", "--set", "film.fps=5", "--set", "film.duration=1s")
    runs: list[bytes] = []
    for workers in (1, 2):
        shown = ("--no-film",) if runs else (*film, "--set", "film.hold=0.2s")
        done = tessera("render", photo, *flags, *shown, "--workers", workers, "--out", workers)
        assert done.returncode == 0, done.stderr
        runs.append((tmp_path / f"{workers}/result.svg").read_bytes())
    assert runs[0] == runs[1], "the same bytes for any number of workers"
    assert runs[0].count(b"<circle") > 30
    assert (tmp_path / "1/evolution.mp4").stat().st_size > 0
    for more in (("export", 1, "--format", "pdf"), ("report", 1), ("resume", 1, "--count", 80)):
        done = tessera(*more)
        assert done.returncode == 0, done.stderr
