"""Starting from what is painted already, by another run or as a file of shapes, instead of a blank scene."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from engine.errors import RunError
from engine.events import EventHandler, Trouble
from engine.export.json_shapes import SUFFIX, read_shapes
from engine.image.target import Target
from engine.painters.registry import scene_class
from engine.scene.scene import Scene
from engine.spec.messages import show
from engine.spec.models import RunSpec
from engine.storage.load import open_run


def open_start(spec: RunSpec, target: Target, emit: EventHandler) -> Scene | None:
    """The scene that a spec starts from, as it is there; None when it starts from nothing.

    RunError when there is none, or none that this run can go on with.
    """
    if spec.start is None:
        return None
    path = Path(spec.start)
    is_file = path.suffix.lower() == SUFFIX and not os.path.isdir(path)  # noqa: PTH112 - which never raises
    if is_file:
        scene = _from_file(path, spec.painter.name)
    else:
        scene = _from_run(path, spec.painter.name, emit)
    height, width = target.pixels.shape[:2]
    if not scene.fits(height, width):
        raise RunError(
            f"{path}: its picture has {scene.width} x {scene.height} px, which are other proportions "
            f"than the target's {width} x {height}; start from one with the same."
        )
    return scene


def _from_run(path: Path, painter: str, emit: EventHandler) -> Scene:
    """The last scene of a run."""
    run = open_run(path)
    _check_painter(path, run.spec.painter.name, painter)
    if run.last.remark:
        emit(Trouble(run.last.remark))
    return run.last.scene


def _from_file(path: Path, painter: str) -> Scene:
    """The scene that has the marks of a file."""
    content = read_shapes(path)
    _check_painter(path, content.painter or painter, painter)
    kind = scene_class(painter)
    try:
        return kind.from_marks(content.height, content.width, content.background, content.marks)
    except ValueError as exc:
        raise RunError(f"{path}: {exc}.") from exc


def _check_painter(path: Path, before: str, now: str) -> None:
    if before != now:
        raise RunError(
            f"{path}: was painted by {show(before)}, and {now} can't go on with that; "
            "start from a run of its own."
        )


def with_background(target: Target, start: Scene) -> Target:
    """The target over the start's background, when both are opaque and nobody chose another.

    All that has been painted was chosen to go with it.
    """
    if target.has_mean_background and start.background is not None:
        return replace(target, background=start.background)
    return target
