"""Error over painting seconds for variants of the painter, as a plot."""

from __future__ import annotations

from pathlib import Path

from scripts.benches.plot import Curve, Point, plot
from scripts.benches.polygons import GOALS
from scripts.benches.report import ERROR, SECONDS, Report
from scripts.benches.runs import Bench, error, median, seconds

TARGET = ("astronaut", "--size", 512, "--count", 1000)
VARIANTS: dict[str, tuple[str, ...]] = {
    "default": (),
    "joint polish, no relocation": ("--set", "painter.polish=joint"),
    "annealing alone": ("--set", "painter.polish=none"),
    "dual annealing of each shape": ("--set", "painter.search=dual"),
    "downhill only": ("--set", "painter.search=hill"),
    "scipy's dual annealing of all": ("--set", "painter.search=scipy"),
    "finest grid alone, no shifts": ("--set", "painter.levels=finest", "--set", "painter.shift=false"),
}
EFFORTS = (0.03, 0.1, 0.3, 1, 3, 10)
QUICK_EFFORTS = (0.03, 0.1)


def variants(bench: Bench, file: Path) -> None:
    """Measure all variants, draw them into a PNG file, and write the figures beside it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    kept = Report(file.with_suffix(".json")) if bench.report.path is None else bench.report
    bench = Bench(kept, bench.scratch, bench.quick)
    bench.report.table(
        "variants: 1,000 triangles, astronaut at 512 px", {"effort": "g", "seconds": SECONDS, "error": ERROR}
    )
    efforts = QUICK_EFFORTS if bench.quick else EFFORTS
    curves = [Curve(name, _measure(bench, name, flags, efforts)) for name, flags in VARIANTS.items()]
    wanted = [
        Point(goal.seconds, goal.error) for goal in GOALS if (goal.shapes, goal.kind) == (1000, "triangle")
    ]
    plot(curves, wanted, "astronaut at 512 px, 1,000 triangles", file)
    bench.report.note(f"plot: {file}")


def _measure(bench: Bench, name: str, flags: tuple[str, ...], efforts: tuple[float, ...]) -> list[Point]:
    points = []
    for effort in efforts:
        runs = bench.renders(*TARGET, *flags, "--effort", effort)
        points.append(Point(median(runs, seconds), median(runs, error)))
        bench.report.row(name, effort, *points[-1])
    return points
