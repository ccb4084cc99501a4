"""The side of whoever wants processes: a fork server of his own, and what it has made for him."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any, Self

from engine.fork_server.messages import DEAF_TO, Fork, Prepare, send
from engine.own_python import python
from engine.standard_streams import above_standard

IS_SAFE = sys.platform == "linux"  # elsewhere system libraries may not be used after a fork
ANSWERS = 60.0  # seconds in which a server that loads something has to answer
_BIRTH = "from engine.fork_server.server import serve; serve(int(sys.argv[1]))"
THREAD_LIMITS = (  # how many threads numeric libraries use
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NUMBA_NUM_THREADS",
)


class NoServerError(Exception):
    """The fork server is gone, or does not answer."""


class ForkServer:
    """Divides into processes; it ends with this process, however that ends."""

    def __init__(self) -> None:
        """Start one; OSError when that is impossible. It loads what is needed while this process goes on."""
        self._one_speaks = threading.Lock()
        self._start()

    def revive(self) -> None:
        """Start it again if somebody has killed it, with nothing loaded; OSError when that is impossible."""
        with self._one_speaks:
            if self._process is not None and self._process.poll() is not None:
                self._line.close()
                self._start()

    def _start(self) -> None:
        own, theirs = map(_above_standard, socket.socketpair())
        self._line = own
        limits = dict.fromkeys(THREAD_LIMITS, "1")  # a process with threads can't be divided
        with theirs:
            try:
                descriptor = above_standard(os.dup(theirs.fileno()))
                # Until it can ignore them itself; Ctrl-C would end it with an interpreter's last words.
                mask = signal.pthread_sigmask(signal.SIG_BLOCK, DEAF_TO)
                try:
                    self._process: subprocess.Popen[bytes] | None = subprocess.Popen(
                        python(_BIRTH, str(descriptor)),
                        stdin=subprocess.DEVNULL,
                        env={**os.environ, **limits},
                        pass_fds=(descriptor,),
                    )
                finally:
                    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
                    os.close(descriptor)
            except BaseException:
                own.close()
                raise

    @classmethod
    def on(cls, line: int) -> Self:
        """The one at the other end of a socket, which somebody else has started."""
        self = cls.__new__(cls)
        self._line, self._one_speaks = socket.socket(fileno=line), threading.Lock()
        self._process = None
        self._line.set_inheritable(False)
        return self

    def prepare(self, function: str, *arguments: Any) -> None:
        """Let it call "module:function", which loads what later processes need; nobody waits for that."""
        with contextlib.suppress(OSError), self._one_speaks:  # whoever asks for a process hears of it
            send(self._line, Prepare(function, arguments))

    def fork(
        self,
        function: str,
        arguments: Sequence[Any] = (),
        streams: Sequence[int] = (0, 1, 2),
        descriptors: Sequence[int] = (),
        environment: dict[str, str] | None = None,
    ) -> ForkedProcess:
        """A new process that calls "module:function" with arguments and descriptors; NoServerError.

        streams: what becomes its standard streams. environment: see Fork. OSError when there can't be
        another process.
        """
        status, theirs = map(above_standard, os.pipe())
        try:
            try:
                message = Fork(function, tuple(arguments), environment, _current_folder())
                with self._one_speaks:
                    send(self._line, message, (theirs, *streams, *descriptors))
            except OSError as exc:
                raise NoServerError from exc
            finally:
                os.close(theirs)
            return ForkedProcess(status)
        except BaseException:
            os.close(status)
            raise

    def close(self) -> None:
        """End it, if this process has started it. What it has made goes on."""
        self._line.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()


class ForkedProcess:
    """A process that a fork server has made."""

    def __init__(self, status: int) -> None:
        self._status = status
        self._lines = b""
        self._one_listens = threading.Lock()
        self.returncode: int | None = None  # negative: the signal that killed it
        first = self._line(time.monotonic() + ANSWERS)
        if first is None:
            raise NoServerError
        self.pid = int(first)
        if self.pid < 0:
            raise OSError(-self.pid, os.strerror(-self.pid))

    def poll(self) -> int | None:
        """Its exit code, if it has ended."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code, when it has ended; subprocess.TimeoutExpired."""
        ends = None if timeout is None else time.monotonic() + timeout
        if not self._one_listens.acquire(timeout=-1 if timeout is None else timeout):
            raise subprocess.TimeoutExpired("a forked process", timeout or 0)
        try:
            if self.returncode is None:
                self.returncode = self._end(ends)
        finally:
            self._one_listens.release()
        if self.returncode is None:
            raise subprocess.TimeoutExpired("a forked process", timeout or 0)
        return self.returncode

    def _end(self, ends: float | None) -> int | None:
        """Its exit code; None when it has not ended until `ends`."""
        try:
            line = self._line(ends)
        except NoServerError:  # nobody can say how it ends, so it ends now
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            line = str(int(-signal.SIGKILL))
        if line is None:
            return None
        os.close(self._status)
        return int(line)

    def send_signal(self, number: int) -> None:
        """Signal it, unless it has ended."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it, even when it is stopped."""
        self.send_signal(signal.SIGKILL)

    def _line(self, ends: float | None) -> str | None:
        """What the server says next; None when it says nothing until `ends`."""
        while b"\n" not in self._lines:
            if not wait([self._status], None if ends is None else max(0.0, ends - time.monotonic())):
                return None
            if not (part := os.read(self._status, 100)):
                raise NoServerError
            self._lines += part
        line, _, self._lines = self._lines.partition(b"\n")
        return line.decode()


def _above_standard(line: socket.socket) -> socket.socket:
    """The same, no standard stream of a process that had those closed."""
    return socket.socket(fileno=above_standard(line.detach()))


def _current_folder() -> str | None:
    """None when it has been removed."""
    with contextlib.suppress(FileNotFoundError):
        return str(Path.cwd())
    return None


_at_hand: ForkServer | None = None  # one that was started before it was known what for, or somebody else's
_is_lent = False


def start_early() -> None:
    """Start a server while this process finds out what it is wanted for."""
    global _at_hand
    if IS_SAFE:
        with contextlib.suppress(OSError):  # it is tried again, or done without
            _at_hand = ForkServer()


def prepare_early(function: str, *arguments: Any) -> None:
    """Let a server that has been started early call "module:function", as soon as it is known what for."""
    if _at_hand is not None:
        _at_hand.prepare(function, *arguments)


def lend(line: int) -> None:
    """From now on this process uses the server at the other end of a socket."""
    global _at_hand, _is_lent
    _at_hand, _is_lent = ForkServer.on(line), True


@contextmanager
def at_hand(function: str, *arguments: Any) -> Iterator[ForkServer | None]:
    """The server that there is for this process, or a new one; None where there can't be one.

    It is to call "module:function" with arguments, which loads what its processes need.
    """
    global _at_hand
    server = _at_hand
    if server is None and IS_SAFE:
        with contextlib.suppress(OSError):
            server = ForkServer()
    try:
        if server is not None:
            server.prepare(function, *arguments)
        yield server
    finally:
        if server is not None and not _is_lent:
            _at_hand = None
            server.close()
