"""`primitive` (Go, by fogleman), when a binary of that name is on PATH."""

from __future__ import annotations

import resource
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

from engine.image.metric import rmse
from engine.image.pixels import encode_png
from engine.image.target import open_target
from scripts.benches.report import ERROR, RATIO, SECONDS
from scripts.benches.runs import Bench, error, median, pixels, seconds

SIDE = 512
MODES = {"triangle": 1, "quad": 8}  # primitive's numbers for them
# Count, shape, and our effort for the ratio columns.
ROWS = ((100, "triangle", 1.0), (250, "triangle", 1.0), (1000, "triangle", 1.0), (250, "quad", 1.0))


class Outcome(NamedTuple):
    """What primitive made."""

    error: float
    seconds: float  # of processor


def primitive(bench: Bench) -> None:
    """The same picture by primitive, one thread, worked at the same size."""
    bench.report.table(
        f"primitive on the astronaut, worked at {SIDE} px, one thread",
        {"error": ERROR, "seconds": SECONDS, "our error": ERROR, "our seconds": SECONDS,
         "error/ours": RATIO, "seconds/ours": ".1f"},
    )  # fmt: skip
    if shutil.which("primitive") is None:
        bench.report.note("there is no primitive on PATH; go install github.com/fogleman/primitive@latest")
        return
    source = bench.scratch / "astronaut.png"
    source.write_bytes(encode_png(open_target("astronaut", SIDE).pixels))
    for count, shape, effort in ROWS:
        ours = bench.renders(source, "--size", SIDE, "--count", count, "--shape", shape, "--effort", effort)
        theirs = run_primitive(source, bench.scratch / "primitive.png", count, shape)
        reached, spent = median(ours, error), median(ours, seconds)
        bench.report.row(
            f"{count:,} {shape}s", theirs.error, theirs.seconds, reached, spent,
            theirs.error / reached, theirs.seconds / spent,
        )  # fmt: skip


def run_primitive(source: Path, out: Path, count: int, shape: str) -> Outcome:
    """Run it once; its randomness has no seed."""
    before = _children()
    subprocess.run(
        ["primitive", "-i", source, "-o", out, "-n", str(count), "-m", str(MODES[shape]),
         "-r", str(SIDE), "-s", str(SIDE), "-j", "1"],
        check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    return Outcome(rmse(pixels(out), pixels(source)), _children() - before)


def _children() -> float:
    """Processor seconds of all children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
