"""Work on a file in a process of its own: for decoders that talk, that are large, or that are not trusted.

Descriptor 2 belongs to the whole process: turned away here, it would be turned away for the threads of
whoever calls us, too. What is answered comes back as a line of JSON and planes of pixels.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import resource
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import IO, Any, BinaryIO, Protocol

from PIL import Image

from engine.formatting import rough_duration
from engine.own_python import python
from engine.strict_json import parse

_ANSWER = """\
from importlib import import_module
from engine.image.apart import reply
module, name, facts, *bounds = json.loads(sys.argv[1])
reply(getattr(import_module(module), name), facts, *bounds)
"""
_MOST_WORDS = 10_000  # bytes of complaints; a damaged fax has one for each of its lines
_SHOWN = 200  # characters of them

Plane = Image.Image


@dataclass(frozen=True)
class Bounds:
    """What a child may take at most."""

    memory: int = 8 << 30  # bytes of addresses: 500 megapixels are 2 GB, and are there twice for a moment
    seconds: int = 600  # of its processor time
    patience: float | None = None  # seconds by the clock, which count on where it waits
    nice: int = 0  # how far it stands back behind other programs, 0 to 19

    def __str__(self) -> str:
        """Its time in words."""
        return rough_duration(self.seconds)


class Stream(Protocol):
    """A plane of pixels that is not in memory: whoever has it writes it where it is wanted."""

    @property
    def mode(self) -> str:
        """Pillow's name of it."""

    @property
    def size(self) -> tuple[int, int]:
        """(width, height)."""

    def write(self, descriptor: int) -> None:
        """Write its pixels, row by row."""


@dataclass(frozen=True)
class Place:
    """Where a plane lies in the answer's file."""

    mode: str
    size: tuple[int, int]  # (width, height)
    start: int  # bytes

    @property
    def end(self) -> int:
        """Of its bytes."""
        return self.start + self.size[0] * self.size[1] * Image.getmodebands(self.mode)


@dataclass(frozen=True, eq=False)
class Answer:
    """What came back, in a file that is closed with it."""

    file: IO[bytes]
    facts: dict[str, Any]
    places: tuple[Place, ...]
    words: str  # what was written to standard error, in a line; "" for nothing

    def plane(self, place: Place) -> Plane:
        """One of the planes, as a picture in memory."""
        with (
            mmap(self.file.fileno(), 0, access=ACCESS_READ) as content,
            memoryview(content)[place.start : place.end] as pixels,
        ):
            return Image.frombytes(place.mode, place.size, pixels)


@contextlib.contextmanager
def ask(
    module: str,
    name: str,
    file: BinaryIO,
    *facts: Any,
    room: Path | None = None,
    bounds: Bounds = Bounds(),
) -> Iterator[Answer]:
    """Call a function of the engine in a new process, with a file and facts that JSON has.

    It returns facts and planes of one byte a channel. room: a folder for an answer that is larger than
    memory. ChildProcessError when there was no answer, with what was said instead, or MemoryError; other
    OSErrors when there is no process to be had.
    """
    command = python(_ANSWER, json.dumps([module, name, facts, bounds.memory, bounds.seconds]))
    with _room(room) as answer:
        with subprocess.Popen(command, stdin=file, stdout=answer, stderr=subprocess.PIPE) as child:
            _stand_back(child.pid, bounds.nice)
            try:
                with _patient(child, bounds.patience) as is_over:
                    words, code = _words(child), child.wait()
            except BaseException:
                child.kill()
                raise
        if code:
            raise _failure(code, words.rsplit("; ", 1)[-1][-_SHOWN:], bounds, is_over.is_set())
        answer.seek(0)
        found = parse(head := answer.readline())
        yield Answer(answer, found, tuple(_places(found.pop("planes"), len(head))), _shortened(words))


def _stand_back(pid: int, nice: int) -> None:
    """Let a process that has just begun be no quicker than others, if it is to be so."""
    with contextlib.suppress(OSError):  # it has ended
        if nice > os.getpriority(os.PRIO_PROCESS, pid):
            os.setpriority(os.PRIO_PROCESS, pid, nice)


