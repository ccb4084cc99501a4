"""What line drawings look at a photograph as: its tones where there is something to see, else white paper."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, uniform_filter

from engine.image.alpha import over_white
from engine.image.importance import Weights
from engine.image.pixels import LUMA
from engine.painters.curves.objectives.base import Planes

Plane = NDArray[np.float32]  # (height, width)

LEAST_INK, MOST_INK = 0.14, 0.33  # of the paper: less is hard to see, more becomes a grey area

# Sigmas, as shares of the picture's longest side.
_GRAIN = 1 / 300  # what is finer is no line
_PEN = 1 / 500  # of a line
_PLACE = 1 / 55  # within which structure makes a place worth drawing
_AROUND = 1 / 16  # within which a place counts as dark or light
_FAR = 1 / 5  # within which what has no structure is a background
_FLOW = 1 / 75  # within which lines have one direction

_FAR_FLOW = 0.05  # what directions further around count
_FAINT, _CLEAR = (
    0.018,
    0.063,
)  # contrasts, of 0..1: from what on, and from where on wholly, there is structure
_CALM = 0.05  # contrast beside which less is no local one
_EDGE = (1.0, 2.6)  # slopes, of the usual one around, of what begins to be and what is an outline
_HAIR = 0.01  # darkness of a line, beside which less is none
_STEEP = 0.012  # a slope, of a picture 300 pixels wide, beside which less is none
_STEP = 6.0  # over 1: a step of ink that is a full edge, about 0.4, after a blur by one pixel
_WIDE = 5.0  # sigma, pixels, of blurs that may be about right
_BOLDEST = 0.65  # the exponent of faint pictures at least: the faintest things stay faint
_DARKEST = 0.85  # ink: black areas are hatched, with paper between the lines
_SHARES = 0.7, 0.5, 0.6, 0.7  # of ink: of a tone, a local one, an outline, and a line
_BESIDE = 0.07  # darkness beside the background's, from which on there is a tone
_NONE = 0.02, 0.15  # how much of a picture is empty, that it has no background, or surely has one


class Wanted(NamedTuple):
    """What strokes begin with; all (height, width)."""

    density: Plane  # how much of them, 0..1
    direction: Plane  # of them, radians from the x axis downwards
    fineness: Plane  # 0..1, the more the shorter


def look_of(pixels: NDArray[np.uint8]) -> Planes:
    """The picture of a photograph that pens are to draw: grey, (3, height, width).

    pixels: (height, width, 3), or (height, width, 4) premultiplied, over white paper. What has no structure
    has the tone of paper, be it light or dark, and what is darker than that is ink; so is what is darker than
    around it, and so are outlines. Of a dark picture less is ink than it would be, and of a faint one more.
    """
    grey = _grey(pixels)
    structure = _structure(grey)
    ink = _tones(grey, structure)
    ink = np.float32(_DARKEST) * ink ** np.float32(_exponent(ink))
    return np.repeat(1 - ink[None], 3, axis=0)


def wanted_of(look: Planes, weights: Weights | None = None, side: int = 0) -> Wanted:
    """Where strokes are wanted on what look_of made, and their directions: those of the lines that it has.

    weights: how much each pixel matters, (height, width), 255 being most. side: the longest of the whole
    picture, in pixels, of which this is a window.
    """
    ink = 1 - look[0]
    side = side or max(ink.shape)
    fine = max(_GRAIN * side, 0.7)
    gy, gx = _gradient(_blurred(ink, fine))
    tensor = [_flow(product, side) for product in (gx * gx, gy * gy, gx * gy)]
    direction = np.arctan2(2 * tensor[2], tensor[0] - tensor[1]) / 2 + np.pi / 2
    steep = np.minimum(np.hypot(gx, gy) * (fine * _STEP), 1)
    matter = np.ones_like(ink) if weights is None else weights.astype(np.float32) / 255
    density = (0.8 * ink + 0.25 * steep) ** np.float32(0.8) * (0.55 + 0.45 * matter)
    straight = np.hypot(tensor[0] - tensor[1], 2 * tensor[2]) / (tensor[0] + tensor[1] + 1e-9)
    fineness = np.clip(1 - straight, 0, 1) * (0.4 + 0.6 * matter)
    return Wanted(*(each.astype(np.float32) for each in (density, direction, fineness)))


def _grey(pixels: NDArray[np.uint8]) -> Plane:
    """Luma from the darkest to the lightest hundredth."""
    grey = over_white(pixels) @ (LUMA / 255)
    low, high = np.percentile(grey, (1, 99))
    return np.clip((grey - low) / max(high - low, 0.2), 0, 1).astype(np.float32)


def _structure(grey: Plane) -> Plane:
    """Whether there is something to see around a place, 0..1."""
    side = max(grey.shape)
    smooth = _blurred(grey, _GRAIN * side)
    detail = (smooth - _blurred(smooth, _PLACE * side)) ** 2
    return ramp(_root(_blurred(detail, _PLACE * side)), _FAINT, _CLEAR)


def _tones(grey: Plane, structure: Plane) -> Plane:
    """Ink, 0..1: tones darker than the background's, local ones and outlines, one over the other."""
    side = max(grey.shape)
    dark = 1 - grey
    paper = _background(dark, structure)
    tone = np.clip((dark - paper - _BESIDE) / (1.001 - paper), 0, 1)
    mean = _blurred(grey, _AROUND * side)
    usual = _root(_blurred((grey - mean) ** 2, _AROUND * side)) + _CALM
    local = np.clip(0.3 + 0.5 * (mean - grey) / usual, 0, 1) * structure
    gy, gx = _gradient(_blurred(grey, _GRAIN * side))
    slope = np.hypot(gx, gy) * (side / 300)
    around = _root(_blurred(slope * slope, _AROUND * side)) + _STEEP
    outline = ramp(slope / around, *_EDGE) * structure
    line = _lines(grey) * structure
    bare = np.ones_like(grey)
    for share, ink in zip(_SHARES, (tone, local, outline, line), strict=True):
        bare *= 1 - np.float32(share) * ink
    return 1 - bare


