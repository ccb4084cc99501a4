"""The story of an animation: a run's last picture, an effect, and the film of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np

from engine.errors import SpecError
from engine.events import EventHandler, Trouble
from engine.film.effects import EFFECTS
from engine.film.encoders.encode import tools_for
from engine.film.encoders.tools import Tools
from engine.film.film import film_places, has_poster
from engine.film.frames import DrawShot, FilmPlan, make_film
from engine.film.framing import framed, paper_of
from engine.film.layout import Layout, Shape, cropped
from engine.film.morph import morph
from engine.film.pacing import Places
from engine.film.shots import Shot, with_poster, write_script
from engine.image.alpha import over_white
from engine.image.pixels import Pixels
from engine.scene.drawing import Outlines, as_outlines
from engine.scene.moving import Movable
from engine.scene.scene import Drawable, Scene
from engine.scene.successive import Successive
from engine.spec.models import AnimationSettings, FilmSettings, RunSpec
from engine.storage.load import LastState, open_run
from engine.storage.run_folder import RunFolder
from engine.system.resources import available_cores

FILM = "tessera film shows how it came to be"  # what can be had of any picture
GATHERING = ("assemble", "draw-on")  # effects that begin without the picture
BACKWARDS = {"forward": "reverse", "reverse": "forward", "boomerang": "boomerang"}


def make_animation(
    folder: RunFolder, spec: RunSpec, emit: EventHandler, to: Sequence[Path] = (), replace: bool = True
) -> list[Path]:
    """Make the animation of a run's last picture, one film for each format, named after the effect.

    to, replace: as for `make_films`.
    """
    film, tools = spec.film, check_animation(spec.animation, spec.film)
    last, other = LastState.read(folder, spec.painter.name), _other(spec.animation)
    scene, remarks = last.scene, [last.remark, other.remark if other else ""]
    for remark in filter(None, remarks):
        emit(Trouble(remark))
    script = _script(spec.animation, film)
    more = spec.animation.model_dump(mode="json")
    places = film_places(folder, spec.animation.effect, film, more, to, replace)

    def at_size(size: int) -> DrawShot:
        shape = Shape(film.aspect, film.fit)
        layout = Layout.fit(scene.height, scene.width, size, 1, (), shape)
        ground = None if film.fit == "blur" else paper_of(scene.background)
        drawable = scene.drawable(*layout.picture)
        moment, pictures = _moment(spec.animation, drawable, other.scene if other else None), Successive()

        def picture(shot: Shot) -> Pixels:
            pixels = over_white(pictures.draw(moment(shot.at)))
            return framed(layout, [cropped(pixels, layout.panel)], ground)

        return picture

    executor = ThreadPoolExecutor(available_cores())
    try:
        for place in places:
            begins_unpainted = spec.animation.effect in GATHERING and has_poster(place.path, film)
            shots = with_poster(script, film.fps) if begins_unpainted else script
            make_film(FilmPlan(place.path, film, shots, at_size, tools), executor, emit)
            place.note(folder)
    finally:
        executor.shutdown(cancel_futures=True)
    return [place.path for place in places]


def check_animation(animation: AnimationSettings, film: FilmSettings) -> Tools:
    """What makes an animation of these settings; SpecError or ToolError when nothing can."""
    if (animation.effect == "morph") != (animation.to is not None):
        raise SpecError(
            "animation.to: a morph, and nothing else, needs another run; give --effect morph --to RUN."
        )
    if "svg" in film.format:
        raise SpecError(
            "film.format: svg shows shapes in their order only; choose another one for an animation."
        )
    return tools_for(film)


def _other(animation: AnimationSettings) -> LastState | None:
    return None if animation.to is None else open_run(Path(animation.to)).last


def _script(animation: AnimationSettings, film: FilmSettings) -> list[Shot]:
    """Places on the way are moments of the effect; a film's intro is none of an animation's."""
    play = BACKWARDS[film.play] if animation.effect == "explode" else film.play
    film = film.model_copy(update={"play": play, "intro": 0.0, "compare": "none"})
    is_loop = animation.effect == "breathe" and film.hold == 0  # in which the end is the beginning

    def paced(frames: int) -> Places:
        return np.linspace(0, 1, frames, endpoint=not is_loop) if frames > 1 else np.ones(1)

    return write_script(film, paced)


def _moment(
    animation: AnimationSettings, drawable: Drawable, other: Scene | None
) -> Callable[[float], Drawable]:
    who = f"animation.effect: {animation.effect}"
    if other is not None:
        outlines = as_outlines(drawable, who, FILM)
        return morph(outlines, _covering(other, outlines.height, outlines.width))
    shapes = drawable if isinstance(drawable, Movable) else as_outlines(drawable, who, FILM)
    return EFFECTS[animation.effect](shapes, animation.order, np.random.default_rng(animation.seed))


def _covering(scene: Scene, height: int, width: int) -> Outlines:
    """A scene so large that it covers a page, in its middle."""
    factor = max(height / scene.height, width / scene.width)
    size = math.ceil(scene.height * factor), math.ceil(scene.width * factor)
    outlines = as_outlines(scene.drawable(*size), "animation.to: a morph", FILM)
    shift = np.array([width - outlines.width, height - outlines.height], np.float32) / 2
    return replace(outlines, height=height, width=width, points=(outlines.points + shift).astype(np.float32))
