"""Plots as inline SVG: scales with round ticks, and a curve of few points; the page's style colours them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from html import escape
from itertools import pairwise

import numpy as np

WIDTH = 560  # of a plot, in its own units; the page scales it
LEFT, RIGHT, TOP, BOTTOM = 64, 18, 34, 52  # margins, in which labels have room that are larger on a phone
TOLERANCE = 0.3  # units by which a curve of fewer points may differ
MOST_TICKS = 7
TICK_HEIGHT = 30  # units between two of them, at least
WIDE = 3.0  # times the smallest value is the largest at least where logarithms show them
MARGIN = 1.1  # above and below what is shown by logarithms
DIGITS = ((1, 3), (1, 2, 5), tuple(range(1, 10)))  # of more ticks than powers of ten, coarse to fine
LONG = 10_000  # from which on numbers are written with units
UNITS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))

Point = tuple[float, float]


@dataclass(frozen=True)
class Linear:
    """Equal steps for equal differences."""

    low: float
    high: float  # above low

    def share(self, value: float) -> float:
        """Where a value lies: 0 at the low end, 1 at the high one."""
        return (value - self.low) / (self.high - self.low)

    def ticks(self, most: int = MOST_TICKS) -> list[float]:
        """Multiples of 1, 2 or 5 times a power of ten: as many as there may be, all in the range."""
        low, high = Decimal(str(self.low)), Decimal(str(self.high))
        exponent = ((high - low) / most).adjusted()
        steps = (Decimal(digit).scaleb(exponent + more) for more in (0, 1) for digit in (1, 2, 5))
        for step in steps:
            first = int((low / step).to_integral_value(ROUND_CEILING))
            last = int((high / step).to_integral_value(ROUND_FLOOR))
            if last - first < most:
                return [float(number * step) for number in range(first, last + 1)]
        raise AssertionError("the largest step is more than enough")


@dataclass(frozen=True)
class Logarithmic:
    """Equal steps for equal ratios."""

    low: float  # above 0
    high: float  # above low

    def share(self, value: float) -> float:
        """Where a value lies: 0 at the low end, 1 at the high one."""
        return math.log(value / self.low) / math.log(self.high / self.low)

    def ticks(self, most: int = MOST_TICKS) -> list[float]:
        """Powers of ten, and multiples of them where there is room: as many as if there were `most` gaps."""
        first, last = math.log10(self.low), math.log10(self.high)
        powers = range(math.ceil(first), math.floor(last) + 1)
        ticks = [float(f"1e{power}") for power in powers[:: -(-len(powers) // most) or 1]]
        for digits in DIGITS:
            narrowest = min(after / before for before, after in pairwise((*digits, 10)))
            if math.log10(narrowest) * most >= last - first:
                powers = range(math.floor(first), math.ceil(last) + 1)
                ticks = [float(f"{digit}e{power}") for power in powers for digit in digits]
        inside = [tick for tick in ticks if self.low <= tick <= self.high]
        return inside if len(inside) > 1 else Linear(self.low, self.high).ticks(most)


Scale = Linear | Logarithmic


def scale_of(values: Sequence[float]) -> Scale:
    """A scale that shows most of some values: by logarithms when they differ much, else from 0 on."""
    low, high = min(values), max(values)
    if low > 0 and high >= WIDE * low:
        return Logarithmic(low, high)
    return from_zero(values)


def from_zero(values: Sequence[float]) -> Linear:
    """A scale from 0 to the largest value."""
    return Linear(0.0, max(values) or 1.0)


def padded(scale: Scale) -> Scale:
    """A scale with some room beyond its ends, where it has no zero to begin at."""
    if isinstance(scale, Linear):
        return scale
    return Logarithmic(scale.low / MARGIN, scale.high * MARGIN)


@dataclass(frozen=True)
class Plot:
    """A curve and what stands around it."""

    title: str
    about: str  # a sentence for who can't see it
    x_label: str
    y_label: str
    x: Scale
    y: Scale
    points: Sequence[Point]
    end: str  # what stands at its end
    height: int = 330


def to_svg(plot: Plot, name: str) -> str:
    """The plot; its name makes ids, and must be the only such one in a page."""
    right, bottom = WIDTH - RIGHT, plot.height - BOTTOM
    heights = plot.y.ticks(max(2, (bottom - TOP) // TICK_HEIGHT))
    spots = [
        (
            LEFT + plot.x.share(x) * (right - LEFT),
            bottom - plot.y.share(y) * (bottom - TOP),
        )
        for x, y in plot.points
    ]
    (x1, y1), curve = spots[-1], " ".join(f"{x:.2f} {y:.2f}" for x, y in thinned(spots, TOLERANCE))
    lines = [
        f'<svg class="plot" viewBox="0 0 {WIDTH} {plot.height}" role="img" '
        f'aria-labelledby="{name}-title {name}-about">',
        f'<title id="{name}-title">{escape(plot.title)}</title>',
        f'<desc id="{name}-about">{escape(plot.about)}</desc>',
        *(_y_tick(value, bottom - plot.y.share(value) * (bottom - TOP)) for value in heights),
        *(_x_tick(value, LEFT + plot.x.share(value) * (right - LEFT), bottom) for value in plot.x.ticks()),
        f'<path class="axis" d="M{LEFT} {bottom}H{right}"/>',
        f'<text class="label" x="{LEFT}" y="16">{escape(plot.y_label)}</text>',
        f'<text class="label" x="{right}" y="{plot.height - 6}" text-anchor="end">',
        f"{escape(plot.x_label)}</text>",
        f'<path class="curve" d="M{curve}"/>',
        f'<circle class="end" cx="{x1:.2f}" cy="{y1:.2f}" r="4"/>',
        f'<text class="value" x="{x1:.2f}" y="{y1 - 12:.2f}" text-anchor="end">{escape(plot.end)}</text>',
        "</svg>",
    ]
    return "\n".join(lines)


def thinned(points: Sequence[Point], tolerance: float) -> list[Point]:
    """Some of the points of a line, first and last among them: all others are within the tolerance of it.

    Douglas & Peucker (1973).
    """
    line = np.array(points)
    kept, parts = {0, len(line) - 1}, [(0, len(line) - 1)]
    while parts:
        first, last = parts.pop()
        if last - first < 2:
            continue
        way = line[last] - line[first]
        offset = line[first + 1 : last] - line[first]
        length = float(np.dot(way, way))
        along = np.clip(offset @ way / length, 0, 1) if length else np.zeros(len(offset))
        distances = np.hypot(*(offset - along[:, None] * way).T)
        furthest = int(distances.argmax())
        if distances[furthest] > tolerance:
            middle = first + 1 + furthest
            kept.add(middle)
            parts += [(first, middle), (middle, last)]
    return [points[index] for index in sorted(kept)]


def short(value: float) -> str:
    """A round number in few characters: "0.05", "2,000", "20 k", "1.5 M"."""
    if abs(value) < LONG:
        return f"{value:,.10g}"
    size, unit = next((size, unit) for size, unit in UNITS if abs(value) >= size)
    return f"{value / size:,.10g} {unit}"


def _y_tick(value: float, y: float) -> str:
    line = f'<path class="grid" d="M{LEFT} {y:.2f}H{WIDTH - RIGHT}"/>'
    return f'{line}<text class="y tick" x="{LEFT - 8}" y="{y:.2f}">{short(value)}</text>'


def _x_tick(value: float, x: float, bottom: int) -> str:
    line = f'<path class="axis" d="M{x:.2f} {bottom}v5"/>'
    return f'{line}<text class="x tick" x="{x:.2f}" y="{bottom + 10}">{short(value)}</text>'
