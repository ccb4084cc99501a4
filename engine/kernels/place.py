"""Where compiled kernels are kept: decided once, by the first process, for all that it starts."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from engine.errors import reason

VARIABLE = "NUMBA_CACHE_DIR"  # a folder that the user has chosen
INHERITED = "_TESSERA_KERNELS"  # the folder that the process which started this one has decided on
BYTES = 24_000_000  # what all compiled kernels may take


class Place(NamedTuple):
    """A folder for compiled kernels."""

    folder: Path
    problem: str = ""  # why nothing can be kept there, and what to do: a sentence

    def refused(self, why: Exception) -> Place:
        """The same, where it turns out that nothing can be kept."""
        return self._replace(problem=_problem(self.folder, why))


def find_place(name: str, environment: Mapping[str, str]) -> Place:
    """The folder `name` below the one that the user has chosen, or his cache.

    It is one that can be written, and gives back what was written, or else its problem is said.
    """
    if (inherited := Path(environment.get(INHERITED, ""))).name == name:
        return Place(inherited)
    try:
        chosen = environment.get(VARIABLE) or environment.get("XDG_CACHE_HOME")
        above = Path(chosen) if chosen else Path.home() / ".cache"
    except RuntimeError as exc:  # nobody knows where home is
        return Place(Path("~/.cache/tessera", name), _problem(Path("~/.cache"), exc))
    folder = above.absolute() / "tessera" / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _try(folder, 1 if any(folder.glob("*.list")) else BYTES)
    except OSError as exc:
        return Place(folder, _problem(folder, exc))
    return Place(folder)


def _try(folder: Path, size: int) -> None:
    """Write a file and read it back; OSError when that is impossible."""
    wanted = os.urandom(1) * size
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(wanted)
        file.flush()
        os.fsync(file.fileno())
        file.seek(0)
        if file.read() != wanted:
            raise OSError("what is written there can't be read back")


def _problem(folder: Path, exc: Exception) -> str:
    return (
        f"{folder}: compiled kernels can't be kept there ({reason(exc)}), so they are in a temporary folder "
        f"and are compiled again by each command, for a minute; make it a folder that can be written, with "
        f"{BYTES // 1_000_000} MB free, or set {VARIABLE} to one."
    )
