"""Commands that are listened to and killed, and what must be the same whatever happens to a run."""

from __future__ import annotations

import json
import math
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, NamedTuple

from engine.film.encoders.tools import find_tools
from engine.storage.run_folder import FILM, LOCK, PNG, SVG, RunFolder
from engine.storage.snapshots import SnapshotReader, read_snapshots
from tests import ROOT
from tests.doubles.process_tree import PROC, family, session, working_in
from tests.doubles.processes import children, words_of, workers_of

SHARED = Path("/dev/shm")
CHUNK = 1 << 16  # bytes
SOON = 60.0  # seconds that a process has to end at most,
GONE = 5.0  # those whose parent was killed,
HANGS = 300.0  # and a run to come to what is waited for

ENCODERS = ("ffmpeg", "gifski")  # what their names begin with,
QUESTIONS = {"-encoders", "-version", "--version"}  # and what they are asked that aren't to make a film

Event = dict[str, Any]


class Heard(NamedTuple):
    """What a command said, and when."""

    at: float  # seconds since it was started
    event: Event


class Command(subprocess.Popen[bytes]):
    """A command of Tessera's in a session of its own, which says in JSON what it does.

    module: that Python runs, with its own arguments. env: variables beside those that there are.
    """

    def __init__(
        self,
        *arguments: object,
        module: Sequence[str] = ("engine",),
        env: Mapping[str, str] | None = None,
    ) -> None:
        self.began = time.monotonic()
        self.heard: list[Heard] = []
        self._rest = b""  # of a line that is still to come
        pipe = subprocess.PIPE
        super().__init__(
            [sys.executable, "-m", *module, *map(str, arguments), "--json"],
            bufsize=0,
            stdout=pipe,
            stderr=pipe,
            cwd=ROOT,
            env={**os.environ, **(env or {})},
            start_new_session=True,
        )

    def listen(self, wanted: Callable[[Event], bool], seconds: float = math.inf) -> Event | None:
        """Hear the next event that is wanted; None when it did not come in time, or before the end."""
        until = time.monotonic() + seconds
        output = self._output()
        while True:
            while b"\n" in self._rest:
                line, _, self._rest = self._rest.partition(b"\n")
                self.heard.append(Heard(time.monotonic() - self.began, json.loads(line)))
                if wanted(self.heard[-1].event):
                    return self.heard[-1].event
            left = max(0.0, until - time.monotonic())
            if not select.select([output], [], [], None if left == math.inf else left)[0]:
                return None
            chunk = os.read(output.fileno(), CHUNK)
            if not chunk:
                return None
            self._rest += chunk

    def events(self) -> Iterator[Event]:
        """All that has been heard."""
        return (event for _, event in self.heard)

    def first_job(self) -> float | None:
        """Seconds from the start until the first job was begun, when it has been done."""
        return next((at - event["job_seconds"] for at, event in self.heard if is_job(event)), None)

    def workers(self) -> list[int]:
        """The process ids of its workers."""
        ours = (b"engine.parallel.worker", b"engine.fork_server")
        return [pid for pid in workers_of(self.pid) if any(name in words_of(pid) for name in ours)]

    def children(self) -> list[int]:
        """The process ids of all that it has started itself."""
        return children(self.pid)

    def encoders(self) -> list[int]:
        """The process ids of the programs that make its films."""
        found = []
        for pid in family(self.pid)[1:]:
            with suppress(OSError):
                words = [*map(Path, (PROC / str(pid) / "cmdline").read_text().split("\0"))]
                is_encoder = any(word.name.startswith(ENCODERS) for word in words[:2])
                if is_encoder and not {*map(str, words)} & QUESTIONS:
                    found.append(pid)
        return found

    def end(self, number: int | None = None) -> tuple[int, str]:
        """Wait for its end, after a signal to all its processes; its exit code and what it said of errors."""
        if number is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, number)
        stderr = self.communicate(timeout=SOON)[1]
        return self.returncode, stderr.decode()

    def close(self) -> None:
        """Hear nothing more."""
        for pipe in (self.stdout, self.stderr):
            if pipe is not None:
                pipe.close()

    def _output(self) -> IO[bytes]:
        assert self.stdout is not None
        return self.stdout


def started(*arguments: object, until: int) -> Command:
    """A command that has reported so many jobs."""
    command = Command(*arguments)
    for _ in range(until):
        if command.listen(is_job) is None:
            raise AssertionError(command.end(signal.SIGKILL)[1])
    return command


def is_job(event: Event) -> bool:
    """Whether it says that a job has been done."""
    return event["event"] == "progress" and event["job_seconds"] is not None


def is_named(*names: str) -> Callable[[Event], bool]:
    """Whether an event is one of these."""
    return lambda event: event["event"] in names


def never(event: Event) -> bool:
    """No event is wanted: listen for a time, or to the end."""
    return False


def content(folder: Path) -> dict[str, Any]:
    """All but the film that must not depend on what happened to a run, by file or by snapshot."""
    reader, found = SnapshotReader(RunFolder(folder)), dict[str, Any]()
    for each in read_snapshots(RunFolder(folder)):
        record = {key: value for key, value in each.to_record().items() if key != "seconds"}
        arrays = {name: (str(array.dtype), array.tobytes()) for name, array in reader.arrays(each).items()}
        found[f"snapshot {each.index}"] = record, arrays
    return {**{name: (folder / name).read_bytes() for name in (SVG, PNG)}, **found}


def frames(folder: Path, name: str = f"{FILM}.mp4") -> list[str]:
    """A line for each frame of one of a run's films: when it is shown, and a digest of its pixels."""
    film = str(folder / name)
    decode = [find_tools().ffmpeg, "-v", "error", "-i", film, "-f", "framemd5", "-"]
    lines = subprocess.run(decode, capture_output=True, text=True, check=True).stdout.splitlines()
    return [line for line in lines if not line.startswith("#")]


def left_behind(folder: Path, *leaders: int) -> list[str]:
    """What commands have left in a run's folder and in memory, after a moment; leaders: their process ids."""
    until = time.monotonic() + GONE
    while (left := _left(folder, leaders)) and time.monotonic() < until:
        time.sleep(GONE / 50)  # nobody can wait for processes whose parent is dead
    return left


def _left(folder: Path, leaders: Sequence[int]) -> list[str]:
    hidden = [str(path.relative_to(folder)) for path in folder.rglob(".*") if path.name != LOCK]
    segments = [path.name for pid in leaders for path in SHARED.glob(f"tessera-{pid}-*")]
    processes = {*working_in(folder), *(pid for leader in leaders for pid in session(leader))}
    return [*hidden, *segments, *(f"process {pid}" for pid in sorted(processes))]
