"""A run that would take for ever: what its processes hold in memory and its folder on the disk, over time."""

from __future__ import annotations

import signal
import statistics
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from engine.storage.run_folder import LOG, SNAPSHOTS
from scripts.benches.report import RATIO, TEXT, WHOLE, Report
from tests.doubles.process_tree import resident
from tests.doubles.runs import HANGS, Command, is_job, never

EVERY = 3.0  # seconds between samples
PARTS = 10
WORKERS = 2
KEEP = 40  # snapshots
STEADY = 1.05  # times the memory at the beginning, at the end
# A small picture: as many jobs, snapshots and checkpoints in an hour as a large one has in a week.
ENDLESS = (
    "--size", 256, "--count", 500, "--effort", 100_000, "--workers", WORKERS, "--no-film",
    "--set", "checkpoint.every=5s", "--set", f"record.keep={KEEP}", "--set", "record.every=1",
)  # fmt: skip
COLUMNS = {"coordinator MB": ".1f", "worker MB": ".1f", "files": WHOLE, "MB": ".2f", "log KB": ".1f",
           "snapshots": WHOLE}  # fmt: skip


@dataclass(frozen=True)
class Sample:
    """What there was at a moment; sizes in bytes."""

    coordinator: int  # in memory
    worker: int  # in memory, the largest
    files: int  # of the run's folder
    size: int  # of all of them
    log: int
    snapshots: int  # that the film would be made of


def memory(report: Report, scratch: Path, seconds: float) -> bool:
    """Watch an endless run for so long, and report; whether it grew, or kept too many snapshots."""
    folder = scratch / "endless"
    report.table(f"an endless run, {seconds / 60:g} minutes in ten parts", COLUMNS)
    command = Command("render", "astronaut", "--out", folder, *ENDLESS)
    try:
        command.listen(is_job, HANGS)
        parts = []
        for part in range(PARTS):
            parts.append(_watch(command, folder, seconds / PARTS))
            last = parts[-1][-1]
            own = (held / 1e6 for held in held_in_memory(parts[-1]))
            report.row(f"{part + 1}", *own, last.files, last.size / 1e6, last.log / 1e3, last.snapshots)
    finally:
        command.end(signal.SIGINT)
    before, after = held_in_memory(parts[1]), held_in_memory(parts[-1])
    growth = [late / early for early, late in zip(before, after, strict=True)]
    snapshots = max(sample.snapshots for part in parts for sample in part)
    report.table("the last part over the second one", {"measured": RATIO, "wanted": TEXT})
    for name, ratio in zip(("coordinator's memory", "a worker's memory"), growth, strict=True):
        report.row(name, ratio, f"<= {STEADY}")
    report.row("snapshots at most", f"{snapshots}", f"<= {KEEP}")
    return max(growth) > STEADY or snapshots > KEEP


def held_in_memory(samples: Sequence[Sample]) -> tuple[float, float]:
    """Medians of what the coordinator and the largest worker held, in bytes."""
    return (
        statistics.median(sample.coordinator for sample in samples),
        statistics.median(sample.worker for sample in samples),
    )


def _watch(command: Command, folder: Path, seconds: float) -> list[Sample]:
    samples = []
    for _ in range(max(1, round(seconds / EVERY))):
        command.listen(never, min(EVERY, seconds))
        if command.poll() is not None:
            raise RuntimeError(f"the endless run ended with exit code {command.poll()}")
        command.heard.clear()  # who watches for hours must not grow, either
        samples.append(_sample(command, folder))
    return samples


def _sample(command: Command, folder: Path) -> Sample:
    sizes = {}
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):  # some are removed meanwhile
            sizes[path] = path.stat().st_size
    return Sample(
        coordinator=resident(command.pid),
        worker=max(map(resident, command.workers()), default=0),
        files=len(sizes),
        size=sum(sizes.values()),
        log=sizes.get(folder / LOG, 0),
        snapshots=(folder / SNAPSHOTS).read_text().count("\n"),
    )
