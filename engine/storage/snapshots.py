"""Snapshots of a run, as they lie in its folder: a list, and segments with their scenes."""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, NamedTuple, TypeVar

from numpy.typing import NDArray

from engine import strict_json
from engine.errors import RunError, reason
from engine.events import EventHandler, Trouble
from engine.grid import TileBox
from engine.npz import read_npz
from engine.scene.scene import Scene
from engine.storage.checkpoint_header import read_header
from engine.storage.records import PLAIN, Amount, Count, valid
from engine.storage.run_folder import SNAPSHOT_FOLDER, SNAPSHOTS, RunFolder
from engine.storage.segments import FIRST, frames

SEGMENT, SINGLE = ".frames", ".npz"  # suffixes: of segments, and of the files that older runs have
NAME = re.compile(rf"{SNAPSHOT_FOLDER}/[0-9]{{6,12}}({re.escape(SEGMENT)}|{re.escape(SINGLE)})")
RECENT = 4  # scenes that a reader keeps, to go on from
MOST_BYTES = 50_000_000  # of a list; one of 10,000 has some 4
DAMAGES = (OSError, ValueError, TypeError, LookupError)

AnyScene = TypeVar("AnyScene", bound=Scene)


@dataclass(frozen=True)
class Snapshot:
    """One line of snapshots.jsonl."""

    __pydantic_config__: ClassVar = PLAIN

    index: Count
    seconds: Amount  # since the start of the run
    evaluations: Count
    error: Amount
    shapes: Count
    file: str
    place: TileBox | None = None  # of the job that has just been done; None at the start, and in older runs
    offset: Count = 0  # of its frame in the file, bytes
    bytes: Count = 0  # of that frame; 0 in older runs, where the file is the snapshot's alone
    checksum: str = ""  # of that frame

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Snapshot:
        """The inverse of `to_record`; ValueError, TypeError or LookupError for what can be no snapshot."""
        place = record.get("place")
        found = valid(cls, {**record, "place": None})
        if not NAME.fullmatch(found.file):
            raise ValueError(f"{found.file!r} is no snapshot's file")
        return replace(found, place=None if place is None else TileBox.from_record(place))

    def to_record(self) -> dict[str, Any]:
        """A line as plain values."""
        return {**vars(self), "place": self.place and self.place.to_record()}


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
    header = read_header(folder)
    if header and header.outcome is not None and whole[-1].evaluations < header.evaluations:
        where = folder / SNAPSHOTS
        emit(Trouble(f"{where}: the last snapshots are missing; the film ends before the picture did."))
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
            found = {(each.index, each.offset, each.end, each.checksum) for each in frames(folder, name)}
        except OSError:
            found = set()
        places[name] = found
    return [each for each in snapshots if _is_whole(folder, each, places.get(each.file, set()))]


def _is_whole(folder: RunFolder, snapshot: Snapshot, places: set[tuple[int, int, int, str]]) -> bool:
    if snapshot.bytes:
        end = snapshot.offset + snapshot.bytes
        return (snapshot.index, snapshot.offset, end, snapshot.checksum) in places
    try:
        with folder.opened(snapshot.file) as file:
            read_npz(file)
    except DAMAGES:
        return False
    return True


def _read_list(folder: RunFolder) -> Listed:
    path = folder / SNAPSHOTS
    try:
        *lines, rest = folder.read(SNAPSHOTS, MOST_BYTES).split(b"\n")
    except FileNotFoundError as exc:
        raise RunError(f"{path}: is missing; render the picture again.") from exc
    except OSError as exc:
        raise RunError(f"{path}: can't be read ({reason(exc)}); render the picture again.") from exc
    if rest and not (rest.startswith(b"{") and rest.isascii() and b"\0" not in rest):
        lines.append(rest)  # not what a killed run may leave of a line
    found: list[Snapshot] = []
    fault: Exception | None = None
    for line in lines:
        try:
            snapshot = Snapshot.from_record(strict_json.parse(line))
        except (*DAMAGES, AttributeError) as exc:  # of what is no mapping
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
        self._form: list[Any] = []  # what all scenes of the run have in common
        self._lock = threading.Lock()

    def scene(self, snapshot: Snapshot, kind: type[AnyScene]) -> AnyScene:
        """The scene of a snapshot; RunError when it is damaged or missing."""
        try:
            arrays = self.arrays(snapshot)
            scene = kind.from_arrays(arrays)
            self._check_form(arrays)
            return scene
        except DAMAGES as exc:
            what = f"{self._folder / snapshot.file}: is damaged or missing ({reason(exc)})"
            raise RunError(f"{what}; render the picture again.") from exc

    def _check_form(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """ValueError for a scene that can't be of the same run as those before it."""
        form = [arrays["size"].tolist(), arrays["background"].tolist()]
        form += [arrays[name].shape[1:] for name in ("geometry",) if name in arrays]
        if form != self._form and self._form:
            raise ValueError("it is of another run")
        self._form = form

    def arrays(self, snapshot: Snapshot) -> Mapping[str, NDArray[Any]]:
        """The arrays of its scene; an error that is one of DAMAGES."""
        if not snapshot.bytes:
            with self._folder.opened(snapshot.file) as file:
                return read_npz(file)
        known = self._nearest(snapshot)
        if known.end > snapshot.offset and known.checksum == snapshot.checksum:
            return known.arrays
        for frame in frames(self._folder, snapshot.file, known.end, known.checksum):
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
