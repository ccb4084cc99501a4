"""What surrounds painting: from a command to its files, batches, deaths, memory; beside an earlier commit."""

from __future__ import annotations

import json
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from PIL import Image
from skimage import data

from engine.fork_server.client import ForkServer
from engine.painters.registry import LOAD_KERNELS
from engine.parallel.process_pool import ProcessPool
from scripts.benches.report import ERROR, RATIO, SECONDS, TEXT
from scripts.benches.runs import ROOT, Bench
from tests.doubles.runs import Command, is_job

BASELINE = "876c8ec"  # the last commit whose workers were started one by one
TIMES = 5  # that each command runs; figures are medians
PICTURES, SIDE = 100, 256  # of the batch, pixels
MANY = 16  # workers whose memory is looked at
PATIENCE = 300.0  # seconds


@dataclass(frozen=True)
class Version:
    """The engine of a commit."""

    folder: Path

    def run(self, *arguments: object, cwd: Path | None = None) -> tuple[float, float]:
        """Run a command; wall and processor seconds."""
        words = [sys.executable, "-m", "engine", *map(str, arguments)]
        before, began = os.times(), time.perf_counter()
        subprocess.run(
            words, check=True, cwd=cwd or self.folder, env=self.environment, stdout=subprocess.DEVNULL
        )
        seconds, after = time.perf_counter() - began, os.times()
        spent = after.children_user + after.children_system - before.children_user - before.children_system
        return seconds, spent

    @property
    def environment(self) -> dict[str, str]:
        """With its modules before all others."""
        return {**os.environ, "PYTHONPATH": str(self.folder)}


def start(bench: Bench) -> None:
    """All figures."""
    picture = bench.scratch / "astronaut.png"
    Image.fromarray(data.astronaut()).save(picture)
    with _baseline(bench.scratch) as old:
        new = Version(ROOT)
        old.run(
            "render", picture, "--count", 9, "--effort", 0.01, "--no-film", "--out", bench.scratch / "warm"
        )
        _commands(bench, picture, new, old)
        _renders(bench, picture, new, old)
        _batches(bench, new, old)
    _deaths(bench)
    _memory(bench, picture)


@contextmanager
def _baseline(scratch: Path) -> Iterator[Version]:
    """The engine as it was, in a folder of its own."""
    folder = scratch / "baseline"
    git = ["git", "-C", str(ROOT), "worktree"]
    subprocess.run([*git, "add", "--quiet", "--detach", str(folder), BASELINE], check=True)
    try:
        yield Version(folder)
    finally:
        subprocess.run([*git, "remove", "--force", str(folder)], check=True)


def _commands(bench: Bench, picture: Path, new: Version, old: Version) -> None:
    """Commands that do not paint."""
    run = bench.scratch / "seen"
    new.run("render", picture, "--count", 9, "--effort", 0.01, "--no-film", "--out", run)
    bench.report.table("commands that do not paint", {"s": SECONDS, "before": SECONDS, "wanted": TEXT})
    for words in (["--help"], ["spec", picture], ["status", run]):
        seconds = [_median(bench, partial(each.run, *words)) for each in (new, old)]
        bench.report.row(f"tessera {words[0]!s}", *seconds, "<= .25")


def _renders(bench: Bench, picture: Path, new: Version, old: Version) -> None:
    """From a command to its files."""
    bench.report.table(
        "astronaut, 512 px, 1,000 triangles, no film: the whole command",
        {"s": SECONDS, "processor s": SECONDS, "painting": SECONDS, "around": SECONDS, "error": ERROR,
         "before": SECONDS, "wanted": TEXT},
    )  # fmt: skip
    for name, flags, workers, wanted in (
        ("--effort .05 --workers 1", ("--effort", 0.05), 1, "<= 1.30"),
        ("--effort .1 --workers 1", ("--effort", 0.1), 1, ""),
        ("--workers 2", (), 2, "around <= 1.20"),
    ):
        found = [_render(bench.scratch, picture, new, *flags, "--workers", workers) for _ in _times(bench)]
        before = [_render(bench.scratch, picture, old, *flags, "--workers", workers) for _ in _times(bench)]
        wall, spent, painting, error = map(statistics.median, zip(*found, strict=True))
        earlier = statistics.median(each[0] for each in before)
        bench.report.row(name, wall, spent, painting, wall - painting / workers, error, earlier, wanted)


