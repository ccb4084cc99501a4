"""The curve painter's pictures: tiles, a sheet and its plot, a face, a large photograph."""

from __future__ import annotations

import json
import statistics
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image
from skimage import data

from engine.image.source import TargetWindow
from engine.image.target import Origin, Target
from engine.painters.curves.begin import analysed_of
from engine.painters.curves.ink_map import aim_of, map_of
from engine.painters.curves.objectives.base import Objective, Sight
from engine.painters.curves.objectives.choose import open_objective
from engine.painters.curves.params import CurveParams
from engine.painters.curves.penalties import bent
from engine.painters.curves.raster import Drawn, Period, Window, draw
from engine.painters.curves.scene import CurveScene
from engine.storage.load import open_run, read_target_copy
from scripts.benches.collage import collage
from scripts.benches.free_pixels import free_pixels, liking
from scripts.benches.report import RATIO, SECONDS
from scripts.benches.runs import ROOT, Bench, Run, tessera

NEURONS = {"squeezenet/fire6/172": 12, "v4/scallop": 8}  # and seconds that a tile is to take
TILE, SHEET, STEPS = 256, 1024, 260  # pixels of a side; steps
FACE = slice(0, 300), slice(100, 400)  # of the astronaut
FACE_STROKES, PHOTOGRAPH_STROKES = 260, 2000
LOOKS = 16  # at a face, through random views
NEAR = 16  # pixels on both sides of where tiles met
WHITE = (1.0, 1.0, 1.0)
PAPER = ("--page", "300x200mm", "--margin", "0mm", "--pen", "0.5mm")


class Drawing(NamedTuple):
    """What a run made."""

    run: Run

    @property
    def scene(self) -> CurveScene:
        """Its strokes."""
        scene = open_run(self.run.folder).last.scene
        assert isinstance(scene, CurveScene)
        return scene

    def drawn(self) -> Drawn:
        """Them, with how often each pixel was inked."""
        scene = self.scene
        period = None if scene.period is None else Period(*scene.period)
        return draw(scene.strokes, WHITE, Window(0, 0, scene.height, scene.width), period, scene.ink)


def drawings(bench: Bench) -> None:
    """All of them."""
    for neuron, wanted in NEURONS.items():
        _tile(bench, neuron, wanted)
    _sheet(bench)
    _face(bench)
    _photograph(bench)


def _tile(bench: Bench, neuron: str, wanted: float) -> None:
    bench.report.table(
        f"a tile of {TILE} px for {neuron}: wanted are {wanted} s, .75 of free grey pixels, .1, .05",
        {"seconds": SECONDS, "of free pixels": RATIO, "2+ coats": ".3f", "bent": ".3f"},
    )
    objective = _objective(neuron=neuron)
    free = [liking(objective, free_pixels(objective, TILE, STEPS, seed)) for seed in bench.seeds]
    rows = []
    for run in bench.renders(f"blank:{TILE}x{TILE}", *_neuron(neuron)):
        drawn = Drawing(run).drawn()
        inked = drawn.coats > 0.5
        double = float((drawn.coats > 1.5).sum() / inked.sum())
        found = liking(objective, drawn.picture) / statistics.median(free)
        rows.append((run.seconds, found, double, bent(Drawing(run).scene.strokes)))
    bench.report.row(f"{len(rows)} seeds", *(statistics.median(column) for column in zip(*rows, strict=True)))


