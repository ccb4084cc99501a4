"""Starting from another run: its last scene instead of a blank one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from engine.checkpoint import read_checkpoint
from engine.errors import CheckpointError, RunError
from engine.image import Target
from engine.painter import painter_class, params_of
from engine.picture import scene_arrays
from engine.recorder import read_scene, read_snapshots
from engine.run_folder import SPEC, RunFolder
from engine.scene import Scene
from engine.settings import read_document, resolve
from engine.spec import RunSpec


def open_start(spec: RunSpec, target: Target) -> Scene | None:
    """The last scene of the run that a spec starts from, as it is there; None when it starts from nothing.

    RunError when there is none, or none that this run can go on with.
    """
    if spec.start is None:
        return None
    folder = RunFolder.open(Path(spec.start))
    painter = resolve([read_document(folder / SPEC)], params_of).painter.name
    if painter != spec.painter.name:
        raise RunError(
            f"{spec.start}: was painted by {painter}, and {spec.painter.name} can't go on with that; "
            "start from a run of its own."
        )
    scene = _last_scene(folder, painter_class(painter).scene_class)
    height, width = target.pixels.shape[:2]
    if not _are_alike((scene.height, scene.width), (height, width)):
        raise RunError(
            f"{spec.start}: its picture has {scene.width} x {scene.height} px, which are other proportions "
            f"than the target's {width} x {height}; start from a run with the same."
        )
    return scene


def _last_scene(folder: RunFolder, kind: type[Scene]) -> Scene:
    """What a run has painted; by its last snapshot when it has no readable checkpoint, as old ones."""
    try:
        checkpoint = read_checkpoint(folder).checkpoint
    except CheckpointError:
        return read_scene(folder, read_snapshots(folder)[-1], kind)
    return kind.from_arrays(scene_arrays(checkpoint.arrays))


def with_background(target: Target, start: Scene) -> Target:
    """The target over the start's background, when both are opaque and nobody chose another.

    All that has been painted was chosen to go with it.
    """
    if target.has_mean_background and start.background is not None:
        return replace(target, background=start.background)
    return target


def _are_alike(a: tuple[int, int], b: tuple[int, int]) -> bool:
    """Whether two sizes (height, width) have one ratio, but for a pixel of the smaller one by rounding."""
    small, large = sorted((a, b), key=max)
    factor = max(small) / max(large)
    return all(abs(one - other * factor) <= 1 for one, other in zip(small, large, strict=True))
