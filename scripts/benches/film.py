"""Films of runs of 1,000 and 4,000 shapes: how fast they are drawn and encoded, in how much memory."""

from __future__ import annotations

import resource
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from engine.film.compose import Composer
from engine.film.frames import AHEAD
from engine.film.layout import Layout
from engine.film.pacing import PACES, paced
from engine.film.shots import Shot
from engine.film.timeline import Timeline
from engine.image.metric import rmse
from engine.image.pixels import encode_png
from engine.scene.shape_scene import ShapeScene
from engine.storage.run_folder import RunFolder
from engine.storage.snapshots import read_scene, read_snapshots
from engine.system.ordered_map import ordered_map
from engine.system.resources import available_cores
from scripts.benches.collage import collage
from scripts.benches.report import RATIO, SECONDS, TEXT
from scripts.benches.runs import ROOT, Bench, tessera
from tests.doubles.process_tree import MemoryWatch

WIDTH, HEIGHT, FPS = 1920, 1080, 60
SHAPES = (1000, 4000)
FRAMES = 1200
SNAPSHOTS = 300
DRAWN = 240  # frames, where drawing alone is timed
LARGE = 3840  # pixels, where memory is measured


@dataclass(frozen=True)
class Cost:
    """What a command has taken."""

    wall: float  # seconds
    processor: float  # seconds of all its processes
    peak: int  # bytes of all its processes together,
    own_peak: int  # and of Tessera's alone


def film(bench: Bench) -> None:
    """Render once with each number of shapes, and film that."""
    source = bench.scratch / "wide.png"
    source.write_bytes(encode_png(collage(WIDTH)[:HEIGHT]))
    frames = FRAMES // 4 if bench.quick else FRAMES
    bench.report.table(
        f"films of {WIDTH} x {HEIGHT}, two threads draw while x264 encodes",
        {"1,000 shapes": SECONDS, "4,000 shapes": SECONDS, "wanted": TEXT},
    )
    runs = [_run(bench, source, shapes) for shapes in SHAPES]
    _row(bench, "snapshots", [len(read_snapshots(RunFolder.open(run))) for run in runs], str(SNAPSHOTS))
    drawing = [_drawing(_timeline(run), DRAWN) for run in runs]
    _row(bench, "frames drawn a second, nothing encoded", [DRAWN / wall for wall, _ in drawing], ">= 100")
    whole = [_filmed(run, WIDTH, frames) for run in runs]
    half = [_filmed(run, WIDTH, frames // 2) for run in runs]
    _row(bench, f"wall seconds for {frames:,} frames", [cost.wall for cost in whole], "< 40")
    _row(bench, "that over half as many", [a.wall / b.wall for a, b in zip(whole, half, strict=True)], "<= 2")
    _row(bench, "processor seconds", [cost.processor for cost in whole], "")
    shares = [frames / DRAWN * used / cost.processor for (_, used), cost in zip(drawing, whole, strict=True)]
    _row(bench, "share of it that is drawing", shares, "")
    large = [_filmed(run, LARGE, frames // 10) for run in runs]
    _row(bench, f"MB of Tessera at {LARGE:,} px", [cost.own_peak / 1e6 for cost in large], "< 600")
    _row(bench, "MB with x264", [cost.peak / 1e6 for cost in large], "")
    _pace(bench, _timeline(runs[0]))


def _row(bench: Bench, name: str, figures: list[float], wanted: str) -> None:
    bench.report.row(name, figures[0], figures[1], wanted)


def _run(bench: Bench, source: Path, shapes: int) -> Path:
    """A run with as many snapshots as are wanted, if it has that many jobs."""
    out = bench.scratch / f"wide-{shapes}"
    flags = (
        "--count",
        shapes,
        "--effort",
        4,
        "--size",
        960,
        "--grid",
        "9x16",
        "--set",
        f"record.keep={SNAPSHOTS}",
    )
    always = ("--set", "record.every=1", "--out", out, "--no-film", "--quiet")
    subprocess.run(tessera("render", source, *flags, *always), check=True, cwd=ROOT)
    return out


def _timeline(run: Path) -> Timeline:
    folder = RunFolder.open(run)
    snapshots = read_snapshots(folder)
    scenes = [read_scene(folder, snapshot, ShapeScene) for snapshot in snapshots]
    return Timeline(scenes.__getitem__, snapshots, np.arange(len(scenes)))


def _drawing(timeline: Timeline, frames: int) -> tuple[float, float]:
    """Wall and processor seconds of drawing so many frames."""
    scene = timeline.scene(0)
    composer = Composer(timeline, Layout.fit(scene.height, scene.width, WIDTH, 1, ()), None, None)
    shots = [Shot("painting", at) for at in np.linspace(0, timeline.end, frames).tolist()]
    with ThreadPoolExecutor(available_cores()) as executor:
        for _ in ordered_map(executor, composer.picture, shots[: frames // 10], AHEAD):
            pass
        started, used = time.perf_counter(), time.process_time()
        for _ in ordered_map(executor, composer.picture, shots, AHEAD):
            pass
    return time.perf_counter() - started, time.process_time() - used


def _filmed(run: Path, size: int, frames: int) -> Cost:
    """The cost of a film without a hold, by the command."""
    flags = ("--size", size, "--fps", FPS, "--duration", f"{frames / FPS}s", "--hold", "0s", "--quiet")
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = tessera("film", run, *flags)
    with subprocess.Popen(command, cwd=ROOT) as process, MemoryWatch(process.pid) as memory:
        process.wait()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(time.perf_counter() - started, used, memory.peak, memory.own_peak)


def _pace(bench: Bench, timeline: Timeline) -> None:
    """Coefficient of variation of the RMSE from frame to frame."""
    counts = (len(timeline.snapshots), 600)
    columns = {f"{count} frames": RATIO for count in counts}
    bench.report.table("unevenness: standard deviation over mean of the change from frame to frame", columns)
    with ThreadPoolExecutor(available_cores()) as executor:
        for pace in PACES:
            found = []
            for count in counts:
                places = paced(timeline, pace, count, executor).tolist()
                drawn = ordered_map(executor, lambda at: timeline.scene(at).draw(270, 480), places, AHEAD)
                steps = [rmse(one, other) for one, other in pairwise(drawn)]
                found.append(float(np.std(steps) / np.mean(steps)))
            bench.report.row(pace, *found)
