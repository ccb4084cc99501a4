"""Runs that are made again and again: each painter and each of its looks, with each pool, small."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from engine.painters.registry import PAINTERS, params_of
from engine.parallel.open_pool import POOLS
from scripts.soaks.blows import ALONE, ENCODER, GROUP, WORKER
from tests import ROOT
from tests.doubles.runs import Command

PROCESSES = "processes"  # the pool that commands have
# Half a second or so in each part, many jobs, and more snapshots than are kept.
SMALL = (
    "--size", 120, "--count", 200, "--grid", "3x3", "--result-size", 1200,
    "--set", "checkpoint.every=0.2s", "--set", "record.every=1", "--set", "record.keep=30",
    "--set", "film.size=160", "--set", "film.fps=20", "--set", "film.duration=4s",
)  # fmt: skip
EFFORT = {"polygons": 4.0, "gng": 30.0}  # that takes a second; of painters that aren't named: 1


@dataclass(frozen=True)
class Case:
    """A run that is made again and again."""

    name: str
    target: object
    flags: tuple[object, ...]
    pool: str = PROCESSES

    @property
    def victims(self) -> tuple[str, ...]:
        """Who can be killed while it goes on."""
        return (ALONE, WORKER, GROUP, ENCODER) if self.pool == PROCESSES else (ALONE, GROUP, ENCODER)

    def render(self, folder: Path, workers: int) -> Command:
        """Begin it."""
        return self.command("render", self.target, "--out", folder, *self.flags, "--workers", workers)

    def spec(self) -> str:
        """All its settings, as YAML."""
        words = [sys.executable, "-m", "engine", "spec", self.target, *self.flags, "--workers", 2]
        return subprocess.run([*map(str, words)], check=True, capture_output=True, text=True, cwd=ROOT).stdout

    def command(self, *words: object) -> Command:
        """A command that paints as this run is painted."""
        if self.pool == PROCESSES:
            return Command(*words)
        return Command(*words, module=("tests.doubles.pooled", self.pool))


def all_cases(target: object) -> list[Case]:
    """Each painter that there is, with each of its looks, and with each pool."""
    found = []
    for painter in PAINTERS:
        looks, others = looks_of(painter), [pool for pool in POOLS if pool != PROCESSES]
        ways = [*((look, PROCESSES) for look in looks), *((looks[0], pool) for pool in others)]
        for look, pool in ways:
            own = ("--set", f"painter.look={look}") if look else ()
            flags = ("--painter", painter, *own, "--effort", EFFORT.get(painter, 1.0), *SMALL)
            name = ", ".join(filter(None, (painter, look, "" if pool == PROCESSES else f"pool {pool}")))
            found.append(Case(name, target, flags, pool))
    return found


def looks_of(painter: str) -> tuple[str, ...]:
    """The looks of a painter; one without a name when it has none to choose from."""
    setting = params_of(painter).model_fields.get("look")
    return get_args(setting.annotation) if setting else ("",)
