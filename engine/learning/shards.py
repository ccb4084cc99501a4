"""A data set of strokes on the disk: a folder of npz files, and how it is read."""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from engine.errors import SpecError, reason
from engine.learning.actions import COLUMNS, SIDE, Actions
from engine.strict_json import parse

MANIFEST, AGAIN = "manifest.json", "again.npz"
FORMAT, VERSION = "tessera strokes", 1
SHARD = 1000  # strokes of a file
HELD_OUT = 0.02  # of all strokes: the last ones, which nothing is trained on
_AT_A_TIME = 1000  # pictures that are looked at as floats
_MOST_BYTES = 16 << 30  # of a file's arrays
# What numpy and zipfile raise for a file that is none, or damaged.
DAMAGES = (zipfile.BadZipFile, ValueError, EOFError, RuntimeError, LookupError, SyntaxError, zlib.error)

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]


def shard_name(number: int) -> str:
    """Of a shard's file."""
    return f"shard-{number:05}.npz"


def number_of(name: str) -> int:
    """The number of a shard, from 0, by its file's name."""
    return int(name.removeprefix("shard-").removesuffix(".npz"))


def held_out_count(count: int) -> int:
    """How many of so many strokes are kept for measuring: at least one."""
    return max(1, round(HELD_OUT * count))


@dataclass(frozen=True, eq=False)
class StrokeSet:
    """Strokes in memory: 4 kB each."""

    actions: Actions  # (count, 12)
    alpha: Bytes  # (count, 64, 64): 255 is all
    drawn_again: Bytes | None  # (held out, 64, 64): the held-out ones with other random numbers
    manifest: Mapping[str, Any]  # "brush", "seed" and so on; empty for files of others

    @property
    def count(self) -> int:
        """How many strokes there are, those held out included."""
        return len(self.actions)

    @property
    def trained(self) -> int:
        """How many of them, the first ones, are to learn from."""
        return self.count - held_out_count(self.count)

    def batches(self, size: int, seed: int) -> Iterator[tuple[Actions, Floats]]:
        """All that is to learn from once, shuffled: actions (size, 12), alpha (size, 64, 64) 0 to 1.

        What is left over at the end is dropped, unless it is all.
        """
        order = np.random.default_rng(seed).permutation(self.trained)
        size = min(size, len(order)) or 1
        for start in range(0, len(order) - size + 1, size):
            chosen = order[start : start + size]
            yield self.actions[chosen], _shares(self.alpha[chosen])

    def held_out(self) -> tuple[Actions, Floats]:
        """What nothing was trained on: actions (n, 12) and alpha (n, 64, 64), 0 to 1."""
        return self.actions[self.trained :], _shares(self.alpha[self.trained :])

    def again(self) -> Floats | None:
        """The held-out strokes drawn a second time (n, 64, 64); None where there are none."""
        return None if self.drawn_again is None else _shares(self.drawn_again)


def open_strokes(source: Path) -> StrokeSet:
    """Read a data set: a folder of ours, a folder of npz files, or one such file.

    A file has `actions` (n, 12), 0 to 1, and `alpha` (n, 64, 64) uint8, or `strokes` (n, 64, 64) or (n, 64,
    64, 3) as in the set that Nakano has published: black or coloured on white, 0 to 255 or 0 to 1. SpecError
    for what is none of these, or not whole yet.
    """
    if source.is_dir():
        manifest = read_manifest(source)
        names = _names(source, manifest)
        again = source / AGAIN
        drawn_again = _read(again)[1] if manifest and again.exists() else None
    else:
        manifest, names, drawn_again = {}, [source], None
    actions, alpha = _joined(names, manifest.get("count", 0))
    if manifest and len(actions) != manifest["count"]:
        raise SpecError(f"{source}: holds {len(actions)} strokes, not the {manifest['count']} it says.")
    if drawn_again is not None and len(drawn_again) != held_out_count(len(actions)):
        raise SpecError(f"{source / AGAIN}: belongs to another data set.")
    return StrokeSet(actions, alpha, drawn_again, manifest)


def _joined(names: Sequence[Path], count: int) -> tuple[Actions, Bytes]:
    """All actions and alphas of some files. count: how many are expected; 0: unknown."""
    actions, alpha = np.empty((count, len(COLUMNS)), np.float32), np.empty((count, SIDE, SIDE), np.uint8)
    filled = 0
    for path in names:
        part, pictures = _read(path)
        if filled + len(part) > len(actions):
            actions = np.concatenate([actions[:filled], part])
            alpha = np.concatenate([alpha[:filled], pictures])
        actions[filled : filled + len(part)], alpha[filled : filled + len(part)] = part, pictures
        filled += len(part)
    return actions[:filled], alpha[:filled]


def read_manifest(folder: Path) -> dict[str, Any]:
    """What a folder's manifest says; {} when there is none; SpecError for one that is not ours."""
    path = folder / MANIFEST
    try:
        with path.open("rb") as file:
            found = parse(file.read(1 << 20))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as exc:
        raise SpecError(f"{path}: can't be read ({reason(exc)}).") from exc
    if not isinstance(found, dict) or found.get("format") != FORMAT or found.get("version") != VERSION:
        raise SpecError(f"{path}: is no manifest of a data set of strokes, version {VERSION}.")
    for name in ("count", "shard"):
        value = found.get(name)
        if type(value) is not int or not 1 <= value <= 10**8:
            raise SpecError(f"{path}: {name} must be a whole number above 0.")
    return found


