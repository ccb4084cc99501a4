"""A run as it is named on the command line: by its folder, or by its name among the outputs."""

from __future__ import annotations

import difflib
from pathlib import Path

from engine.cli.options import OUTPUTS
from engine.errors import RunError


def run_folder(text: str) -> Path:
    """The folder that is meant: what is there, else what is in outputs/; RunError when neither is.

    A name that leads somewhere in the current folder is that, whatever the outputs hold.
    """
    path, among = Path(text), OUTPUTS / text
    if path.exists() or path.is_symlink():
        if path.is_file() and (OUTPUTS / path.stem).is_dir():
            raise RunError(
                f"{text}: is a file, and a run is a folder; perhaps {OUTPUTS / path.stem} is meant."
            )
        return path
    if not path.is_absolute() and among.is_dir():
        return among
    names = sorted(child.name for child in OUTPUTS.iterdir() if child.is_dir()) if OUTPUTS.is_dir() else []
    close = difflib.get_close_matches(text, names, 1)
    if close and not path.is_absolute():
        raise RunError(f"{text}: doesn't exist; did you mean {OUTPUTS / close[0]}?")
    return path


def among_outputs(text: str) -> str:
    """A path as it is given, or that of the run among the outputs when there is nothing else of that name."""
    path, among = Path(text), OUTPUTS / text
    return str(among) if not (path.exists() or path.is_absolute()) and among.is_dir() else text


def names_of_runs() -> list[str]:
    """Those in outputs/, for completion."""
    from engine.storage.run_folder import SPEC

    return sorted(path.parent.name for path in OUTPUTS.glob(f"*/{SPEC}")) if OUTPUTS.is_dir() else []
