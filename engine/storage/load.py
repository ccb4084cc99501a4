"""What others want of a run, finished or not: its settings, what it has painted, what it approximates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from engine.errors import CheckpointError, RunError, reason
from engine.image.pixels import Pixels, decode_png
from engine.painters.registry import PAINTERS, earlier_settings, params_of, scene_class
from engine.scene.scene import Scene
from engine.spec.models import RunSpec
from engine.spec.settings import Document, Setting, read_document, resolve
from engine.storage.checkpoint import read_checkpoint, scene_arrays
from engine.storage.run_folder import SPEC, TARGET, RunFolder
from engine.storage.snapshots import read_scene, read_snapshots


@dataclass(frozen=True)
class LastState:
    """The last state of a run."""

    scene: Scene
    full_size: tuple[int, int]  # (height, width) of the target's source; where nobody knows it, the scene's

    @classmethod
    def read(cls, folder: RunFolder, painter: str) -> LastState:
        """By the checkpoint; by the last snapshot when there is no readable one, as in old runs.

        painter: its name, which the scene's class goes with. RunError without either.
        """
        kind = scene_class(painter)
        try:
            checkpoint = read_checkpoint(folder).checkpoint
        except CheckpointError:
            scene = read_scene(folder, read_snapshots(folder)[-1], kind)
            return cls(scene, (scene.height, scene.width))
        height, width = checkpoint.facts["full_size"]
        return cls(kind.from_arrays(scene_arrays(checkpoint.arrays)), (height, width))


@dataclass(frozen=True)
class StoredRun:
    """A run's folder and its settings; what takes longer is read when it is asked for."""

    folder: RunFolder
    document: Document  # its spec as it is written
    spec: RunSpec

    def changed(self, changes: Sequence[Document]) -> RunSpec:
        """Its spec with other settings; SpecError for wrong ones."""
        return resolve([self.document, *changes], params_of)

    @cached_property
    def last(self) -> LastState:
        """What it has painted so far; RunError when there is nothing."""
        return LastState.read(self.folder, self.spec.painter.name)


def open_run(path: Path) -> StoredRun:
    """The run of a folder; RunError when it is none, SpecError when its spec can't be read."""
    folder = RunFolder.open(path)
    document = run_document(folder)
    return StoredRun(folder, document, resolve([document], params_of))


def run_document(folder: RunFolder) -> Document:
    """The settings of a run, whose spec names all that there were when it was begun; SpecError.

    What came later is as it was before, if that is not the default.
    """
    document = read_document(folder / SPEC)
    name = document.settings.get("painter.name")
    if name is None or name.value not in PAINTERS:
        return document
    later = earlier_settings(params_of(str(name.value)))
    source = f"{folder / SPEC}: painter"
    missing = {
        f"painter.{key}": Setting(value, f"{source}.{key}")
        for key, value in later.items()
        if f"painter.{key}" not in document.settings
    }
    return Document(document.source, {**document.settings, **missing})


def read_target_copy(folder: RunFolder, remedy: str) -> Pixels:
    """What a run approximates, from its own copy; RunError with a remedy when that can't be read."""
    path = folder / TARGET
    try:
        return decode_png(path.read_bytes())
    except (OSError, SyntaxError, ValueError) as exc:  # SyntaxError: Pillow's for what is no PNG
        raise RunError(f"{path}: is damaged or missing ({reason(exc)}); {remedy}.") from exc
