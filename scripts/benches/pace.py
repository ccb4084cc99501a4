"""Paces: when the eye can see how much of a film's picture, and how much it jumps from frame to frame.

Of each pace the share of the moving part, in per cent, after which the structure (SSIM to the result, drawn
with 256 px) has come 25, 50 and 75 per cent of its way from the first frame to the last.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from skimage.metrics import structural_similarity

from engine.film.frames import AHEAD, thumbnail
from engine.film.pacing import PACES, paced
from engine.film.timeline import Timeline
from engine.image.metric import rmse
from engine.image.pixels import Pixels
from engine.painters.registry import scene_class
from engine.storage.load import open_run
from engine.storage.snapshots import read_scene, read_snapshots
from engine.system.ordered_map import ordered_map
from engine.system.resources import available_cores
from scripts.benches.report import TEXT
from scripts.benches.runs import ROOT, Bench, tessera

FRAMES = 300
VIEW = 256  # pixels
PASSED = (0.25, 0.5, 0.75)
WANTED = ((20, 35), (40, 60), (65, 80))  # per cent
SHEET, CELL = 12, 200  # frames of a contact sheet, and pixels of each
PORTRAIT = (100, 0, 340, 300)  # of the astronaut
RUNS = {
    "astronaut": ("astronaut",),
    "coffee": ("coffee",),
    "chelsea": ("chelsea",),
    "portrait": ("portrait.png",),
    "net": ("camera", "--painter", "gng", "--count", 12000),
    "stipple": ("astronaut", "--painter", "gng", "--look", "stipple", "--count", 8000),
}
TITLE = "per cent of the moving part until 25, 50 and 75% of the structure (wanted: 20-35, 40-60, 65-80)"
COLUMNS = {"25%": ".1f", "50%": ".1f", "75%": ".1f", "first step": ".1f", "seconds": ".1f", "": TEXT}


def pace(bench: Bench, sheets: Path | None) -> None:
    """Measure each pace of each picture. sheets: a folder for contact sheets of the default pace."""
    import skimage.data  # here, as it takes longer than all other imports together

    Image.fromarray(skimage.data.astronaut()).crop(PORTRAIT).save(bench.scratch / "portrait.png")
    for name in list(RUNS)[: 1 if bench.quick else None]:
        out = bench.scratch / f"pace-{name}"
        target, *flags = RUNS[name]
        given = bench.scratch / target if target == "portrait.png" else target
        subprocess.run(
            tessera("render", given, *flags, "--no-film", "--quiet", "--out", out), check=True, cwd=ROOT
        )
        bench.report.table(f"{name}: {TITLE}", COLUMNS)
        measure(bench, timeline_of(out), None if sheets is None else sheets / f"pace-{name}.jpg")


def measure(bench: Bench, timeline: Timeline, sheet: Path | None) -> None:
    """One run's paces; first step: RMSE of the first frame to the second, in 255ths."""
    with ThreadPoolExecutor(available_cores()) as executor:

        def look(places: NDArray[np.float64]) -> list[Pixels]:
            draw = ordered_map(
                executor, lambda at: thumbnail(timeline.scene(at), VIEW), places.tolist(), AHEAD
            )
            return list(draw)

        for name in PACES:
            started = time.process_time()
            places = paced(timeline, name, FRAMES, executor)
            spent = time.process_time() - started
            views = look(places)
            found = crossings(views)
            is_met = all(low <= at <= high for at, (low, high) in zip(found, WANTED, strict=True))
            step = 255 * rmse(*views[:2])
            bench.report.row(name, *found, step, spent, "as wanted" if is_met else "")
            if sheet is not None and name == "perceived":
                contact_sheet(views).save(sheet, quality=70, optimize=True)


def timeline_of(run: Path) -> Timeline:
    """All snapshots of a run."""
    found = open_run(run)
    snapshots = read_snapshots(found.folder)
    kind = scene_class(found.spec.painter.name)
    load = lru_cache(maxsize=64)(lambda index: read_scene(found.folder, snapshots[index], kind))
    return Timeline(load, snapshots, np.arange(len(snapshots)))


def crossings(views: Sequence[Pixels]) -> list[float]:
    """After how much of a film, in per cent, its structure has come a quarter, half, and three quarters."""
    likeness = np.array([structural_similarity(view, views[-1], channel_axis=2) for view in views])
    way = (likeness - likeness[0]) / max(1 - likeness[0], 1e-9)
    return [100 * int(np.argmax(way >= share)) / (len(views) - 1) for share in PASSED]


def contact_sheet(views: Sequence[Pixels]) -> Image.Image:
    """Frames of a film, evenly, in two rows."""
    chosen = np.linspace(0, len(views) - 1, SHEET).round().astype(int).tolist()
    height, width = views[0].shape[:2]
    cell = CELL * width // max(height, width), CELL * height // max(height, width)
    columns = SHEET // 2
    sheet = Image.new("RGB", (columns * (cell[0] + 4) - 4, 2 * (cell[1] + 4) - 4), (24, 24, 27))
    for number, index in enumerate(chosen):
        place = (number % columns) * (cell[0] + 4), (number // columns) * (cell[1] + 4)
        sheet.paste(Image.fromarray(views[index]).resize(cell, Image.Resampling.LANCZOS), place)
    return sheet