def _sheet(bench: Bench) -> None:
    neuron = "squeezenet/fire6/172"
    bench.report.table(
        f"a sheet of {SHEET} px from such a tile: wanted are 45 s more, 2 deviations, pen up .15",
        {"seconds": SECONDS, "of the sheet": SECONDS, "seams, deviations": RATIO, "pen up": ".3f"},
    )
    tile = bench.render(f"blank:{TILE}x{TILE}", *_neuron(neuron))
    sheet = bench.render(f"blank:{SHEET}x{SHEET}", *_neuron(neuron), "--tile", TILE)
    objective = _objective(neuron=neuron)
    map_ = objective.map(Sight(Drawing(sheet).drawn().picture, True, None))
    bench.report.row(
        f"{len(Drawing(sheet).scene):,} strokes",
        sheet.seconds,
        sheet.seconds - tile.seconds,
        seams(map_, SHEET // TILE),
        _pen_up(sheet.folder),
    )


def seams(map_: Any, tiles: int) -> float:
    """How far what is told of where tiles met is from that of other lines, in deviations of these."""
    each, side = map_.shape[0] // tiles, max(1, round(NEAR * map_.shape[0] / SHEET))
    means = []
    for offset in range(each):
        near = np.abs((np.arange(map_.shape[0]) - offset + each // 2) % each - each // 2) < side
        means.append(float(map_[near].mean() + map_[:, near].mean()) / 2)
    return abs(means[0] - statistics.mean(means)) / max(statistics.stdev(means), 1e-9)


def _pen_up(folder: Path) -> float:
    """Of a plot, to what the pen draws."""
    command = tessera("export", folder, "--format", "plotter", *PAPER, "--json")
    lines = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout.splitlines()
    (plotted,) = [event for event in map(json.loads, lines) if event["event"] == "plotted"]
    return float(plotted["pen_up"] / plotted["ink"])


def _face(bench: Bench) -> None:
    bench.report.table(
        f"the astronaut's face, {FACE_STROKES} strokes: wanted are 4 s, .75 of the distance by pixels alone",
        {"seconds": SECONDS, "distance": ".3f", "to that of picture": RATIO},
    )
    path = bench.scratch / "face.png"
    Image.fromarray(data.astronaut()[FACE]).save(path)
    distances = {}
    for objective in ("picture", "features"):
        runs = bench.renders(path, "--painter", "curves", "--objective", objective, "--count", FACE_STROKES)
        distances[objective] = statistics.median(map(_distance, runs))
        seconds = statistics.median(run.seconds for run in runs)
        bench.report.row(
            objective, seconds, distances[objective], distances[objective] / distances["picture"]
        )


def _distance(run: Run) -> float:
    """How far a network tells a drawing from its photograph, by SqueezeNet's fire3."""
    pixels = read_target_copy(open_run(run.folder).folder, "")
    target = Target(pixels, WHITE, True, pixels.shape[:2], None, Origin("", ""))
    sight = Sight(
        Drawing(run).drawn().picture, False, aim_of(TargetWindow(pixels, map_of(target)), is_grey=True)
    )
    objective, random = _objective(objective="features"), np.random.default_rng(0)
    return float(np.mean([objective.verdict(sight, random).loss for _ in range(LOOKS)]))


def _photograph(bench: Bench) -> None:
    bench.report.table(
        f"a photograph, {PHOTOGRAPH_STROKES:,} strokes at {SHEET:,} px: wanted are 60 s on two cores, linear",
        {"seconds": SECONDS, "a million pixels": SECONDS},
    )
    path = bench.scratch / "large.png"
    Image.fromarray(collage(2 * SHEET)).save(path)
    for side in (SHEET,) if bench.quick else (SHEET, 2 * SHEET):
        count = PHOTOGRAPH_STROKES * (side // SHEET) ** 2
        for objective in ("picture", "features"):
            flags = ("--painter", "curves", "--objective", objective, "--size", side, "--count", count)
            run = bench.render(path, *flags)
            bench.report.row(f"{objective}, {side:,} px", run.seconds, run.seconds / (side / 1000) ** 2)


def _neuron(neuron: str) -> tuple[object, ...]:
    return "--painter", "curves", "--objective", "neuron", "--neuron", neuron


def _objective(**chosen: Any) -> Objective:
    """An objective as the painter has it, for a tile."""
    pixels = np.full((TILE, TILE, 3), 255, np.uint8)
    origin = Origin(f"blank:{TILE}x{TILE}", "")
    return open_objective(
        analysed_of(CurveParams(**chosen), Target(pixels, WHITE, True, (TILE, TILE), None, origin))
    )
