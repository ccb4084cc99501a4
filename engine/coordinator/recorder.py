"""The recorder keeps the scene at moments of a run: vectors, for films of any size at any time."""

from __future__ import annotations

import heapq
import json
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from engine.errors import CheckpointError, RunError, SpaceError
from engine.events import EventHandler, Trouble
from engine.grid import TileBox
from engine.image.pixels import encode_png
from engine.parallel.canvas import Canvas
from engine.scene.scene import Scene
from engine.spec.models import RecordSettings
from engine.storage.files import state_of
from engine.storage.run_folder import PREVIEW, SNAPSHOT_FOLDER, SNAPSHOTS, Patience, RunFolder
from engine.storage.snapshot_writer import SnapshotWriter
from engine.storage.snapshots import NAME, Snapshot, lost, without_damaged

MOST_SNAPSHOTS = 500  # of a run at most, when record.keep is "auto",
ALIKE = 4  # a snapshot, both checkpoints and one that is being written are of much the same size
ALL_SHAPES = 5_000_000  # and shapes in all of them together: about 250 MB
PREVIEW_SECONDS = 0.02  # that one may take; a slower one is written that much less often,
MOST_SHARE = 0.1  # and never for more than this share of the time
PREVIEW_SIDE = 1024  # pixels of the longest side


class Moment(NamedTuple):
    """A state of a run, as far as a snapshot has it."""

    seconds: float  # since the start of the run
    evaluations: int
    error: float
    marks: int
    last: TileBox | None  # where the job before it has painted
    scene: Scene


