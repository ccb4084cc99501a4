"""Colours for numbers, dark to bright: equal steps look equal, in grey and to the colour-blind too."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.report.plots import MOST_TICKS, Linear, short

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
        f"{last if value == ticks[-1] else ''}{short(value)}{unit}</text>"
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
