"""What a run has painted, finished or not, from its folder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic

from engine.errors import CheckpointError
from engine.storage.checkpoint import read_checkpoint, scene_arrays
from engine.storage.run_folder import RunFolder
from engine.storage.snapshots import AnyScene, read_scene, read_snapshots


@dataclass(frozen=True)
class LastState(Generic[AnyScene]):
    """The last state of a run."""

    scene: AnyScene
    full_size: tuple[int, int]  # (height, width) of the target's source; where nobody knows it, the scene's

    @classmethod
    def read(cls, folder: RunFolder, kind: type[AnyScene]) -> LastState[AnyScene]:
        """By the checkpoint; by the last snapshot when there is no readable one, as in old runs.

        kind: the scene's class. RunError without either.
        """
        try:
            checkpoint = read_checkpoint(folder).checkpoint
        except CheckpointError:
            scene = read_scene(folder, read_snapshots(folder)[-1], kind)
            return cls(scene, (scene.height, scene.width))
        height, width = checkpoint.facts["full_size"]
        return cls(kind.from_arrays(scene_arrays(checkpoint.arrays)), (height, width))
