"""The story of an animation: a run's last picture, an effect, and the film of it."""

from __future__ import annotations

import math
import time
from collections.abc import Generator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np

from engine.alpha import over_white
from engine.cores import available_cores
from engine.drawing import Outlines
from engine.errors import SpecError
from engine.events import Filmed, Filming, Report
from engine.film.effects import EFFECTS, Moment
from engine.film.frames import in_order
from engine.film.morph import morph
from engine.film.script import Shot, write_script
from engine.film.video import Frame, encode, find_tools
from engine.image import Pixels
from engine.painted import Painted
from engine.painter import painter_class, params_of
from engine.run_folder import SPEC, RunFolder
from engine.scene import Scene, scaled
from engine.settings import read_document, resolve
from engine.spec import Animation, Film, RunSpec

BACKWARDS = {"forward": "reverse", "reverse": "forward", "boomerang": "boomerang"}


def make_animation(folder: RunFolder, spec: RunSpec, report: Report) -> list[Path]:
    """Make the animation of a run's last picture, one film for each format, named after the effect."""
    film, tools = spec.film, find_tools(spec.film.encoder)
    check_animation(spec.animation, film)
    scene = last_scene(folder, spec)
    other = _other(spec.animation)
    script = _script(spec.animation, film)
    paths = [folder / f"{spec.animation.effect}.{suffix}" for suffix in film.format]
    executor = ThreadPoolExecutor(available_cores())
    try:
        for path in paths:
            started = time.monotonic()
            moment = _moment(
                spec.animation, scene.outlines(*scaled(scene.height, scene.width, film.size)), other
            )
            with closing(_draw(moment, script, film.fps, path, executor, report)) as frames:
                encoder = encode(frames, path, film.fps, tools)
            report(Filmed(str(path), encoder, round(time.monotonic() - started, 3)))
    finally:
        executor.shutdown(cancel_futures=True)
    return paths


def check_animation(animation: Animation, film: Film) -> None:
    """SpecError when settings of an animation contradict each other."""
    if (animation.effect == "morph") != (animation.to is not None):
        raise SpecError(
            "animation.to: a morph, and nothing else, needs another run; give --effect morph --to RUN."
        )
    if "svg" in film.format:
        raise SpecError(
            "film.format: svg shows shapes in their order only; choose another one for an animation."
        )


def last_scene(folder: RunFolder, spec: RunSpec) -> Scene:
    """What a run has painted."""
    return Painted.read(folder, painter_class(spec.painter.name).scene_class).scene


def _other(animation: Animation) -> Scene | None:
    if animation.to is None:
        return None
    folder = RunFolder.open(Path(animation.to))
    return last_scene(folder, resolve([read_document(folder / SPEC)], params_of))


def _script(animation: Animation, film: Film) -> list[Shot]:
    """Places on the way are moments of the effect."""
    if animation.effect == "explode":
        film = film.model_copy(update={"play": BACKWARDS[film.play]})
    return write_script(film, lambda frames: np.linspace(0, 1, frames) if frames > 1 else np.ones(1))


def _moment(animation: Animation, outlines: Outlines, other: Scene | None) -> Moment:
    if other is not None:
        return morph(outlines, _covering(other, outlines.height, outlines.width))
    return EFFECTS[animation.effect](outlines, animation.order, np.random.default_rng(animation.seed))


def _covering(scene: Scene, height: int, width: int) -> Outlines:
    """A scene so large that it covers a page, in its middle."""
    factor = max(height / scene.height, width / scene.width)
    outlines = scene.outlines(math.ceil(scene.height * factor), math.ceil(scene.width * factor))
    shift = np.array([width - outlines.width, height - outlines.height], np.float32) / 2
    return replace(outlines, height=height, width=width, points=(outlines.points + shift).astype(np.float32))


def _draw(
    moment: Moment, script: list[Shot], fps: int, path: Path, executor: Executor, report: Report
) -> Generator[Frame, None, None]:
    def picture(shot: Shot) -> Pixels:
        return over_white(moment(shot.at).draw())

    for number, (shot, pixels) in enumerate(zip(script, in_order(executor, picture, script), strict=True), 1):
        yield Frame(pixels, shot.frames / fps)
        report(Filming(str(path), number, len(script)))
