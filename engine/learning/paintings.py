"""Pictures painted through any generator by one plain optimiser, so that generators can be compared.

Coarse to fine: strokes are placed where the error is, along the picture's structure, and those of a level are
then moved together. The painter of the engine works otherwise (docs/brush.md); here nothing is tuned for one
kind of generators.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from engine.painters.brush.generators.patch_generator import PatchGenerator
from engine.painters.brush.patches import draw_patches, slopes_back
from engine.painters.brush.strokes import GRAIN, Strokes

TOGETHER = 256  # strokes that are drawn anew at a time

Picture = NDArray[np.float32]  # (height, width, 3), sRGB-encoded, 0..1


@dataclass(frozen=True)
class PaintingSettings:
    """How a picture is painted."""

    strokes: int = 600
    shares: tuple[float, ...] = (0.08, 0.27, 0.65)  # of the strokes, level by level
    radii: tuple[float, ...] = (0.075, 0.035, 0.018)  # of a level's strokes, shares of the shorter side
    length: float = 5.0  # of a stroke at first, in radii
    steps: int = 14  # that a level's strokes are moved
    rate: float = 0.12  # radii that a point moves in a step at most, about
    smallest: float = 0.6  # pixels of a radius


@dataclass(frozen=True)
class Painting:
    """A painted picture."""

    picture: Picture
    strokes: Strokes

    def rmse(self, target: Picture) -> float:
        """The error over RGB, 0..1."""
        return float(np.sqrt(np.square(self.picture - target).mean(dtype=np.float64)))


def paint(
    patches: PatchGenerator,
    target: Picture,
    settings: PaintingSettings,
    seed: int,
    tell: Callable[[float], None],
) -> Painting:
    """Paint a picture, (height, width, 3), 0..1, on its mean colour.

    tell: is told the share that is done. The same target and seed give the same picture on a CPU.
    """
    random = np.random.default_rng(seed)
    picture = np.empty_like(target)
    picture[:] = target.mean((0, 1))
    strokes, short = Strokes.empty(), min(target.shape[:2])
    counts = np.diff(np.rint(np.cumsum([0, *settings.shares]) * settings.strokes).astype(int))
    done = 0
    for count, share in zip(counts, settings.radii, strict=True):
        radius = max(share * short, settings.smallest)
        placed = _placed(target, picture, int(count), radius, settings.length, random)

        def told(step: int, done: int = done, count: int = int(count)) -> None:
            tell((done + count * step / settings.steps) / max(settings.strokes, 1))

        placed, picture = _moved(patches, target, picture, placed, settings, told)
        strokes = strokes.joined(placed)
        done += int(count)
    return Painting(np.clip(picture, 0, 1), strokes)


def drawn_anew(patches: PatchGenerator, strokes: Strokes, target: Picture, scale: float) -> Picture:
    """The strokes that a target was painted with, drawn larger: (height, width, 3) times `scale`."""
    height, width = (round(side * scale) for side in target.shape[:2])
    picture = np.empty((height, width, 3), np.float32)
    picture[:] = target.mean((0, 1))
    larger = strokes.scaled(np.array([scale, scale]))
    for first in range(0, len(larger), TOGETHER):
        part = larger[first : first + TOGETHER]
        alpha, boxes = patches.alpha(part, leads_back=False)
        draw_patches(alpha, boxes, part.colours, part.opacities, picture, is_recorded=False)
    return np.clip(picture, 0, 1)


def _placed(
    target: Picture,
    picture: Picture,
    count: int,
    radius: float,
    length: float,
    random: np.random.Generator,
) -> Strokes:
    """Strokes where a picture is wrong, along the target's structure, in its colours there."""
    height, width = target.shape[:2]
    smooth = gaussian_filter(target, (radius / 2, radius / 2, 0))
    wrong = gaussian_filter(np.square(target - picture).sum(2), radius / 2)
    along = _directions(target, radius)
    strokes = Strokes.empty(count)
    for number in range(count):
        y, x = divmod(int(wrong.argmax()), width)
        _done_with(wrong, x, y, radius * 1.5)
        way = radius * length / 2 * np.array([math.cos(along[y, x]), math.sin(along[y, x])])
        middle = np.array([x + 0.5, y + 0.5])
        strokes.points[number] = [middle - way, middle, middle + way]
        strokes.colours[number] = smooth[y, x]
    strokes.points[:] = np.clip(strokes.points, 0, [width, height])
    strokes.radii[:] = radius
    strokes.pressures[:] = 0.6
    strokes.grains[:] = random.uniform(0, GRAIN, (count, 2))
    return strokes


