"""The film's story: snapshots -> frames -> video."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

from engine.course import Stop
from engine.events import Filmed, Filming, Report
from engine.film.frames import draw_frames, frame_counts, visual_changes
from engine.film.video import Frame, encode, find_tools
from engine.pools import available_cores
from engine.recorder import read_scene, read_snapshots
from engine.run_folder import FILM, RunFolder
from engine.scene import Scene
from engine.spec import Film


def make_films(folder: RunFolder, film: Film, kind: type[Scene], stop: Stop, report: Report) -> list[Path]:
    """Make the films of a run from its snapshots, one for each format, beside its other files.

    kind: the scenes' class. stop: once it is true KeyboardInterrupt is raised and the film given up.
    """
    files = []
    tools = find_tools(film.encoder)
    snapshots = read_snapshots(folder)
    load = lru_cache(maxsize=16)(lambda index: read_scene(folder, snapshots[index], kind))
    with ThreadPoolExecutor(available_cores()) as executor:
        changes = visual_changes(load, len(snapshots), executor)
        for suffix in film.format:
            started = time.monotonic()
            path = folder / f"{FILM}.{suffix}"
            frames = draw_frames(load, changes, film.size, film.fps, film.duration, film.hold, executor)
            total, _ = frame_counts(film.duration, film.hold, film.fps)
            encoder = encode(_watched(frames, str(path), total, stop, report), path, film.fps, tools)
            files.append(path)
            report(Filmed(str(path), encoder, round(time.monotonic() - started, 3)))
    return files


def _watched(frames: Iterable[Frame], file: str, total: int, stop: Stop, report: Report) -> Iterator[Frame]:
    for place, frame in enumerate(frames, 1):
        if stop():
            raise KeyboardInterrupt
        yield frame
        report(Filming(file, place, total))
