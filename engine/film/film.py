"""The film's story: snapshots -> frames -> video."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

from engine.cores import available_cores
from engine.events import Filmed, Filming, Report
from engine.film.fitting import encode_within
from engine.film.frames import draw_frames, frame_counts, visual_changes
from engine.film.video import Frame, tools_for
from engine.recorder import read_scene, read_snapshots
from engine.run_folder import FILM, RunFolder
from engine.scene import Scene
from engine.spec import Film


def make_films(folder: RunFolder, film: Film, kind: type[Scene], report: Report) -> list[Path]:
    """Make the films of a run from its snapshots, one for each format, beside its other files.

    kind: the scenes' class. KeyboardInterrupt leaves no half film behind.
    """
    tools = tools_for(film)
    snapshots = read_snapshots(folder)
    load = lru_cache(maxsize=16)(lambda index: read_scene(folder, snapshots[index], kind))
    total, _ = frame_counts(film.duration, film.hold, film.fps)
    paths = _paths(folder, film)
    executor = ThreadPoolExecutor(available_cores())
    try:
        changes = visual_changes(load, len(snapshots), executor)
        for path in paths:
            started = time.monotonic()

            def draw(size: int, file: str = str(path)) -> Generator[Frame, None, None]:
                frames = draw_frames(load, changes, size, film.fps, film.duration, film.hold, executor)
                return _watched(frames, file, total, report)

            encoder = encode_within(
                film.max_bytes, draw, film.size, path, film.fps, tools, film.codec, report
            )
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
