"""A run folder is the interface between programs: every file in it is whole at every moment."""

from __future__ import annotations

import contextlib
import errno
import itertools
import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from engine.errors import CheckpointError, RunError, SpaceError, TesseraError, reason
from engine.events import EventHandler, Trouble
from engine.parallel.shared_memory import SEGMENT, TARGET_SEGMENT
from engine.storage import files
from engine.storage.lock import locked

LOCK = ".lock"  # held while a command works on the folder
SPEC = "spec.yaml"
TARGET = "target.png"  # what was approximated
IMPORTANCE = "importance.png"  # what matters in it, when not all is the same
STORED_TARGET, STORED_IMPORTANCE = "target.pyramid", "importance.pyramid"  # the same of a large one
COPIES = (TARGET, IMPORTANCE, STORED_TARGET, STORED_IMPORTANCE)
CHECKPOINTS = ("checkpoint-a", "checkpoint-b")  # the last two generations, written in turn
PREVIEW = "preview.png"  # replaced while the run goes on
PNG = "result.png"
SVG = "result.svg"
RESULT = "result.json"
LOG, OLDER_LOG = "log.jsonl", "log.1.jsonl"  # the older has what was in it before it became too large
SNAPSHOTS, SNAPSHOT_FOLDER = "snapshots.jsonl", "snapshots"
FILM = "evolution"  # plus the format as suffix
REPORT = "report.html"
PICTURE = "picture"  # exported, plus the format as suffix
MARK = ".mark"  # of who has named the programs in the spec; see trust.py
MOST_UNBEGUN = 1_000_000  # bytes of a list of snapshots that is looked at
UNBEGUN = {LOCK, LOG, MARK, SPEC, *COPIES, PREVIEW, SNAPSHOTS, SNAPSHOT_FOLDER}  # without a checkpoint
SCRATCH = ".film-"  # and more: a folder of a film that is being made
# What only a killed command leaves: files that were being written, films that were being made, shared memory.
LEFTOVER = re.compile(
    rf"\.[a-z0-9_]{{8}}{re.escape(files.PART)}|{re.escape(SCRATCH)}[a-z0-9_]{{8}}|"
    rf"{re.escape(SEGMENT)}|{re.escape(TARGET_SEGMENT)}"
)


