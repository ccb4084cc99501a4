"""Commands without their start: each is a process of its own, forked from one that has everything loaded.

What differs from a command of the shell is where the time goes: nothing is imported, no kernel is loaded, and
workers are forked too. Signals, deaths, environments and starts themselves are tested with real ones.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import json
import os
import resource
import select
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Mapping
from functools import cache
from multiprocessing.connection import Pipe
from pathlib import Path
from typing import Any

from tests import ROOT

PATIENCE = 120  # seconds that a command has
MOST_FILES = 256
LOADED = ("api", "batch.batch", "cli.doctor", "cli.outcome", "cli.status_table", "coordinator.job",
          "export.pdf", "export.animated_svg", "film.animation", "report.report",
          "wordcount.annotate")  # fmt: skip


class WarmTessera:
    """The process that others are forked from; one command at a time."""

    def __init__(self) -> None:
        self.pid = 0  # of the last command
        code = "from tests.doubles.warm import serve; serve()"
        self._process = subprocess.Popen(
            [sys.executable, "-c", code], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._process.wait()  # it leaves another one that is nobody's child: tests count and kill their own

    def run(
        self,
        *arguments: object,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        seconds: int = PATIENCE,
        memory: int | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """A command to its end; TimeoutExpired when that does not come in time.

        env: variables beside those of this process. memory: bytes of addresses that it may have; then it
        leads a session of its own, whose number is `pid`, and who calls ends what it has left.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        words = [str(each) for each in arguments]
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as error:
            files = [f"/proc/{os.getpid()}/fd/{file.fileno()}" for file in (out, error)]
            where = {"cwd": str(cwd or Path.cwd()), "files": files, "env": {**os.environ, **(env or {})}}
            wish = {"words": words, **where, "seconds": seconds, "memory": memory}
            print(json.dumps(wish), file=self._process.stdin, flush=True)
            code, self.pid = map(int, self._process.stdout.readline().split())
            out.seek(0)
            error.seek(0)
            if code == -signal.SIGALRM:
                raise subprocess.TimeoutExpired(words, seconds, out.read(), error.read())
            return subprocess.CompletedProcess(words, code, out.read(), error.read())

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.read()
        self._process.stdout.close()


@cache
def warm() -> WarmTessera:
    """The one of this process, which ends with it."""
    found = WarmTessera()
    atexit.register(found.close)
    return found


def serve() -> None:
    """Be the process that others are forked from, until standard input ends."""
    import importlib

    if os.fork():
        os._exit(0)
    from engine.coordinator.job import warm_up
    from engine.painters.registry import PAINTERS

    for name in LOADED:
        importlib.import_module(f"engine.{name}")
    for entry in PAINTERS.values():
        warm_up(entry.painter)
    gc.freeze()
    for line in sys.stdin:
        wish = json.loads(line)
        child = os.fork()
        if not child:
            _be_a_command(**wish)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), child, flush=True)


def _be_a_command(
    words: list[str], cwd: str, files: list[str], env: dict[str, str], seconds: int, memory: int | None
) -> None:
    """What `python -m engine WORDS` does; never comes back."""
    code: Any = 1
    try:
        signal.alarm(seconds)
        if memory is not None:
            os.setsid()
            resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        os.chdir(cwd)
        os.environ.clear()
        os.environ.update(env)
        for descriptor, name in enumerate(["/dev/null", *files]):
            opened = os.open(name, os.O_RDWR | (os.O_APPEND if descriptor else 0))
            os.dup2(opened, descriptor)
            os.close(opened)
        sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w")  # noqa: SIM115
        sys.argv, sys.path[0] = ["tessera", *words], cwd
        import engine.parallel.process_pool as pool
        from engine.cli.app import main

        pool.WorkerProcess = ForkedWorker  # type: ignore[misc, assignment]
        main()
        code = 0
    except SystemExit as end:
        code = end.code or 0
    except BaseException:
        traceback.print_exc()
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


class ForkedWorker:
    """A worker process (see engine/parallel/worker_process.py) that is forked."""

    def __init__(self, recipe: Any) -> None:
        import pickle

        self.pipe, theirs = Pipe()
        end, self._life = os.pipe()
        packed = pickle.dumps(recipe)
        self.pid = os.fork()
        if not self.pid:
            with contextlib.suppress(BaseException):
                _be_a_worker(theirs.fileno(), end, packed)
            os._exit(1)
        os.close(end)
        theirs.close()
        self._descriptor = os.pidfd_open(self.pid)
        self._code: int | None = None

    def terminate(self) -> None:
        """Ask it to end."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self._signal(signal.SIGKILL)

    def join(self, seconds: float) -> None:
        """Wait for its end, but not longer."""
        if self._code is None and select.select([self._descriptor], [], [], seconds)[0]:
            self._code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def close(self, grace: float) -> int:
        """Make sure that it has ended; its exit code."""
        self.join(grace)
        self.kill()
        self.join(PATIENCE)
        self.pipe.close()
        os.close(self._life)
        os.close(self._descriptor)
        assert self._code is not None
        return self._code

    def _signal(self, number: int) -> None:
        if self._code is None:
            signal.pidfd_send_signal(self._descriptor, number)


def _be_a_worker(pipe: int, end: int, recipe: bytes) -> None:
    """Do jobs, with nothing of the coordinator's but one end of a pipe."""
    from multiprocessing.connection import Connection

    from engine.parallel.worker import work

    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.alarm(0)
    os.dup2(end, 0)
    os.closerange(3, pipe)
    os.closerange(pipe + 1, MOST_FILES)
    work(Connection(pipe), recipe)
    os._exit(0)