def _room(folder: Path | None) -> IO[bytes]:
    """A file for the answer, without a name: in a folder, or in memory where the system has such files."""
    if folder is None and hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("answer"), "r+b")
    return tempfile.TemporaryFile(dir=folder)


@contextlib.contextmanager
def _patient(child: subprocess.Popen[bytes], seconds: float | None) -> Iterator[threading.Event]:
    """Kill a child that takes longer by the clock, and tell so."""
    is_over = threading.Event()

    def end() -> None:
        is_over.set()
        child.kill()

    if seconds is None:
        yield is_over
        return
    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield is_over
    finally:
        timer.cancel()


def _failure(code: int, word: str, bounds: Bounds, is_over: bool) -> Exception:
    """What has happened to a child that gave no answer. is_over: whether it was killed for being slow."""
    if "MemoryError" in word or "allocate memory" in word:
        return MemoryError(word)
    if os.strerror(errno.ENOSPC) in word:
        return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    if code == -signal.SIGXCPU or is_over:
        return ChildProcessError(f"it takes more than {bounds} to decode")
    if code == -signal.SIGKILL:  # nobody else ends it so than a system that is out of memory
        return MemoryError(word)
    if code < 0:
        return ChildProcessError(f"its decoder was ended by {signal.Signals(-code).name}")
    return ChildProcessError(word or f"its decoder ended with code {code}")


def _words(child: subprocess.Popen[bytes]) -> str:
    """What a child complains of until it ends, in a line, without what is no letter."""
    assert child.stderr is not None
    kept, last = child.stderr.read(_MOST_WORDS), b""
    while piece := child.stderr.read(1 << 16):
        last = (last + piece)[-_MOST_WORDS:]
    kept += last
    lines = (
        kept.decode("utf-8", "replace").replace("tempfile.tif: ", "").splitlines()
    )  # Pillow's name for all
    text = "; ".join(" ".join(line.split()).rstrip(".") for line in lines if line.strip())
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def _shortened(text: str) -> str:
    """The first of what is complained of."""
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN].rsplit('; ', 1)[0]}; ..."


def _places(planes: Iterable[tuple[str, int, int]], start: int) -> Iterator[Place]:
    for mode, width, height in planes:
        yield (place := Place(mode, (width, height), start))
        start = place.end


def _limit(kind: int, most: int) -> None:
    """Have no more of something, in this process and in what it starts, than it may have anyway."""
    _, hard = resource.getrlimit(kind)
    if hard == resource.RLIM_INFINITY or hard > most:
        with contextlib.suppress(ValueError, OSError):  # where a system has no such limit
            resource.setrlimit(kind, (most, hard))


def _taken() -> int:
    """Bytes of addresses that this process has already; libraries reserve some for each core."""
    with contextlib.suppress(OSError, ValueError):
        return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    return 0


def reply(function: Any, facts: Sequence[Any], memory: int, seconds: int) -> None:
    """Answer the process that asked: standard input is the file, standard output is for the answer.

    memory, seconds: see Bounds.
    """
    _limit(resource.RLIMIT_AS, memory + _taken() + os.fstat(0).st_size)  # for it may be mapped
    _limit(resource.RLIMIT_CPU, seconds)
    _limit(resource.RLIMIT_CORE, 0)
    with os.fdopen(0, "rb", closefd=False) as file, os.fdopen(1, "wb", closefd=False) as answer:
        file.seek(0)
        found, planes = function(file, *facts)
        sizes = [(plane.mode, *plane.size) for plane in planes]
        answer.write(json.dumps({**found, "planes": sizes}).encode() + b"\n")
        for plane in planes:
            if not isinstance(plane, Image.Image):
                answer.flush()
                plane.write(answer.fileno())
                continue
            for top in range(0, plane.height, step := max(1, (1 << 22) // plane.width)):
                bottom = min(top + step, plane.height)
                answer.write(plane.crop((0, top, plane.width, bottom)).tobytes())
