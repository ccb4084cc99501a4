"""A data set is drawn: shard by shard, by several processes, going on where an earlier one was stopped."""

from __future__ import annotations

import errno
import hashlib
import io
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine import __version__
from engine.errors import RunError, SpaceError, reason
from engine.events import Drawing, Drawn, EventHandler, Notice
from engine.learning.actions import Actions, random_actions
from engine.learning.drawing import draw_actions
from engine.learning.shards import (
    AGAIN,
    FORMAT,
    MANIFEST,
    SHARD,
    VERSION,
    held_out_count,
    manifest_text,
    number_of,
    read_manifest,
    shard_name,
    write_arrays,
)
from engine.mypaint.brush import read_brush, unknown_to_engine
from engine.mypaint.bundled import BUNDLED, bundled_text
from engine.mypaint.native import library
from engine.parallel.process_pool import ProcessPool
from engine.storage import files
from engine.storage.lock import locked

GOES_ON = "and the same command goes on"
BRUSH, LOCK = "brush.myb", ".lock"
_ACTIONS, _GRAIN, _GRAIN_AGAIN = 0, 1, 2  # what seeds are for


@dataclass(frozen=True)
class Wanted:
    """What a data set is to hold; each of its files is a function of this."""

    brush: str  # its name
    text: str  # of its .myb file
    count: int  # strokes
    seed: int
    shard: int = SHARD  # strokes of a file

    @property
    def names(self) -> list[str]:
        """Of its files, the manifest and the brush aside."""
        return [*map(shard_name, range(-(-self.count // self.shard))), AGAIN]

    def manifest(self) -> dict[str, Any]:
        """What stands in its manifest."""
        return {
            "format": FORMAT,
            "version": VERSION,
            "brush": self.brush,
            "brush_sha256": hashlib.sha256(self.text.encode()).hexdigest(),
            "seed": self.seed,
            "count": self.count,
            "held_out": held_out_count(self.count),
            "shard": self.shard,
            "engine": "libmypaint 1.5/1.6",
            "made_by": f"tessera {__version__}",
        }


def wanted_of(brush: str, count: int, seed: int) -> Wanted:
    """A data set of a brush that comes along, by its name, or of a .myb file; SpecError for neither."""
    text = bundled_text(brush) if brush in BUNDLED else read_brush(Path(brush))
    return Wanted(brush if brush in BUNDLED else Path(brush).stem, text, count, seed)


def make_dataset(folder: Path, wanted: Wanted, workers: int, emit: EventHandler) -> None:
    """Draw what is missing of a data set, in processes of their own.

    RunError for a folder that holds anything else or
    can't be written, LockError while another process draws there, SpaceError for a full disk, ToolError
    without the paint engine, SpecError for a brush that it doesn't take.
    """
    begin = time.monotonic()
    library()
    draw_actions(wanted.text, random_actions(1, [0]), [0])  # says what is wrong with a brush, before all else
    if unknown := unknown_to_engine(wanted.text):
        emit(Notice(f"{wanted.brush}: this libmypaint has no {', '.join(unknown)}; the brush goes without."))
    _make_folder(folder)
    names = wanted.names
    with locked(folder / LOCK, str(folder)):
        _begin(folder, wanted)
        missing = [name for name in names if not files.is_plain(folder, name)]
        there = sum(_strokes(wanted, name) for name in names if name not in missing)
        for name, content in _drawn(wanted, missing, workers):
            emit(Drawing(str(folder), there, wanted.count))
            _write(folder, name, content)
            there += _strokes(wanted, name)
        size = sum((folder / name).stat().st_size for name in (*names, MANIFEST, BRUSH))
    emit(Drawn(str(folder), wanted.count, size, time.monotonic() - begin))


def opened(wanted: Wanted) -> Wanted:
    """What a worker keeps for its jobs."""
    return wanted


def draw_part(wanted: Wanted, name: str) -> tuple[str, bytes]:
    """A file of a data set: its name and its content."""
    if name == AGAIN:
        held = held_out_count(wanted.count)
        numbers = range((wanted.count - held) // wanted.shard, len(wanted.names) - 1)
        actions = np.concatenate([_actions(wanted, number) for number in numbers])[-held:]
        alpha = draw_actions(wanted.text, actions, [wanted.seed, _GRAIN_AGAIN])
    else:
        number = number_of(name)
        actions = _actions(wanted, number)
        alpha = draw_actions(wanted.text, actions, [wanted.seed, _GRAIN, number])
    file = io.BytesIO()
    write_arrays(file, actions, alpha)
    return name, file.getvalue()


def _actions(wanted: Wanted, number: int) -> Actions:
    return random_actions(_strokes(wanted, shard_name(number)), [wanted.seed, _ACTIONS, number])


def _strokes(wanted: Wanted, name: str) -> int:
    """How many a file adds to the data set."""
    return 0 if name == AGAIN else min(wanted.shard, wanted.count - number_of(name) * wanted.shard)


def _drawn(wanted: Wanted, names: list[str], workers: int) -> Iterator[tuple[str, bytes]]:
    """Files of a data set, as they are ready."""
    if not names:
        return
    step, setup = (f"{__name__}:{function.__name__}" for function in (draw_part, opened))
    with closing(ProcessPool(step, min(workers, len(names)), setup, (wanted,))) as pool:
        for name in names:
            pool.submit(name)
        yield from pool.completed()


def _make_folder(folder: Path) -> None:
    """Make the folder, unless it holds something else."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / MANIFEST).exists() and any(not _is_ours(path.name) for path in folder.iterdir()):
            raise RunError(f"{folder}: is not empty, and no data set; give another folder with --out.")
    except OSError as exc:
        raise _unwritable(exc, folder) from exc


def _is_ours(name: str) -> bool:
    return name in (LOCK, BRUSH) or name.endswith(files.PART)


def _begin(folder: Path, wanted: Wanted) -> None:
    """Write the manifest, or find the same one, and remove what a killed process was writing."""
    found, manifest = read_manifest(folder), wanted.manifest()
    for name in manifest:
        if found and name != "made_by" and found.get(name) != manifest[name]:
            raise RunError(
                f"{folder}: holds a data set with another {name.replace('_', ' ')} ({found.get(name)}, not "
                f"{manifest[name]}); give another folder with --out, or remove it."
            )
    for path in folder.glob(f".*{files.PART}"):
        path.unlink(missing_ok=True)
    if not found:
        _write(folder, BRUSH, wanted.text.encode())
        _write(folder, MANIFEST, manifest_text(manifest))


def _write(folder: Path, name: str, content: bytes) -> None:
    try:
        with files.replacing(folder, name, durable=True) as file:
            file.write(content)
    except OSError as exc:
        raise _unwritable(exc, folder) from exc


def _unwritable(exc: OSError, folder: Path) -> RunError | SpaceError:
    if exc.errno in (errno.ENOSPC, errno.EDQUOT):
        return SpaceError(f"{folder}: there is no space left on the disk; free some, {GOES_ON}.")
    return RunError(f"{folder}: can't be written ({reason(exc)}); give another folder with --out.")
