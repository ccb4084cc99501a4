"""Tessera's figures, measured in one run on this machine, beside what they should be."""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.grid import Grid
from engine.image import rmse
from engine.painters.polygons.scene import composite

SAMPLE = ("astronaut", "--size", "512", "--count", "1000", "--grid", "4x4")
OTHERS = ("coffee", "chelsea", "rocket", "retina", "hubble_deep_field")


def main() -> None:
    """Run the chosen bench."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("bench", nargs="?", choices=["polygons"], default="polygons")
    parser.add_argument("--quick", action="store_true", help="one seed and no long runs: under a minute")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to a file, too")
    options = parser.parse_args()
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        _render(Path(folder), *SAMPLE, "--effort", "0.01")  # compiles, and warms the disk
        for rows in _polygons(Path(folder), options.quick):
            for name, value, wanted in rows:
                figures[name] = value
                print(f"{name:58} {value:>10}   {wanted}", flush=True)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


Rows = list[tuple[str, Any, str]]


def _polygons(folder: Path, quick: bool) -> Iterator[Rows]:
    seeds = (0,) if quick else (0, 1, 2)
    for effort, wanted in ((0.1, ""), (0.3, "<= .0500 in 1.0 s"), (1, ""), (2, "<= .0430 in 4.0 s"), (6, "")):
        runs = [_render(folder, *SAMPLE, "--effort", effort, "--seed", seed) for seed in seeds]
        yield [
            (f"astronaut, effort {effort}: painting seconds", _median(runs, "painting_seconds"), ""),
            (f"astronaut, effort {effort}: error", _median(runs, "error"), wanted),
        ]
    candidates = statistics.median(run["evaluations"] / run["painting_seconds"] / 1e6 for run in runs)
    redrawn = _redraws_a_second() / 1e6
    yield [
        ("million candidates a second, tables and drawing included", round(candidates, 2), ">= 1.5"),
        ("times as many as by redrawing a tile of 250 quads for each", round(candidates / redrawn), ""),
        ("gradient of the error at grid lines over elsewhere", _seams(runs[0]), "<= 1.25"),
    ]
    yield [_first_pixels(folder)]
    if quick:
        return
    yield [_demo()]
    yield _scaling(folder)
    for name in OTHERS:
        runs = [_render(folder, name, "--size", 512, "--count", 1000, "--seed", seed) for seed in seeds]
        seconds = _median(runs, "painting_seconds")
        yield [(f"{name}, effort 1: error", _median(runs, "error"), f"in {seconds} s of painting")]


def _render(folder: Path, *arguments: object) -> dict[str, Any]:
    """Render with one worker and no film; result.json and the folder."""
    out = Path(tempfile.mkdtemp(dir=folder)) / "run"
    flags = ("--out", out, "--no-film", "--quiet", "--workers", 1)
    subprocess.run(_tessera("render", *flags, *arguments), check=True)
    return {**json.loads((out / "result.json").read_text()), "folder": out}


def _tessera(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "engine", *map(str, arguments)]


def _median(runs: list[dict[str, Any]], key: str) -> float:
    return round(statistics.median(run[key] for run in runs), 4)


def _redraws_a_second() -> float:
    """Evaluations a second by the founding blog post's method: draw all 250 quads of a tile, compare, repeat.

    With our own rasteriser, which is far faster than the library that was used there.
    """
    rng = np.random.default_rng(0)
    target = rng.random((3, 128, 128), np.float32)
    points = (rng.random((250, 1, 2)) * 128 + rng.normal(0, 12, (250, 4, 2))).astype(np.float32)
    colours, opacities = rng.random((250, 3), np.float32), rng.random(250, np.float32)
    layers = np.empty_like(target)
    started, count = time.process_time(), 0
    while time.process_time() - started < 1:
        composite(np.zeros(3, np.float32), points, colours, opacities, 0, 0, layers)
        rmse(layers.transpose(1, 2, 0), target.transpose(1, 2, 0))
        count += 1
    return count / (time.process_time() - started)


def _seams(run: dict[str, Any]) -> float:
    """Mean absolute gradient of the error across the finest grid's lines over that everywhere else."""
    target = _pixels(run["folder"] / "target.png")
    error = _pixels(run["folder"] / "result.png").astype(float) - target
    grid = Grid.fit(512, 512, "4x4")
    across, elsewhere = [], []
    for axis, lines in ((0, grid.ys[2:-1:2]), (1, grid.xs[2:-1:2])):
        steps = np.moveaxis(np.abs(np.diff(error, axis=axis)), axis, 0)
        at = np.array(lines) - 1
        across.append(steps[at].ravel())
        elsewhere.append(np.delete(steps, at, axis=0).ravel())
    return round(float(np.concatenate(across).mean() / np.concatenate(elsewhere).mean()), 3)


def _pixels(path: Path) -> NDArray[np.uint8]:
    return np.asarray(Image.open(path))


def _first_pixels(folder: Path) -> tuple[str, float, str]:
    started = time.monotonic()
    arguments = _tessera("render", *SAMPLE, "--out", folder / "first", "--json", "--no-film")
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if json.loads(line)["event"] == "progress":
                seconds = time.monotonic() - started
                break
        process.stdout.read()
    return "seconds from the command to the first painted pixels", round(seconds, 2), "< 3"


def _demo() -> tuple[str, float, str]:
    with tempfile.TemporaryDirectory() as folder:
        started = time.monotonic()
        config = Path(__file__).parent.parent / "configs" / "astronaut.yaml"
        subprocess.run(_tessera("render", config, "--out", Path(folder, "run"), "--quiet"), check=True)
        return "seconds of the demo, film included", round(time.monotonic() - started, 1), "< 20 on two cores"


def _scaling(folder: Path) -> Rows:
    """A long job with one worker and with two; memory early and late in it."""
    walls, growth = {}, []
    for workers in (1, 2):
        out = folder / f"long-{workers}"
        arguments = _tessera("render", *SAMPLE, "--effort", 16, "--out", out, "--json", "--no-film")
        done = subprocess.run(
            [*arguments, "--workers", str(workers)], check=True, capture_output=True, text=True
        )
        events = [json.loads(line) for line in done.stdout.splitlines()]
        steps = [event for event in events if event["event"] == "progress"]
        walls[workers] = steps[-1]["elapsed"]
        growth.append(steps[-1]["peak_memory"] / steps[len(steps) // 4]["peak_memory"])
    return [
        (f"two workers' speed on a job of {walls[1]:.0f} s", round(walls[1] / walls[2], 2), ">= 1.7"),
        ("workers' peak of memory at the end over that at a quarter", round(max(growth), 3), "1"),
    ]


if __name__ == "__main__":
    main()
