"""The film's story: snapshots -> track -> script -> pictures -> video."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any

from engine.events import EventHandler, Filmed, Notice
from engine.export.animated_svg import to_moving_svg
from engine.export.metadata import Metadata
from engine.film.compose import PAPER, Composer, target_at
from engine.film.dedup import places_of
from engine.film.encoders.encode import tools_for
from engine.film.encoders.tools import Tools
from engine.film.frames import DrawShot, FilmPlan, make_film
from engine.film.framing import paper_of
from engine.film.layout import Layout, Shape, cropped, words_of
from engine.film.pacing import paced
from engine.film.shots import Lengths, check_script, with_poster, write_script
from engine.film.timeline import Timeline
from engine.grid import Grid
from engine.painters.registry import scene_class
from engine.painters.registry import words_of as painters_words
from engine.spec.models import FilmSettings, RunSpec
from engine.storage.made import Place, digest_of, place_for
from engine.storage.run_folder import FILM, RunFolder
from engine.storage.snapshots import SnapshotReader, whole_snapshots
from engine.system.resources import available_cores

MOVING = ".svg"  # the suffix of films that are drawings,
PICTURES = ".png"  # and of folders of pictures


def check_film(film: FilmSettings) -> Tools:
    """What makes a film of these settings; SpecError or ToolError when nothing can."""
    check_script(film)
    return tools_for(film)


def make_films(
    folder: RunFolder, spec: RunSpec, emit: EventHandler, to: Sequence[Path] = (), replace: bool = True
) -> list[Path]:
    """Make the films of a run from its snapshots, one for each format, beside its other files.

    to: paths elsewhere, each with the suffix of its format, instead. replace: also one of other settings.
    KeyboardInterrupt leaves no half film behind.
    """
    film, tools = spec.film, check_film(spec.film)
    places = film_places(folder, FILM, film, {}, to, replace)

    def at_size(size: int) -> DrawShot:
        return _composer(folder, spec, timeline, size).picture

    executor = ThreadPoolExecutor(available_cores())
    try:
        timeline = _timeline(folder, spec, executor, emit)
        if film.grid and not any(snapshot.place for snapshot in timeline.snapshots):
            what = f"{folder.path}: its snapshots don't say where the jobs painted"
            emit(Notice(f"{what}; the film shows no tiles."))
        script = write_script(film, lambda frames: paced(timeline, film.pacing, frames, executor))
        for place in places:
            if (path := place.path).suffix.lower() == MOVING:
                _draw_moving(path, folder, spec, timeline, emit)
            else:
                shots = with_poster(script, film.fps) if has_poster(path, film) else script
                make_film(FilmPlan(path, film, shots, at_size, tools), executor, emit)
            place.note(folder)
    finally:
        executor.shutdown(cancel_futures=True)
    return [place.path for place in places]


def film_places(
    folder: RunFolder,
    stem: str,
    film: FilmSettings,
    more: Mapping[str, Any],
    to: Sequence[Path],
    replace: bool,
) -> list[Place]:
    """Where films go: to those paths, or beside the run's other files. more: settings of what is filmed."""
    if to:
        return [Place(path) for path in to]
    places = []
    for suffix in film.format:
        left_out = {"format", "encoder"} | (set() if suffix == "mp4" else {"codec"})
        left_out |= (
            {"strokes"} if film.strokes == "draw" else set()
        )  # as films were before there was a choice
        digest = digest_of(film.model_dump(mode="json", exclude=left_out), more)
        places.append(place_for(folder, f"{stem}.{suffix}", digest, replace))
    return places


def has_poster(path: Path, film: FilmSettings) -> bool:
    """Whether a film may begin with a poster; numbered pictures are for other programs, and have none."""
    return film.poster == "result" and path.suffix.lower() != PICTURES


def _timeline(folder: RunFolder, spec: RunSpec, executor: Executor, emit: EventHandler) -> Timeline:
    snapshots = whole_snapshots(folder, emit)
    reader, kind = SnapshotReader(folder), scene_class(spec.painter.name)
    load = lru_cache(maxsize=16)(lambda index: reader.scene(snapshots[index], kind))
    places = places_of(load, len(snapshots), spec.film.dedup, executor)
    words = painters_words(spec.painter.name, spec.painter.params)
    return Timeline(load, snapshots, places, words, spec.film.strokes == "appear")


def _composer(folder: RunFolder, spec: RunSpec, timeline: Timeline, size: int) -> Composer:
    film, scene = spec.film, timeline.scene(timeline.end)
    words = _widest_words(timeline) if film.caption else ()
    panels, shape = 2 if film.compare == "beside" else 1, Shape(film.aspect, film.fit)
    layout = Layout.fit(scene.height, scene.width, size, panels, words, shape)
    is_shown = film.compare != "none" or (film.intro > 0 and film.intro_shows == "target")
    target = cropped(target_at(folder, *layout.picture), layout.panel) if is_shown else None
    grid = Grid.fit(scene.height, scene.width, spec.grid) if film.grid else None
    around = PAPER if words or panels > 1 else paper_of(scene.background)
    return Composer(timeline, layout, target, grid, None if film.fit == "blur" else around)


def _widest_words(timeline: Timeline) -> list[str]:
    """The longest of what a caption says in each place."""
    said = (words_of(timeline.figures(place)) for place in range(timeline.end + 1))
    return [max(words, key=len) for words in zip(*said, strict=True)]


def _draw_moving(
    path: Path, folder: RunFolder, spec: RunSpec, timeline: Timeline, emit: EventHandler
) -> None:
    """Write the film that is a drawing, whose shapes appear one after the other."""
    started, scene, lengths = time.monotonic(), timeline.scene(timeline.end), Lengths.of(spec.film)
    total, intro, hold = (frames / spec.film.fps for frames in (lengths.total, lengths.intro, lengths.held))
    folder.write(str(path), to_moving_svg(scene, total, intro, hold, Metadata.of(spec, len(scene))))
    emit(Filmed(str(path), "SVG with CSS animations", round(time.monotonic() - started, 3)))
