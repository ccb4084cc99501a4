"""The command that goes on with what was interrupted, as a person types it."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from engine.events import Event, EventHandler, Resumed, Started

SAME, START_AGAIN = "The same command goes on.", "The same command begins again."


def near(path: str | Path) -> str:
    """A path from the current folder where it lies below that, else as it is."""
    try:
        return str(Path(path).relative_to(Path.cwd()))
    except (ValueError, OSError):  # elsewhere, or there is no current folder any more
        return str(path)


def resume_command(folder: Path, files: Sequence[str] = ()) -> str:
    """It, for a run, with the files that were to be made of it: some may be there already."""
    named = [word for name in files for word in ("-o", name)]
    words = ["tessera", "resume", near(folder), *named, *(["--force"] if named else [])]
    return " ".join(map(_quoted, words))


def _quoted(word: str) -> str:
    """A word as a shell takes it: with bytes that are no text, and without lines of its own."""
    if word.isprintable():
        return shlex.quote(word)
    plain = {byte: chr(byte) for byte in range(32, 127) if byte not in b"'\\"}
    return "$'" + "".join(plain.get(byte, f"\\x{byte:02x}") for byte in os.fsencode(word)) + "'"


@contextmanager
def told(emit: EventHandler, files: Sequence[str] = ()) -> Iterator[EventHandler]:
    """A handler to use instead; whatever ends the block once a run has begun says how that goes on.

    files: that were to be made of it.
    """
    folders: list[Path] = []

    def listen(event: Event) -> None:
        if isinstance(event, Started | Resumed):
            folders[:] = [Path(event.folder)]
        emit(event)

    try:
        yield listen
    except BaseException as error:
        if folders and folders[0].is_dir():
            error.add_note(f"It goes on with: {resume_command(folders[0], files)}")
        raise
