"""What lies around a run's folder, and whether a command has left it alone."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from scripts.soaks.sites import FOLDER, SECRET, TOOL

LATER = 2**32  # seconds since the epoch: after whatever is done to a run
RUN, NEIGHBOUR, OUTPUTS, OUTSIDE, MADE, RAN = "photo", "other", "outputs", "outside", "made", "ran"
LONG_AGO = 86_400 * 10**9  # nanoseconds before it was last written: then reading is noted (relatime)


@dataclass(frozen=True)
class Surroundings:
    """A folder of outputs with a run and a healthy neighbour, and beside it what is nobody's business.

    What a command makes outside the run goes to `made`; `ran` is there when a stranger's program has run.
    """

    path: Path

    @classmethod
    def make(cls, path: Path, run: Path, neighbour: Path) -> Surroundings:
        """Copies of a run and of its neighbour, and a new outside."""
        own = cls(path)
        shutil.copytree(run, own.run)
        shutil.copytree(neighbour, own.neighbour)
        for each in own.neighbour.rglob("*"):
            os.utime(each, (LATER, LATER))
        (own.outside / FOLDER).mkdir(parents=True)
        (own.outside / SECRET).write_text("nobody's business\n")
        (own.outside / FOLDER / "keep.txt").write_text("nor this\n")
        (own.outside / TOOL).write_text(f"#!/bin/sh\ntouch '{path / RAN}'\n")
        (own.outside / TOOL).chmod(0o755)
        return own

    @property
    def run(self) -> Path:
        """The run that is damaged."""
        return self.path / OUTPUTS / RUN

    @property
    def neighbour(self) -> Path:
        """A run that is as it should be, and the newest."""
        return self.path / OUTPUTS / NEIGHBOUR

    @property
    def outside(self) -> Path:
        """A folder with what may not be changed, read or run."""
        return self.path / OUTSIDE

    def remember(self) -> Callable[[bool], list[str]]:
        """Look at all that may not change; what has changed later, in words, and with True what was read."""
        files = [path for path in self.outside.rglob("*") if stat.S_ISREG(path.lstat().st_mode)]
        before = dict(self._all())
        for path in files:
            modified = path.stat().st_mtime_ns
            os.utime(path, ns=(modified - LONG_AGO, modified))
        atimes = {path: path.stat().st_atime_ns for path in files}

        def changes(also_reading: bool) -> list[str]:
            found = [
                f"read {path.relative_to(self.path)}"
                for path, at in atimes.items()
                if also_reading and path.exists() and path.stat().st_atime_ns != at
            ]
            after = dict(self._all())
            names = sorted(before.keys() | after.keys())
            changed = [name for name in names if before.get(name) != after.get(name)]
            more = f" and {len(changed) - 1} more" if changed[1:] else ""
            return [*found, *(f"changed {name}{more}" for name in changed[:1])]

        return changes

    def _all(self) -> Iterator[tuple[str, tuple[object, ...]]]:
        """Everything but the run and what a command may make, by name."""
        for path in (self.path, *sorted(self.path.rglob("*"))):
            name = path.relative_to(self.path)
            is_free = name.parts[:1] == (MADE,) or (
                name.parts[:1] == (OUTPUTS,) and name.parts[1:2] != (NEIGHBOUR,)
            )
            found = path.lstat()
            is_file = stat.S_ISREG(found.st_mode)
            if is_free or name.parts == (OUTPUTS, NEIGHBOUR, ".lock"):
                continue
            if not is_file:
                # What is in a folder says more than when that was changed.
                yield str(name), (stat.S_IFMT(found.st_mode), found.st_mode)
                continue
            content = hashlib.sha256(path.read_bytes()).hexdigest() if found.st_size < 10**7 else ""
            yield str(name), (found.st_mode, found.st_size, found.st_mtime_ns, content)


def notes_reading(folder: Path) -> bool:
    """Whether the file system there notes when a file is read."""
    path = folder / "read"
    path.write_text("x")
    modified = path.stat().st_mtime_ns
    os.utime(path, ns=(modified - LONG_AGO, modified))
    path.read_text()
    is_noted = path.stat().st_atime_ns != modified - LONG_AGO
    path.unlink()
    return is_noted
