"""Snapshots of a run, as they lie in its folder: a list, and segments with their scenes."""

from __future__ import annotations

import json
import math
import re
import threading
import zipfile
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, NamedTuple, TypeVar

from numpy.typing import NDArray

from engine.errors import RunError, reason
from engine.events import EventHandler, Trouble
from engine.grid import TileBox
from engine.scene.scene import Scene
from engine.storage.run_folder import SNAPSHOT_FOLDER, SNAPSHOTS, RunFolder
from engine.storage.segments import FIRST, frames, read_npz

SEGMENT, SINGLE = ".frames", ".npz"  # suffixes: of segments, and of the files that older runs have
NAME = re.compile(rf"{SNAPSHOT_FOLDER}/[0-9]{{6,12}}({re.escape(SEGMENT)}|{re.escape(SINGLE)})")
RECENT = 4  # scenes that a reader keeps, to go on from
DAMAGES = (OSError, EOFError, ValueError, TypeError, KeyError, AttributeError, NotImplementedError,
           zipfile.BadZipFile)  # fmt: skip

AnyScene = TypeVar("AnyScene", bound=Scene)


@dataclass(frozen=True)
class Snapshot:
    """One line of snapshots.jsonl."""

    index: int
    seconds: float  # since the start of the run
    evaluations: int
    error: float
    shapes: int
    file: str
    place: TileBox | None = None  # of the job that has just been done; None at the start, and in older runs
    offset: int = 0  # of its frame in the file, bytes
    bytes: int = 0  # of that frame; 0 in older runs, where the file is the snapshot's alone
    checksum: str = ""  # of that frame

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Snapshot:
        """The inverse of `to_record`; ValueError and the like for a name that is none of a snapshot's."""
        known = {each.name for each in fields(cls)}
        place = record.get("place")
        given = {name: value for name, value in record.items() if name in known}
        found = cls(**{**given, "place": place and TileBox.from_record(place)})
        if not NAME.fullmatch(found.file):
            raise ValueError(f"{found.file!r} is no snapshot's file")
        whole = found.index, found.evaluations, found.shapes, found.offset, found.bytes
        if any(type(each) is not int or each < 0 for each in whole):
            raise ValueError("it has a wrong number")
        if not (math.isfinite(found.seconds) and math.isfinite(found.error)):
            raise ValueError("it has a wrong number")
        return found

    def to_record(self) -> dict[str, Any]:
        """A line as plain values."""
        return {**asdict(self), "place": self.place and self.place.to_record()}


class Listed(NamedTuple):
    """What a run's list of snapshots says."""

    snapshots: list[Snapshot]  # first to last
    lost: int  # lines that can't be read, or are not in their place


def read_snapshots(folder: RunFolder) -> list[Snapshot]:
    """The snapshots of a run, first to last; RunError when there are none."""
    return _read_list(folder).snapshots


def whole_snapshots(folder: RunFolder, emit: EventHandler) -> list[Snapshot]:
    """Those of a run that can be read; how many can't is said. RunError when there are none."""
    listed = _read_list(folder)
    whole = without_damaged(folder, listed.snapshots)
    if not whole:
        where = folder / SNAPSHOT_FOLDER
        raise RunError(f"{where}: all snapshots are damaged or missing; render the picture again.")
    if count := listed.lost + len(listed.snapshots) - len(whole):
        emit(Trouble(lost(folder, count)))
    return whole


def lost(folder: RunFolder, count: int) -> str:
    """A sentence about snapshots that can't be read."""
    what = "1 snapshot is" if count == 1 else f"{count} snapshots are"
    return f"{folder / SNAPSHOT_FOLDER}: {what} damaged or missing; the film does without."


