"""A real server in a process of its own, with a studio's quick looks; it can be killed and started again."""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import time
from pathlib import Path

from tests.conftest import command

MOST_BYTES = 200_000  # of an upload
PATIENCE = 60  # seconds that something may take on a slow machine before it counts as failed
FLAGS = ["--share", "--workers", "1", "--limit", "queued=20", "--limit", "uploads_hour=1000"]
FLAGS += ["--limit", f"upload_bytes={MOST_BYTES}"]
_ADDRESS = re.compile(r"is at (http://\S+:([0-9]+)/\S*)")
FILM = "film: {size: 64, fps: 5, duration: 2s, hold: 0.5s}\n"
LOOKS = {
    "a-quick": f"# Quick: sixty triangles in a moment.\nsize: 64\ncount: 60\neffort: 0.05\n{FILM}",
    "b-slow": f"# Slow: many triangles, with patience.\nsize: 128\ncount: 300\neffort: 6\ngrid: 2x2\n{FILM}",
    "c-lines": f"# Lines: a net.\nsize: 64\npainter: gng\ncount: 200\neffort: 0.2\n{FILM}",
}


class Server:
    """`tessera serve` with a folder of its own; it listens at the same address when it is started again."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.address, self._port = folder, "", "0"
        self._process: subprocess.Popen[str] | None = None
        presets = folder / "config" / "tessera" / "presets"
        presets.mkdir(parents=True)
        for name, text in LOOKS.items():
            (presets / f"{name}.yaml").write_text(text)
        self.start()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        environ = os.environ | {"XDG_CONFIG_HOME": str(self.folder / "config")}
        flags = ["--port", self._port, "--outputs", self.folder / "outputs", *FLAGS]
        self._process = subprocess.Popen(
            command("serve", *flags), stderr=subprocess.PIPE, text=True, env=environ, start_new_session=True
        )
        said = self._line()
        found = _ADDRESS.search(said)
        if found is None:
            self.kill()
            raise AssertionError(said or "the server says nothing")
        self.address, self._port = found[1], found[2]

    def kill(self) -> None:
        """End it and all that it has started, with nothing tidied up."""
        self._end(signal.SIGKILL)

    def close(self) -> None:
        """End it in good order."""
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        process, self._process = self._process, None
        os.killpg(process.pid, how)
        process.wait(PATIENCE)
        assert process.stderr
        process.stderr.close()

    def _line(self) -> str:
        """The next line that it says."""
        assert self._process
        assert self._process.stderr
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if select.select([self._process.stderr], [], [], 0.5)[0]:
                return self._process.stderr.readline()
        return ""
