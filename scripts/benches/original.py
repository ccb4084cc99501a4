"""The founding blog post's method, written anew: scipy's dual annealing over all numbers of a tile at once.

Every evaluation draws all quads and compares. It is run with two rasterisers: Pillow's, as in the post, and
ours, which is faster and smooths edges, so that only the methods differ.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import scipy
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from engine.image.metric import rmse
from engine.image.pixels import Pixels, encode_png
from engine.image.target import open_target
from engine.scene.drawing import composite
from scripts.benches.report import ERROR, RATIO, SECONDS, WHOLE
from scripts.benches.runs import Bench, Run, error, median, seconds

TILE = (slice(64, 192), slice(160, 288))  # rows, columns of the astronaut: her face
QUADS = 50
NUMBERS = 12  # of a quad: four corners, RGB, opacity
POST_QUADS = 250  # in a tile of the post, which reported 341 evaluations a second

# Processor seconds after which the errors are compared -> the effort that takes us about as long.
MOMENTS = {1.0: 9.0, 10.0: 90.0, 60.0: 500.0}
QUICK_MOMENTS = 1
RATE_SECONDS = 0.5  # of processor, for each rate alone

Numbers = NDArray[np.float64]  # (12 * quads,) in 0..1
Picture = NDArray[np.floating] | Pixels
Draw = Callable[[Numbers, int, tuple[float, float, float]], Picture]  # numbers, pixels on a side, background


def draw_ours(numbers: Numbers, side: int, background: tuple[float, float, float]) -> Picture:
    """All quads by the engine's rasteriser; floats in 0..1."""
    quads = numbers.reshape(-1, NUMBERS).astype(np.float32)
    points = np.ascontiguousarray(quads[:, :8]).reshape(-1, 4, 2) * np.float32(side)
    colours, opacities = np.ascontiguousarray(quads[:, 8:11]), np.ascontiguousarray(quads[:, 11])
    layers = np.empty((3, side, side), np.float32)
    composite(np.array(background, np.float32), points, colours, opacities, 0, 0, layers)
    return layers.transpose(1, 2, 0)


def draw_pillow(numbers: Numbers, side: int, background: tuple[float, float, float]) -> Picture:
    """All quads by Pillow, blended; bytes, no anti-aliasing."""
    red, green, blue = (round(255 * part) for part in background)
    picture = Image.new("RGB", (side, side), (red, green, blue))
    canvas = ImageDraw.Draw(picture, "RGBA")
    for quad in numbers.reshape(-1, NUMBERS):
        canvas.polygon((quad[:8] * side).tolist(), fill=tuple((quad[8:] * 255).astype(int).tolist()))
    return np.asarray(picture)


RASTERISERS: dict[str, Draw] = {"with our rasteriser": draw_ours, "with Pillow, as in the post": draw_pillow}


class Trace(NamedTuple):
    """What an annealing reached."""

    errors: tuple[float, ...]  # the least so far, at each moment
    rate: float  # evaluations a second


class _TimeIsUp(Exception):  # noqa: N818 - nothing went wrong
    """Ends scipy's loop, whose local search of some 600 evaluations a step keeps to no limit of its own."""


def anneal(draw: Draw, target: Pixels, quads: int, moments: tuple[float, ...], seed: int) -> Trace:
    """Let scipy's dual_annealing, with its defaults, work on everything until the last moment.

    moments: processor seconds, rising.
    """
    red, green, blue = (target.mean(axis=(0, 1)) / 255).tolist()
    best, evaluations = float("inf"), 0
    errors: list[float] = []
    started = time.process_time()

    def score(numbers: Numbers) -> float:
        nonlocal best, evaluations
        while time.process_time() - started >= moments[len(errors)]:
            errors.append(best)
            if len(errors) == len(moments):
                raise _TimeIsUp
        evaluations += 1
        found = rmse(draw(numbers, len(target), (red, green, blue)), target)
        best = min(best, found)
        return found

    try:
        endless = 10**9
        scipy.optimize.dual_annealing(
            score, [(0, 1)] * (NUMBERS * quads), maxiter=endless, maxfun=endless, rng=seed
        )
    except _TimeIsUp:
        pass
    return Trace(tuple(errors), evaluations / (time.process_time() - started))


def original(bench: Bench) -> None:
    """The post's method beside ours, on one tile in the same processor seconds."""
    moments = tuple(MOMENTS)[: QUICK_MOMENTS if bench.quick else None]
    target = np.ascontiguousarray(open_target("astronaut", 512).pixels[TILE])
    file = bench.scratch / "tile.png"
    file.write_bytes(encode_png(target))
    flags = ("--size", 128, "--grid", "1x1", "--shape", "quad", "--count", QUADS)
    ours = {moment: bench.renders(file, *flags, "--effort", MOMENTS[moment]) for moment in moments}
    candidates = median(ours[moments[-1]], Run.candidates)
    bench.report.table(
        f"the blog post's method: {QUADS} quads on a tile of 128 px, all {NUMBERS * QUADS} numbers together",
        {"seconds": SECONDS, "error": ERROR, "our seconds": SECONDS, "our error": ERROR,
         "error/ours": RATIO, "evaluations/s": WHOLE, "our candidates/s over that": WHOLE},
    )  # fmt: skip
    for name, draw in RASTERISERS.items():
        anneal(draw, target, 1, (0.1,), 0)  # compiles, and imports
        traces = [anneal(draw, target, QUADS, moments, seed) for seed in bench.seeds]
        rate = statistics.median(trace.rate for trace in traces)
        for place, moment in enumerate(moments):
            theirs = statistics.median(trace.errors[place] for trace in traces)
            reached = median(ours[moment], error)
            bench.report.row(
                name, moment, theirs, median(ours[moment], seconds), reached,
                theirs / reached, rate, candidates / rate,
            )  # fmt: skip
    for name, draw in RASTERISERS.items():
        rate = anneal(draw, target, POST_QUADS, (RATE_SECONDS,), 0).rate
        bench.report.row(f"{name}, {POST_QUADS} quads", *(None,) * 5, rate, candidates / rate)
