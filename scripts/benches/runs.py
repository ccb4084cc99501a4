"""Runs of Tessera through its command line, and the errors of pictures."""

from __future__ import annotations

import io
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import resvg_py
from PIL import Image

from engine.image.metric import rmse
from engine.image.pixels import Pixels
from scripts.benches.report import Report

ROOT = Path(__file__).parents[2]
SEEDS = (0, 1, 2)

# scikit-image's colour photographs.
PHOTOGRAPHS = (
    "astronaut", "chelsea", "coffee", "hubble_deep_field", "immunohistochemistry", "retina", "rocket",
)  # fmt: skip


@dataclass(frozen=True)
class Run:
    """A finished run."""

    folder: Path
    error: float  # at the working size
    seconds: float  # processor seconds inside jobs
    evaluations: int

    def candidates(self) -> float:
        """Candidates a second, all that painting needs included."""
        return self.evaluations / self.seconds

    def pictures(self) -> tuple[Pixels, Pixels]:
        """The result as resvg draws it, and the target, both at the working size."""
        target = pixels(self.folder / "target.png")
        height, width = target.shape[:2]
        svg = (self.folder / "result.svg").read_text()
        drawn = bytes(resvg_py.svg_to_bytes(svg_string=svg, width=width, height=height))
        return pixels(io.BytesIO(drawn)), target

    def error_by_resvg(self) -> float:
        """The error when somebody else's anti-aliased renderer draws result.svg."""
        return rmse(*self.pictures())


@dataclass(frozen=True)
class Bench:
    """What all benches are given."""

    report: Report
    scratch: Path  # a folder that is removed at the end
    quick: bool  # one seed, and nothing that takes long

    @property
    def seeds(self) -> tuple[int, ...]:
        """Figures are medians over these."""
        return SEEDS[:1] if self.quick else SEEDS

    def render(self, target: object, *flags: object) -> Run:
        """Render with one worker and no film."""
        out = Path(tempfile.mkdtemp(dir=self.scratch)) / "run"
        always = ("--out", out, "--workers", 1, "--no-film", "--quiet")
        subprocess.run(tessera("render", target, *flags, *always), check=True, cwd=ROOT)
        result = json.loads((out / "result.json").read_text())
        return Run(out, result["error"], result["painting_seconds"], result["evaluations"])

    def renders(self, target: object, *flags: object) -> list[Run]:
        """Render once with each seed."""
        return [self.render(target, *flags, "--seed", seed) for seed in self.seeds]


def tessera(*arguments: object) -> list[str]:
    """A command of Tessera's for subprocess."""
    return [sys.executable, "-m", "engine", *map(str, arguments)]


def median(runs: Iterable[Run], figure: Callable[[Run], float]) -> float:
    """A figure's median."""
    return statistics.median(map(figure, runs))


def error(run: Run) -> float:
    """Of result.png at the working size."""
    return run.error


def seconds(run: Run) -> float:
    """Processor seconds of painting."""
    return run.seconds


def pixels(file: Path | io.BytesIO) -> Pixels:
    """A picture, (height, width, 3)."""
    with Image.open(file) as picture:
        return np.asarray(picture.convert("RGB"))
