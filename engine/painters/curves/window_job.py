"""What a job does with the strokes of its window: it moves those that are its own for some steps."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.image.pixels import Colour
from engine.painters.base import Carry, PaintResult
from engine.painters.curves import pens
from engine.painters.curves.adam import Moments
from engine.painters.curves.objectives.base import Objective, Planes, Sight
from engine.painters.curves.params import AnalysedParams
from engine.painters.curves.penalties import bends, coats, evenness, hidden, ink
from engine.painters.curves.plan import Steps
from engine.painters.curves.raster import Drawn, Period, Window, draw, gradients
from engine.painters.curves.scene import CurvePart
from engine.painters.curves.strokes import Strokes

WARM_UP = 10  # steps until the full rate
STEADY = 0.3  # of the steps, at the full rate until then
DROPS = (0.4, 0.55, 0.7)  # of the steps of a pattern, after which strokes go that are mostly hidden
HIDDEN = 0.5  # share of a stroke that others cover
INK_WEIGHT = 200.0  # of what it costs when the picture is too dark
PEN_WEIGHT = 50.0  # of what it costs when a pen is hardly used
RATES = {"points": 1.0, "widths": 0.05, "colours": 0.02, "opacities": 0.02, "pens": 0.1}  # to that of points
WHITE: Colour = (1.0, 1.0, 1.0)


@dataclass
class Course:
    """Strokes on their way, and what is remembered of them; changed in place from step to step."""

    strokes: Strokes
    free: NDArray[np.bool_]
    moments: dict[str, Moments]  # of the free ones, by the names of their columns
    count: int  # of steps done with these moments


@dataclass(frozen=True)
class Setting:
    """Where strokes are, and what they are to be there."""

    params: AnalysedParams
    objective: Objective
    window: Window
    background: Colour
    period: Period | None
    aim: Planes | None


def draw_steps(
    setting: Setting, part: CurvePart, phase: Steps, random: np.random.Generator, carry: Carry | None
) -> PaintResult:
    """Move the free strokes of a part."""
    params = setting.params
    strokes, free = part.strokes, part.free
    if phase.is_sheet and phase.first == 0:
        strokes = _disturbed(strokes, free, params.irregularity, random)
    course = _course(params, strokes, free, carry)
    drops = () if phase.is_sheet or setting.aim is not None else DROPS
    done = 0
    for step in range(phase.first, phase.first + phase.effort):
        if not course.free.any():
            break
        _step(setting, course, step, phase, random)
        done += int(course.free.sum())
        if step + 1 in {round(share * phase.course) for share in drops}:
            _drop(setting, course)
    found = replace(part, strokes=course.strokes, free=course.free)
    return PaintResult(found, done, _carry(course), is_certain=True)


def rate(params: AnalysedParams, step: int, course: int) -> float:
    """Pixels that a point moves in a step at most: rising at first, then steady, then down to nothing."""
    begun = min((step + 1) / WARM_UP, 1.0)
    share = (step + 0.5) / course
    ending = 1.0 if share < STEADY else 0.5 * (1 + math.cos(math.pi * (share - STEADY) / (1 - STEADY)))
    return params.rate * begun * ending


def _step(setting: Setting, course: Course, step: int, phase: Steps, random: np.random.Generator) -> None:
    params, progress = setting.params, (step + 0.5) / phase.course
    inks = np.array(params.pen_colours, np.float32)
    strokes = course.strokes
    if strokes.pens.shape[1] > 1:
        mixed = pens.colours(strokes.pens, inks, progress)
        strokes = replace(strokes, colours=np.where(course.free[:, None], mixed, strokes.colours))
    drawn = _drawn(setting, strokes)
    verdict = setting.objective.verdict(Sight(drawn.picture, setting.period is not None, setting.aim), random)
    by_picture = verdict.slopes + by_darkness(params, drawn.picture, setting.background)
    by_coats = coats(drawn.coats, params.overlap).slopes
    found = gradients(strokes, drawn, by_picture, by_coats)
    by_points = found.points + bends(strokes, params.bends).slopes + evenness(strokes, params.evenness).slopes
    slopes = {
        "points": by_points,
        "widths": found.widths,
        "colours": found.colours,
        "opacities": found.opacities,
    }
    if "pens" in course.moments:
        slopes["pens"] = pens.slopes(strokes.pens, inks, progress, found.colours, PEN_WEIGHT)
    course.strokes = _moved(params, course, strokes, slopes, rate(params, step, phase.course))
    course.count += 1


def by_darkness(params: AnalysedParams, picture: Planes, paper: Colour) -> Planes:
    """Slopes of what it costs when there is too much ink, which makes paper darker, or dark paper lighter."""
    light = np.float32(np.mean(paper))
    if is_light_ink(params, paper):
        return -ink(1 + light - picture, INK_WEIGHT, params.darkness).slopes
    return ink(picture + (1 - light), INK_WEIGHT, params.darkness).slopes


def is_light_ink(params: AnalysedParams, paper: Colour) -> bool:
    """Whether the pens are lighter than the paper."""
    return bool(params.pen_colours) and float(np.mean(params.pen_colours)) > float(np.mean(paper))


def _moved(
    params: AnalysedParams,
    course: Course,
    strokes: Strokes,
    slopes: Mapping[str, NDArray[np.float32]],
    rate: float,
) -> Strokes:
    """The strokes after a step; those that are not free stay as they are."""
    free, columns = course.free, dict[str, Any]()
    for name, moments in course.moments.items():
        column = getattr(strokes, name).copy()
        column[free] += moments.step(slopes[name][free], rate * RATES[name], course.count)
        columns[name] = column
    low, high = params.width
    if "widths" in columns:
        columns["widths"] = np.where(free, np.clip(columns["widths"], low, high), strokes.widths)
    if "opacities" in columns:
        bounded = np.clip(columns["opacities"], *params.opacity)
        columns["opacities"] = np.where(free, bounded, strokes.opacities)
    if "colours" in columns:
        columns["colours"] = np.clip(columns["colours"], 0, 1)
    last = 2 * strokes.pieces.astype(np.int64) + 1
    rows = np.arange(len(strokes))
    points = columns["points"]
    unused = np.arange(points.shape[1]) > last[:, None]
    columns["points"] = np.where(unused[:, :, None], points[rows, last][:, None], points)
    found: dict[str, Any] = {name: np.ascontiguousarray(each, np.float32) for name, each in columns.items()}
    return replace(strokes, **found)


def _drawn(setting: Setting, strokes: Strokes) -> Drawn:
    return draw(
        strokes,
        setting.background,
        setting.window,
        setting.period,
        setting.params.ink,
    )


def _drop(setting: Setting, course: Course) -> None:
    """Let strokes go that are mostly hidden by others."""
    covered = hidden(_drawn(setting, course.strokes)) > HIDDEN
    kept = ~(covered & course.free)
    course.moments = {name: moments[kept[course.free]] for name, moments in course.moments.items()}
    course.strokes, course.free = course.strokes[kept], course.free[kept]


def _disturbed(
    strokes: Strokes, free: NDArray[np.bool_], irregularity: float, random: np.random.Generator
) -> Strokes:
    """Free strokes moved, each as a whole, and its points besides."""
    points = strokes.points.copy()
    count = int(free.sum())
    whole = random.normal(0, irregularity, (count, 1, 2))
    each = random.normal(0, 0.25 * irregularity, (count, points.shape[1], 2))
    points[free] += (whole + each).astype(np.float32)
    return replace(strokes, points=points)


def _course(params: AnalysedParams, strokes: Strokes, free: NDArray[np.bool_], carry: Carry | None) -> Course:
    """With the moments that the last job on these strokes left, as far as it had them."""
    own = strokes[free]
    names = ["points"]
    if params.width[0] < params.width[1]:
        names.append("widths")
    if params.opacity[0] < params.opacity[1]:
        names.append("opacities")
    if not params.pen_colours:
        names.append("colours")
    elif len(params.pen_colours) > 1:
        names.append("pens")
    moments, count = {name: Moments.of(getattr(own, name)) for name in names}, 0
    if carry is not None and len(carry["ids"]):
        count = int(carry["count"])
        known = np.isin(own.ids, carry["ids"])
        at = np.searchsorted(carry["ids"], own.ids[known])
        for name in names:
            moments[name].mean[known] = carry[f"mean.{name}"][at]
            moments[name].square[known] = carry[f"square.{name}"][at]
    return Course(strokes, free, moments, count)


def _carry(course: Course) -> Carry:
    found: dict[str, NDArray[Any]] = {
        "ids": course.strokes.ids[course.free],
        "count": np.array(course.count),
    }
    for name, moments in course.moments.items():
        found[f"mean.{name}"], found[f"square.{name}"] = moments.mean, moments.square
    return found
