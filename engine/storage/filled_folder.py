"""A folder that is in its place when it is full, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.storage.files import replacing_folder
from engine.storage.run_folder import explained


@contextmanager
def filling(path: Path) -> Iterator[Path]:
    """The path of an empty folder, which takes its place when the block ends well.

    What lies there goes, whatever it is. Errors of the system are raised as a run folder's are.
    """
    try:
        with replacing_folder(path.parent, path.name) as filled:
            yield filled
    except OSError as exc:
        raise explained(path, exc) from exc
