"""A command in a process of its own, whose death is only its own; its events come back as lines of JSON."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, Protocol, Self

from engine.events import EventHandler, Trouble
from engine.fork_server.client import ForkServer, NoServerError
from engine.kernels.cache import cache_environment
from engine.own_python import python
from engine.records import event_of
from engine.standard_streams import above_standard
from engine.system.parent_watch import watched

_MAIN = "from engine.__main__ import main; sys.argv[0] = 'tessera'; main()"
_MAIN_FORKED = "engine.cli.app:main_forked"
LINGER = 10.0  # seconds that what a dead child has started may live on,
HURRY = 2.0  # and the child after the second signal
LAST_WORDS = 20  # lines of its standard error that are kept


class _Process(Protocol):
    """A child, however it was started."""

    @property
    def pid(self) -> int:
        """Of it, and of the group that it leads."""

    @property
    def returncode(self) -> int | Any:
        """Its exit code; negative: the signal that killed it."""

    def wait(self, timeout: float | None = None) -> int:
        """Until it ends."""

    def send_signal(self, sig: int) -> None:
        """Unless it has ended."""

    def terminate(self) -> None:
        """Ask it to end."""


@dataclass(frozen=True)
class _Child:
    """A child, and what it says."""

    process: _Process
    stdout: io.TextIOBase | Any
    stderr: io.TextIOBase | Any


@dataclass(frozen=True)
class Ended:
    """How a child has ended."""

    code: int  # its exit code; negative: the signal that killed it
    message: str  # its last sentence, or what killed it
    troubles: tuple[str, ...]  # that it has met and lived with


class Stopping:
    """A context in which signals to stop are passed on to the child; after a second one it has to be quick.

    `number` is the first signal's; 0 before there was one.
    """

    def __init__(self) -> None:
        self.number = 0
        self._child: _Process | None = None
        self._is_urgent = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._pass_on)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    @contextmanager
    def passed_to(self, child: _Process) -> Iterator[None]:
        """Let a child have the signals, and one that came while it was started."""
        self._child = child
        if self.number:
            child.send_signal(self.number)
        try:
            yield
        finally:
            self._child = None

    def stop(self, number: int) -> None:
        """Be as if a signal had come; for whoever is told otherwise that it is time to stop."""
        with contextlib.suppress(KeyboardInterrupt):  # the thread that says so is another one's
            self._pass_on(number, None)

    def kill(self) -> None:
        """End the child and all that it has started, at once."""
        if (child := self._child) is not None:
            _kill(child)

    def _pass_on(self, number: int, frame: FrameType | None) -> None:
        is_second = self.number != 0
        self.number = self.number or number
        if self._child is not None:
            self._child.send_signal(number)
            if is_second:
                hurry = threading.Timer(HURRY, _kill, (self._child,))
                hurry.daemon = True
                hurry.start()
        elif is_second and not self._is_urgent:
            self._is_urgent = True  # once: what has to be noted of the end is noted
            raise KeyboardInterrupt


def command(arguments: Sequence[str]) -> list[str]:
    """What starts a command of ours."""
    return python(_MAIN, *arguments)


def run(
    arguments: Sequence[str],
    stopping: Stopping,
    on_event: EventHandler,
    server: ForkServer | None = None,
    folder: Path | None = None,
) -> Ended:
    """Run a command of ours to its end; `on_event` is told its events. server: may have loaded it already.

    folder: that it is run in, without a server.

    It has a session of its own, so that a terminal's Ctrl-C reaches it once, through us.
    """
    troubles: list[str] = []
    words: deque[str] = deque(maxlen=LAST_WORDS)
    with watched() as (inherited, environment):
        environment = {**environment, **cache_environment()}
        child = _forked(arguments, inherited, environment, server) or _started(
            arguments, inherited, environment, folder
        )
        process = child.process
        with (
            child.stdout,
            child.stderr,
            stopping.passed_to(process),
            _swept(process),
            _heard(child.stderr, words),
        ):
            for line in child.stdout:
                event = event_of(line)
                if isinstance(event, Trouble):
                    troubles.append(event.message)
                on_event(event)
    return Ended(process.returncode, _message(process.returncode, words), tuple(troubles))


def _started(
    arguments: Sequence[str], inherited: int, environment: dict[str, str], folder: Path | None
) -> _Child:
    """A child that loads everything itself."""
    process = subprocess.Popen(
        command(arguments),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        env=environment,
        cwd=folder,
        pass_fds=(inherited,),
        start_new_session=True,
    )
    return _Child(process, process.stdout, process.stderr)


def _forked(
    arguments: Sequence[str], inherited: int, environment: dict[str, str], server: ForkServer | None
) -> _Child | None:
    """A child of a server's; None when there is none."""
    if server is None:
        return None
    with contextlib.ExitStack() as ours, contextlib.ExitStack() as theirs:
        streams = [theirs.enter_context(Path(os.devnull).open()).fileno()]
        outputs = []
        for _ in range(2):
            reading, writing = map(above_standard, os.pipe())
            outputs.append(ours.enter_context(os.fdopen(reading, encoding="utf-8", errors="replace")))
            theirs.callback(os.close, writing)
            streams.append(writing)
        try:
            process = server.fork(_MAIN_FORKED, (list(arguments),), streams, (inherited,), environment)
        except NoServerError:
            return None
        ours.pop_all()
        return _Child(process, *outputs)


@contextmanager
def _heard(stream: Iterable[str], words: deque[str]) -> Iterator[None]:
    """Keep the last of what is said meanwhile."""
    listener = threading.Thread(target=words.extend, args=(stream,))
    listener.start()
    yield
    listener.join()


@contextmanager
def _swept(process: _Process) -> Iterator[None]:
    """Wait for a child, but not for ever for what it has left behind, which holds its pipes."""
    is_read = threading.Event()

    def sweep() -> None:
        process.wait()
        if not is_read.wait(LINGER):
            _kill(process)

    sweeper = threading.Thread(target=sweep)
    sweeper.start()
    try:
        yield
    except BaseException:
        process.terminate()
        raise
    finally:
        is_read.set()
        sweeper.join()


def _kill(process: _Process) -> None:
    """Kill a child and all that it has started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _message(code: int, words: Iterable[str]) -> str:
    lines = [word.strip() for word in words if word.strip()]
    sentences = [line.removeprefix("tessera: ") for line in lines if line.startswith("tessera: ")]
    if code == -signal.SIGKILL:
        return "was killed, perhaps for want of memory (signal 9)."
    if code < 0:
        return f"was killed by signal {-code}."
    return [f"ended with exit code {code}.", *lines, *sentences][-1]
