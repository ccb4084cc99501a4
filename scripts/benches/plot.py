"""One plot: error over painting seconds, a line for each variant with its name at its end."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

SIZE = (10, 6)  # inches
DPI = 130
LABEL_GAP = 0.045  # of the plot's height, between two names
EMPHASIS = "#c1272d"  # the first curve
# Okabe & Ito's colours, which colour-blind people can tell apart, without yellow and vermilion.
COLOURS = ("#0072b2", "#009e73", "#e69f00", "#cc79a7", "#56b4e9", "#555555")
INK = "#333333"
LEADER = {"arrowstyle": "-", "linewidth": 0.7, "relpos": (0, 0.5), "shrinkA": 1, "shrinkB": 3}
PATCH = {"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none", "alpha": 0.8}
TICKS = (0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300)  # seconds
ERROR_TICKS = (0.025, 0.03, 0.035, 0.04, 0.045, 0.05, 0.06, 0.07, 0.08, 0.1, 0.12, 0.15, 0.2)


class Point(NamedTuple):
    """A measurement, or a wish."""

    seconds: float
    error: float


class Curve(NamedTuple):
    """One variant."""

    name: str
    points: Sequence[Point]


def plot(curves: Sequence[Curve], wanted: Sequence[Point], title: str, file: Path) -> None:
    """Draw into a PNG file. The first curve is emphasised; wanted: points to be on or below."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=SIZE, dpi=DPI, layout="constrained")
    axes = figure.add_subplot()
    _frame(axes, title)
    colours = [EMPHASIS, *(COLOURS[place % len(COLOURS)] for place in range(len(curves) - 1))]
    for place, (curve, colour) in reversed(list(enumerate(zip(curves, colours, strict=True)))):
        axes.plot(
            *zip(*curve.points, strict=True),
            color=colour, linewidth=1.5 if place else 2.5, marker="o", markersize=4 if place else 6,
        )  # fmt: skip
    _wishes(axes, wanted, curves)
    _names(axes, curves, colours)
    figure.savefig(file)


def spread(heights: Sequence[float], gap: float) -> list[float]:
    """Move heights apart, at least by a gap and as little as that needs; their order stays."""
    order = sorted(range(len(heights)), key=lambda which: heights[which])
    groups: list[tuple[float, int]] = []  # (lowest place, members) of neighbours that touch
    for which in order:
        low, members = heights[which], 1
        while groups and groups[-1][0] + groups[-1][1] * gap > low:
            before, count = groups.pop()
            middle = before + (count - 1) * gap / 2, low + (members - 1) * gap / 2
            centre = (middle[0] * count + middle[1] * members) / (count + members)
            members += count
            low = centre - (members - 1) * gap / 2
        groups.append((low, members))
    places = [low + step * gap for low, members in groups for step in range(members)]
    spread_out = [0.0] * len(heights)
    for which, place in zip(order, places, strict=True):
        spread_out[which] = place
    return spread_out


def _frame(axes: Any, title: str) -> None:
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    axes.set_xscale("log")
    axes.set_yscale("log")
    for axis, ticks in ((axes.xaxis, TICKS), (axes.yaxis, ERROR_TICKS)):
        axis.set_major_locator(FixedLocator(ticks))
        axis.set_minor_locator(NullLocator())
        axis.set_major_formatter(FuncFormatter(lambda value, place: f"{value:g}".removeprefix("0")))
    axes.set_title(title, loc="left", color=INK, fontsize=12)
    axes.set_xlabel("painting seconds (processor, one worker)", color=INK)
    axes.set_ylabel("error (RMSE)", color=INK)
    axes.grid(color="#e6e6e6", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(colors=INK, which="both")


def _wishes(axes: Any, wanted: Sequence[Point], curves: Sequence[Curve]) -> None:
    """Crosses where the goals are, those only that the curves come near to in time."""
    latest = max(point.seconds for curve in curves for point in curve.points)
    earliest = min(point.seconds for curve in curves for point in curve.points)
    for point in wanted:
        if earliest / 2 <= point.seconds <= latest:
            axes.plot(*point, color=INK, marker="x", markersize=9, markeredgewidth=2)
            axes.annotate(
                f"wanted: {point.error:.4f}".replace("0.", ".") + f" in {point.seconds:g} s",
                point, (0, 9), textcoords="offset points", ha="center", color=INK, fontsize=9, bbox=PATCH,
            )  # fmt: skip


def _names(axes: Any, curves: Sequence[Curve], colours: Sequence[str]) -> None:
    """Each curve's name to the right of all, led to from its last point."""
    low, high = (math.log(limit) for limit in axes.get_ylim())
    first, last = axes.get_xlim()
    latest = max(curve.points[-1].seconds for curve in curves) * 1.4
    ends = [curve.points[-1] for curve in curves]
    heights = spread([math.log(end.error) for end in ends], LABEL_GAP * (high - low))
    for curve, end, height, colour in zip(curves, ends, heights, colours, strict=True):
        axes.annotate(
            curve.name, end, (latest, math.exp(height)), color=colour, va="center", annotation_clip=False,
            fontweight="bold" if colour == EMPHASIS else "normal",
            arrowprops={**LEADER, "color": colour},
        )  # fmt: skip
    axes.set_xlim(first, max(last, latest * 0.97))
    axes.set_ylim(math.exp(min(low, *heights) - LABEL_GAP * (high - low)), math.exp(max(high, *heights)))
