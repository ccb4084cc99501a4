"""What it costs to be ready for anything: checkpoints, killed workers, resuming."""

from __future__ import annotations

import os
import random
import signal
import statistics
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from engine.coordinator.autosave import Autosave
from engine.coordinator.budget import Budget
from engine.coordinator.run import restore_run
from engine.coordinator.target_copies import read_target
from engine.events import Event as Said
from engine.image.pixels import encode_png
from engine.painters.registry import params_of
from engine.parallel.canvas import Canvas
from engine.spec.models import CheckpointSettings
from engine.spec.resolution import resolve
from engine.spec.settings import read_document
from engine.storage.checkpoint import read_checkpoint
from engine.storage.run_folder import SPEC, RunFolder
from scripts.benches.collage import collage
from scripts.benches.report import SECONDS, TEXT, Report
from scripts.soaks.ordeals import pause
from tests.doubles.runs import HANGS, Command, is_job, is_named, never

SMALL, LARGE = 1_000, 50_000  # shapes
WIDTH = 2048  # pixels of a picture that has room for the latter
TIMES = 5
JOBS = 25  # from one checkpoint to the next, each with a snapshot when that is due
MOST_SHARE, MOST_RESUMING, MOST_LOST = 0.01, 3.0, 1.0  # of the time; seconds; seconds
# A minute or two of short jobs.
BUSY = ("--size", 512, "--count", 1000, "--effort", 50, "--no-film")


class Cost(NamedTuple):
    """Of one checkpoint."""

    wall: float  # seconds
    processor: float  # seconds


def costs(report: Report, scratch: Path) -> bool:
    """Measure and report; whether anything costs more than it may."""
    source = scratch / "collage.png"
    source.write_bytes(encode_png(collage(WIDTH)))
    folders = {shapes: unfinished(source, scratch / f"{shapes}", shapes) for shapes in (SMALL, LARGE)}
    share = _checkpoints(report, folders)
    report.table("seconds", {"median": SECONDS, "longest": SECONDS, "wanted": TEXT})
    for shapes, folder in folders.items():
        started, firsts = zip(*(resume_seconds(folder) for _ in range(TIMES)), strict=True)
        what = f"resume, {shapes:,} shapes: until"
        report.row(f"{what} it has workers", statistics.median(started), max(started), "")
        first = statistics.median(firsts)
        report.row(f"{what} the first job", first, max(firsts), f"< {MOST_RESUMING:g}")
    waits = [worker_seconds(source, scratch / f"{workers}-workers", workers) for workers in (1, 2)]
    for workers, each in enumerate(waits, 1):
        name = f"one of {workers} killed: wait for its job"
        report.row(name, statistics.median(each), max(each), f"< {MOST_LOST:g}")
    lost = max(map(statistics.median, waits))
    return share >= MOST_SHARE or first >= MOST_RESUMING or lost >= MOST_LOST


def _checkpoints(report: Report, folders: Mapping[int, Path]) -> float:
    """Report what they cost, by shapes; the largest share of the time."""
    every = CheckpointSettings().every
    report.table(
        f"a checkpoint every {every:g} s, {JOBS} jobs apart",
        {"wall ms": ".1f", "processor ms": ".1f", "share": ".3%", "wanted": TEXT},
    )
    shares = []
    for shapes, folder in folders.items():
        cost = checkpoint_cost(RunFolder.open(folder))
        shares.append(max(cost) / every)
        wanted = f"< {MOST_SHARE:.0%}"
        report.row(f"{shapes:,} shapes", cost.wall * 1e3, cost.processor * 1e3, shares[-1], wanted)
    return max(shares)


def unfinished(source: Path, folder: Path, shapes: int) -> Path:
    """The folder of a run that has nearly all its shapes, and still has work to do."""
    size = round(WIDTH * (shapes / LARGE) ** 0.5)  # as large as they are in the large picture
    command = Command(
        "render", source, "--out", folder, "--size", size, "--count", shapes, "--effort", 0.02, "--no-film"
    )
    enough = command.listen(lambda event: is_job(event) and event["shapes"] >= 0.9 * shapes, HANGS)
    said = command.end(signal.SIGTERM)[1]
    if enough is None:
        raise RuntimeError(f"a run that nobody disturbed failed: {said}")
    return folder


def checkpoint_cost(folder: RunFolder) -> Cost:
    """What saving the state of a run costs, in the median, while it makes snapshots."""
    spec = resolve([read_document(folder / SPEC)], params_of)
    found = read_checkpoint(folder).checkpoint
    run = restore_run(spec, read_target(folder, found, _ignore), found)
    budget = Budget(run.plan, run.grid, spec.budget, lambda: False, run.seconds)
    walls, processors = [], []
    with (
        Canvas.create(folder.path, run.state.draw(), run.grid.xs, run.grid.ys) as canvas,
        Autosave(run, folder, canvas, budget, _ignore) as autosave,
    ):
        for _ in range(TIMES):
            for _ in range(JOBS):
                run.state.evaluations += 1  # else it would be the same picture, and kept once
                autosave.note()
            wall, processor = time.monotonic(), time.process_time()
            autosave.save(None)
            walls.append(time.monotonic() - wall)
            processors.append(time.process_time() - processor)
    return Cost(statistics.median(walls), statistics.median(processors))


def resume_seconds(folder: Path) -> tuple[float, float]:
    """From the command to resume until the run has workers, and until its first job was begun."""
    command = Command("resume", folder)
    command.listen(is_named("started"), HANGS)
    started = time.monotonic() - command.began
    command.listen(is_job, HANGS)
    first, said = command.first_job(), command.end(signal.SIGKILL)[1]
    if first is None:
        raise RuntimeError(f"{folder}: can't be resumed: {said}")
    return started, first


def worker_seconds(source: Path, folder: Path, workers: int) -> list[float]:
    """How long a run waits for the job of a worker that is killed, by such deaths."""
    command = Command("render", source, "--out", folder, *BUSY, "--workers", workers)
    pauses, rng = [], random.Random(workers)
    command.listen(is_job, HANGS)
    for _ in range(TIMES):
        command.listen(never, rng.uniform(3, 4))  # until all workers are at work
        at = time.monotonic() - command.began
        os.kill(command.workers()[0], signal.SIGKILL)
        for _ in range(2 * workers):
            command.listen(is_job, HANGS)
        seconds = pause(command.heard, at, workers)
        if seconds is None:
            raise RuntimeError(f"{folder}: it ended too early")
        pauses.append(seconds)
    command.end(signal.SIGTERM)
    return pauses


def _ignore(event: Said) -> None:
    """Nobody wants to know."""
