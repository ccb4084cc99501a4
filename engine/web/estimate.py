"""What a job costs, told before it is accepted: processor seconds, as they were measured for each painter.

Figures are fitted to runs of photographs (docs/decisions/092-a-jobs-cost-by-formula.md); others come within
a factor of two. How fast a machine is beside that is learnt as it goes, see pace.py.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel

from engine.spec.models import FilmSettings, RunSpec
from engine.web.options import Limits
from engine.web.refused import Refused

BEGINNING = 3.0  # processor seconds of every run: processes, kernels, the target, its results
_OPENING = 2e-6  # for each pixel of the target
_KINDS = {"triangle": 1.0, "quad": 1.15, "bezier": 2.0, "line": 1.25}  # how long one is looked at, by shape
_OTHER_KINDS = 1.4
_CORNER = 0.15  # more for each corner of a polygon:N after the third
_LEAST_OUTLINE = 1.5e-3  # seconds of a shape, however small,
_STACKED, _MOST_STACKED = 1.65e-3, 8.0  # and more where there is one for each pixel; it grows to so many
_SEARCHES = {"dual": 1.4, "scipy": 30.0}
_LOOKS = {"layers": 2.0, "low-poly": 1.6}
_WIDTH, _LENGTH = 3.0, 48.0  # of strokes, where they aren't said,
_STEPS, _STEPS_BY_NETWORK = 140, 100  # and how often they are moved
_STROKE, _PLACED = 3e-4, 0.6  # seconds of a brush's stroke on a pixel of its own, and the share of placing it
_MOST_BY_ITSELF, _PIXELS_OF_EACH, _PIXELS_LOOKED_AT = 4000, 40, 100  # strokes, where they aren't said, ...
_FILM_BEGINNING = 3.0
_FRAME_PIXEL = 2e-8  # of a film, drawn and encoded
_UNKNOWN = 5.0  # times as much as shapes, of a painter that nothing is known of


def cost(spec: RunSpec, width: int, height: int) -> float:
    """Processor seconds of painting a picture of a size, pixels; films are made when somebody wants them."""
    pixels = width * height * min(1.0, spec.size / max(width, height)) ** 2
    of_painter = _PAINTERS.get(spec.painter.name, _of_others)
    painting = spec.budget.effort * of_painter(spec.painter.params, pixels)
    once = _ONCE.get(spec.painter.name, _nothing)(spec.painter.params, pixels)
    return BEGINNING + _OPENING * pixels + once + painting


def film_cost(film: FilmSettings, aspect: float) -> float:
    """Processor seconds of a film: drawing its frames and encoding them. aspect: width / height."""
    pixels = film.size**2 * min(aspect, 1 / aspect)
    if film.aspect != "picture":
        across, down = map(int, film.aspect.split(":"))
        pixels = film.size**2 * min(across / down, down / across)
    if film.compare == "beside":
        pixels *= 2
    return _FILM_BEGINNING + film.duration * film.fps * pixels * _FRAME_PIXEL


def check_cost(seconds: float, limits: Limits, spec: RunSpec) -> None:
    """Refused (422) for a job, or its film, of more processor seconds than one may have.

    seconds: of painting it.
    """
    film = film_cost(spec.film, 1.0)
    for what, takes, lower in (
        ("That", seconds, "effort, count or size"),
        ("Its film", film, "film.duration, film.fps or film.size"),
    ):
        if takes > limits.job_seconds:
            most = _in_words(limits.job_seconds)
            raise Refused(
                422,
                f"{what} would take about {_in_words(takes)} of a processor, and {most} are allowed; "
                f"lower {lower}.",
            )


def _in_words(seconds: float) -> str:
    return f"{seconds / 60:.0f} minutes" if seconds >= 100 else f"{seconds:.0f} seconds"


def _of_polygons(params: BaseModel, pixels: float) -> float:
    """Each shape is tried 5,000 times; a trial takes as long as its outline is, the root of its area.

    However small it is, it takes some time, and more where many lie on top of each other.
    """
    kinds = [_kind(word) for word in str(_get(params, "shape")).split(",")]
    factor = sum(kinds) / len(kinds) * _SEARCHES.get(str(_get(params, "search")), 1.0)
    count = _count(params, 1000)
    outline = max(2.5e-4 * math.sqrt(pixels / count), _LEAST_OUTLINE)
    return factor * count * (outline + _STACKED * min(count / pixels, _MOST_STACKED))


def _kind(word: str) -> float:
    """How long a shape is looked at, for a triangle's 1."""
    name = word.partition("=")[0]
    if name.startswith("polygon:"):
        return 1 + _CORNER * (int(name.removeprefix("polygon:")) - 3)
    return _KINDS.get(name, _OTHER_KINDS)