def without_damaged(folder: RunFolder, snapshots: Iterable[Snapshot]) -> list[Snapshot]:
    """Those snapshots whose bytes are the ones that were written."""
    snapshots = list(snapshots)
    places: dict[str, set[tuple[int, int, int, str]]] = {}
    for name in {snapshot.file for snapshot in snapshots if snapshot.bytes}:
        try:
            found = {(each.index, each.offset, each.end, each.checksum) for each in frames(folder / name)}
        except OSError:
            found = set()
        places[name] = found
    return [each for each in snapshots if _is_whole(folder, each, places.get(each.file, set()))]


def _is_whole(folder: RunFolder, snapshot: Snapshot, places: set[tuple[int, int, int, str]]) -> bool:
    if snapshot.bytes:
        end = snapshot.offset + snapshot.bytes
        return (snapshot.index, snapshot.offset, end, snapshot.checksum) in places
    try:
        with zipfile.ZipFile(folder / snapshot.file) as content:
            return content.testzip() is None
    except DAMAGES:
        return False


def _read_list(folder: RunFolder) -> Listed:
    path = folder / SNAPSHOTS
    try:
        lines = path.read_bytes().split(b"\n")[:-1]  # a killed run may leave half a line
    except FileNotFoundError as exc:
        raise RunError(f"{path}: is missing; render the picture again.") from exc
    except OSError as exc:
        raise RunError(f"{path}: can't be read ({reason(exc)}); render the picture again.") from exc
    found: list[Snapshot] = []
    fault: Exception | None = None
    for line in lines:
        try:
            snapshot = Snapshot.from_record(json.loads(line))
        except DAMAGES as exc:
            fault = fault or exc
            continue
        if not found or snapshot.index > found[-1].index:
            found.append(snapshot)
    if not found:
        if fault:
            raise RunError(f"{path}: can't be read ({reason(fault)}); render the picture again.") from fault
        raise RunError(f"{path}: has no snapshots; render the picture again.")
    return Listed(found, len(lines) - len(found))


class _Known(NamedTuple):
    """A scene of a segment that has been read, and where the next frame begins."""

    arrays: Mapping[str, NDArray[Any]]
    checksum: str
    end: int


class SnapshotReader:
    """Reads snapshots in any order, the next one in the least time; for any number of threads."""

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder
        self._recent: OrderedDict[tuple[str, int], _Known] = OrderedDict()
        self._lock = threading.Lock()

    def scene(self, snapshot: Snapshot, kind: type[AnyScene]) -> AnyScene:
        """The scene of a snapshot; RunError when it is damaged or missing."""
        try:
            return kind.from_arrays(self.arrays(snapshot))
        except DAMAGES as exc:
            what = f"{self._folder / snapshot.file}: is damaged or missing ({reason(exc)})"
            raise RunError(f"{what}; render the picture again.") from exc

    def arrays(self, snapshot: Snapshot) -> Mapping[str, NDArray[Any]]:
        """The arrays of its scene; an error that is one of DAMAGES."""
        path = self._folder / snapshot.file
        if not snapshot.bytes:
            return read_npz(path)
        known = self._nearest(snapshot)
        if known.end > snapshot.offset and known.checksum == snapshot.checksum:
            return known.arrays
        for frame in frames(path, known.end, known.checksum):
            known = _Known(frame.arrays(known.arrays), frame.checksum, frame.end)
            if frame.offset >= snapshot.offset:
                break
        if known.checksum != snapshot.checksum:
            raise ValueError("the checksum is another one")
        with self._lock:
            self._recent[snapshot.file, snapshot.offset] = known
            while len(self._recent) > RECENT:
                self._recent.popitem(last=False)
        return known.arrays

    def _nearest(self, snapshot: Snapshot) -> _Known:
        """The last scene up to a snapshot's in its file that is known."""
        with self._lock:
            before = [key for key in self._recent if key[0] == snapshot.file and key[1] <= snapshot.offset]
            return self._recent[max(before)] if before else _Known({}, FIRST, 0)


def read_scene(folder: RunFolder, snapshot: Snapshot, kind: type[AnyScene]) -> AnyScene:
    """The scene of one snapshot; RunError when it is damaged or missing."""
    return SnapshotReader(folder).scene(snapshot, kind)
