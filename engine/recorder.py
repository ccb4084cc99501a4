"""The recorder keeps the scene at moments of a run: vectors, for films of any size at any time."""

from __future__ import annotations

import io
import json
import time
import zipfile
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from PIL import Image

from engine.canvas import Canvas
from engine.errors import RunError
from engine.image import encode_png
from engine.picture import Picture
from engine.run_folder import PREVIEW, SNAPSHOTS, RunFolder
from engine.scene import Scene

PREVIEW_EVERY = 2.0  # seconds
PREVIEW_SIDE = 1024  # pixels of the longest side


@dataclass(frozen=True)
class Snapshot:
    """One line of snapshots.jsonl."""

    index: int
    seconds: float  # since the start of the run
    evaluations: int
    error: float
    shapes: int
    file: str


class Recorder:
    """Keeps every n-th state that it is shown, the first and the last."""

    def __init__(self, folder: RunFolder, every: int) -> None:
        self._folder = folder
        self._every = every
        self._shown = 0
        self._kept = 0
        self._last: Scene | None = None

    def show(self, picture: Picture, seconds: float, last: bool = False) -> None:
        """Look at the state after a job, and keep its scene when its turn has come."""
        due = self._shown % self._every == 0 or last
        self._shown += 1
        if not due or picture.scene is self._last:
            return
        snapshot = Snapshot(
            index=self._kept,
            seconds=round(seconds, 3),
            evaluations=picture.evaluations,
            error=picture.error,
            shapes=len(picture.scene),
            file=f"snapshots/{self._kept:06}.npz",
        )
        content = io.BytesIO()
        np.savez(content, allow_pickle=False, **picture.scene.arrays())
        self._folder.write(snapshot.file, content.getvalue())
        self._folder.append(SNAPSHOTS, asdict(snapshot))
        self._kept += 1
        self._last = picture.scene


class Preview:
    """Keeps preview.png up to date while a run goes on, from what is on the canvas."""

    def __init__(self, folder: RunFolder, canvas: Canvas) -> None:
        self._folder = folder
        self._canvas = canvas
        self._due = time.monotonic()

    def refresh(self) -> None:
        """Write it anew when the last time was long enough ago."""
        if time.monotonic() < self._due:
            return
        image = Image.fromarray(self._canvas.read()[1])
        image.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE))
        self._folder.write(PREVIEW, encode_png(np.asarray(image)))
        self._due = time.monotonic() + PREVIEW_EVERY


def read_snapshots(folder: RunFolder) -> list[Snapshot]:
    """The snapshots of a run, first to last; RunError when there are none."""
    path = folder / SNAPSHOTS
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        snapshots = [Snapshot(**json.loads(line)) for line in lines]
    except (OSError, ValueError, TypeError) as exc:
        raise RunError(f"{path}: can't be read ({exc}); render the picture again.") from exc
    if not snapshots:
        raise RunError(f"{path}: has no snapshots; render the picture again.")
    return snapshots


def read_scene(folder: RunFolder, snapshot: Snapshot, kind: type[Scene]) -> Scene:
    """The scene of a snapshot."""
    path = folder / snapshot.file
    try:
        with np.load(path, allow_pickle=False) as arrays:
            content: dict[str, Any] = {name: arrays[name] for name in arrays.files}
        return kind.from_arrays(content)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as exc:
        raise RunError(f"{path}: is damaged or missing ({exc}); render the picture again.") from exc