def _of_nets(params: BaseModel, pixels: float) -> float:
    """So many samples for each node."""
    samples = 40 + float(_get(params, "interval"))
    return 5e-7 * _count(params, 5000) * samples * _LOOKS.get(str(_get(params, "look")), 1.0)


def _once_of_nets(params: BaseModel, pixels: float) -> float:
    """What a net takes whatever the effort: its parts, and the passes by which it grows."""
    passes = 1 + 0.15 / (float(_get(params, "growth")) - 1)
    return 0.2 + 1.2e-4 * passes * _count(params, 5000) * _LOOKS.get(str(_get(params, "look")), 1.0)


def _of_curves(params: BaseModel, pixels: float) -> float:
    """Each step looks at all pixels and at all strokes; a network at much more."""
    by_network = "features" in str(_get(params, "objective"))
    usual = _STEPS_BY_NETWORK if by_network else _STEPS
    steps = _get(params, "steps") if isinstance(_get(params, "steps"), int) else usual
    width, length = _get(params, "width"), _get(params, "length")
    broad = max(width) if isinstance(width, tuple) else _WIDTH
    long = length if isinstance(length, int | float) else _LENGTH
    stroke = 9e-6 * float(_get(params, "curves")) * (1 + broad / 10) * (0.5 + long / 80)
    looking = 1.1e-7 + (1.7e-6 if by_network else 0.0)
    count = _count(params, max(1, round(pixels / 200)))
    return steps * (looking * pixels + stroke * count)


def _of_brushes(params: BaseModel, pixels: float) -> float:
    """Strokes are moved on as many pixels as they have, or where these are many on fewer."""
    return (1 - _PLACED) * _strokes(params, pixels)


def _once_of_brushes(params: BaseModel, pixels: float) -> float:
    """They are placed, whatever the effort."""
    return _PLACED * _strokes(params, pixels)


def _strokes(params: BaseModel, pixels: float) -> float:
    """Of an effort of 1."""
    count = _count(params, max(1, min(_MOST_BY_ITSELF, round(pixels / _PIXELS_OF_EACH))))
    return _STROKE * math.sqrt(count * min(pixels, _PIXELS_LOOKED_AT * count))


def _of_others(params: BaseModel, pixels: float) -> float:
    return _UNKNOWN * 2.5e-4 * math.sqrt(pixels * _count(params, 1000))


def _nothing(params: BaseModel, pixels: float) -> float:
    return 0.0


def _get(params: BaseModel, name: str) -> Any:
    return getattr(params, name, None)


def _count(params: BaseModel, usual: int) -> int:
    """How many marks there will be."""
    count = _get(params, "count")
    return count if isinstance(count, int) else usual


_PAINTERS: Mapping[str, Callable[[BaseModel, float], float]] = {
    "polygons": _of_polygons,
    "gng": _of_nets,
    "curves": _of_curves,
    "brush": _of_brushes,
}
_ONCE: Mapping[str, Callable[[BaseModel, float], float]] = {"gng": _once_of_nets, "brush": _once_of_brushes}
