"""The files of films in a run's folder: known without what makes them."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from engine.spec.fields import FilmFormat
from engine.spec.models import FilmSettings
from engine.storage.run_folder import FILM, RunFolder

FORMATS: tuple[str, ...] = get_args(FilmFormat)  # which are suffixes


def missing_films(folder: RunFolder, film: FilmSettings) -> list[Path]:
    """The films that would be made and are not there."""
    return [path for suffix in film.format if not (path := folder / f"{FILM}.{suffix}").exists()]


def remove_films(folder: RunFolder) -> None:
    """Remove all films of a run, because they are no longer right."""
    for suffix in FORMATS:
        folder.remove(f"{FILM}.{suffix}")
