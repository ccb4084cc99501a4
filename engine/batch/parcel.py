"""Files that go to another machine and come back, as the bytes of a tar archive."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from pathlib import Path

from engine.storage.run_folder import LOCK


def packed(files: Mapping[str, Path]) -> bytes:
    """Files and folders, with all that is in them, by the names that they get there; what is missing is not.

    Only plain files and folders go along. OSError for what can't be read.
    """
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, path in files.items():
            if path.exists():
                archive.add(path, name, filter=_plain)
    return buffer.getvalue()


def unpacked(parcel: bytes, folder: Path) -> None:
    """Put them into a folder; ValueError for an archive with anything else in it."""
    with tarfile.open(fileobj=io.BytesIO(parcel)) as archive:
        members = archive.getmembers()
        if any(_plain(member) is None for member in members):
            raise ValueError("there is something in the parcel that is neither a file nor a folder")
        archive.extractall(folder, members, filter="data")  # nothing outside of the folder


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    is_lock = Path(member.name).name == LOCK
    return member if (member.isfile() or member.isdir()) and not is_lock else None
