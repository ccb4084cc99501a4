"""A folder of compiled kernels: a file for each, with a checksum, and for each painter a list of its own.

A cache is a cache: what can't be read, or isn't what was written, is thrown away and compiled anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

from engine.errors import SpaceError, reason
from engine.kernels.place import Place
from engine.kernels.temporary import temporary_folder

SUFFIX, LIST = ".kernel", ".list"
_DIGEST = 32  # bytes, before the content


class MissingKernelError(LookupError):
    """A kernel would have to be compiled."""


class KernelStore:
    """The compiled kernels of this version, wherever they are."""

    def __init__(self, place: Place) -> None:
        """Where nothing can be kept and nothing is there, begin in a temporary folder."""
        self._place = place
        self.used: dict[str, None] = {}  # what this process has loaded or saved
        self.problem: OSError | None = None  # why something that it has compiled could not be saved
        self.is_temporary = False
        self._is_told = False
        # Whether nothing is loaded, as all is to be compiled; or all is loaded, and nothing compiled.
        self.mode: Literal["", "anew", "there"] = ""
        if place.problem and not any(place.folder.glob(f"*{LIST}")):
            self.make_room()

    @property
    def folder(self) -> Path:
        """Where they are now."""
        return self._place.folder

    @property
    def sentence(self) -> str:
        """Why they can't be kept, and what to do; "" when they can."""
        return self._place.problem

    def news(self) -> str:
        """Why they are in a temporary folder, once: "" after that, and when they are not."""
        if not self.is_temporary or self._is_told:
            return ""
        self._is_told = True
        return self._place.problem

    def make_room(self) -> None:
        """See that kernels can be saved: where none can be kept, in a temporary folder, removed at the end.

        What is good in the place before is taken along. Raises SpaceError when there is no folder at all.
        """
        if not self._place.problem or self.is_temporary:
            return
        before = self.folder
        try:
            folder = temporary_folder() / before.name
            folder.mkdir()
            for name in _names(before):
                if (body := _read(before / name)) is not None:
                    _write(folder / name, body)
        except OSError as exc:
            raise SpaceError(
                f"{self.sentence.rstrip('.')}; there is no temporary folder either ({reason(exc)})."
            ) from exc
        self._place = self._place._replace(folder=folder)
        self.is_temporary = True

    def move_out(self, why: OSError) -> None:
        """Leave a place that was good when it was chosen, and where something could not be saved since.

        Raises SpaceError when that is a temporary folder, too.
        """
        if self.is_temporary:
            raise SpaceError(f"{self.sentence.rstrip('.')}; nor has {self.folder} any room ({reason(why)}).")
        self._place = self._place.refused(why)
        self.make_room()

    def load(self, name: str) -> bytes | None:
        """What was saved under a name; None, and then it is gone, when that can't be had."""
        if self.mode == "anew":
            return None
        path = self.folder / f"{name}{SUFFIX}"
        body = _read(path)
        if body is not None:
            self.used[name] = None
            return body
        if self.mode == "there":
            raise MissingKernelError(name)
        _throw_away(path)
        return None

    def save(self, name: str, body: bytes) -> None:
        """Keep a kernel, or note why that is impossible."""
        try:
            _write(self.folder / f"{name}{SUFFIX}", body)
            self.used[name] = None
        except OSError as exc:
            self.problem = exc

    def throw_away(self, name: str) -> None:
        """What is there under a name is no use."""
        self.used.pop(name, None)
        _throw_away(self.folder / f"{name}{SUFFIX}")

    def ages(self) -> dict[str, int]:
        """When each kernel that is there was saved, in nanoseconds of the disk's clock, by its name."""
        found = {}
        for name in _names(self.folder):
            if name.endswith(SUFFIX):
                with contextlib.suppress(OSError):
                    found[name.removesuffix(SUFFIX)] = (self.folder / name).stat().st_mtime_ns
        return found

    def note(self, painter: str, names: Iterable[str]) -> None:
        """Remember which kernels a painter needs."""
        _write(self.folder / f"{painter}{LIST}", "\n".join(names).encode())

    def known(self, painter: str) -> list[str] | None:
        """Which those are; None when nobody knows."""
        body = _read(self.folder / f"{painter}{LIST}")
        return None if body is None else [name for name in body.decode().split("\n") if name]

    def damaged(self, painter: str) -> list[str]:
        """Those of them that are missing or are not what was written."""
        names = self.known(painter)
        if names is None:
            return [f"the list of {painter}"] if (self.folder / f"{painter}{LIST}").exists() else []
        return [name for name in names if _read(self.folder / f"{name}{SUFFIX}") is None]

    def forget(self, painter: str, damaged: Iterable[str]) -> None:
        """Throw away what is damaged of a painter's kernels, and its list, so that all are compiled anew."""
        for name in damaged:
            self.throw_away(name)
        _throw_away(self.folder / f"{painter}{LIST}")


def _names(folder: Path) -> Iterator[str]:
    """The files of a store."""
    with contextlib.suppress(OSError):
        yield from sorted(path.name for path in folder.iterdir() if path.suffix in (SUFFIX, LIST))


def _read(path: Path) -> bytes | None:
    """What was written to a file; None when that isn't there, or not any more."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    body = content[_DIGEST:]
    return body if hashlib.sha256(body).digest() == content[:_DIGEST] else None


def _write(path: Path, body: bytes) -> None:
    """Write a file that is there whole or not at all, whoever else writes it."""
    beside = path.with_name(f".{uuid.uuid4().hex}.part")
    try:
        beside.write_bytes(hashlib.sha256(body).digest() + body)
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        os.replace(beside, path)  # noqa: PTH105 - the same
    except OSError:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise


def _throw_away(path: Path) -> None:
    with contextlib.suppress(OSError):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
