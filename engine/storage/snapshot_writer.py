"""Adds scenes to a run's segments; what has been added is never changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from numpy.typing import NDArray

from engine.storage.run_folder import SNAPSHOT_FOLDER, RunFolder
from engine.storage.segments import FIRST, LONGEST, Frame, frames
from engine.storage.snapshots import DAMAGES, SEGMENT, Snapshot, SnapshotReader

Arrays = Mapping[str, NDArray[Any]]


class _Tip(NamedTuple):
    """The last frame of a segment, which the next one is added to."""

    file: str
    frames: int  # in the segment up to it
    checksum: str
    end: int  # of it
    arrays: Arrays


class SnapshotWriter:
    """Adds each scene as what has changed since the one before; every so often a whole one in a new file."""

    def __init__(self, folder: RunFolder, segments: int = 0) -> None:
        """segments: how many the run has begun."""
        self._folder = folder
        self._tip: _Tip | None = None
        self.segments = segments

    def add(self, snapshot: Snapshot, arrays: Arrays) -> Snapshot:
        """Write a scene; the snapshot that knows where it lies. What lay behind the last one goes."""
        tip = self._tip
        if tip is None or tip.frames >= LONGEST or not self._is_there(tip):
            tip = _Tip(f"{SNAPSHOT_FOLDER}/{self.segments:06}{SEGMENT}", 0, FIRST, 0, {})
        frame = Frame.of(snapshot.index, arrays, tip.checksum, tip.arrays)
        content = frame.to_bytes()
        self._folder.extend(tip.file, tip.end, content)
        if not tip.frames:
            self.segments += 1
        self._tip = _Tip(tip.file, tip.frames + 1, frame.checksum, tip.end + len(content), arrays)
        return replace(snapshot, file=tip.file, offset=tip.end, bytes=len(content), checksum=frame.checksum)

    def go_on(self, last: Snapshot) -> None:
        """Add the next scene behind this one, if that was the last to be added to a segment."""
        self._tip = None
        if last.file != f"{SNAPSHOT_FOLDER}/{self.segments - 1:06}{SEGMENT}":
            return
        try:
            before = [each for each in frames(self._folder, last.file) if each.offset <= last.offset]
            arrays = SnapshotReader(self._folder).arrays(last)
        except DAMAGES:  # then a new segment begins
            return
        self._tip = _Tip(last.file, len(before), last.checksum, last.offset + last.bytes, arrays)

    def compact(self, snapshots: Iterable[Snapshot]) -> list[Snapshot]:
        """Write these snapshots anew, without what lies between them, but for those that can't be read.

        What they were read from stays.
        """
        reader = SnapshotReader(self._folder)
        self._tip = None
        written = []
        for snapshot in snapshots:
            try:
                arrays = reader.arrays(snapshot)
            except DAMAGES:
                continue
            written.append(self.add(snapshot, arrays))
        return written

    def _is_there(self, tip: _Tip) -> bool:
        try:
            with self._folder.opened(tip.file) as file:
                return file.seek(0, 2) >= tip.end
        except OSError:
            return False