class Recorder:
    """Keeps every n-th state that it is shown; when there are too many, n doubles and half of them go.

    What is kept depends on the jobs alone, not on the time. While the disk is nearly full nothing is kept.
    """

    def __init__(
        self,
        folder: RunFolder,
        every: int,
        keep: int,
        reserve: int,
        emit: EventHandler,
        state: Mapping[str, Any] | None = None,
    ) -> None:
        """keep: snapshots at most. reserve: bytes left free on the disk. state: what `state` gave."""
        self._folder = folder
        self._emit = emit
        self._keep = keep
        self._reserve = reserve
        self._every = every
        self._shown = 0
        self._taken = 0
        self._kept: list[Snapshot] = []
        self._known: list[set[str]] = [set(), set()]  # files that the last two checkpoints name
        self._patience = Patience("painting goes on without snapshots", emit)
        self._listed = 0  # of the kept ones, in the manifest
        self._synced = 0  # of those taken, as far as a power cut can't harm them
        self._writer = SnapshotWriter(folder, state.get("segments", 0) if state else 0)
        if state is not None:
            self._every, self._shown, self._taken = state["every"], state["shown"], state["taken"]
            self._kept = self._found(kept_snapshots(state))
            if self._kept:
                self._writer.go_on(self._kept[-1])
            with self._patience:
                self._write_manifest(self._kept)

    @property
    def every(self) -> int:
        """Of so many states one is kept; it only ever becomes a multiple of what it was."""
        return self._every

    @property
    def shown(self) -> int:
        """How many states it has been shown."""
        return self._shown

    def pass_over(self, count: int) -> None:
        """Take so many states for shown whose turn has not come."""
        self._shown += count

    def show(self, moment: Moment) -> None:
        """Look at the state after a job, and keep its scene when its turn has come."""
        due = self._shown % self._every == 0
        self._shown += 1
        if due and self._is_new(moment):
            with self._patience, self._while_there():
                self._kept.append(self._write(moment))
                self._taken += 1
                if len(self._kept) > self._keep:
                    self._every *= 2
                    self._thin()
                self._list()

    def show_last(self, moment: Moment) -> None:
        """Add the state at a stop, which is in nobody's turn and of which `state` knows nothing."""
        self._forget_lost()
        with self._patience, self._while_there():
            kept = self._kept
            if self._is_new(moment):
                kept = thin_snapshots([*kept, self._write(moment)], self._keep)
            self._write_manifest(kept)
            self._remove_others({snapshot.file for snapshot in kept} | self._files())

    def state(self) -> dict[str, Any]:
        """What is needed to go on from here, as plain values; all files that it names are on the disk."""
        self._forget_lost()
        grown = {snapshot.file for snapshot in self._kept if snapshot.index >= self._synced}
        with self._patience, self._while_there():
            self._folder.sync(grown | self._files() - self._known[-1])
            self._synced = self._taken
        return {
            "every": self._every,
            "shown": self._shown,
            "taken": self._taken,
            "segments": self._writer.segments,
            "kept": [snapshot.to_record() for snapshot in self._kept],
        }

    def settle(self) -> None:
        """Note that a checkpoint has what `state` gave: what neither it nor the one before names can go."""
        self._known = [self._known[-1], self._files()]
        with self._patience:
            self._remove_others(self._files())

    @property
    def shortage(self) -> SpaceError | None:
        """Why there are no snapshots at all: the disk had no room for any."""
        state = state_of(self._folder.path, SNAPSHOTS)
        return None if state is not None and state.st_size else self._patience.shortage

    @contextmanager
    def _while_there(self) -> Iterator[None]:
        """Only the run's own folder has to be there: its snapshots' may be moved, and is made anew."""
        try:
            yield
        except CheckpointError as error:
            if not self._folder.path.is_dir():
                raise
            raise RunError(str(error)) from error

    def _forget_lost(self) -> None:
        """Do without those whose files have been moved or removed meanwhile."""
        there = {name for name in self._files() if self._folder.has(name)}
        left = [snapshot for snapshot in self._kept if snapshot.file in there]
        if len(left) < len(self._kept) and self._folder.path.is_dir():
            self._tell_lost(len(self._kept) - len(left))
            self._kept = left
            with self._patience, self._while_there():
                self._write_manifest(left)

    def _found(self, snapshots: list[Snapshot]) -> list[Snapshot]:
        """Those that are there as they were written."""
        found = without_damaged(self._folder, snapshots)
        self._tell_lost(len(snapshots) - len(found))
        return found

    def _tell_lost(self, count: int) -> None:
        if count:
            self._emit(Trouble(lost(self._folder, count)))

    def _is_new(self, moment: Moment) -> bool:
        return not self._kept or self._kept[-1].evaluations != moment.evaluations

    def _files(self) -> set[str]:
        return {snapshot.file for snapshot in self._kept}

    def _thin(self) -> None:
        """Keep half of them, and write these anew: what lies between them is most of a segment."""
        self._kept = thin_snapshots(self._kept, self._keep // 2)
        self._listed = 0
        before, self._kept = len(self._kept), self._writer.compact(self._kept)
        self._tell_lost(before - len(self._kept))

    def _write(self, moment: Moment) -> Snapshot:
        arrays = moment.scene.arrays()
        size = sum(array.nbytes for array in arrays.values())
        self._folder.check_room(self._reserve + ALIKE * size)
        seconds = round(moment.seconds, 3)
        figures = self._taken, seconds, moment.evaluations, moment.error, moment.marks
        return self._writer.add(Snapshot(*figures, file="", place=moment.last), arrays)

    def _list(self) -> None:
        """Bring the manifest up to date, by a line when only one is new."""
        if 0 < self._listed == len(self._kept) - 1:
            self._folder.append(SNAPSHOTS, self._kept[-1].to_record())
            self._listed += 1
        else:
            self._write_manifest(self._kept)

    def _write_manifest(self, snapshots: Sequence[Snapshot]) -> None:
        self._listed = 0
        lines = (json.dumps(snapshot.to_record()) + "\n" for snapshot in snapshots)
        self._folder.write(SNAPSHOTS, "".join(lines))
        self._listed = len(snapshots)

    def _remove_others(self, files: set[str]) -> None:
        files = files.union(*self._known)
        for each in self._folder.names(SNAPSHOT_FOLDER):
            name = f"{SNAPSHOT_FOLDER}/{each}"
            if NAME.fullmatch(name) and name not in files:
                self._folder.remove(name)


def kept_snapshots(state: Mapping[str, Any]) -> list[Snapshot]:
    """The snapshots of a recorder's state; ValueError, TypeError or LookupError for what is none."""
    return [Snapshot.from_record(each) for each in state["kept"]]


def most_snapshots(record: RecordSettings, shapes: int) -> int:
    """How many are kept of a run that ends with so many shapes."""
    if record.keep == "auto":
        return min(MOST_SNAPSHOTS, max(ALL_SHAPES // shapes, 2))
    return record.keep


def thin_snapshots(snapshots: Sequence[Snapshot], keep: int) -> list[Snapshot]:
    """At most `keep` of them: those go first that lie in the smallest steps of the error, by its logarithm.

    The first and the last one stay.
    """
    last = len(snapshots) - 1
    heights = [math.log(max(snapshot.error, 1e-9)) for snapshot in snapshots]
    before, after = list(range(-1, last)), list(range(1, last + 2))  # of those that are left
    steps = [(abs(heights[at - 1] - heights[at + 1]), at) for at in range(1, last)]
    heapq.heapify(steps)
    gone = set[int]()
    while len(snapshots) - len(gone) > max(keep, 2):
        step, at = heapq.heappop(steps)
        one, other = before[at], after[at]
        if at in gone or step != abs(heights[one] - heights[other]):
            continue  # it has had other neighbours since then
        gone.add(at)
        after[one], before[other] = other, one
        for each in (one, other):
            if 0 < each < last:
                heapq.heappush(steps, (abs(heights[before[each]] - heights[after[each]]), each))
    return [snapshot for at, snapshot in enumerate(snapshots) if at not in gone]


class Preview:
    """Keeps preview.png up to date while a run goes on, from what is on the canvas."""

    def __init__(self, folder: RunFolder, canvas: Canvas, every: float, emit: EventHandler) -> None:
        """every: seconds from one to the next at least."""
        self._folder = folder
        self._canvas = canvas
        self._every = every
        self._due = time.monotonic()
        self._patience = Patience("painting goes on without a preview", emit)

    def is_due(self) -> bool:
        """Whether the last time was long enough ago."""
        return time.monotonic() >= self._due

    def refresh(self, last: bool = False) -> None:
        """Write it anew when it is due, or for the last time."""
        started = time.monotonic()
        if not self.is_due() and not last:
            return
        pixels = self._canvas.read()[1]
        mode = "RGB" if pixels.shape[2] == 3 else "RGBa"
        image = Image.frombytes(mode, (pixels.shape[1], pixels.shape[0]), pixels.tobytes())
        image.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE), reducing_gap=1)
        with self._patience:
            self._folder.write(PREVIEW, encode_png(np.asarray(image), compression=1))
        spent = time.monotonic() - started
        self._due = started + max(self._every * max(1.0, spent / PREVIEW_SECONDS), spent / MOST_SHARE)
