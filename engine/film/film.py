"""The film's story: snapshots -> frames -> video."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import lru_cache
from pathlib import Path

from engine.cores import available_cores
from engine.events import Filmed, Filming, Report
from engine.film.frames import draw_frames, frame_counts, visual_changes
from engine.film.video import Frame, encode, find_tools
from engine.recorder import read_scene, read_snapshots
from engine.run_folder import FILM, RunFolder
from engine.scene import Scene
from engine.spec import Film


def make_films(folder: RunFolder, film: Film, kind: type[Scene], report: Report) -> list[Path]:
    """Make the films of a run from its snapshots, one for each format, beside its other files.

    kind: the scenes' class. KeyboardInterrupt leaves no half film behind.
    """
    tools = find_tools(film.encoder)
    snapshots = read_snapshots(folder)
    load = lru_cache(maxsize=16)(lambda index: read_scene(folder, snapshots[index], kind))
    total, _ = frame_counts(film.duration, film.hold, film.fps)
    paths = _paths(folder, film)
    executor = ThreadPoolExecutor(available_cores())
    try:
        changes = visual_changes(load, len(snapshots), executor)
        for path in paths:
            started = time.monotonic()
            frames = draw_frames(load, changes, film.size, film.fps, film.duration, film.hold, executor)
            with closing(_watched(frames, str(path), total, report)) as watched:
                encoder = encode(watched, path, film.fps, tools)
            report(Filmed(str(path), encoder, round(time.monotonic() - started, 3)))
    finally:
        executor.shutdown(cancel_futures=True)
    return paths


def missing_films(folder: RunFolder, film: Film) -> list[Path]:
    """The films that would be made and are not there."""
    return [path for path in _paths(folder, film) if not path.exists()]


def remove_films(folder: RunFolder, film: Film) -> None:
    """Remove the films that would be made, because they are no longer right."""
    for path in _paths(folder, film) if film.enabled else ():
        folder.remove(path.name)


def _paths(folder: RunFolder, film: Film) -> list[Path]:
    return [folder / f"{FILM}.{suffix}" for suffix in film.format]


def _watched(frames: Iterable[Frame], file: str, total: int, report: Report) -> Generator[Frame, None, None]:
    for place, frame in enumerate(frames, 1):
        yield frame
        report(Filming(file, place, total))