@dataclass(frozen=True)
class RunFolder:
    """One run's files."""

    path: Path

    @classmethod
    def create(cls, path: Path) -> RunFolder:
        """A new folder; RunError when there is something in it already."""
        folder = cls.made(path)
        cls.check_free(path)
        return folder

    @classmethod
    def made(cls, path: Path) -> RunFolder:
        """A folder that is there now; RunError when it can't be."""
        try:
            path = path.absolute()
            path.mkdir(parents=True, exist_ok=True)
        except OSError as exc:
            raise explained(path, exc) from exc
        return cls(path)

    @staticmethod
    def check_free(path: Path) -> None:
        """RunError when a path is a file, or a folder with something in it; nothing is created.

        What a run leaves that was killed before its first checkpoint is nothing.
        """
        try:
            path = path.absolute()
            if not is_free(path):
                raise RunError(f"{path}: is not empty; choose another --out, or remove it first.")
        except OSError as exc:
            raise explained(path, exc) from exc

    @classmethod
    def create_in(cls, parent: Path, name: str) -> RunFolder:
        """A new folder with the first free name of name, name-2, name-3, ..."""
        parent = parent.absolute()
        try:
            parent.mkdir(parents=True, exist_ok=True)
            for number in itertools.count(1):
                with contextlib.suppress(FileExistsError):
                    path = parent / (f"{name}-{number}" if number > 1 else name)
                    path.mkdir()
                    return cls(path)
        except OSError as exc:
            raise explained(parent, exc) from exc
        raise AssertionError("there is always one more number")

    @classmethod
    def open(cls, path: Path) -> RunFolder:
        """A folder that a run has made; RunError when it is not one."""
        folder = cls(path.absolute())
        if folder.has(SPEC):
            return folder
        try:
            (path / SPEC).lstat()
        except (FileNotFoundError, NotADirectoryError):
            what = f"{path}: is not a run folder (there is no {SPEC} in it); name one below outputs/."
        except OSError as exc:
            what = f"{path}: can't be read ({exc.strerror}); name one below outputs/."
        else:
            what = f"{path / SPEC}: is no plain file, perhaps a link; put the file itself there."
        raise RunError(what)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Work on it alone; LockError while another process does. What a killed one may have left goes."""
        with locked(self.path / LOCK, str(self.path)):
            for name in [each.name for each in self.path.iterdir()]:
                if LEFTOVER.fullmatch(name):
                    self.remove(name)
            for name in self.names(SNAPSHOT_FOLDER):
                if LEFTOVER.fullmatch(name):
                    self.remove(f"{SNAPSHOT_FOLDER}/{name}")
            yield

    def clear(self) -> None:
        """Remove what a run has left that had hardly begun; only from a folder that is held and was free."""
        for name in UNBEGUN - {LOCK}:
            self.remove(name)

    def __truediv__(self, name: str) -> Path:
        return self.path / name

    def has(self, name: str) -> bool:
        """Whether there is a plain file of that name."""
        return files.is_plain(self.path, name)

    def names(self, name: str) -> list[str]:
        """What lies in a folder of it; nothing when there is no such folder, or only a link to one."""
        try:
            return files.names_in(self.path, name)
        except OSError:
            return []

    def read(self, name: str, most: int) -> bytes:
        """A plain file's content; OSError, also for what is none, or has more than so many bytes."""
        return files.read(self.path, name, most)

    def opened(self, name: str, most: int | None = None) -> contextlib.AbstractContextManager[IO[bytes]]:
        """A plain file, to be read piece by piece; OSError as of `read`."""
        return files.opened(self.path, name, most)

    def write(self, name: str, content: bytes | str, durable: bool = False) -> Path:
        """Put a file in its place at once: a temporary name in the same folder, then renamed.

        durable: it survives a power cut once this returns.
        """
        with self.writing(name, durable) as file:
            file.write(content.encode("utf-8", "backslashreplace") if isinstance(content, str) else content)
        return self.path / name

    @contextlib.contextmanager
    def writing(self, name: str, durable: bool = False) -> Iterator[IO[bytes]]:
        """Write a file piece by piece; it is in its place when the block ends well, or not at all.

        name: may be the path of a file elsewhere, which the user has asked for.
        """
        path = self.path / name
        folder, inside = (path.parent, path.name) if Path(name).is_absolute() else (self.path, name)
        try:
            with files.replacing(folder, inside, durable) as file:
                yield file
        except OSError as exc:
            raise explained(path, exc) from exc

    def check_room(self, size: int) -> None:
        """SpaceError when less than `size` bytes are free."""
        try:
            free = shutil.disk_usage(self.path).free
        except OSError as exc:
            raise explained(self.path, exc) from exc
        if free < size:
            raise SpaceError(f"{self.path}: the disk is nearly full; free some space and start again.")

    def sync(self, names: Iterable[str]) -> None:
        """Make sure that files which have been written survive a power cut."""
        for name in names:
            try:
                files.sync(self.path, name)
            except OSError as exc:
                raise explained(self.path / name, exc) from exc

    def remove(self, name: str) -> None:
        """Remove a file, or a folder with all that is in it, if it is there; of a link the link alone."""
        try:
            files.remove(self.path, name)
        except OSError as exc:
            raise explained(self.path / name, exc) from exc

    def rename(self, name: str, to: str) -> None:
        """Give a file another name in its folder; OSError."""
        files.rename(self.path, name, to)

    def write_json(self, name: str, content: Any) -> Path:
        """A small readable JSON file."""
        return self.write(name, json.dumps(content, indent=2) + "\n")

    def extend(self, name: str, end: int, data: bytes) -> None:
        """Put bytes behind the first `end` of a file, and cut off what lies there; all of them or none.

        When `end` is 0 the file is a new one.
        """
        flags = os.O_RDWR if end else os.O_RDWR | os.O_CREAT | os.O_EXCL
        try:
            if not end:
                files.remove(self.path, name)
            with os.fdopen(files.open_plain(self.path, name, flags), "r+b", buffering=0) as file:
                file.truncate(end)
                file.seek(end)
                if file.write(data) < len(data):
                    file.truncate(end)
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as exc:
            raise explained(self.path / name, exc) from exc

    def append(self, name: str, line: dict[str, Any]) -> None:
        """Add one line of JSON, or nothing."""
        data = (json.dumps(line) + "\n").encode()
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT
        try:
            with os.fdopen(files.open_plain(self.path, name, flags), "ab+", buffering=0) as file:
                size = file.seek(0, os.SEEK_END)
                if size and os.pread(file.fileno(), 1, size - 1) != b"\n":  # what a killed run has left
                    data = b"\n" + data
                if file.write(data) < len(data):
                    file.truncate(size)  # half a line would garble the next one
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as exc:
            raise explained(self.path / name, exc) from exc


def is_free(path: Path) -> bool:
    """Whether a folder is missing or empty, but for what a run leaves that had hardly begun; OSError."""
    names = {each.name for each in path.iterdir() if not is_leftover(each.name)} if path.exists() else set()
    if not names:
        return True
    folder = RunFolder(path)
    begun = len(folder.names(SNAPSHOT_FOLDER))
    if SNAPSHOTS in names:
        try:
            begun = max(begun, folder.read(SNAPSHOTS, MOST_UNBEGUN).count(b"\n"))
        except OSError:  # it is too long, or none of ours
            return False
    return LOCK in names and names <= UNBEGUN and begun <= 1


def is_leftover(name: str) -> bool:
    """Whether it is the name of something that only a killed command leaves in a run folder."""
    return LEFTOVER.fullmatch(name) is not None


def explained(path: Path, exc: OSError) -> TesseraError:
    """The error that is raised instead of what a system says of a path."""
    if exc.errno in (errno.ENOSPC, errno.EDQUOT):
        return SpaceError(f"{path}: there is no space left on the disk; free some and start again.")
    if exc.errno == errno.ENOENT:
        return CheckpointError(f"{path}: its folder has been removed or renamed; nothing more can be kept.")
    if exc.errno in (errno.EEXIST, errno.ENOTDIR):
        return RunError(f"{path}: there is a file where a folder is wanted; choose another folder.")
    return RunError(f"{path}: can't be written ({reason(exc)}); choose another folder.")


class Patience:
    """A context in which a full or unwilling disk is no error; the first refusal is reported."""

    def __init__(self, consequence: str, emit: EventHandler) -> None:
        """consequence: ends the sentence about what was refused."""
        self._consequence = consequence
        self._emit = emit
        self._is_told = False
        self.shortage: SpaceError | None = None  # the last one that was met

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if not isinstance(error, SpaceError | RunError):
            return False
        if isinstance(error, SpaceError):
            self.shortage = error
        if not self._is_told:
            self._is_told = True
            self._emit(Trouble(f"{str(error).partition(';')[0]}; {self._consequence}."))
        return True
