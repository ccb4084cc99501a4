"""A run folder is the interface between programs: every file in it is whole at every moment."""

from __future__ import annotations

import contextlib
import errno
import itertools
import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors import RunError, SpaceError, TesseraError

LOCK = ".lock"  # held while a command works on the folder
SPEC = "spec.yaml"
TARGET = "target.png"  # what was approximated
CHECKPOINTS = ("checkpoint-a", "checkpoint-b")  # the last two generations, written in turn
PREVIEW = "preview.png"  # replaced while the run goes on
PNG = "result.png"
SVG = "result.svg"
RESULT = "result.json"
LOG = "log.jsonl"
SNAPSHOTS = "snapshots.jsonl"
FILM = "evolution"  # plus the format as suffix


@dataclass(frozen=True)
class RunFolder:
    """One run's files."""

    path: Path

    @classmethod
    def create(cls, path: Path) -> RunFolder:
        """A new folder; RunError when there is something in it already."""
        try:
            path = path.absolute()
            path.mkdir(parents=True, exist_ok=True)
        except OSError as exc:
            raise _explained(path, exc) from exc
        cls.check_free(path)
        return cls(path)

    @staticmethod
    def check_free(path: Path) -> None:
        """RunError when a path is a file, or a folder with something in it; nothing is created."""
        try:
            path = path.absolute()
            if path.exists() and any(path.iterdir()):
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

    def __truediv__(self, name: str) -> Path:
        return self.path / name

    def write(self, name: str, content: bytes | str) -> Path:
        """Put a file in its place at once: a temporary name in the same folder, then renamed."""
        path = self.path / name
        data = content.encode() if isinstance(content, str) else content
        temporary: str | None = None
        try:
            path.parent.mkdir(exist_ok=True)
            with tempfile.NamedTemporaryFile(
                dir=path.parent, prefix=".", suffix=".part", delete=False
            ) as file:
                temporary = file.name
                file.write(data)
            Path(temporary).chmod(0o644)
            Path(temporary).replace(path)
        except OSError as exc:
            if temporary is not None:
                Path(temporary).unlink(missing_ok=True)
            raise _explained(path, exc) from exc
        return path

    def write_json(self, name: str, content: Any) -> Path:
        """A small readable JSON file."""
        return self.write(name, json.dumps(content, indent=2) + "\n")

    def append(self, name: str, line: dict[str, Any]) -> None:
        """Add one line of JSON."""
        path = self.path / name
        try:
            with path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
        except OSError as exc:
            raise _explained(path, exc) from exc


def _explained(path: Path, exc: OSError) -> TesseraError:
    if exc.errno in (errno.ENOSPC, errno.EDQUOT):
        return SpaceError(f"{path}: there is no space left on the disk; free some and start again.")
    if exc.errno in (errno.EEXIST, errno.ENOTDIR):
        return RunError(f"{path}: there is a file where a folder is wanted; choose another --out.")
    return RunError(f"{path}: can't be written ({os.strerror(exc.errno or 0)}); choose another --out.")
