"""The film's story: snapshots -> track -> script -> pictures -> video."""

from __future__ import annotations

import time
from collections.abc import Generator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import closing
from functools import lru_cache
from pathlib import Path

from engine.cores import available_cores
from engine.events import Filmed, Filming, Notice, Report
from engine.film.dedup import places_of
from engine.film.frames import in_order
from engine.film.layout import Layout, words_of
from engine.film.pacing import paced
from engine.film.script import Shot, check_film, write_script
from engine.film.stage import Stage
from engine.film.target import target_at
from engine.film.track import Track
from engine.film.video import Frame, encode, find_tools
from engine.grid import Grid
from engine.painter import painter_class
from engine.recorder import read_scene, read_snapshots
from engine.run_folder import FILM, RunFolder
from engine.spec import Film, RunSpec


def make_films(folder: RunFolder, spec: RunSpec, report: Report) -> list[Path]:
    """Make the films of a run from its snapshots, one for each format, beside its other files.

    KeyboardInterrupt leaves no half film behind.
    """
    film = spec.film
    check_film(film)
    tools = find_tools(film.encoder)
    paths = _paths(folder, film)
    executor = ThreadPoolExecutor(available_cores())
    try:
        track = _track(folder, spec, executor)
        if film.grid and not any(snapshot.place for snapshot in track.snapshots):
            what = f"{folder.path}: its snapshots don't say where the jobs painted"
            report(Notice(f"{what}; the film shows no tiles."))
        script = write_script(film, lambda frames: paced(track, film.pacing, frames, executor))
        for path in paths:
            started = time.monotonic()
            stage = _stage(folder, spec, track, film.size)
            with closing(_draw(stage, script, film.fps, path, executor, report)) as frames:
                encoder = encode(frames, path, film.fps, tools)
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


def _track(folder: RunFolder, spec: RunSpec, executor: Executor) -> Track:
    snapshots = read_snapshots(folder)
    kind = painter_class(spec.painter.name).scene_class
    load = lru_cache(maxsize=16)(lambda index: read_scene(folder, snapshots[index], kind))
    return Track(load, snapshots, places_of(load, len(snapshots), spec.film.dedup, executor))


def _stage(folder: RunFolder, spec: RunSpec, track: Track, size: int) -> Stage:
    film, scene = spec.film, track.scene(track.end)
    words = words_of(track.figures(track.end)) if film.caption else ()
    layout = Layout.fit(scene.height, scene.width, size, 2 if film.compare == "beside" else 1, words)
    is_shown = film.compare != "none" or (film.intro > 0 and film.intro_shows == "target")
    target = target_at(folder, *layout.panel) if is_shown else None
    grid = Grid.fit(scene.height, scene.width, spec.grid) if film.grid else None
    return Stage(track, layout, target, grid)


def _draw(
    stage: Stage, script: list[Shot], fps: int, path: Path, executor: Executor, report: Report
) -> Generator[Frame, None, None]:
    pictures = in_order(executor, stage.picture, script)
    for number, (shot, pixels) in enumerate(zip(script, pictures, strict=True), 1):
        yield Frame(pixels, shot.frames / fps)
        report(Filming(str(path), number, len(script)))
