"""A web server in a process of its own, which can be killed and begun again, and the memory that it uses."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from engine.storage.lock import owner
from tests.doubles.process_tree import family, resident, working_in
from tests.doubles.processes import children, words_of

STARTS, ENDS = 120.0, 60.0  # seconds that a start and an end may take
LOOK = 0.25  # seconds between looks at its memory
_ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)/")
VICTIMS = ("server", "painter", "fork server")


class WebServer:
    """`tessera serve` over a folder: a context, at whose end it is asked to end."""

    def __init__(self, outputs: Path, flags: Sequence[str] = ()) -> None:
        """outputs: where it keeps all. flags: of the command."""
        self.outputs = outputs
        self.port = 0
        self.starts: list[float] = []  # seconds that each has taken
        self.peaks = {"Pss": 0, "Rss": 0}  # bytes of the server's own process
        self.said: list[str] = []  # by all of its processes, on standard error
        self._flags = list(flags)
        self._process: subprocess.Popen[str] | None = None
        self._is_over = threading.Event()
        self._watch = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self.start()
        self._watch.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_over.set()
        self.end()

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """Of the server's own process."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it, at the port where it was before; RuntimeError when it doesn't come up."""
        began = time.monotonic()
        command = [sys.executable, "-m", "engine", "serve", "--port", str(self.port), "--outputs"]
        self._process = subprocess.Popen(
            [*command, str(self.outputs), *self._flags],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        is_up = threading.Event()
        threading.Thread(target=self._listen, args=(self._process, is_up), daemon=True).start()
        give_up = began + STARTS
        while not is_up.wait(0.05):
            if self._process.poll() is not None or time.monotonic() > give_up:
                raise RuntimeError(f"the server doesn't start: {' '.join(self.said[-5:])}")
        self.starts.append(time.monotonic() - began)

    def end(self) -> list[int]:
        """Ask it to end in good order; the processes that it leaves."""
        assert self._process is not None
        own = family(self.pid)
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(ENDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            self.said.append("the server has not ended in time")
        give_up = time.monotonic() + 5.0
        while (left := [pid for pid in own if _is_alive(pid)]) and time.monotonic() < give_up:
            time.sleep(LOOK)
        return left

    def kill(self, victim: str, rng: random.Random) -> bool:
        """Kill one of its processes, and have it again; whether there was one."""
        if victim == "server":
            os.kill(self.pid, signal.SIGKILL)
            assert self._process is not None
            self._process.wait()
            self.start()
            return True
        found = self.painters() if victim == "painter" else self._fork_servers()
        if not found:
            return False
        with suppress(ProcessLookupError):
            os.kill(rng.choice(found), signal.SIGKILL)
            return True
        return False

    def painters(self) -> list[int]:
        """The processes that paint."""
        locks = self.outputs.glob("jobs/*/run/.lock")
        return [holder.pid for path in locks if (holder := owner(path)) is not None and holder.pid]

    def _fork_servers(self) -> list[int]:
        return [pid for pid in children(self.pid) if b"fork_server" in words_of(pid)]

    def _listen(self, process: subprocess.Popen[str], is_up: threading.Event) -> None:
        assert process.stderr is not None
        with process.stderr as lines:
            for line in lines:
                if found := _ADDRESS.search(line):
                    self.port = int(found[1])
                    is_up.set()
                else:
                    self.said.append(line.rstrip())

    def _look(self) -> None:
        while not self._is_over.wait(LOOK):
            with suppress(AssertionError):
                for kind, size in _memory(self.pid):
                    self.peaks[kind] = max(self.peaks[kind], size)

    def left_behind(self) -> list[str]:
        """What is on the disk or at work that nothing needs, when it has ended."""
        paths = [*self.outputs.glob("incoming/*"), *self.outputs.glob("jobs/.*")]
        paths += self.outputs.glob("jobs/*/.*.part")
        found = [str(path.relative_to(self.outputs)) for path in paths]
        return found + [f"process {pid}" for pid in (*self.painters(), *working_in(self.outputs))]


def _memory(pid: int) -> Iterator[tuple[str, int]]:
    """Proportional and resident memory of a process, in bytes."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                yield "Pss", int(line.split()[1]) * 1024
    yield "Rss", resident(pid)


def _is_alive(pid: int) -> bool:
    with suppress(OSError):
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    return False
