"""Plots as inline SVG: scales with round ticks, and a curve of few points; the page's style colours them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from html import escape
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from engine.formatting import short_number

WIDTH = 560  # of a plot, in its own units; the page scales it
LEFT, RIGHT, TOP, BOTTOM = 64, 18, 34, 52  # margins, in which labels have room that are larger on a phone
TOLERANCE = 0.3  # units by which a curve of fewer points may differ
MOST_TICKS = 7
TICK_HEIGHT = 30  # units between two of them, at least
WIDE = 3.0  # times the smallest value is the largest at least where logarithms show them
MARGIN = 1.1  # above and below what is shown by logarithms
DIGITS = ((1, 3), (1, 2, 5), tuple(range(1, 10)))  # of more ticks than powers of ten, coarse to fine

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
class Chart:
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


def to_svg(plot: Chart, name: str) -> str:
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
    (x1, y1), curve = spots[-1], " ".join(f"{x:.2f} {y:.2f}" for x, y in simplified(spots, TOLERANCE))
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


def simplified(points: Sequence[Point], tolerance: float) -> list[Point]:
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


def _y_tick(value: float, y: float) -> str:
    line = f'<path class="grid" d="M{LEFT} {y:.2f}H{WIDTH - RIGHT}"/>'
    return f'{line}<text class="y tick" x="{LEFT - 8}" y="{y:.2f}">{short_number(value)}</text>'


def _x_tick(value: float, x: float, bottom: int) -> str:
    line = f'<path class="axis" d="M{x:.2f} {bottom}v5"/>'
    return f'{line}<text class="x tick" x="{x:.2f}" y="{bottom + 10}">{short_number(value)}</text>'


# Ten of matplotlib's "magma", by N. Smith and S. van der Walt, who gave it away (CC0).
MAGMA = ("000003", "170f3c", "430f75", "711f81", "9e2e7e", "cb3e71", "f0605d", "fc9366", "fec78b", "fbfcbf")
STEPS = 256

LEGEND_WIDTH, LEGEND_HEIGHT, BAR = 360, 38, 12  # units


def ramp() -> NDArray[np.uint8]:
    """The colours: (STEPS, 3), sRGB."""
    known = np.array([list(bytes.fromhex(colour)) for colour in MAGMA])
    at = np.linspace(0, len(known) - 1, STEPS)
    channels = [np.interp(at, np.arange(len(known)), channel) for channel in known.T]
    return np.rint(np.transpose(channels)).astype(np.uint8)


def step(share: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Which of the colours stand for shares of the largest number that has one; what is more has the last."""
    return np.rint((STEPS - 1) * np.clip(share, 0, 1)).astype(np.uint8)


def to_hex(colour: NDArray[np.uint8]) -> str:
    """A colour as #rrggbb."""
    return f"#{colour.tobytes().hex()}"


def legend(scale: Linear, name: str, label: str, unit: str = "", last: str = "") -> str:
    """What colour means what number, as SVG.

    name: that of the gradient, once in a page. unit: behind each number. last: before the last one.
    """
    stops = (f'<stop offset="{at / 9:.4f}" stop-color="#{colour}"/>' for at, colour in enumerate(MAGMA))
    ticks = scale.ticks(MOST_TICKS)
    texts = [
        f'<text x="{scale.share(value) * LEGEND_WIDTH:.1f}" y="{BAR + 18}" '
        f'text-anchor="{_anchor(value, scale)}">'
        f"{last if value == ticks[-1] else ''}{short_number(value)}{unit}</text>"
        for value in ticks
    ]
    size = f"0 0 {LEGEND_WIDTH} {LEGEND_HEIGHT}"
    return "\n".join(
        [
            f'<svg class="legend" viewBox="{size}" role="img" aria-label="{label}">',
            f'<linearGradient id="{name}">{"".join(stops)}</linearGradient>',
            f'<rect width="{LEGEND_WIDTH}" height="{BAR}" fill="url(#{name})"/>',
            *texts,
            "</svg>",
        ]
    )


def _anchor(value: float, scale: Linear) -> str:
    """So that the numbers at the ends stay inside."""
    return {scale.low: "start", scale.high: "end"}.get(value, "middle")
