"""The folder of a Deep Zoom image: what is in it, and whether one that is there is ours to replace."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from engine.errors import RunError

PAGE = "index.html"
SUFFIX = ".dzi"
SIGN = '<meta name="generator" content="Tessera'  # in a page of ours,
HEAD = 1000  # among its first characters


@dataclass(frozen=True)
class Names:
    """What is in such a folder, beside the page."""

    stem: str  # of the folder's own name

    @classmethod
    def of(cls, path: Path) -> Names:
        """Of what a folder of that path holds."""
        return cls(path.name.removesuffix(SUFFIX))

    @property
    def descriptor(self) -> str:
        """The file that says how large the picture is."""
        return f"{self.stem}{SUFFIX}"

    @property
    def tiles(self) -> str:
        """The folder of the levels."""
        return f"{self.stem}_files"

    @property
    def url(self) -> str:
        """Of that folder, from the page."""
        return quote(os.fsencode(self.tiles))


def check_replaceable(path: Path) -> None:
    """RunError where something else lies than such a folder, or where somebody has put something into one."""
    if not os.path.lexists(path) or _is_ours(path):
        return
    raise RunError(
        f"{path}: is no Deep Zoom folder of Tessera's own; choose another name, or remove it first."
    )


def _is_ours(path: Path) -> bool:
    try:
        if path.is_symlink() or not path.is_dir():
            return False
        found = {each.name: each for each in path.iterdir()}
        stems = [name.removesuffix(SUFFIX) for name in found if name.endswith(SUFFIX)]
        if len(stems) != 1 or set(found) != {PAGE, Names(stems[0]).descriptor, Names(stems[0]).tiles}:
            return False
        if any(each.is_symlink() for each in found.values()) or not found[PAGE].is_file():
            return False
        with found[PAGE].open(encoding="utf-8", errors="replace") as page:
            return SIGN in page.read(HEAD)
    except OSError:
        return False
