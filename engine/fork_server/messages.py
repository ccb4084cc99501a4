"""What goes between a fork server and who asks it for processes: pickles, with file descriptors beside."""

from __future__ import annotations

import os
import pickle
import signal
import socket
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

DEAF_TO = (signal.SIGINT, signal.SIGHUP)  # they go to whole groups; who asked for processes decides
_LENGTH = struct.Struct("!I")
_MOST_DESCRIPTORS = 8


@dataclass(frozen=True)
class Prepare:
    """Call "module:function" in the server itself, so that all later processes have what it loads."""

    function: str
    arguments: tuple[Any, ...]


@dataclass(frozen=True)
class Fork:
    """Divide, and call "module:function" in the new process, with the descriptors after those that it has.

    The descriptors sent along: where the process number and later the exit code are written as two lines, the
    standard input, output and error stream, and those that the function gets.
    """

    function: str
    arguments: tuple[Any, ...]
    # Of a process of its own right: it gets a session, signals as at the start of any program, this
    # environment, this folder, and a line to the server so that it can ask for processes itself. None: of a
    # worker.
    environment: dict[str, str] | None = None
    folder: str | None = None


def send(line: socket.socket, message: Prepare | Fork, descriptors: Sequence[int] = ()) -> None:
    """Put a message on the line; OSError when nobody is at the other end."""
    body = pickle.dumps(message)
    socket.send_fds(line, [_LENGTH.pack(len(body))], descriptors)
    line.sendall(body)


def receive(line: socket.socket) -> tuple[Prepare | Fork, list[int]] | None:
    """The next message and its descriptors, which no program inherits; None at the line's end."""
    head, descriptors, _, _ = socket.recv_fds(line, _LENGTH.size, _MOST_DESCRIPTORS)
    for each in descriptors:
        os.set_inheritable(each, False)
    head = head and head + _exactly(line, _LENGTH.size - len(head))
    if len(head) < _LENGTH.size:
        return None
    body = _exactly(line, *_LENGTH.unpack(head))
    return pickle.loads(body), descriptors


def _exactly(line: socket.socket, size: int) -> bytes:
    """So many bytes, or fewer at the line's end."""
    parts = []
    while size and (part := line.recv(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
