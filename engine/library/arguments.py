"""What callers give, checked, as the settings and paths that the engine works with."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from engine.errors import SpecError
from engine.named_files import FILMS, PathLike, destination
from engine.spec.lengths import LARGEST
from engine.spec.messages import show
from engine.spec.settings import Document, Setting, from_keywords, merged

KEYWORDS = {"from_": "from", "start": "from"}  # `from` is a word of Python's own
WHOLE = 50_000  # pixels of a side of what is drawn into memory: 7.5 GB


def keywords(values: Mapping[str, object], settings: Mapping[str, object] | None) -> Document:
    """What keywords and a mapping of settings say together; a keyword that is None says nothing."""
    return merged([from_keywords(given(values), names=KEYWORDS), from_keywords(settings or {})])


def given(values: Mapping[str, object]) -> dict[str, object]:
    """Those that are."""
    return {name: value for name, value in values.items() if value is not None}


def film_at(path: PathLike | None) -> tuple[list[Path], Document]:
    """Where a film goes, and its format; neither when it stays with the run."""
    if path is None:
        return [], Document("engine", {})
    to, suffix = destination(path, FILMS)
    return [to], form_of("film.format", FILMS[suffix], path)


def form_of(name: str, form: str, path: PathLike) -> Document:
    """The setting of a format that a path's suffix says."""
    return Document("engine", {name: Setting(form, f"the suffix of {os.fspath(path)}")})


def checked_size(size: object, most: int = LARGEST) -> int:
    """A longest side in pixels; SpecError for anything else."""
    if isinstance(size, bool) or not isinstance(size, int | np.integer) or not 1 <= size <= most:
        raise SpecError(f"size must be a whole number from 1 to {most}, not {show(size)}.")
    return int(size)
