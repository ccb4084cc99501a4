"""How fast: candidates a second, first pixels, the demo, two workers, and whether memory grows."""

from __future__ import annotations

import json
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from scripts.benches.report import TEXT
from scripts.benches.runs import ROOT, Bench, Run, median, tessera

ANNEALING = ("--set", "painter.polish=none")  # a step of the polish is no candidate
TILE = ("--size", 128, "--grid", "1x1", "--count", 60, "--effort", 10)  # as crowded as 1,000 at 512 px
LONG = ("astronaut", "--size", 512, "--count", 1000, "--effort", 16)


def speed(bench: Bench) -> None:
    """Rates and times, beside those wanted."""
    bench.report.table("speed", {"measured": ".3f", "wanted": TEXT})
    tile = median(bench.renders("astronaut", *TILE, *ANNEALING), Run.candidates) / 1e6
    bench.report.row("million candidates/s, a 128-px tile, one core", tile, ">= 2.5")
    first = statistics.median(_first_pixels(bench.scratch) for _ in bench.seeds)
    bench.report.row("seconds to the first painted pixels", first, "< 3")
    if bench.quick:
        return
    whole = median(bench.renders("astronaut", *ANNEALING), Run.candidates) / 1e6
    bench.report.row("million candidates/s, 1,000 triangles, 512 px", whole, "")
    bench.report.row("seconds of the demo, film included", _demo(bench.scratch), "< 20 on two cores")
    walls, growth = _two_workers(bench.scratch)
    bench.report.row(f"two workers' speed, a job of {walls[0]:.0f} s", walls[0] / walls[1], ">= 1.7")
    bench.report.row("workers' memory, end over first quarter", growth, "1")


def _first_pixels(scratch: Path) -> float:
    """Wall seconds from the command to the first job done."""
    out = Path(tempfile.mkdtemp(dir=scratch)) / "run"
    started = time.monotonic()
    command = tessera("render", "astronaut", "--effort", 0.1, "--out", out, "--json", "--no-film")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        moments = [
            time.monotonic() for line in process.stdout if json.loads(line)["event"] == "progress"
        ]  # read to the end, so that the run is not disturbed
    return moments[0] - started


def _demo(scratch: Path) -> float:
    """Wall seconds of what scripts/demo renders."""
    started = time.monotonic()
    config = ROOT / "configs" / "astronaut.yaml"
    command = tessera("render", config, "--out", scratch / "demo", "--quiet")
    subprocess.run(command, check=True, cwd=ROOT)
    return time.monotonic() - started


def _two_workers(scratch: Path) -> tuple[list[float], float]:
    """Wall seconds of a long run with one worker and with two; how much memory grows."""
    walls, growth = [], []
    for workers in (1, 2):
        command = tessera("render", *LONG, "--out", scratch / f"long-{workers}", "--json", "--no-film")
        done = subprocess.run(
            [*command, "--workers", str(workers)], check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        events = [json.loads(line) for line in done.stdout.splitlines()]
        steps = [event for event in events if event["event"] == "progress"]
        walls.append(steps[-1]["elapsed"])
        growth.append(steps[-1]["peak_memory"] / steps[len(steps) // 4]["peak_memory"])
    return walls, max(growth)
