"""Exports of a mural: pixels a second and memory, at sizes of which only the last is too large for memory."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from engine.scene.shape_scene import ShapeScene
from engine.scene.shapes import Shapes
from engine.storage.checkpoint import SCENE, read_checkpoint, write_checkpoint
from engine.storage.run_folder import RunFolder
from scripts.benches.report import SECONDS, WHOLE
from scripts.benches.runs import ROOT, Bench, tessera

SIDE = 16_384  # pixels that the mural was worked on at
SHAPES, FEW = 800_000, 20_000
SIZES, SMALL = (15_000, 30_000, 60_000), (15_000,)
FORMATS = ("png", "tif", "dzi")
VECTORS = ("svg", "pdf", "json")
COVERED = 3.0  # times that shapes cover the picture, about
MEMORY = 1000.0  # MB at most


@dataclass(frozen=True)
class Made:
    """What a command took."""

    wall: float  # seconds
    processor: float  # seconds
    memory: float  # MB, the most of all its processes
    size: float  # MB of what it has made


def big(bench: Bench) -> None:
    """Export a made-up scene of as many triangles as a mural has, at several sizes."""
    count = FEW if bench.quick else SHAPES
    run = mural(bench, count)
    columns = {
        "Mpx/s": WHOLE,
        "wall": SECONDS,
        "processor": SECONDS,
        "us/Mpx": WHOLE,
        "MB": WHOLE,
        "file MB": WHOLE,
    }
    bench.report.table(f"Pictures of {count:,} triangles", columns)
    for form in FORMATS:
        for size in SMALL if bench.quick else SIZES:
            made = exported(run, bench.scratch / f"big.{form}", "--size", size)
            mega = (size / 1000) ** 2
            cells = mega / made.wall, made.wall, made.processor, 1e6 * made.processor / mega
            bench.report.row(f"{form}, {size:,} px", *cells, made.memory, made.size)
    bench.report.note(f"wanted: below {MEMORY:g} MB, and as many microseconds for each megapixel at any size")
    bench.report.table(
        f"Vectors of {count:,} triangles",
        {"wall": SECONDS, "processor": SECONDS, "MB": WHOLE, "file MB": WHOLE},
    )
    for form in VECTORS:
        made = exported(run, bench.scratch / f"big.{form}")
        bench.report.row(form, made.wall, made.processor, made.memory, made.size)


def mural(bench: Bench, count: int) -> Path:
    """The folder of a run that seems to have painted so many triangles."""
    path = bench.render("astronaut", "--effort", 0.01).folder
    folder = RunFolder.open(path)
    found = read_checkpoint(folder).checkpoint
    arrays = {f"{SCENE}{name}": array for name, array in triangles(count, SIDE).arrays().items()}
    facts = {**found.facts, "full_size": [SIDE, SIDE]}
    write_checkpoint(
        folder, replace(found, arrays={**found.arrays, **arrays}, facts=facts), found.header.generation + 1
    )
    return path


def triangles(count: int, side: int) -> ShapeScene:
    """Triangles of many sizes, evenly all over a square, in colours that change from place to place."""
    random = np.random.default_rng(0)
    shapes = Shapes.empty(count, 6, 3)
    middles = random.uniform(0, side, (count, 1, 2))
    radii = side * np.sqrt(COVERED / count) * random.uniform(0.3, 2, (count, 1, 1))
    angles = random.uniform(0, 2 * np.pi, (count, 1)) + np.array([0, 2.1, 4.2])
    angles += random.uniform(-0.5, 0.5, (count, 3))
    corners = middles + radii * np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    shapes.ids[:], shapes.kinds[:] = np.arange(count), 3
    shapes.geometry[:] = corners.reshape(count, 6)
    waves = 0.5 + 0.4 * np.sin(middles[:, 0] @ [[11, 3, 5], [2, 13, 7]] / side)
    shapes.colours[:] = np.clip(waves + random.normal(0, 0.08, (count, 3)), 0, 1)
    shapes.opacities[:] = random.uniform(0.3, 1, count)
    return ShapeScene(side, side, (1.0, 1.0, 1.0), shapes, count)


def exported(run: Path, path: Path, *flags: object) -> Made:
    """Export a run into a file, which is removed then."""
    started = time.monotonic()
    process = subprocess.Popen(tessera("export", run, "-o", path, "--quiet", *flags), cwd=ROOT)
    _, status, used = os.wait4(process.pid, 0)
    wall = time.monotonic() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args)
    size = sum(each.stat().st_size for each in (path, *path.rglob("*")) if each.is_file())
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    return Made(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1000, size / 1e6)
