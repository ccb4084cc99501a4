"""A photograph of 3,840 px with 50,000 triangles: time, memory, and what more cores would be worth."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from engine.image.pixels import encode_png
from scripts.benches.collage import collage
from scripts.benches.report import RATIO, SECONDS, TEXT, WHOLE
from scripts.benches.runs import ROOT, Bench, median, seconds
from scripts.benches.schedule import Costs, duration, efficiency, makespan
from tests.doubles.process_tree import MemoryWatch


class Scale(NamedTuple):
    """A large picture's settings."""

    width: int  # pixels; the height is two thirds of it
    shapes: int
    effort: float


LARGE = Scale(3840, 50_000, 1)
QUICK = Scale(1920, 12_500, 1)  # as many triangles in an area: a quarter of the work
SMALL = ("--size", 512, "--count", 1000)  # nearly so
WORKERS = 2  # of the run that is measured
CORES = (1, 2, 4, 8, 16, 32, 64, 128)
WANTED = {64: ">= .85", 128: ">= .70"}  # of efficiency, the coordinator's time included
JUDGED = 64  # cores at which phases are looked at


@dataclass(frozen=True)
class Step:
    """A phase as it was run."""

    action: str
    level: int
    jobs: list[float]  # processor seconds, in the order in which they were submitted
    loop: list[float]  # those of the coordinator's loop for each


@dataclass(frozen=True)
class LongRun:
    """A run that was watched."""

    steps: list[Step]
    shapes: int
    painting: float  # processor seconds inside jobs
    wall: float  # seconds, with writing the results
    waiting: float  # processor seconds of the coordinator's loop for looks around while no job was done,
    beside: float  # and of the coordinator beside its loop
    peak: int  # bytes, of all processes together
    error: float

    @property
    def loop(self) -> float:
        """Processor seconds of the coordinator's loop for all jobs."""
        return sum(sum(step.loop) for step in self.steps)

    def costs(self) -> Costs:
        """What the coordinator needs in the mean for a job, and for a phase before its first one.

        A phase's first job comes after its division, and costs so much more than a job in the median.
        """
        jobs = sum(len(step.jobs) for step in self.steps)
        usual = statistics.median(cost for step in self.steps for cost in step.loop)
        begun = sum(max(step.loop[0] - usual, 0.0) for step in self.steps)
        return Costs((self.loop - begun) / jobs, begun / len(self.steps))


def scaling(bench: Bench) -> None:
    """Run the large picture with two workers, and predict what it would take with more."""
    scale = QUICK if bench.quick else LARGE
    source = bench.scratch / "collage.png"
    source.write_bytes(encode_png(collage(scale.width)))
    run = watched_run(bench.scratch, source, scale)
    title = f"{scale.shapes:,} triangles at {scale.width:,} px, effort {scale.effort:g}, {WORKERS} workers"
    bench.report.table(title, {"measured": RATIO, "wanted": TEXT})
    bench.report.row("wall seconds", run.wall, "" if bench.quick else "< 180")
    bench.report.row("GB of all processes", run.peak / 1e9, "< 1.5")
    bench.report.row("share of the workers' time that is painting", run.painting / WORKERS / run.wall, "")
    bench.report.row("error", run.error, "")
    each = run.painting / run.shapes
    small = median(bench.renders(source, *SMALL, "--effort", scale.effort), seconds) / SMALL[-1]
    bench.report.row("milliseconds of painting for a shape", each * 1e3, "")
    bench.report.row("that over the same at 1,000 (512 px)", each / small, "<= 1.5")
    _coordinator(bench, run)
    _prediction(bench, run)


def watched_run(scratch: Path, source: Path, scale: Scale) -> LongRun:
    """Run the large picture and see what its processes need."""
    notes = scratch / "notes.json"
    parts: list[object] = [
        sys.executable, "-m", "scripts.benches.large_run", source, scratch / "large", notes, scale.width,
        scale.shapes, scale.effort, WORKERS,
    ]  # fmt: skip
    command = list(map(str, parts))
    with (
        subprocess.Popen(command, cwd=ROOT) as process,
        MemoryWatch(process.pid) as memory,
    ):
        process.wait()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    found = json.loads(notes.read_text())
    return LongRun(
        steps_of(found["jobs"]), found["shapes"], found["painting"], found["wall"], found["waiting"],
        found["beside"], memory.peak, found["error"],
    )  # fmt: skip


def steps_of(jobs: Sequence[tuple[int, str, int, float, float]]) -> list[Step]:
    """Jobs by phase; of each its phase, action and level, and the processor seconds of worker and loop."""
    steps: dict[int, Step] = {}
    for phase, action, level, in_worker, in_loop in jobs:
        step = steps.setdefault(phase, Step(action, level, [], []))
        step.jobs.append(in_worker)
        step.loop.append(in_loop)
    return [steps[phase] for phase in sorted(steps)]


def _coordinator(bench: Bench, run: LongRun) -> None:
    """What the coordinator costs."""
    costs = run.costs()
    bench.report.table("the coordinator, processor microseconds", {"measured": SECONDS, "wanted": TEXT})
    bench.report.row("for each shape, in the loop", run.loop / run.shapes * 1e6, "<= 10")
    bench.report.row("for each shape, beside it (snapshots, preview)", run.beside / run.shapes * 1e6, "")
    bench.report.row("for each second of waiting for jobs", run.waiting / run.wall * 1e6, "")
    bench.report.row("for each job", costs.job * 1e6, "")
    bench.report.row("before the first job of a phase", costs.phase * 1e6, "")


def _prediction(bench: Bench, run: LongRun) -> None:
    """Parallel efficiency by list scheduling, and which phases are in its way."""
    phases, costs = [step.jobs for step in run.steps], run.costs()
    bench.report.table(
        "predicted from measured job times, list scheduling within each phase",
        {"seconds": SECONDS, "efficiency": RATIO, "wanted": TEXT, "no coordinator": RATIO},
    )
    for cores in CORES:
        bench.report.row(
            f"{cores} cores", duration(phases, cores, costs), efficiency(phases, cores, costs),
            "" if bench.quick else WANTED.get(cores, ""), efficiency(phases, cores),
        )  # fmt: skip
    bench.report.note("The coordinator has a core of its own, hands jobs out and takes them in one by one.")
    bench.report.table(
        f"phases, on {JUDGED} cores",
        {"jobs": WHOLE, "work": SECONDS, "longest job": RATIO, "seconds": RATIO, "efficiency": RATIO},
    )
    for number, step in enumerate(run.steps, 1):
        bench.report.row(
            f"{number}: {step.action}, level {step.level}", len(step.jobs), sum(step.jobs), max(step.jobs),
            makespan(step.jobs, JUDGED, costs), efficiency([step.jobs], JUDGED, costs),
        )  # fmt: skip
