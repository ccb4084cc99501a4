"""Commands without their start: each is a process of its own, forked from one that has everything loaded.

What differs from a command of the shell is where the time goes: nothing is imported, and no kernel is loaded.
Signals, deaths, environments and starts themselves are tested with real ones.
"""

from __future__ import annotations

import atexit
import importlib
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from engine.fork_server.client import ForkServer, lend

PATIENCE = 120  # seconds that a command has
LOADED = ("api", "batch.batch", "cli.app", "cli.doctor", "cli.outcome", "cli.status_table",
          "coordinator.job", "export.pdf", "export.animated_svg", "film.animation", "report.report",
          "wordcount.annotate")  # fmt: skip


class WarmTessera:
    """Makes commands; one at a time."""

    def __init__(self) -> None:
        self.pid = 0  # of the last command, which leads a session of its own
        self._server = ForkServer()
        self._server.prepare("tests.doubles.warm:load_all")

    def run(
        self,
        *arguments: object,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        seconds: int = PATIENCE,
        memory: int | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """A command to its end; TimeoutExpired when that does not come in time.

        env: variables beside those of this process. memory: bytes of addresses that it may have; then who
        calls ends what it has left.
        """
        words = [str(each) for each in arguments]
        with (
            tempfile.TemporaryFile("w+") as out,
            tempfile.TemporaryFile("w+") as error,
            Path(os.devnull).open() as nothing,
        ):
            streams = [file.fileno() for file in (nothing, out, error)]
            what = words, str(cwd or Path.cwd()), memory
            environment = {**os.environ, **(env or {})}
            process = self._server.fork("tests.doubles.warm:be_a_command", what, streams, (), environment)
            self.pid = process.pid
            try:
                code = process.wait(seconds)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                code = None
            out.seek(0)
            error.seek(0)
            if code is None:
                raise subprocess.TimeoutExpired(words, seconds, out.read(), error.read())
            return subprocess.CompletedProcess(words, code, out.read(), error.read())

    def close(self) -> None:
        """End it."""
        self._server.close()


@cache
def warm() -> WarmTessera:
    """The one of this process, which ends with it."""
    found = WarmTessera()
    atexit.register(found.close)
    return found


def load_all() -> None:
    """Load what any command may need."""
    from engine.painters.registry import PAINTERS, load_kernels

    for name in LOADED:
        importlib.import_module(f"engine.{name}")
    for painter in PAINTERS:
        load_kernels(painter)


def be_a_command(words: list[str], cwd: str, memory: int | None, server: int) -> None:
    """What `python -m engine WORDS` does."""
    from engine.cli.app import main

    if memory is not None:
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    lend(server)
    os.chdir(cwd)
    sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w")  # noqa: SIM115
    sys.argv, sys.path[0] = ["tessera", *words], cwd
    main()
