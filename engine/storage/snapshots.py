"""Snapshots of a run, as they lie in its folder."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

import numpy as np

from engine.errors import RunError, reason
from engine.grid import TileBox
from engine.scene.scene import Scene
from engine.storage.run_folder import SNAPSHOTS, RunFolder

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
    place: TileBox | None = None  # of the job that has just been done; None at the start, and in older runs

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Snapshot:
        """The inverse of `to_record`."""
        place = record.get("place")
        return cls(**{**record, "place": place and TileBox.from_record(place)})

    def to_record(self) -> dict[str, Any]:
        """A line as plain values."""
        return {**asdict(self), "place": self.place and self.place.to_record()}


def read_snapshots(folder: RunFolder) -> list[Snapshot]:
    """The snapshots of a run, first to last; RunError when there are none."""
    path = folder / SNAPSHOTS
    try:
        lines = path.read_text(encoding="utf-8").split("\n")[:-1]  # a killed run may leave half a line
        snapshots = [Snapshot.from_record(json.loads(line)) for line in lines]
    except FileNotFoundError as exc:
        raise RunError(f"{path}: is missing; render the picture again.") from exc
    except (OSError, ValueError, TypeError, AttributeError, KeyError) as exc:
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