def write_arrays(file: IO[bytes], actions: Actions, alpha: Bytes) -> None:
    """Write a shard; the same bytes for the same strokes."""
    np.savez_compressed(file, actions=actions, alpha=alpha)


def manifest_text(manifest: Mapping[str, Any]) -> bytes:
    """A manifest's file."""
    return (json.dumps(manifest, indent=1, ensure_ascii=False) + "\n").encode()


def _names(folder: Path, manifest: Mapping[str, Any]) -> list[Path]:
    """The files of a folder; SpecError when some are missing."""
    if not manifest:
        found = sorted(folder.glob("*.npz"))
        if not found:
            raise SpecError(f"{folder}: holds no strokes, neither {MANIFEST} nor npz files.")
        return found
    names = [folder / shard_name(number) for number in range(-(-manifest["count"] // manifest["shard"]))]
    if missing := [path for path in names if not path.exists()]:
        raise SpecError(
            f"{folder}: {len(missing)} of {len(names)} shards are missing; the same tessera brush dataset "
            "that has begun it draws them."
        )
    return names


def _read(path: Path) -> tuple[Actions, Bytes]:
    """The actions and the alpha of a file; SpecError."""
    arrays = _arrays(path)
    if "actions" not in arrays:
        raise SpecError(f"{path}: has no actions; an npz file with actions and alpha is wanted.")
    key = next((name for name in ("alpha", "strokes") if name in arrays), None)
    if key is None:
        raise SpecError(f"{path}: has actions, but neither alpha nor strokes.")
    actions, pictures = arrays["actions"], arrays[key]
    _check_actions(path, actions, pictures.shape[0] if pictures.ndim else 0)
    return actions.astype(np.float32, copy=False), _alpha(path, key, pictures, actions)


def _arrays(path: Path) -> dict[str, npt.NDArray[Any]]:
    """Those of a file that are of use; SpecError, as nothing is unpickled and no bomb unpacked."""
    try:
        with path.open("rb") as file, zipfile.ZipFile(file) as content:
            if sum(member.file_size for member in content.infolist()) > _MOST_BYTES:
                raise ValueError("its arrays are too large")
            file.seek(0)
            found = np.load(file, allow_pickle=False)
            return {name: found[name] for name in ("actions", "alpha", "strokes") if name in found}
    except (OSError, *DAMAGES) as exc:
        raise SpecError(f"{path}: can't be read as an npz file ({reason(exc)}).") from exc


def _check_actions(path: Path, actions: npt.NDArray[Any], count: int) -> None:
    if not count:
        raise SpecError(f"{path}: holds no strokes.")
    wanted = (count, len(COLUMNS))
    if actions.dtype.kind != "f" or actions.shape != wanted:
        raise SpecError(f"{path}: actions are {actions.dtype} {actions.shape}, not floats {wanted}.")
    if not (np.isfinite(actions).all() and actions.min() >= 0 and actions.max() <= 1):
        raise SpecError(f"{path}: some actions are not between 0 and 1.")


def _alpha(path: Path, key: str, pictures: npt.NDArray[Any], actions: npt.NDArray[Any]) -> Bytes:
    """What strokes cover, of pictures of any of the forms that are read."""
    if key == "alpha":
        if pictures.dtype != np.uint8 or pictures.shape[1:] != (SIDE, SIDE):
            raise SpecError(f"{path}: alpha is {pictures.dtype} {pictures.shape}, not uint8 (n, 64, 64).")
        return pictures
    if pictures.shape[1:] not in ((SIDE, SIDE), (SIDE, SIDE, 3)) or pictures.dtype.kind not in "uf":
        raise SpecError(f"{path}: strokes are {pictures.shape}, not (n, 64, 64) or (n, 64, 64, 3).")
    most = np.float32(255 if pictures.max(initial=0) > 1 else 1)
    found = np.empty(pictures.shape[:3], np.uint8)
    for start in range(0, len(found), _AT_A_TIME):
        part = slice(start, start + _AT_A_TIME)
        cover = _cover(pictures[part].astype(np.float32) / most, actions[part].astype(np.float32))
        found[part] = np.rint(255 * cover)
    return found


def _cover(values: Floats, actions: Actions) -> Floats:
    """Alpha (n, 64, 64) of pictures 0 to 1 of strokes on white paper, grey or in their action's colour.

    By least squares over the channels: 1 - picture = alpha (1 - colour). A white stroke on white covers
    nothing that could be seen.
    """
    if values.ndim == 3:
        return np.clip(1 - values, 0, 1)
    ink = 1 - actions[:, 6:9]
    power = np.maximum((ink**2).sum(1), 1e-3)
    return np.clip(np.einsum("nyxc,nc->nyx", 1 - values, ink) / power[:, None, None], 0, 1)


def _shares(alpha: Bytes) -> Floats:
    return alpha.astype(np.float32) / np.float32(255)
