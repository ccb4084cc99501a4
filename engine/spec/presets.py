"""Presets: recipes by name, the user's own and those that come with Tessera."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from engine.errors import SpecError
from engine.regular_files import read_any, read_regular
from engine.spec.defaults import config_folder
from engine.spec.settings import Document, document_of, read_document
from engine.spec.yaml_reader import compose, read_text

SUFFIX = ".yaml"
FOLDER = "presets"


@dataclass(frozen=True)
class Preset:
    """A recipe that is there."""

    name: str
    path: Path
    about: str  # its first line, where that is a comment
    is_own: bool  # the user's


def own_folder(environ: Mapping[str, str]) -> Path | None:
    """Where the user's presets are."""
    folder = config_folder(environ)
    return folder / FOLDER if folder else None


def presets(environ: Mapping[str, str]) -> dict[str, Preset]:
    """All of them by name, sorted; the user's stand before those of the same name that came with Tessera."""
    found = {path.stem: _preset(path, False) for path in _in(Path(str(files("engine") / FOLDER)))}
    own = own_folder(environ)
    found |= {path.stem: _preset(path, True) for path in (_in(own) if own else ())}
    return dict(sorted(found.items()))


def read_preset(name: str, environ: Mapping[str, str]) -> Document:
    """The settings of a preset, by its name or by the path of a file; SpecError when there is none."""
    if "/" in name or name.lower().endswith((SUFFIX, ".yml")):
        found = read_document(Path(name), read_any)
    else:
        known = presets(environ)
        if name not in known:
            close = difflib.get_close_matches(name.lower(), known, 1)
            perhaps = f"perhaps {close[0]} is meant" if close else f"there are {', '.join(known)}"
            raise SpecError(f"--preset {name}: there is no such preset; {perhaps}.")

        def place(line: int) -> str:
            return f"preset {name}:{line}"

        path = known[name].path
        found = document_of(compose(read_text(path, read_any), place), f"preset {name}", place)
    return Document(found.source, found.settings, "preset")


def _in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob(f"*{SUFFIX}") if path.is_file()) if folder.is_dir() else []


def _preset(path: Path, is_own: bool) -> Preset:
    try:
        first = read_regular(path, 100_000).decode("utf-8", "replace").partition("\n")[0]
    except OSError:
        first = ""
    return Preset(path.stem, path, first.removeprefix("#").strip() if first.startswith("#") else "", is_own)
