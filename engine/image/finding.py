"""Which file a target's name means: the one of that path, or else a sample."""

from __future__ import annotations

import difflib
import stat
from pathlib import Path

from engine.errors import TargetError, reason
from engine.image.blank import EXAMPLE
from engine.image.samples import sample_files, samples


def find_file(source: str) -> Path:
    """Return the file that a source means: the file of that name, or else the sample."""
    if not source:
        raise TargetError(f"target: no name; give a picture's path or a sample ({_listed_samples()}).")
    path = Path(source)
    sample = sample_files().get(source)
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as exc:  # ValueError: a zero byte in the name
        if sample:
            return sample
        raise TargetError(_absence(source, exc)) from exc
    if stat.S_ISREG(mode):
        return path
    if sample:
        return sample
    if stat.S_ISDIR(mode):
        raise TargetError(f"{source}: a folder; name one picture in it.")
    raise TargetError(f"{source}: a device or pipe; save the picture to an ordinary file first.")


def _absence(source: str, exc: OSError | ValueError) -> str:
    """Return the sentence about a name that leads to no file."""
    if not isinstance(exc, FileNotFoundError | NotADirectoryError):
        return f"{source}: can't be reached ({reason(exc)}); check the path."
    if len(Path(source).parts) > 1 or Path(source).suffix:
        return f"{source}: no such file; check the path."
    close = difflib.get_close_matches(source.lower(), sample_files(), 1)
    if source.lower().startswith("blank"):
        close = [EXAMPLE]
    perhaps = f"; perhaps {close[0]} is meant" if close else ""
    return f"{source}: neither a file nor one of the samples ({_listed_samples()}){perhaps}."


def _listed_samples() -> str:
    """The samples' names in one line."""
    return ", ".join(samples())
