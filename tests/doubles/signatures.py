"""Signatures of which the pen's way is known: made of curves, drawn with a pen, scanned."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy.interpolate import CubicSpline

Way = NDArray[np.float64]  # (points, 2), a quarter of a pixel apart

STEP = 0.25  # pixels
FINE = 4  # samples of a pixel on a side
MARGIN = 15  # pixels around a signature


class Signature(NamedTuple):
    """A scan, and what was written."""

    ink: NDArray[np.float32]  # (height, width), darkness 0..1
    ways: list[Way]
    pen: float  # width, in pixels


def signature(seed: int) -> Signature:
    """One to three words, often with a flourish, a t-bar, a closed loop, i-dots and dashes."""
    rng = np.random.default_rng(seed)
    size, pen = rng.uniform(32, 48), rng.uniform(2, 7)
    ways, starts, x = [], [], 30.0
    for _ in range(rng.integers(1, 4)):
        starts.append(x)
        word, end = _word(rng, x, size)
        ways.append(way(word))
        x = end + size * rng.uniform(0.4, 0.7)
    if rng.random() < 0.7:
        ways.append(way(_flourish(rng, x, size)))
    if rng.random() < 0.6:
        bar = [(0.2, 0), (0.8, rng.uniform(-0.15, 0)), (1.6, rng.uniform(-0.2, 0.1))]
        ways.append(way(np.array(bar) * size + (starts[0], -size * rng.uniform(0.45, 0.7))))
    if rng.random() < 0.5:
        angles = np.arange(6) * np.pi / 3
        round_it = size * rng.uniform(0.35, 0.55, (6, 1)) * np.column_stack([np.cos(angles), np.sin(angles)])
        ways.append(way(round_it + np.array([x - 15, -1.8 * size]), closed=True))
    ways += _dots(rng, ways, x, size, pen)
    corner = np.min([each.min(axis=0) for each in ways], axis=0) - MARGIN
    ways = [each - corner for each in ways]
    width, height = (int(side) + MARGIN for side in np.max([each.max(axis=0) for each in ways], axis=0))
    return Signature(_scanned(rng, drawn(rng, ways, pen, height, width)), ways, pen)


def way(knots: Way, closed: bool = False) -> Way:
    """A smooth curve through some points."""
    if closed:
        knots = np.concatenate([knots, knots[:1]])
    along = np.append(0, np.cumsum(np.sqrt(np.hypot(*np.diff(knots, axis=0).T))))
    spline = CubicSpline(along, knots, bc_type="periodic" if closed else "natural")
    return evenly(spline(np.linspace(0, along[-1], 4000)))


def evenly(points: Way) -> Way:
    """A polyline's points anew, a quarter of a pixel apart."""
    along = np.append(0, np.cumsum(np.hypot(*np.diff(points, axis=0).T)))
    at = np.linspace(0, along[-1], int(along[-1] / STEP) + 2)
    return np.column_stack([np.interp(at, along, points[:, axis]) for axis in (0, 1)])


def drawn(
    rng: np.random.Generator, ways: list[Way], pen: float, height: int, width: int
) -> NDArray[np.float32]:
    """Ink 0..1 of a round pen that presses more and less."""
    sheet = Image.new("L", (width * FINE, height * FINE))
    pencil = ImageDraw.Draw(sheet)
    for each in ways:
        wave = np.sin(np.arange(len(each)) * STEP / rng.uniform(15, 40) + rng.uniform(0, 6))
        radii = np.maximum(pen * (1 + 0.3 * wave), 2) / 2 * FINE
        for (x, y), radius in zip(each * FINE, radii, strict=True):
            pencil.ellipse([x - radius, y - radius, x + radius - 1, y + radius - 1], fill=255)
    return (np.asarray(sheet.resize((width, height), Image.Resampling.BOX)) / 255).astype(np.float32)


def _scanned(rng: np.random.Generator, ink: NDArray[np.float32]) -> NDArray[np.float32]:
    """Grey on grey, with grain."""
    paper, dark = rng.uniform(0, 0.15), rng.uniform(0.7, 1)
    return np.clip(paper + (dark - paper) * ink + rng.normal(0, 0.03, ink.shape), 0, 1).astype(np.float32)


def _word(rng: np.random.Generator, x: float, size: float) -> tuple[Way, float]:
    """Knots of loops upwards, arches, loops downwards and waves on the line y = 0, and where it ends."""
    knots = [(x, 0.0)]
    for _ in range(rng.integers(2, 5)):
        tall = size * rng.uniform(0.5, 0.8) * (2 if rng.random() < 0.35 else 1)
        letter = [
            [(0.75, -0.5), (0.55, -1), (0.2, -0.6), (0.5, 0)],
            [(0.3, -0.9), (0.7, -0.8), (0.8, -0.1)],
            [(0.6, -0.7), (0.7, 0.3), (0.45, 0.8), (0.2, 0.5), (0.7, -0.15)],
            [(0.4, -0.6), (0.8, 0.05)],
        ][rng.integers(4)]
        knots += [(x + across * size, up * tall) for across, up in letter]
        x += size * rng.uniform(0.85, 1.1)
        knots.append((x, -rng.uniform(0.1, 0.3) * size))
    return np.array(knots) + rng.normal(0, 0.04 * size, (len(knots), 2)), x


def _flourish(rng: np.random.Generator, width: float, size: float) -> Way:
    """Knots of a line back under the words and once more through itself."""
    y = rng.uniform(0.3, 0.6) * size
    return np.array(
        [
            (width, -0.4 * size),
            (width + 0.2 * size, y),
            (width * 0.5, y + rng.uniform(-8, 8)),
            (25, y + rng.uniform(-5, 12)),
            (20, y - 0.6 * size),
            (width * 0.3, y - 0.2 * size),
            (width * 0.8, y + 0.9 * size),
        ]
    )


def _dots(rng: np.random.Generator, ways: list[Way], width: float, size: float, pen: float) -> list[Way]:
    dots: list[Way] = []
    for _ in range(rng.integers(0, 4)):
        long = rng.uniform(1, 2) if rng.random() < 0.6 else rng.uniform(8, 16)
        first = np.array([rng.uniform(40, width - 60), -size * rng.uniform(2.2, 2.5)])
        dot = evenly(np.array([first, first + long * np.array([1, rng.uniform(-0.5, 0.5)])]))
        if all(np.hypot(*(each - first).T).min() > 2.5 * pen + 10 for each in ways + dots):
            dots.append(dot)
    return dots
