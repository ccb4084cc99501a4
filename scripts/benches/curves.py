"""The curve painter's figures: drawing strokes and taking slopes back, and how true a drawing is."""

from __future__ import annotations

import io
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import resvg_py
from numpy.typing import NDArray
from PIL import Image

from engine.painters.curves.raster import Drawn, Period, Window, draw, gradients
from engine.painters.curves.strokes import Strokes
from scripts.benches.drawings import drawings
from scripts.benches.report import ERROR, RATIO, SECONDS
from scripts.benches.runs import Bench

LENGTH, WIDTH = 60, 2.5  # pixels
SIZES = ((200, 256), (3000, 1024))  # strokes, pixels of a side
DIFFVG = 1.38, 4.20  # seconds for 200 such strokes at 256 px on a CPU: published elsewhere, not measured here
WANTED = {200: 0.004, 3000: 0.103}  # seconds, forward and backward
REPEATS = 21
FINER = 16  # times as many pixels of a side, whose means are taken for areas
SCALES = (0.5, 1, 2)
MANY, SIDE = 16, 64  # strokes and pixels of drawings compared
BLACK_ON_WHITE = (1.0, 1.0, 1.0)


def curves(bench: Bench) -> None:
    """All of it."""
    speed(bench)
    truth(bench)
    drawings(bench)


def speed(bench: Bench) -> None:
    """Processor seconds of one core, medians."""
    bench.report.table(
        f"strokes of two cubics, {LENGTH} px long and {WIDTH} px wide: drawn, and slopes by all they are",
        {"forward": ".4f", "backward": ".4f", "both": ".4f", "wanted": ".4f", "both/wanted": RATIO},
    )
    for count, side in SIZES:
        forward, backward = _times(some_strokes(count, side), side, 5 if bench.quick else REPEATS)
        both, wanted = forward + backward, WANTED[count]
        name = f"{count:,} strokes at {side:,} px, a torus"
        bench.report.row(name, forward, backward, both, wanted, both / wanted)
    first, second = DIFFVG
    bench.report.row("diffvg, 200 at 256 px, on a CPU", first, second, first + second, None, None)
    bench.report.note("diffvg's seconds were published elsewhere, on another machine, and are quoted")


def truth(bench: Bench) -> None:
    """Our drawing and resvg's of the same strokes against the areas that strokes have of pixels."""
    bench.report.table(
        f"RMSE against exact areas (a stroke by resvg, {FINER} times as large, reduced), {MANY} at {SIDE} px",
        {f"{who} {scale:g}x": ERROR for who in ("ours", "resvg") for scale in SCALES} | {"seconds": SECONDS},
    )
    for width in (WIDTH,) if bench.quick else (0.6, 1.25, WIDTH, 5):
        strokes, started = some_strokes(MANY, SIDE, width), time.process_time()
        exact = [_exact(strokes, SIDE, scale) for scale in SCALES]
        ours = [drawn(scaled(strokes, scale), round(SIDE * scale)).picture for scale in SCALES]
        theirs = [by_resvg(strokes, SIDE, scale) for scale in SCALES]
        errors = [rmse(*both) for both in zip(ours + theirs, exact + exact, strict=True)]
        bench.report.row(f"{width:g} px wide", *errors, time.process_time() - started)
    bench.report.note("resvg tries sixteen points of a pixel: what it and we differ by is its own error")


def some_strokes(count: int, side: int, width: float = WIDTH) -> Strokes:
    """Strokes of two curves that begin anywhere and bend a little, black."""
    random, strokes = np.random.default_rng(0), Strokes.empty(count)
    strokes.pieces[:], strokes.widths[:] = 2, width
    angle, bend = random.uniform(0, 2 * np.pi, count), random.normal(0, 0.25, count)
    controls = [random.uniform(0, side, (count, 2))]
    for _ in range(6):
        angle = angle + bend
        way = np.stack([np.cos(angle), np.sin(angle)], axis=1)
        controls.append(controls[-1] + LENGTH / 6 * way)
    for place, k in enumerate((0, 1, 2, 3, 5, 6, 6, 6)):  # the fourth follows from those before it
        strokes.points[:, place] = controls[k]
    return strokes


def drawn(strokes: Strokes, side: int, period: Period | None = None) -> Drawn:
    """The strokes, black on white."""
    return draw(strokes, BLACK_ON_WHITE, Window(0, 0, side, side), period)


def scaled(strokes: Strokes, scale: float) -> Strokes:
    """The same drawing at another size."""
    larger = Strokes(*(values.copy() for values in vars(strokes).values()))
    larger.points[:], larger.widths[:] = strokes.points * scale, strokes.widths * scale
    return larger


def by_resvg(strokes: Strokes, side: int, scale: float) -> NDArray[Any]:
    """The strokes as an SVG file, drawn by resvg: (3, side, side), 0..1."""
    size = round(side * scale)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size}" height="{size}" viewBox="0 0 {side} {side}">'
    )
    svg += f'<rect width="{side}" height="{side}" fill="#fff"/><g fill="none" stroke="#000" '
    svg += f'stroke-width="{strokes.widths[0]}" stroke-linecap="round">{"".join(_paths(strokes))}</g></svg>'
    png = bytes(resvg_py.svg_to_bytes(svg_string=svg))
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).transpose(2, 0, 1) / 255


def reduced(picture: NDArray[Any], times: int) -> NDArray[Any]:
    """A picture with so many times fewer pixels of a side, which are means."""
    channels, height, width = picture.shape
    return picture.reshape(channels, height // times, times, width // times, times).mean(axis=(2, 4))


def rmse(a: NDArray[Any], b: NDArray[Any]) -> float:
    """Of two pictures."""
    return float(np.sqrt(np.mean((a - b) ** 2)))


def _exact(strokes: Strokes, side: int, scale: float) -> NDArray[Any]:
    """Ink over ink, as all renderers put it, by exact areas."""
    light = np.ones((3, round(side * scale), round(side * scale)))
    for i in range(len(strokes)):
        light *= reduced(by_resvg(strokes[i : i + 1], side, scale * FINER), FINER)
    return light


def _paths(strokes: Strokes) -> Iterator[str]:
    for controls in strokes.controls():
        (x, y), *others = controls[:7]
        yield f'<path d="M{x:.4f} {y:.4f}C{" ".join(f"{p:.4f} {q:.4f}" for p, q in others)}"/>'


def _times(strokes: Strokes, side: int, repeats: int) -> tuple[float, float]:
    """Of drawing, and of slopes."""
    period, slopes = Period(side, side), np.random.default_rng(1).normal(size=(4, side, side))
    by_picture, by_coats = np.ascontiguousarray(slopes[:3], np.float32), slopes[3].astype(np.float32)
    picture = drawn(strokes, side, period)
    gradients(strokes, picture, by_picture, by_coats)  # compiled, and memory there
    forward = _median(lambda: drawn(strokes, side, period), repeats)
    return forward, _median(lambda: gradients(strokes, picture, by_picture, by_coats), repeats)


def _median(work: Callable[[], object], repeats: int) -> float:
    """Processor seconds."""
    spent = []
    for _ in range(repeats):
        started = time.process_time()
        work()
        spent.append(time.process_time() - started)
    return statistics.median(spent)