def _done_with(wrong: NDArray[np.float32], x: int, y: int, radius: float) -> None:
    """Less is wrong around a place, since a stroke goes there."""
    reach = math.ceil(2 * radius)
    rows, cols = slice(max(y - reach, 0), y + reach + 1), slice(max(x - reach, 0), x + reach + 1)
    part = wrong[rows, cols]
    down = np.arange(rows.start, rows.start + part.shape[0])[:, None] - y
    across = np.arange(cols.start, cols.start + part.shape[1]) - x
    part *= (1 - np.exp(-(down**2 + across**2) / (radius**2))).astype(np.float32)


def _directions(target: Picture, radius: float) -> NDArray[np.float32]:
    """The direction that a picture's lines have at each pixel, radians: across its steepest change."""
    grey = gaussian_filter(target.mean(2), max(radius / 3, 0.7))
    down, across = np.gradient(grey)
    xx, yy, xy = (gaussian_filter(each, radius) for each in (across * across, down * down, across * down))
    return np.asarray(np.arctan2(2 * xy, xx - yy) / 2 + math.pi / 2, np.float32)


def _moved(
    patches: PatchGenerator,
    target: Picture,
    base: Picture,
    strokes: Strokes,
    settings: PaintingSettings,
    tell: Callable[[int], None],
) -> tuple[Strokes, Picture]:
    """Strokes after some steps of Adam over a base that stays, and the picture then."""
    numbers = (strokes.points, strokes.radii, strokes.pressures, strokes.colours)
    radius = float(strokes.radii.mean()) if len(strokes) else 1.0
    rates = (settings.rate * radius, 0.04 * radius, 0.04, 0.03)
    moments = [(np.zeros_like(each), np.zeros_like(each)) for each in numbers]
    for step in range(settings.steps):
        picture = base.copy()
        alpha, boxes = patches.alpha(strokes)
        tape = draw_patches(alpha, boxes, strokes.colours, strokes.opacities, picture)
        found = slopes_back(tape, picture - target)
        by = patches.backward(found.patches)
        falling = (1 + math.cos(math.pi * step / settings.steps)) / 2
        slopes = (by.points, by.radii, by.pressures, found.colours)
        for value, slope, moment, rate in zip(numbers, slopes, moments, rates, strict=True):
            value -= _step(slope, moment, rate * falling, step)
        np.clip(strokes.radii, max(radius / 2.5, settings.smallest), radius * 2, out=strokes.radii)
        np.clip(strokes.pressures, 0, 1, out=strokes.pressures)
        np.clip(strokes.colours, 0, 1, out=strokes.colours)
        tell(step + 1)
    picture = base.copy()
    alpha, boxes = patches.alpha(strokes, leads_back=False)
    draw_patches(alpha, boxes, strokes.colours, strokes.opacities, picture, is_recorded=False)
    return strokes, picture


def _step(
    slopes: NDArray[np.float32],
    moments: tuple[NDArray[np.float32], NDArray[np.float32]],
    rate: float,
    count: int,
) -> NDArray[np.float32]:
    """Of Adam (Kingma and Ba 2014), by whose moments numbers change; count: steps before."""
    mean, square = moments
    mean += np.float32(0.1) * (slopes - mean)
    square += np.float32(0.01) * (slopes * slopes - square)
    unbiased = math.sqrt(1 - 0.99 ** (count + 1)) / (1 - 0.9 ** (count + 1))
    return np.asarray(np.float32(rate * unbiased) * mean / (np.sqrt(square) + np.float32(1e-9)), np.float32)
