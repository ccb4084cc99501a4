"""The target as a run's folder has it: PNG files, or pyramids of what is too large to be held in memory."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np

from engine.errors import CheckpointError, TargetError, reason
from engine.events import EventHandler, Notice
from engine.image.pixels import Pixels, decode_png, encode_png
from engine.image.pyramid import Pyramid
from engine.image.source import StoredSource
from engine.image.target import Origin, Target
from engine.storage.checkpoint import Checkpoint, believed
from engine.storage.load import MOST_TARGET
from engine.storage.run_folder import IMPORTANCE, STORED_IMPORTANCE, STORED_TARGET, TARGET, RunFolder


def write_copies(folder: RunFolder, target: Target) -> tuple[Target, dict[str, str]]:
    """Write a target into a run's folder; the same, read from there if it is a large one, and the files.

    The files: their sha256 by their names.
    """
    if target.stored is not None:
        return _write_pyramids(folder, target, target.stored)
    copies = {}
    for name, pixels in ((TARGET, target.pixels), (IMPORTANCE, target.weights)):
        if pixels is not None:
            content = encode_png(pixels, compression=1)
            folder.write(name, content, durable=True)
            copies[name] = hashlib.sha256(content).hexdigest()
    return target, copies


def _write_pyramids(folder: RunFolder, target: Target, source: StoredSource) -> tuple[Target, dict[str, str]]:
    """Those of a large target, which no longer lies in files without a name then."""
    copies = {}
    for name, pyramid in ((STORED_TARGET, source.stored_pixels), (STORED_IMPORTANCE, source.stored_weights)):
        if pyramid is not None:
            with folder.writing(name, durable=True) as file:
                copies[name] = pyramid.copied(file)
    return target.stored_as(StoredSource(*(_pyramid(folder, name) for name in copies))), copies


def read_target(folder: RunFolder, checkpoint: Checkpoint, emit: EventHandler) -> Target:
    """The target of a run, from its folder; TargetError when the file that it came from has changed.

    A file that is no longer there is reported, and not needed.
    """
    header, facts = checkpoint.header, checkpoint.facts
    try:
        now = Origin.again(header.target, header.mask)
    except OSError as exc:
        what = f"{exc.filename}: can't be read any more ({reason(exc)})"
        own = STORED_TARGET if folder.has(STORED_TARGET) else TARGET
        emit(Notice(f"{what}; the run goes on with its own copy, {own}."))
    else:
        if now.sha256 != header.target_sha256:
            which = f"{header.target} (or {header.mask})" if header.mask else header.target
            raise TargetError(
                f"{which}: has changed since {folder.path} was begun; put the old picture back, or "
                "render the new one into a folder of its own."
            )
    with believed():
        target = Target(
            pixels=np.empty((0, 0, 3), np.uint8),
            background=facts["background"],
            has_mean_background=facts["has_mean_background"],
            full_size=facts["full_size"],
            weights=None,
            origin=Origin(header.target, header.target_sha256, header.mask),
        )
        copies = facts["copies"]
    if STORED_TARGET in copies:
        names = [name for name in (STORED_TARGET, STORED_IMPORTANCE) if name in copies]
        found = target.stored_as(StoredSource(*(_pyramid(folder, name, copies[name]) for name in names)))
        return _checked(folder / STORED_TARGET, found)
    pictures = {name: _read_copy(folder, name, digest) for name, digest in copies.items()}
    pixels = pictures.get(TARGET, target.pixels)
    return _checked(folder / TARGET, replace(target, pixels=pixels, weights=pictures.get(IMPORTANCE)))


def _checked(path: Path, target: Target) -> Target:
    """CheckpointError for a copy that can't be that of a run."""
    pixels, weights = target.pixels, target.weights
    if (
        not pixels.size
        or pixels.ndim != 3
        or (weights is not None and weights.shape != pixels.shape[:2])
        or pixels.shape[2] != (4 if target.background is None else 3)
    ):
        raise CheckpointError(f"{path}: is not what was painted; render the picture again.")
    return target


def _read_copy(folder: RunFolder, name: str, digest: str) -> Pixels:
    """A picture of a run folder; CheckpointError when it is not the one that was put there."""
    try:
        content = folder.read(name, MOST_TARGET)
        if hashlib.sha256(content).hexdigest() != digest:
            raise CheckpointError(
                f"{folder / name}: has been changed; put it back, or render the picture again."
            )
        return decode_png(content)
    except (OSError, ValueError) as exc:
        raise CheckpointError(
            f"{folder / name}: can't be read ({reason(exc)}); render the picture again."
        ) from exc


def _pyramid(folder: RunFolder, name: str, digest: str | None = None) -> Pyramid:
    """The same of a large picture, none of which is read but for its digest."""
    try:
        found = Pyramid.of(folder / name)
        if digest is not None and found.digest() != digest:
            raise CheckpointError(
                f"{folder / name}: has been changed; put it back, or render the picture again."
            )
    except (OSError, ValueError) as exc:
        raise CheckpointError(
            f"{folder / name}: can't be read ({reason(exc)}); render the picture again."
        ) from exc
    return found
