"""The recorder keeps the scene at moments of a run: vectors, for films of any size at any time."""

from __future__ import annotations

import io
import json
import math
import shutil
import time
import zipfile
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

import numpy as np
from PIL import Image

from engine.canvas import Canvas
from engine.errors import RunError, reason
from engine.events import Report, Trouble
from engine.image import Target, encode_png
from engine.picture import Picture
from engine.run_folder import PREVIEW, SNAPSHOTS, RunFolder
from engine.scene import Scene
from engine.spec import Record

MOST_SNAPSHOTS = 500  # of a run at most, when record.every is "auto",
ALL_SHAPES = 5_000_000  # and shapes in all of them together: about 250 MB
SPARE_BYTES = 1_000_000
PREVIEW_EVERY = 2.0  # seconds at least,
PREVIEW_SHARE = 0.01  # and not more than this share of the time, as everything waits meanwhile
PREVIEW_SIDE = 1024  # pixels of the longest side

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


class Recorder:
    """Keeps every n-th state that it is shown, the first and the last; stops when the disk gets full."""

    def __init__(
        self, folder: RunFolder, record: Record, jobs: int, shapes: int, target: Target, report: Report
    ) -> None:
        """jobs, shapes: expected of the whole run."""
        self._folder = folder
        self._report = report
        if record.every == "auto":
            self._every = math.ceil(jobs / min(MOST_SNAPSHOTS, max(ALL_SHAPES // shapes, 2)))
        else:
            self._every = record.every
        height, width = target.full_size
        self._reserve = 4 * height * width + SPARE_BYTES  # what the results may need
        self._is_full = False
        self._shown = 0
        self._kept = 0
        self._last: Scene | None = None

    def show(self, picture: Picture, seconds: float, last: bool = False) -> None:
        """Look at the state after a job, and keep its scene when its turn has come."""
        due = self._shown % self._every == 0 or last
        self._shown += 1
        if not due or self._is_full or picture.scene is self._last:
            return
        if shutil.disk_usage(self._folder.path).free < self._reserve:
            self._is_full = True
            self._report(
                Trouble(
                    f"{self._folder.path}: the disk is nearly full; painting goes on, but its film ends here."
                )
            )
            return
        snapshot = Snapshot(
            index=self._kept,
            seconds=round(seconds, 3),
            evaluations=picture.evaluations,
            error=picture.error,
            shapes=picture.marks,
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

    def refresh(self, last: bool = False) -> None:
        """Write it anew when the last time was long enough ago, or for the last time."""
        started = time.monotonic()
        if started < self._due and not last:
            return
        pixels = self._canvas.read()[1]
        mode = "RGB" if pixels.shape[2] == 3 else "RGBa"
        image = Image.frombytes(mode, (pixels.shape[1], pixels.shape[0]), pixels.tobytes())
        image.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE), reducing_gap=1)
        self._folder.write(PREVIEW, encode_png(np.asarray(image), compression=1))
        spent = time.monotonic() - started
        self._due = started + max(PREVIEW_EVERY, spent / PREVIEW_SHARE)


def read_snapshots(folder: RunFolder) -> list[Snapshot]:
    """The snapshots of a run, first to last; RunError when there are none."""
    path = folder / SNAPSHOTS
    try:
        lines = path.read_text(encoding="utf-8").split("\n")[:-1]  # a killed run may leave half a line
        snapshots = [Snapshot(**json.loads(line)) for line in lines]
    except FileNotFoundError as exc:
        raise RunError(f"{path}: is missing; render the picture again.") from exc
    except (OSError, ValueError, TypeError) as exc:
        raise RunError(f"{path}: can't be read ({reason(exc)}); render the picture again.") from exc
    if not snapshots:
        raise RunError(f"{path}: has no snapshots; render the picture again.")
    return snapshots


def read_scene(folder: RunFolder, snapshot: Snapshot, kind: type[AnyScene]) -> AnyScene:
    """The scene of a snapshot."""
    path = folder / snapshot.file
    try:
        # numpy leaves a damaged file open when it has opened it itself.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            content: dict[str, Any] = {name: arrays[name] for name in arrays.files}
        return kind.from_arrays(content)
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as exc:
        raise RunError(f"{path}: is damaged or missing ({reason(exc)}); render the picture again.") from exc
