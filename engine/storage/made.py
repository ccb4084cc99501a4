"""With what settings the files of a run were made, so that none takes the place of one with others."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine import strict_json
from engine.errors import RunError, SpaceError
from engine.storage import files
from engine.storage.run_folder import RunFolder

MADE = "made.json"  # in a run's folder
MOST = 1_000_000  # bytes of made.json


def digest_of(*settings: Mapping[str, Any]) -> str:
    """What tells settings apart."""
    return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()


def check_new(name: str | Path) -> None:
    """RunError for a file that a user names and that is there already."""
    if os.path.lexists(name):
        raise RunError(f"{name}: is there already; choose another name, or --force to replace it.")


@dataclass(frozen=True)
class Place:
    """Where a file is to go."""

    path: Path
    digest: str | None = None  # of its settings, if it is one of the run's own

    def note(self, folder: RunFolder) -> None:
        """Remember the settings of the file, which has been made."""
        if self.digest is None:
            return
        with suppress(SpaceError, RunError):  # then it takes another name next time
            made = {name: digest for name, digest in _read(folder).items() if _is_there(folder, name)}
            folder.write_json(MADE, {**made, self.path.name: self.digest})


def place_for(folder: RunFolder, name: str, digest: str, replace: bool) -> Place:
    """A file's place in a run's folder: name-2.suffix and so on where there is one of other settings.

    replace: whatever is there.
    """
    if not replace:
        made, (stem, dot, rest) = _read(folder), name.partition(".")
        numbered = (f"{stem}-{number}{dot}{rest}" for number in itertools.count(2))
        names = itertools.chain([name], numbered)
        name = next(each for each in names if made.get(each) == digest or not _is_there(folder, each))
    return Place(folder / name, digest)


def _read(folder: RunFolder) -> dict[str, str]:
    """Digests by name; none when they can't be read, and so no file is replaced."""
    try:
        made = strict_json.parse(folder.read(MADE, MOST))
    except (OSError, ValueError):
        return {}
    texts = made.items() if isinstance(made, dict) else ()
    return {name: digest for name, digest in texts if isinstance(digest, str)}


def _is_there(folder: RunFolder, name: str) -> bool:
    """Whatever it is."""
    return files.state_of(folder.path, name) is not None
