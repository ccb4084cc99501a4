"""A picture larger than memory: what painting it takes, and whether it goes on when killed."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import tifffile
from PIL import Image, ImageOps

from engine.image.pixels import Pixels
from engine.image.target import open_target
from scripts.benches.collage import NATIVE
from scripts.benches.report import RATIO, TEXT
from scripts.benches.runs import PHOTOGRAPHS, ROOT, Bench, median, seconds, tessera
from tests.doubles.process_tree import MemoryWatch

SQUARE = 1024  # pixels of a photograph's side in the collage
TILE = 256  # of the file
SMALL = ("--size", 512, "--count", 1000)
MEMORY = "2GB"


class Scale(NamedTuple):
    """A mural's settings."""

    side: int  # pixels
    shapes: int
    effort: float


FULL = Scale(16_384, 800_000, 0.02)
QUARTER = Scale(4096, 50_000, 0.02)  # as many triangles in an area


class Mural(NamedTuple):
    """A run that was watched."""

    painting: float  # processor seconds inside jobs
    shapes: int
    wall: float  # seconds
    peak: int  # bytes, of all processes together
    coordinator: int  # bytes, of it alone
    error: float
    busy: tuple[float, float]  # painting seconds for each second and worker in the first and the last quarter


def murals(bench: Bench) -> None:
    """Paint a collage with two workers, and once more, killed in the middle."""
    scale = QUARTER if bench.quick else FULL
    source = bench.scratch / "mural.tif"
    write_collage(source, scale.side)
    mural = _watched(bench.scratch / "mural", source, scale)
    small = median(bench.renders("astronaut", *SMALL, "--effort", scale.effort), seconds) / SMALL[-1]
    each = mural.painting / mural.shapes
    bench.report.table(
        f"{scale.shapes:,} triangles at {scale.side:,} px, effort {scale.effort:g}, two workers",
        {"measured": RATIO, "wanted": TEXT},
    )
    bench.report.row("GB of all processes", mural.peak / 1e9, "<= 2")
    bench.report.row("GB of the coordinator", mural.coordinator / 1e9, "")
    bench.report.row("milliseconds of painting for a shape", each * 1e3, "")
    bench.report.row("that over the same at 1,000 (512 px)", each / small, "<= 1.3")
    bench.report.row("workers busy in the first quarter", mural.busy[0], "")
    bench.report.row("and in the last", mural.busy[1], "")
    bench.report.row("minutes", mural.wall / 60, "")
    bench.report.row("error", mural.error, "")
    same = _killed(bench.scratch / "killed", source, scale, bench.scratch / "mural")
    bench.report.row("gone on with after kill -9, 1: the same", float(same), "1")


def write_collage(path: Path, side: int) -> None:
    """A tiled BigTIFF of photographs, side by side, turned and mirrored, the same on every machine."""
    shape = (side, side, 3)
    tifffile.imwrite(
        path, _tiles(side), shape=shape, dtype=np.uint8, photometric="rgb", tile=(TILE, TILE), bigtiff=True
    )


def _tiles(side: int) -> Iterator[Pixels]:
    """The file's tiles, row by row; a row of photographs is in memory at a time."""
    size = (SQUARE, SQUARE)
    pictures = [ImageOps.fit(Image.fromarray(open_target(name, NATIVE).pixels), size) for name in PHOTOGRAPHS]
    random = np.random.default_rng(0)
    for top in range(0, side, SQUARE):
        row = Image.new("RGB", (side, SQUARE))
        for left in range(0, side, SQUARE):
            picture = pictures[int(random.integers(len(pictures)))]
            turned = picture.rotate(90 * int(random.integers(4)))
            row.paste(ImageOps.mirror(turned) if random.integers(2) else turned, (left, 0))
        pixels = np.asarray(row)[: min(SQUARE, side - top)]
        for y in range(0, len(pixels), TILE):
            for x in range(0, side, TILE):
                yield np.ascontiguousarray(pixels[y : y + TILE, x : x + TILE])


def _command(out: Path, source: Path, scale: Scale) -> list[str]:
    return tessera(
        "render", source, "--size", scale.side, "--count", scale.shapes, "--effort", scale.effort,
        "--workers", 2, "--memory", MEMORY, "--out", out, "--no-film", "--json",
    )  # fmt: skip


def _watched(out: Path, source: Path, scale: Scale) -> Mural:
    """Run it and listen to its events."""
    command = _command(out, source, scale)
    moments: list[tuple[float, float]] = []  # seconds of the clock, and of painting
    painting, last = 0.0, dict[str, Any]()
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process,
        MemoryWatch(process.pid) as memory,
    ):
        assert process.stdout is not None
        for line in process.stdout:
            last = json.loads(line)
            if last["event"] == "progress":
                painting += last["job_seconds"] or 0
                moments.append((last["elapsed"], painting))
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Mural(
        last["painting_seconds"], last["shapes"], last["wall_seconds"], memory.peak, memory.own_peak,
        last["error"], (_busy(moments[: len(moments) // 4]), _busy(moments[-len(moments) // 4 :])),
    )  # fmt: skip


def _busy(moments: list[tuple[float, float]]) -> float:
    """Painting seconds for each second and worker between the first moment and the last."""
    (start, before), (end, after) = moments[0], moments[-1]
    return (after - before) / (end - start) / 2


def _killed(out: Path, source: Path, scale: Scale, whole: Path) -> bool:
    """Whether a run that is killed halfway and gone on with comes to the same picture as the whole one."""
    with subprocess.Popen(
        _command(out, source, scale), stdout=subprocess.PIPE, text=True, cwd=ROOT, start_new_session=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            event = json.loads(line)
            if event["event"] == "progress" and event["share"] > 0.5:
                process.send_signal(signal.SIGKILL)
                break
    subprocess.run(tessera("resume", out, "--quiet"), check=True, cwd=ROOT)
    return (out / "result.svg").read_bytes() == (whole / "result.svg").read_bytes()
