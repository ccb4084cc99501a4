"""The brush painter's figures: how true paintings are, what they cost, and what a second worker helps."""

from __future__ import annotations

import json
import math
import statistics
import subprocess
import time

from engine.painters.brush.brush import Brush
from engine.painters.brush.model_file import BUNDLED
from scripts.benches.report import RATIO, SECONDS
from scripts.benches.runs import ROOT, Bench, Run, tessera

DECIBELS = ".2f"
WANTED = (
    26.0,
    6.0,
)  # dB of oil on the astronaut at 512 px, and processor seconds, with 4,000 strokes at most
LARGE = 2048  # pixels of a side


def brush(bench: Bench) -> None:
    """All of it."""
    learned(bench)
    paintings(bench)
    workers(bench)


def learned(bench: Bench) -> None:
    """What the bundled brushes reached on strokes that they were not trained on."""
    bench.report.table(
        "bundled brushes on held-out strokes", {"MSE": ".4f", "floors": ".2f", "grain": ".2f", "IoU": ".2f"}
    )
    for name in BUNDLED:
        figures = Brush.bundled(name).model.figures
        mse = figures["mse"]
        bench.report.row(name, mse, mse / figures["floor"], figures["grain"], figures["iou"])
    bench.report.note("MSE of one drawing; a floor is the real engine's MSE with itself, by other chance")


def paintings(bench: Bench) -> None:
    """Processor seconds of one core inside jobs, and dB, with the brush's grain: medians of the seeds."""
    bench.report.table(
        "the astronaut at 512 px, with grain, at most 4,000 strokes",
        {"dB": DECIBELS, "strokes": ".0f", "seconds": SECONDS},
    )
    for name in ("oil",) if bench.quick else BUNDLED:
        runs = [_painted(bench, "--brush", name, "--seed", seed) for seed in bench.seeds]
        found = [(_decibels(each), _strokes(each), each.seconds) for each in runs]
        bench.report.row(name, *(statistics.median(column) for column in zip(*found, strict=True)))
    bench.report.note(f"wanted of oil: {WANTED[0]:g} dB in {WANTED[1]:g} s")


def workers(bench: Bench) -> None:
    """Seconds by the clock, of the whole command."""
    bench.report.table("two workers against one", {"one": SECONDS, "two": SECONDS, "one/two": RATIO})
    for size in (512,) if bench.quick else (512, LARGE):
        times = []
        for count in (1, 2):
            started = time.perf_counter()
            out = bench.scratch / f"workers-{size}-{count}"
            flags = ("--size", size, "--workers", count, "--out", out, "--no-film", "--quiet")
            subprocess.run(tessera("render", "astronaut", "--painter", "brush", *flags), check=True, cwd=ROOT)
            times.append(time.perf_counter() - started)
        bench.report.row(f"the astronaut worked at {size:,} px", *times, times[0] / times[1])


def _painted(bench: Bench, *flags: object) -> Run:
    return bench.render("astronaut", "--painter", "brush", *flags)


def _decibels(run: Run) -> float:
    return -20 * math.log10(run.error)


def _strokes(run: Run) -> int:
    return int(json.loads((run.folder / "result.json").read_text())["shapes"])
