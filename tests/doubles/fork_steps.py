"""What the tests of the fork server let its processes do: importable by name."""

import errno
import os
import signal
import sys
import time
from pathlib import Path
from typing import NoReturn

REMEMBERED: list[str] = []


def remember(word: str) -> None:
    REMEMBERED.append(word)


def recall_and_forget() -> None:
    os.write(1, str(REMEMBERED).encode())
    REMEMBERED.clear()


def leave(code: object) -> NoReturn:
    sys.exit(code)  # type: ignore[arg-type]


def leave_with_length(body: bytes) -> NoReturn:
    sys.exit(len(body) // 100_000)


def leave_with_mask() -> NoReturn:
    sys.exit(len(signal.pthread_sigmask(signal.SIG_BLOCK, ())))


def say_hello() -> None:
    os.write(1, b"hello")


def sleep() -> None:
    time.sleep(60)


def fail() -> NoReturn:
    raise ValueError("odd")


def describe(server: int) -> None:
    is_leader = os.getsid(0) == os.getpid()
    handler = getattr(signal.getsignal(signal.SIGINT), "__name__", "")
    term = int(signal.getsignal(signal.SIGTERM))  # type: ignore[arg-type]
    print(dict(os.environ), is_leader, handler, term, sys.stdout.fileno(), end="")


def open_descriptors() -> None:
    with os.scandir("/proc/self/fd") as found:
        names = sorted(int(each.name) for each in found)
    os.write(1, str([each for each in names if Path(f"/proc/self/fd/{each}").exists()]).encode())


def ask_for_another(server: int) -> None:
    from engine.fork_server.client import at_hand, lend

    lend(server)
    with at_hand("tests.doubles.fork_steps:remember", "more") as found:
        assert found is not None
        print("another", found.fork("tests.doubles.fork_steps:leave", (5,)).wait(), end="")


def forbid_forks() -> None:
    def refuse() -> NoReturn:
        raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    os.fork = refuse
