"""A photograph of 3,840 px with 50,000 triangles: time, memory, and what more cores would be worth."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from engine.image.pixels import encode_png
from scripts.benches.collage import collage
from scripts.benches.report import RATIO, SECONDS, TEXT, WHOLE
from scripts.benches.runs import ROOT, Bench, median, seconds, tessera
from scripts.benches.schedule import duration, efficiency, makespan
from tests.doubles.process_tree import MemoryWatch, processor_seconds


class Scale(NamedTuple):
    """A large picture's settings."""

    width: int  # pixels; the height is two thirds of it
    shapes: int
    effort: float


LARGE = Scale(3840, 50_000, 1)
QUICK = Scale(960, 3_125, 0.5)  # as many triangles in an area
SMALL = ("--size", 512, "--count", 1000)  # nearly so
CORES = (4, 8, 16, 32, 64, 128)
JUDGED = 64  # cores at which WANTED is wanted
WANTED = ">= .80"


@dataclass(frozen=True)
class Step:
    """A phase as it was run."""

    action: str
    level: int
    jobs: list[float]  # processor seconds, in the order in which they were submitted


@dataclass(frozen=True)
class LongRun:
    """A run that was watched."""

    steps: list[Step]
    shapes: int
    painting: float  # processor seconds inside jobs
    wall: float  # seconds, with writing the results
    coordinator: float  # processor seconds of the coordinator while jobs ran
    peak: int  # bytes, of all processes together
    error: float


def scaling(bench: Bench) -> None:
    """Run the large picture with one worker, for undisturbed job times, and with two."""
    scale = QUICK if bench.quick else LARGE
    source = bench.scratch / "collage.png"
    source.write_bytes(encode_png(collage(scale.width)))
    one, two = (watched_run(bench.scratch, source, scale, workers) for workers in (1, 2))
    title = f"{scale.shapes:,} triangles at {scale.width:,} px, effort {scale.effort:g}"
    bench.report.table(title, {"measured": RATIO, "wanted": TEXT})
    bench.report.row("wall seconds with two workers", two.wall, "" if bench.quick else "< 180")
    bench.report.row("GB of all processes, two workers", two.peak / 1e9, "< 1.5")
    bench.report.row("two workers' speed over one's", one.wall / two.wall, "")
    bench.report.row("error", two.error, "")
    each = one.painting / one.shapes
    small = median(bench.renders(source, *SMALL, "--effort", scale.effort), seconds) / SMALL[-1]
    bench.report.row("milliseconds of painting for a shape", each * 1e3, "")
    bench.report.row("that over the same at 1,000 (512 px)", each / small, "<= 1.5")
    _prediction(bench, one)


def watched_run(scratch: Path, source: Path, scale: Scale, workers: int) -> LongRun:
    """Run the large picture and listen to its events."""
    command = tessera(
        "render", source, "--size", scale.width, "--count", scale.shapes, "--effort", scale.effort,
        "--workers", workers, "--out", scratch / f"large-{workers}", "--no-film", "--json",
    )  # fmt: skip
    events: list[dict[str, Any]] = []
    marks = [0.0]  # the coordinator's processor seconds at the start, and after each job
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process,
        MemoryWatch(process.pid) as memory,
    ):
        assert process.stdout is not None
        for line in process.stdout:
            events.append(json.loads(line))
            if events[-1]["event"] == "started":
                marks[0] = processor_seconds(process.pid)
            elif events[-1]["event"] == "progress":
                marks.append(processor_seconds(process.pid))
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    last = events[-1]
    return LongRun(
        steps_of(events), last["shapes"], last["painting_seconds"], last["wall_seconds"],
        max(marks) - marks[0], memory.peak, last["error"],
    )  # fmt: skip


def steps_of(events: Sequence[dict[str, Any]]) -> list[Step]:
    """The jobs' processor seconds by phase."""
    steps: dict[int, Step] = {}
    for event in events:
        if event["event"] == "progress" and event["job_seconds"] is not None:
            step = steps.setdefault(event["phase"], Step(event["action"], event["level"], []))
            step.jobs.append(event["job_seconds"])
    return [steps[phase] for phase in sorted(steps)]


def _prediction(bench: Bench, run: LongRun) -> None:
    """Parallel efficiency by list scheduling, and which phases are in its way."""
    phases = [step.jobs for step in run.steps]
    bench.report.table(
        "predicted from measured job times, list scheduling within each phase",
        {"seconds": SECONDS, "efficiency": RATIO, "wanted": TEXT, "coordinator/seconds": RATIO},
    )
    for cores in CORES:
        predicted = duration(phases, cores)
        wanted = WANTED if cores == JUDGED else ""
        share = run.coordinator / predicted
        bench.report.row(f"{cores} cores", predicted, efficiency(phases, cores), wanted, share)
    bench.report.row("the coordinator's own processor seconds", run.coordinator, None, "", None)
    bench.report.table(
        f"phases, on {JUDGED} cores",
        {"jobs": WHOLE, "work": SECONDS, "longest job": RATIO, "seconds": RATIO, "efficiency": RATIO},
    )
    for number, step in enumerate(run.steps, 1):
        bench.report.row(
            f"{number}: {step.action}, level {step.level}", len(step.jobs), sum(step.jobs), max(step.jobs),
            makespan(step.jobs, JUDGED), efficiency([step.jobs], JUDGED),
        )  # fmt: skip