def _render(
    scratch: Path, picture: Path, version: Version, *flags: object
) -> tuple[float, float, float, float]:
    """Wall and processor seconds of a command, processor seconds of painting, and the error."""
    out = scratch / f"run-{time.monotonic_ns()}"
    wall, spent = version.run("render", picture, *flags, "--no-film", "--quiet", "--out", out)
    result = json.loads((out / "result.json").read_text())
    return wall, spent, result["painting_seconds"], result["error"]


def _batches(bench: Bench, new: Version, old: Version) -> None:
    """Many small pictures."""
    pictures = 10 if bench.quick else PICTURES
    folder = bench.scratch / "pictures"
    folder.mkdir()
    whole = data.astronaut()
    for number in range(pictures):
        y, x = divmod(number * 23, 256)
        Image.fromarray(whole[y : y + SIDE, x : x + SIDE]).save(folder / f"{number:03}.png")
    bench.report.table(
        f"a batch of {pictures} pictures of {SIDE} px, 200 triangles, no film",
        {"s": SECONDS, "processor s": SECONDS, "an hour": ",.0f", "times": RATIO, "wanted": TEXT},
    )
    rates = []
    for name, version in (("before", old), ("now", new)):
        out = bench.scratch / f"batch-{name}"
        flags = ("--count", 200, "--no-film", "--quiet", "--outputs", out)
        wall, spent = version.run("batch", *sorted(folder.iterdir()), *flags)
        rates.append(3600 * pictures / wall)
        bench.report.row(name, wall, spent, rates[-1], rates[-1] / rates[0], ">= 3" if name == "now" else "")


def _deaths(bench: Bench) -> None:
    """How long the job of a killed worker waits for another one."""
    bench.report.table(
        "a worker is killed: its job goes on after", {"s": ".3f", "longest": ".3f", "wanted": TEXT}
    )
    server = ForkServer()
    with closing(server):
        server.prepare(LOAD_KERNELS, "polygons")
        for name, made_by in (("from the fork server", server), ("started anew", None)):
            waits = [_wait(bench.scratch, made_by) for _ in _times(bench)]
            bench.report.row(name, statistics.median(waits), max(waits), "<= .1" if made_by else "")


def _wait(scratch: Path, server: ForkServer | None) -> float:
    """Seconds from a worker's death to the new beginning of its job."""
    log = scratch / f"begun-{time.monotonic_ns()}"
    step = "scripts.benches.start:begin_and_sleep"
    setup: dict[str, Any] = {"setup": "engine.coordinator.job:warm_up"}
    setup["setup_args"] = ("engine.painters.polygons.painter:PolygonPainter",)
    with closing(ProcessPool(step, 1, server=server, **setup)) as pool:
        pool.submit(str(log))
        begun: list[list[str]] = []
        killed = 0.0
        while len(begun) < 2:
            list(pool.completed(0.002))
            begun = [line.split() for line in log.read_text().splitlines()] if log.exists() else []
            if begun and not killed:
                killed = time.monotonic()
                os.kill(int(begun[0][0]), signal.SIGKILL)
        return float(begun[1][1]) - killed


def begin_and_sleep(log: str) -> None:
    """A job that says when it has begun, and by whom."""
    with Path(log).open("a") as file:
        file.write(f"{os.getpid()} {time.monotonic()}\n")
    time.sleep(60)


def _memory(bench: Bench, picture: Path) -> None:
    """What workers take that is their own: their share of what they have in common is counted in part."""
    bench.report.table(f"{MANY} workers at 512 px: memory of each (PSS)", {"MB": ".1f", "wanted": TEXT})
    out = bench.scratch / "many"
    flags = ("--effort", 50, "--no-film", "--workers", MANY, "--count", 4000)
    command = Command("render", picture, "--out", out, *flags)
    seen = []
    for _ in range(4 * MANY):  # jobs, so that all have had one
        command.listen(is_job, PATIENCE)
        seen.append([_own_memory(pid) for pid in command.workers()])
    command.end(signal.SIGKILL)
    most = max(statistics.mean(each) for each in seen if len(each) == MANY)
    bench.report.row("mean of the workers, at most", most / 1e6, "<= 60")


def _own_memory(pid: int) -> int:
    """Bytes of memory that a process has, each page divided by those who share it."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0


def _times(bench: Bench) -> range:
    return range(1 if bench.quick else TIMES)


def _median(bench: Bench, run: Callable[[], tuple[float, float]]) -> float:
    return statistics.median(run()[0] for _ in _times(bench))
