"""A worker as its coordinator sees it: a process that nothing of the coordinator's own is changed for."""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import socket
import subprocess
from collections.abc import Iterator
from multiprocessing.connection import Connection

from engine.fork_server.client import THREAD_LIMITS, ForkedProcess, ForkServer, NoServerError
from engine.kernels.cache import cache_environment
from engine.own_python import python
from engine.parallel.worker import DEAF_TO, Recipe
from engine.standard_streams import above_standard

# Without the coordinator's own script, which may have no __main__ guard.
BIRTH = """\
from engine.parallel.worker import work_on
work_on(int(sys.argv[1]))
"""


class WorkerProcess:
    """A new process that does what a recipe says; it ends with this one, however that ends.

    The end of `pipe` is the end of the process, or comes a moment before it.
    """

    def __init__(self, recipe: Recipe, server: ForkServer | None = None) -> None:
        """Start it, from the server where that can be; OSError when it is impossible."""
        self.pipe, theirs = _pipe()
        # Nothing is ever written to its standard input, which ends when we do.
        stdin, self._alive = map(above_standard, os.pipe())
        try:
            with theirs:  # a copy kept here would hide the end of the worker's
                self._process = _forked(recipe, server, stdin, theirs.fileno()) or _spawned(
                    recipe, stdin, theirs.fileno()
                )
        except BaseException:
            self.pipe.close()
            os.close(self._alive)
            raise
        finally:
            os.close(stdin)
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # whoever listens hears of the end
            self.pipe.send(pickle.dumps(recipe))

    def terminate(self) -> None:
        """Ask it to end."""
        self._process.terminate()

    def kill(self) -> None:
        """End it, even when it is stopped (SIGSTOP)."""
        self._process.kill()

    def join(self, seconds: float) -> None:
        """Wait for its end, but not longer."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)

    def close(self, grace: float) -> int:
        """Make sure that it has ended; its exit code, negative for the signal that killed it."""
        # A pipe can end a moment before its process does: the wait keeps the true cause of death.
        self.join(grace)
        self._process.kill()
        code = self._process.wait()
        self.pipe.close()
        os.close(self._alive)
        return code


def _forked(recipe: Recipe, server: ForkServer | None, stdin: int, pipe: int) -> ForkedProcess | None:
    """A worker from a server; None where that can't be: the server's libraries have a thread each."""
    if server is None or recipe.threads != 1:
        return None
    try:
        return server.fork("engine.parallel.worker:work_on", (), (stdin, 1, 2), (pipe,))
    except NoServerError:
        return None


def _spawned(recipe: Recipe, stdin: int, pipe: int) -> subprocess.Popen[bytes]:
    """A worker that loads everything itself."""
    # The libraries read their limits when they are imported, so only the environment comes early enough.
    threads = dict.fromkeys(THREAD_LIMITS, str(recipe.threads))
    environment = {**os.environ, **cache_environment(), **threads}
    return subprocess.Popen(python(BIRTH, str(pipe)), stdin=stdin, env=environment, pass_fds=(pipe,))


def _pipe() -> tuple[Connection, Connection]:
    """Both ends of a pipe, none of them a standard stream of a process that had those closed."""
    ours, theirs = socket.socketpair()
    return Connection(above_standard(ours.detach())), Connection(above_standard(theirs.detach()))


@contextlib.contextmanager
def conditions_at_birth() -> Iterator[None]:
    """Block the signals of terminals in this thread, so that what it starts inherits that.

    Ctrl-C and a hangup go to all processes of a terminal, and a worker must not die of them before it can
    ignore them. For this thread they wait until its mask is restored, which is where KeyboardInterrupt is
    raised: a new worker must be known by then to whoever ends it.
    """
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, DEAF_TO)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
