"""What others want of a run, finished or not: its settings, what it has painted, what it approximates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from engine.errors import CheckpointError, RunError, reason
from engine.image.pixels import Pixels, decode_png
from engine.image.pyramid import Pyramid
from engine.image.source import StoredSource
from engine.image.stored import sample
from engine.painters.registry import PAINTERS, params_of, scene_class
from engine.scene.scene import Scene
from engine.spec.models import RunSpec
from engine.spec.resolution import resolve
from engine.spec.settings import Document
from engine.storage.checkpoint import Found, read_checkpoint, scene_arrays
from engine.storage.documents import run_document
from engine.storage.files import state_of
from engine.storage.run_folder import CHECKPOINTS, STORED_TARGET, TARGET, RunFolder
from engine.storage.snapshots import read_scene, read_snapshots
from engine.storage.trust import is_marked, programs

MOST_TARGET = 2_000_000_000  # bytes of a PNG of 20,000 x 20,000 px with alpha, hardly compressed


@dataclass(frozen=True)
class LastState:
    """The last state of a run."""

    scene: Scene
    full_size: tuple[int, int]  # (height, width) of the target's source; where nobody knows it, the scene's
    remark: str = ""  # a sentence when something newer may have been lost

    @classmethod
    def read(cls, folder: RunFolder, painter: str) -> LastState:
        """By the checkpoint; by the last snapshot when there is no readable one, as in old runs.

        painter: its name, which the scene's class goes with. RunError without either.
        """
        kind = scene_class(painter)
        try:
            found = read_checkpoint(folder)
        except CheckpointError as error:
            scene = read_scene(folder, read_snapshots(folder)[-1], kind)
            are_lost = any(state_of(folder.path, name) is not None for name in CHECKPOINTS)
            remark = f"{str(error).partition(';')[0]}; this is the last snapshot." if are_lost else ""
            return cls(scene, (scene.height, scene.width), remark)
        scene = read_last_scene(found, kind)
        size = found.checkpoint.facts.get("full_size", (scene.height, scene.width))
        return cls(scene, size, remark_of(found))


@dataclass(frozen=True)
class StoredRun:
    """A run's folder and its settings; what takes longer is read when it is asked for."""

    folder: RunFolder
    document: Document  # its spec as it is written
    spec: RunSpec

    def changed(self, changes: Sequence[Document]) -> RunSpec:
        """Its spec with other settings; SpecError for wrong ones."""
        return resolve([self.document, *changes], params_of, PAINTERS)

    def strange_programs(self, changes: Sequence[Document]) -> frozenset[str]:
        """The settings that name programs which neither the run's maker nor these changes have named."""
        own = {name for document in changes for name in document.settings}
        named = programs(self.spec).keys() - own
        return frozenset() if not named or is_marked(self.folder, self.spec) else frozenset(named)

    @cached_property
    def last(self) -> LastState:
        """What it has painted so far; RunError when there is nothing."""
        return LastState.read(self.folder, self.spec.painter.name)


def remark_of(found: Found) -> str:
    """A sentence about checkpoints beside this one, one of which may be newer; "" when all is well."""
    lost = " and ".join(map(str, found.damaged))
    return f"{lost}: is damaged; this is the state of {found.path.name}." if lost else ""


def read_last_scene(found: Found, kind: type[Scene]) -> Scene:
    """The scene of a checkpoint; CheckpointError when it has none that can be."""
    try:
        return kind.from_arrays(scene_arrays(found.checkpoint.arrays))
    except (ValueError, TypeError, LookupError) as exc:
        what = f"{found.path}: holds a picture that can't be ({reason(exc)})"
        raise CheckpointError(f"{what}; render it again.") from exc


def open_run(path: Path) -> StoredRun:
    """The run of a folder; RunError when it is none, SpecError when its spec can't be read."""
    folder = RunFolder.open(path)
    document = run_document(folder)
    return StoredRun(folder, document, resolve([document], params_of, PAINTERS))


def read_target_copy(folder: RunFolder, remedy: str) -> Pixels:
    """What a run approximates, from its own copy, of a large one something smaller.

    RunError with a remedy when that can't be read.
    """
    is_stored = not folder.has(TARGET) and folder.has(STORED_TARGET)
    path = folder / (STORED_TARGET if is_stored else TARGET)
    try:
        if is_stored:
            return sample(StoredSource(Pyramid.of(path)))
        return decode_png(folder.read(TARGET, MOST_TARGET))
    except (OSError, ValueError) as exc:
        raise RunError(f"{path}: is damaged or missing ({reason(exc)}); {remedy}.") from exc
