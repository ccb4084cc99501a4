"""A picture that comes by standard input."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.errors import SpecError
from engine.formatting import byte_count

STREAM = "-"
NAME = "stdin"  # the picture's, so the run is in outputs/stdin
NOTHING = "-: nothing came by standard input; send a picture: tessera render - < photo.jpg"
MOST = 2_000_000_000  # bytes


@contextmanager
def picture_of(source: str) -> Iterator[str]:
    """The path of a picture; of one that comes by standard input as long as the block lasts.

    source: a target as it was given. SpecError when nothing comes, or too much.
    """
    if source != STREAM:
        yield source
        return
    if sys.stdin is None:
        raise SpecError(NOTHING)
    if sys.stdin.isatty():
        raise SpecError("-: standard input is a terminal; send a picture: tessera render - < photo.jpg")
    with tempfile.TemporaryDirectory(prefix="tessera-") as scratch:
        path = Path(scratch, NAME)
        with path.open("wb") as file:
            while len(block := sys.stdin.buffer.read(1 << 20)) and file.tell() <= MOST:
                file.write(block)
            size = file.tell()
        if not size:
            raise SpecError(NOTHING)
        if size > MOST:
            raise SpecError(f"-: more than {byte_count(MOST)} came by standard input; no picture has that.")
        yield str(path)
