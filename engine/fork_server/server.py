"""The fork server's own side: it loads, divides, and tells how those that it has made have ended."""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import os
import select
import selectors
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from typing import Any, NoReturn

from engine.fork_server.messages import DEAF_TO, Fork, Prepare, receive
from engine.standard_streams import fill_standard_streams

LIVES_ON = (*DEAF_TO, signal.SIGTERM)  # its owner's end is the server's
FOR_ALL = ("engine.kernels.jit",)  # what all that are made will need, loaded before anybody asks


def load(name: str) -> Callable[..., Any]:
    """What "module:function" names."""
    module, _, function = name.partition(":")
    return getattr(importlib.import_module(module), function)


def serve(line: int) -> None:
    """Serve whoever has the other end of a socket, until he lets go of it."""
    fill_standard_streams()
    for number in LIVES_ON:
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, DEAF_TO)
    owner = socket.socket(fileno=line)
    owner.set_inheritable(False)
    for module in FOR_ALL:
        importlib.import_module(module)
    _Server(owner).run()


class _Server:
    """Lines on which it is asked, and the processes that it has made."""

    def __init__(self, owner: socket.socket) -> None:
        self._owner = owner
        self._lines = {owner}
        self._status: dict[int, int] = {}  # where each process's end is told
        self._selector = selectors.DefaultSelector()
        self._selector.register(owner, selectors.EVENT_READ)
        self._woken, self._waking = socket.socketpair()
        for each in (self._woken, self._waking):
            each.setblocking(False)
        signal.set_wakeup_fd(self._waking.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self._selector.register(self._woken, selectors.EVENT_READ)

    def run(self) -> None:
        """Until the owner is gone."""
        while True:
            for key, _ in self._selector.select():
                line = key.fileobj
                if not isinstance(line, socket.socket):
                    continue
                if line is self._woken:
                    self._reap()
                elif not self._answer(line):
                    if line is self._owner:
                        return
                    self._forget(line)

    def _answer(self, line: socket.socket) -> bool:
        """Do what is asked on a line; false at its end."""
        try:
            asked = receive(line)
        except OSError:
            asked = None
        if asked is None:
            return False
        message, descriptors = asked
        if isinstance(message, Prepare):
            self._prepare(message)
        else:
            self._divide(message, descriptors)
        return True

    def _prepare(self, message: Prepare) -> None:
        """Load something. What goes wrong will do so in the processes, too, where somebody hears of it."""
        with contextlib.suppress(Exception):
            load(message.function)(*message.arguments)

    def _divide(self, message: Fork, descriptors: list[int]) -> None:
        status, *others = descriptors
        if not _is_awaited(status):  # another process has the work by now
            for each in descriptors:
                os.close(each)
            return
        own, theirs = socket.socketpair() if message.environment is not None else (None, None)
        gc.collect()
        gc.freeze()  # what all have in common is never looked at again, and so stays common memory
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
        try:
            number = os.fork()
        except OSError as exc:
            _tell(status, f"-{exc.errno}")
            os.close(status)
            if own is not None:
                own.close()
        else:
            if number == 0:
                self._become(message, own, theirs, status, others)
            _tell(status, str(number))
            self._status[number] = status
            if own is not None:
                self._lines.add(own)
                self._selector.register(own, selectors.EVENT_READ)
        for each in others:
            os.close(each)
        if theirs is not None:
            theirs.close()

    def _become(
        self,
        message: Fork,
        own: socket.socket | None,
        theirs: socket.socket | None,
        status: int,
        descriptors: list[int],
    ) -> NoReturn:
        """Be the new process, to its end; nothing of the server's is left in it."""
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            for usual in (signal.SIGCHLD, signal.SIGTERM):
                signal.signal(usual, signal.SIG_DFL)
            atexit._clear()
            self._selector.close()
            for line in (*self._lines, self._woken, self._waking, *filter(None, [own])):
                line.close()
            for each in (status, *self._status.values()):
                os.close(each)
            streams, rest = descriptors[:3], descriptors[3:]
            for number, each in enumerate(streams):
                os.dup2(each, number)
                os.close(each)
            if message.environment is not None and theirs is not None:
                _emancipate(message.environment, message.folder)
                rest.append(theirs.detach())
            load(message.function)(*message.arguments, *rest)
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        except BaseException:
            traceback.print_exc()
        finally:
            _leave(code)

    def _forget(self, line: socket.socket) -> None:
        """A line's end: whoever asked there is gone."""
        self._selector.unregister(line)
        self._lines.discard(line)
        line.close()

    def _reap(self) -> None:
        """Tell of all that have ended."""
        with contextlib.suppress(BlockingIOError):
            while self._woken.recv(4096):
                pass
        while self._status:
            number, ended = os.waitpid(-1, os.WNOHANG)
            if number == 0:
                return
            status = self._status.pop(number, None)
            if status is not None:
                _tell(status, str(os.waitstatus_to_exitcode(ended)))
                os.close(status)


def _emancipate(environment: dict[str, str], folder: str | None) -> None:
    """Make a process one of its own right."""
    os.setsid()
    if folder is not None:
        os.chdir(folder)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(environment)
    # Those that there are believe that they are the server's own, a terminal perhaps.
    sys.stdin = open(0, closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", closefd=False, buffering=1, errors="backslashreplace")  # noqa: SIM115


def _leave(code: int) -> NoReturn:
    """End the process as the interpreter would, but for what the server has begun."""
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def _is_awaited(status: int) -> bool:
    """Whether anybody still listens at the other end of a pipe."""
    pipe = select.poll()
    pipe.register(status, 0)
    return not pipe.poll(0)


def _tell(status: int, line: str) -> None:
    """Write a line to somebody who may be gone."""
    with contextlib.suppress(OSError):
        os.write(status, f"{line}\n".encode())
