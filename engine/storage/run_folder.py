"""A run folder is the interface between programs: every file in it is whole at every moment."""

from __future__ import annotations

import contextlib
import errno
import itertools
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from engine.errors import CheckpointError, RunError, SpaceError, TesseraError, reason
from engine.events import EventHandler, Trouble
from engine.parallel.shared_memory import SEGMENT, TARGET_SEGMENT
from engine.storage.lock import locked

LOCK = ".lock"  # held while a command works on the folder
SPEC = "spec.yaml"
TARGET = "target.png"  # what was approximated
IMPORTANCE = "importance.png"  # what matters in it, when not all is the same
CHECKPOINTS = ("checkpoint-a", "checkpoint-b")  # the last two generations, written in turn
PREVIEW = "preview.png"  # replaced while the run goes on
PNG = "result.png"
SVG = "result.svg"
RESULT = "result.json"
LOG = "log.jsonl"
OLDER_LOG = "log.1.jsonl"  # what was in it before it became too large
SNAPSHOTS = "snapshots.jsonl"
SNAPSHOT_FOLDER = "snapshots"
FILM = "evolution"  # plus the format as suffix
REPORT = "report.html"
PICTURE = "picture"  # exported, plus the format as suffix
UNBEGUN = {LOCK, LOG, SPEC, TARGET, IMPORTANCE, PREVIEW, SNAPSHOTS, SNAPSHOT_FOLDER}  # without a checkpoint
PART = ".part"  # of a file that is being written
SCRATCH = ".film-"  # and more: a folder of a film that is being made


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
            raise _explained(path, exc) from exc
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
            raise _explained(path, exc) from exc

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
            raise _explained(parent, exc) from exc
        raise AssertionError("there is always one more number")

    @classmethod
    def open(cls, path: Path) -> RunFolder:
        """A folder that a run has made; RunError when it is not one."""
        try:
            is_run = (path / SPEC).is_file()
        except OSError as exc:
            raise RunError(f"{path}: can't be read ({exc.strerror}).") from exc
        if not is_run:
            raise RunError(
                f"{path}: is not a run folder (there is no {SPEC} in it); name one below outputs/."
            )
        return cls(path.absolute())

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Work on it alone; LockError while another process does. What a killed one may have left goes."""
        with locked(self.path / LOCK, str(self.path)):
            for path in (*self.path.iterdir(), *self.path.glob("*/.*")):
                if is_leftover(path):
                    shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
            yield

    def clear(self) -> None:
        """Remove what a run has left that had hardly begun; only from a folder that is held and was free."""
        for path in self.path.iterdir():
            if path.name in UNBEGUN - {LOCK}:
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    def __truediv__(self, name: str) -> Path:
        return self.path / name

    def write(self, name: str, content: bytes | str, durable: bool = False) -> Path:
        """Put a file in its place at once: a temporary name in the same folder, then renamed.

        durable: it survives a power cut once this returns.
        """
        with self.writing(name, durable) as file:
            file.write(content.encode() if isinstance(content, str) else content)
        return self.path / name

    @contextlib.contextmanager
    def writing(self, name: str, durable: bool = False) -> Iterator[IO[bytes]]:
        """Write a file piece by piece; it is in its place when the block ends well, or not at all."""
        path = self.path / name
        temporary: Path | None = None
        try:
            if path.parent != self.path:  # which may have been removed, and then is not made again
                path.parent.mkdir(exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", suffix=PART, delete=False) as file:
                temporary = Path(file.name)
                yield file
                os.fchmod(file.fileno(), 0o644)
                if durable:
                    file.flush()
                    os.fsync(file.fileno())
            temporary.replace(path)
            if durable:
                _sync(path.parent)
        except OSError as exc:
            raise _explained(path, exc) from exc
        finally:
            if temporary is not None:
                temporary.unlink(missing_ok=True)

    def check_room(self, size: int) -> None:
        """SpaceError when less than `size` bytes are free."""
        try:
            free = shutil.disk_usage(self.path).free
        except OSError as exc:
            raise _explained(self.path, exc) from exc
        if free < size:
            raise SpaceError(f"{self.path}: the disk is nearly full; free some space and start again.")

    def sync(self, names: Iterable[str]) -> None:
        """Make sure that files which have been written survive a power cut."""
        paths = [self.path / name for name in names]
        for path in (*paths, *{path.parent for path in paths}):
            try:
                _sync(path)
            except OSError as exc:
                raise _explained(path, exc) from exc

    def remove(self, name: str) -> None:
        """Remove a file, or a folder with all that is in it, if it is there."""
        path = self.path / name
        try:
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        except OSError as exc:
            raise _explained(path, exc) from exc

    def write_json(self, name: str, content: Any) -> Path:
        """A small readable JSON file."""
        return self.write(name, json.dumps(content, indent=2) + "\n")

    def extend(self, name: str, end: int, data: bytes) -> None:
        """Put bytes behind the first `end` of a file, and cut off what lies there; all of them or none.

        The file is made when `end` is 0.
        """
        path = self.path / name
        try:
            if path.parent != self.path:
                path.parent.mkdir(exist_ok=True)
            with path.open("r+b" if end else "wb", buffering=0) as file:
                file.truncate(end)
                file.seek(end)
                if file.write(data) < len(data):
                    file.truncate(end)
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as exc:
            raise _explained(path, exc) from exc

    def append(self, name: str, line: dict[str, Any]) -> None:
        """Add one line of JSON, or nothing."""
        path = self.path / name
        data = (json.dumps(line) + "\n").encode()
        try:
            with path.open("ab+", buffering=0) as file:
                size = file.tell()
                if size and os.pread(file.fileno(), 1, size - 1) != b"\n":  # what a killed run has left
                    data = b"\n" + data
                if file.write(data) < len(data):
                    file.truncate(size)  # half a line would garble the next one
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as exc:
            raise _explained(path, exc) from exc


def is_free(path: Path) -> bool:
    """Whether a folder is missing or empty, but for what a run leaves that had hardly begun; OSError."""
    names = {each.name for each in path.iterdir() if not is_leftover(each)} if path.exists() else set()
    if not names:
        return True
    files = list((path / SNAPSHOT_FOLDER).iterdir()) if SNAPSHOT_FOLDER in names else []
    listed = (path / SNAPSHOTS).read_bytes().count(b"\n") if SNAPSHOTS in names else 0
    return LOCK in names and names <= UNBEGUN and max(len(files), listed) <= 1


def is_leftover(path: Path) -> bool:
    """Whether it is something that only a killed command leaves in a run folder."""
    name = path.name
    return (
        name in (SEGMENT, TARGET_SEGMENT)
        or name.startswith(SCRATCH)
        or (name.startswith(".") and name.endswith(PART))
    )


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _explained(path: Path, exc: OSError) -> TesseraError:
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
