"""All that a run folder tells of its run, finished or not, with as much of it as older runs have."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import CheckpointError, RunError, reason
from engine.formatting import SHAPES, Words
from engine.grid import Grid
from engine.image.metric import rmse
from engine.image.pixels import Pixels
from engine.painters.registry import scene_class, words_of
from engine.scene.scene import Scene, alike
from engine.scene.stored import amounts
from engine.spec.models import RunSpec
from engine.storage.checkpoint import Found, read_checkpoint
from engine.storage.checkpoint_header import Header
from engine.storage.documents import read_result
from engine.storage.files import state_of
from engine.storage.load import read_last_scene, read_target_copy, remark_of
from engine.storage.run_folder import RESULT, SNAPSHOTS, SPEC, STORED_TARGET, TARGET, RunFolder
from engine.storage.snapshots import Snapshot, read_scene, read_snapshots


@dataclass(frozen=True, eq=False)
class ReportData:
    """A run as it is; None and empty is what isn't known."""

    spec: RunSpec
    scene: Scene
    target: Pixels
    drawn: Pixels  # the scene at the target's size
    error: float  # of it, or of all of a picture too large to be drawn at its working size
    grid: Grid
    snapshots: tuple[Snapshot, ...]  # up to the scene
    result: Mapping[str, Any]  # what result.json holds; empty while a run isn't finished
    header: Header | None  # of the checkpoint
    version: str | None  # of the program that began the run
    spent: NDArray[np.float64] | None  # evaluations in each cell of the grid's lattice
    was_raised: bool  # asked for more when it had some of its shapes
    at: datetime  # when it was saved
    remark: str = ""  # a sentence when something newer may have been lost

    @property
    def words(self) -> Words:
        """What its marks and its error are called."""
        return words_of(self.spec.painter.name, self.spec.painter.params)

    @property
    def measured(self) -> float:
        """The error as the painter has it."""
        last = self._last
        return self.error if last is None or self.words == SHAPES else last.error

    @property
    def evaluations(self) -> int | None:
        """Until the scene was as it is."""
        last = self._last
        return last.evaluations if last else None

    @property
    def seconds(self) -> float | None:
        """Of painting until then, by a clock on the wall."""
        last = self._last
        return self.result.get("wall_seconds", last.seconds if last else None)

    @property
    def _last(self) -> Header | Snapshot | None:
        return self.header or (self.snapshots[-1] if self.snapshots else None)


def read_report_data(folder: RunFolder, spec: RunSpec) -> ReportData:
    """Read a run; RunError when there is no scene or no target, or one of another picture."""
    found, snapshots = _checkpoint(folder), _snapshots(folder)
    checkpoint = found.checkpoint if found else None
    kind = scene_class(spec.painter.name)
    if found is None or checkpoint is None:
        scene = read_scene(folder, snapshots[-1], kind)
    else:
        scene = read_last_scene(found, kind)
        done = checkpoint.header.evaluations
        snapshots = [snapshot for snapshot in snapshots if snapshot.evaluations <= done]
    target = read_target_copy(folder, "render the picture again")
    height, width = target.shape[:2]
    drawn = scene.draw(height, width)
    is_whole = (scene.height, scene.width) == (height, width)
    is_part = folder.has(STORED_TARGET) and alike((scene.height, scene.width), (height, width))
    if not (is_whole or is_part) or drawn.shape != target.shape:
        raise RunError(
            f"{folder / TARGET}: is not the picture that this run approximates; put that one back, or "
            "render the picture again."
        )
    facts = checkpoint.facts if checkpoint else {}
    result = _result(folder)
    return ReportData(
        spec=spec.bare(),
        scene=scene,
        target=target,
        drawn=drawn,
        error=checkpoint.header.error if checkpoint and is_part else rmse(drawn, target),
        grid=Grid.fit(scene.height, scene.width, spec.grid),
        snapshots=tuple(snapshots),
        result=result,
        header=checkpoint.header if checkpoint else None,
        version=result.get("version", facts.get("version")),
        spent=_spent(found) if found else None,
        was_raised=bool(facts.get("marks_at_start")) and spec.start is None,
        at=_moment(folder, checkpoint.header if checkpoint else None),
        remark=remark_of(found) if found else "",
    )


def _spent(found: Found) -> NDArray[np.float64] | None:
    """CheckpointError for what no run can have spent."""
    arrays = found.checkpoint.arrays
    try:
        return amounts(arrays, "spent", (None, None)) if "spent" in arrays else None
    except ValueError as exc:
        raise CheckpointError(f"{found.path}: can't be read ({exc}); render the picture again.") from exc


def _checkpoint(folder: RunFolder) -> Found | None:
    """The newest one; None when there is none that can be read, and snapshots must do."""
    try:
        return read_checkpoint(folder)
    except CheckpointError:
        if not _has_snapshots(folder):
            raise
        return None


def _snapshots(folder: RunFolder) -> list[Snapshot]:
    return read_snapshots(folder) if _has_snapshots(folder) else []


def _has_snapshots(folder: RunFolder) -> bool:
    state = state_of(folder.path, SNAPSHOTS)
    return state is not None and state.st_size > 0


def _result(folder: RunFolder) -> Mapping[str, Any]:
    try:
        return read_result(folder)
    except (OSError, ValueError) as exc:
        raise RunError(f"{folder / RESULT}: can't be read ({reason(exc)}); remove it.") from exc


def _moment(folder: RunFolder, header: Header | None) -> datetime:
    """When the run was saved; in older ones, when its files were written."""
    if header and header.at:
        with suppress(ValueError):
            return datetime.fromisoformat(header.at)
    states = (state_of(folder.path, name) for name in (RESULT, SPEC))
    moment = next((state.st_mtime for state in states if state is not None), 0.0)
    return datetime.fromtimestamp(moment).astimezone()
