"""A real server in a process of its own, with a studio's quick looks; it can be killed and started again."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from contextlib import suppress
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
    "b-slow": f"# Slow: many triangles, with patience.\nsize: 128\ncount: 300\neffort: 3\ngrid: 2x2\n{FILM}",
    "c-lines": f"# Lines: a net.\nsize: 64\npainter: gng\ncount: 200\neffort: 0.2\n{FILM}",
}


class Server:
    """`tessera serve` with a folder of its own; it listens at the same address when it is started again."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.address, self._port = folder, "", "0"
        self._said = folder / "said.txt"
        self._process: subprocess.Popen[bytes] | None = None
        presets = folder / "config" / "tessera" / "presets"
        presets.mkdir(parents=True)
        for name, text in LOOKS.items():
            (presets / f"{name}.yaml").write_text(text)
        self.start()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        environ = os.environ | {"XDG_CONFIG_HOME": str(self.folder / "config")}
        flags = ["--port", self._port, "--outputs", self.folder / "outputs", *FLAGS]
        with self._said.open("w") as said:
            self._process = subprocess.Popen(
                command("serve", *flags), stderr=said, env=environ, start_new_session=True
            )
        until = time.monotonic() + PATIENCE
        while (found := _ADDRESS.search(self.said)) is None:
            if time.monotonic() > until or self._process.poll() is not None:
                self.kill()
                raise AssertionError(self.said or "the server says nothing")
            time.sleep(0.05)
        self.address, self._port = found[1], found[2]

    @property
    def said(self) -> str:
        """What it has said since it was started."""
        return self._said.read_text()

    def kill(self) -> None:
        """End it and all that it has started, with nothing tidied up."""
        self._end(signal.SIGKILL)

    def close(self) -> None:
        """End it in good order; AssertionError when it has said anything but where it is."""
        self._end(signal.SIGTERM)
        assert len(self.said.splitlines()) <= 1, self.said

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        process, self._process = self._process, None
        with suppress(ProcessLookupError):  # it has ended by itself
            os.killpg(process.pid, how)
        process.wait(PATIENCE)