def _lines(grey: Plane) -> Plane:
    """Dark lines about as wide as a pen's, however faint, 0..1: lids, lips and whiskers."""
    side = max(grey.shape)
    fine = max(_PEN * side, 1.0)
    dark = np.maximum(_blurred(grey, 2.5 * fine) - _blurred(grey, fine), 0)
    around = _root(_blurred(dark * dark, _AROUND * side)) + np.float32(_HAIR)
    return ramp(dark / around, *_EDGE)


def _background(dark: Plane, structure: Plane) -> Plane:
    """How dark places without structure are far around each place; 0 of a picture that has none."""
    wide = _FAR * max(dark.shape)
    empty = (1 - structure) ** 2 + np.float32(1e-6)
    there = _blurred(dark * empty, wide) / _blurred(empty, wide)
    return there * ramp(empty.mean(), *_NONE)


def _exponent(ink: Plane) -> float:
    """By which the mean of ink comes between LEAST_INK and MOST_INK, or nearer: by bisection."""
    mean = float(ink.mean())
    wanted = min(max(mean, LEAST_INK), MOST_INK)
    low, high = (_BOLDEST, 1.0) if mean < wanted else (1.0, 16.0)
    if mean == wanted:
        return 1.0
    for _ in range(12):
        middle = (low + high) / 2
        low, high = (middle, high) if (ink**middle).mean() > wanted else (low, middle)
    return high


def _flow(product: Plane, side: int) -> Plane:
    """A tensor's average around each place; where there is nothing, far around it."""
    near = _blurred(product, _FLOW * side)
    return near + np.float32(_FAR_FLOW) * _blurred(product, _AROUND * side)


def _blurred(plane: Plane, sigma: float) -> Plane:
    """By about a Gaussian; a wide one is three running means, which cost the same at any width."""
    if sigma < _WIDE:
        return gaussian_filter(plane, sigma)
    size = round(math.sqrt(4 * sigma * sigma + 1))
    for _ in range(3):
        plane = uniform_filter(plane, size)
    return plane


def _root(plane: Plane) -> Plane:
    """Of squares, of which running means may leave less than nothing."""
    return np.sqrt(np.maximum(plane, 0))


def _gradient(plane: Plane) -> tuple[Plane, Plane]:
    """By y and by x, a pixel; the picture goes on as it ends."""
    padded = np.pad(plane, 1, mode="edge")
    half = np.float32(0.5)
    return half * (padded[2:, 1:-1] - padded[:-2, 1:-1]), half * (padded[1:-1, 2:] - padded[1:-1, :-2])


def ramp(value: Plane, start: float, end: float) -> Plane:
    """0 up to a start, 1 from an end on, and smooth between them."""
    share = np.clip((value - start) / (end - start), 0, 1)
    return share * share * (3 - 2 * share)
