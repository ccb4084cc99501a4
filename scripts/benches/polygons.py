"""The polygon painter's figures: errors in given times, speed, other pictures and other programs."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import NamedTuple

from engine.image.samples import samples as sample_names
from scripts.benches.original import original
from scripts.benches.primitive import primitive
from scripts.benches.report import ERROR, RATIO, SECONDS, TEXT
from scripts.benches.runs import PHOTOGRAPHS, Bench, Run, error, median, seconds
from scripts.benches.speed import speed


class Goal(NamedTuple):
    """An error to reach on the astronaut at 512 px."""

    shapes: int
    kind: str
    seconds: float  # of painting
    error: float
    effort: float  # what takes about so many seconds: a run has no budget of painting seconds
    peers: str  # measured elsewhere, on one core of such a machine


GOALS = (
    Goal(1000, "triangle", 0.3, 0.0600, 0.08, "geometrize .0675 in 9.2 s; primitive at 512 px .0644 in 95 s"),
    Goal(1000, "triangle", 5, 0.0380, 2, "a prototype without joint polish .0416 in 4.3 s"),
    Goal(1000, "triangle", 15, 0.0340, 5.5, "a prototype on one window with Adam .0350"),
    Goal(1000, "triangle", 60, 0.0325, 22, "the same .0339"),
    Goal(250, "triangle", 5, 0.0650, 2.6, "the same .0666"),
    Goal(250, "triangle", 60, 0.0625, 28, "the same .0640; primitive .0903 in 36 s"),
    Goal(250, "triangle", 300, 0.0610, 140, "the same .0620"),
    Goal(100, "triangle", 60, 0.0900, 46, "the same .0914; primitive .1186 in 21 s"),
    Goal(250, "quad", 5, 0.0610, 2.6, "the same .0621; primitive .0887 in 40 s"),
)
QUICK_GOALS = (GOALS[0], GOALS[1], GOALS[-1])

FITNESS_SIDE = 200  # pixels
FITNESS_EFFORTS = {10: 80.0, 25: 36.0, 50: 20.0, 200: 7.0}  # triangles -> what takes about three seconds
# "Modern Evolution Strategies for Creativity" (Tian & Ha 2021): fitness, 3 CPU-hours a cell.
PUBLISHED = {10: 98.02, 25: 99.30, 50: 99.62, 200: 99.80}  # Mona Lisa

SAMPLES = tuple(name for name in sample_names() if name != "cat")  # which is chelsea


def polygons(bench: Bench, only: Sequence[str] | None) -> None:
    """Run all sections, or those named."""
    for name, section in SECTIONS.items():
        if name in only if only else name in QUICK or not bench.quick:
            section(bench)


def goals(bench: Bench) -> None:
    """Errors within painting seconds, beside those wanted."""
    bench.report.table(
        "astronaut at 512 px: errors of the result, as drawn here and by resvg",
        {"effort": "g", "error": ERROR, "by resvg": ERROR, "seconds": SECONDS, "wanted": ERROR,
         "in seconds": "g", "error/wanted": RATIO, "seconds/wanted": RATIO, "others": TEXT},
    )  # fmt: skip
    for goal in QUICK_GOALS if bench.quick else GOALS:
        flags = ("--size", 512, "--count", goal.shapes, "--shape", goal.kind, "--effort", goal.effort)
        runs = bench.renders("astronaut", *flags)
        reached, spent = median(runs, error), median(runs, seconds)
        bench.report.row(
            f"{goal.shapes:,} {goal.kind}s, {goal.seconds:g} s",
            goal.effort, reached, median(runs, Run.error_by_resvg), spent, goal.error,
            goal.seconds, reached / goal.error, spent / goal.seconds, goal.peers,
        )  # fmt: skip


def fitness(bench: Bench) -> None:
    """Few triangles at 200 px, in the terms of a published table."""
    counts = tuple(FITNESS_EFFORTS)
    bench.report.table(
        f"{FITNESS_SIDE} px: fitness in % = 100 - mean squared error in %, by triangles",
        {**{str(count): ".3f" for count in counts}, "seconds": SECONDS},
    )
    squares: dict[int, list[float]] = {count: [] for count in counts}
    for name in PHOTOGRAPHS:
        spent = []
        for count, effort in FITNESS_EFFORTS.items():
            flags = ("--size", FITNESS_SIDE, "--count", count, "--effort", effort)
            runs = bench.renders(name, *flags)
            squares[count].append(median(runs, error) ** 2)
            spent.append(median(runs, seconds))
        bench.report.row(name, *(fitness_of(squares[count][-1]) for count in counts), statistics.mean(spent))
    means = {count: statistics.geometric_mean(squares[count]) for count in counts}
    bench.report.row("geometric mean", *(fitness_of(means[count]) for count in counts), None)
    bench.report.row("Tian & Ha, Mona Lisa, 3 hours a cell", *(PUBLISHED[count] for count in counts), None)
    shares = [means[count] / (1 - PUBLISHED[count] / 100) for count in counts]
    bench.report.row("mean squared error, ours over theirs", *shares, None)
    bench.report.note(
        f"all cells {statistics.geometric_mean(shares):.3f}; wanted .40, no cell over .65, picture by picture"
    )


def fitness_of(mean_square: float) -> float:
    """Percent; mean_square: mean squared error over RGB in 0..1."""
    return 100 * (1 - mean_square)


def samples(bench: Bench) -> None:
    """All of scikit-image's pictures, most of which nothing was tuned on."""
    bench.report.table(
        "1,000 triangles at 512 px, default effort",
        {"error": ERROR, "by resvg": ERROR, "seconds": SECONDS},
    )
    kept = []
    for name in SAMPLES:
        runs = bench.renders(name, "--size", 512, "--count", 1000)
        cells = [median(runs, error), median(runs, Run.error_by_resvg), median(runs, seconds)]
        kept.append(cells)
        bench.report.row(name, *kept[-1])
    bench.report.row("geometric mean", *map(statistics.geometric_mean, zip(*kept, strict=True)))


SECTIONS = {
    "goals": goals,
    "speed": speed,
    "original": original,
    "primitive": primitive,
    "fitness": fitness,
    "samples": samples,
}
QUICK = ("goals", "speed", "original")
