"""Checkpoints: all that a run needs to go on, kept in two generations, so that one is whole at any moment.

A file is a line of JSON, the header, and then numpy's npz with the state. Nothing is ever unpickled.
"""

from __future__ import annotations

import io
import json
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from engine import strict_json
from engine.errors import CheckpointError, reason
from engine.npz import read_npz
from engine.storage.checkpoint_header import FORMAT, Header, header_fields
from engine.storage.checksum import checksum, checksum_of_rest
from engine.storage.facts import MOST_PIXELS, Facts
from engine.storage.records import valid
from engine.storage.run_folder import CHECKPOINTS, SNAPSHOTS, RunFolder

VERSION = 1
MOST_BYTES = 16_000_000_000  # of a whole file: twice what 100 million shapes take
MOST_FACTS = 50_000_000  # bytes of them
# What the names of some of a checkpoint's arrays begin with: those of the scene, and what painters carry from
# job to job, each with the row and the column of its tile.
SCENE, CARRY = "scene.", "carry."
FACTS = "facts"  # the array that holds them, as JSON


@dataclass(frozen=True)
class Checkpoint:
    """A run's state: plain arrays and JSON values."""

    header: Header
    arrays: Mapping[str, NDArray[Any]]
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class Draft:
    """A checkpoint but for the scene, and what the recorder knows."""

    header: Header
    arrays: Mapping[str, NDArray[Any]]
    facts: Mapping[str, Any]

    def finished(self, scene: Mapping[str, NDArray[Any]], recorded: Mapping[str, Any]) -> Checkpoint:
        """With the scene's arrays and the recorder's state."""
        return Checkpoint(self.header, with_scene(self.arrays, scene), {**self.facts, "recorder": recorded})


@dataclass(frozen=True)
class Found:
    """The newest checkpoint that is whole."""

    path: Path
    checkpoint: Checkpoint
    damaged: tuple[Path, ...]  # others that are not


def write_checkpoint(folder: RunFolder, checkpoint: Checkpoint, generation: int) -> None:
    """Put a checkpoint in the place of the older one of the two that there are."""
    now = datetime.now().astimezone().isoformat(timespec="seconds")
    header = replace(checkpoint.header, at=now, generation=generation)
    facts = np.frombuffer(json.dumps(checkpoint.facts).encode(), np.uint8)
    content = io.BytesIO()
    np.savez(content, allow_pickle=False, **{FACTS: facts, **checkpoint.arrays})
    fields = {"format": FORMAT, "version": VERSION, **asdict(header)}
    fields["checksum"] = checksum(fields, content.getvalue())
    line = json.dumps(fields).encode() + b"\n"
    folder.write(CHECKPOINTS[generation % len(CHECKPOINTS)], line + content.getvalue(), durable=True)


def read_checkpoint(folder: RunFolder) -> Found:
    """The newest checkpoint of a run; CheckpointError when none can be read, or by this version."""
    whole: dict[Path, Checkpoint] = {}
    damaged: list[Path] = []
    for name in CHECKPOINTS:
        path = folder / name
        try:
            with folder.opened(name, MOST_BYTES) as file:
                whole[path] = _read(file, path)
        except FileNotFoundError:
            continue
        except (OSError, ValueError, TypeError, LookupError):
            damaged.append(path)
    if not whole and not damaged and not folder.has(SNAPSHOTS):
        raise CheckpointError(
            f"{folder.path}: had not begun to paint; remove it, and render the picture again."
        )
    if not whole:
        what = f"its checkpoints ({', '.join(path.name for path in damaged)}) are damaged" if damaged else ""
        raise CheckpointError(
            f"{folder.path}: {what or 'it has no checkpoint'}; begin another run with what it has painted: "
            "tessera render TARGET --from RUN."
        )
    newest = max(whole, key=lambda path: whole[path].header.generation)
    return Found(newest, whole[newest], tuple(damaged))


def _read(file: IO[bytes], path: Path) -> Checkpoint:
    """path: its, in sentences. ValueError and the like when it is damaged."""
    fields = header_fields(file)
    begin = file.tell()
    if fields.pop("checksum", None) != checksum_of_rest(fields, file):
        raise ValueError("the checksum is another one")
    if fields["version"] != VERSION:
        raise CheckpointError(
            f"{path}: was written by another version of Tessera (format {str(fields['version'])[:20]}, this "
            f"one reads {VERSION}); resume it with that version, or begin another run with what it has "
            "painted: tessera render TARGET --from RUN."
        )
    header = valid(Header, fields)
    file.seek(begin)
    arrays = read_npz(file)
    return Checkpoint(header, arrays, _facts(arrays.pop(FACTS)))


def _facts(content: NDArray[Any]) -> Facts:
    if content.nbytes > MOST_FACTS:
        raise ValueError("there is too much in it")
    facts = valid(Facts, strict_json.parse(content.tobytes()))
    if math.prod(facts.get("full_size", ())) > MOST_PIXELS:
        raise ValueError("its picture is too large")
    return facts


def with_scene(
    arrays: Mapping[str, NDArray[Any]], scene: Mapping[str, NDArray[Any]]
) -> dict[str, NDArray[Any]]:
    """A checkpoint's arrays: those of a scene, by the names that they have here, and the others."""
    return {**{f"{SCENE}{name}": array for name, array in scene.items()}, **arrays}


def scene_arrays(arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Those of a picture's arrays that are its scene's, by the scene's names."""
    return {name.removeprefix(SCENE): arrays[name] for name in arrays if name.startswith(SCENE)}


def carried_arrays(
    arrays: Mapping[str, NDArray[Any]],
) -> dict[tuple[int, int], dict[str, NDArray[Any]]]:
    """What painters carry from job to job, by row and column of the tile."""
    found: dict[tuple[int, int], dict[str, NDArray[Any]]] = {}
    for name, array in arrays.items():
        if name.startswith(CARRY):
            row, col, own = name.removeprefix(CARRY).split(".", 2)
            found.setdefault((int(row), int(col)), {})[own] = array
    return found


@contextmanager
def believed() -> Iterator[None]:
    """CheckpointError for what no run can have saved, whatever its checksum says."""
    try:
        yield
    except (ValueError, TypeError, LookupError) as exc:
        what = f"the checkpoint can't be gone on from ({reason(exc)})"
        raise CheckpointError(f"{what}; render the picture again.") from exc
