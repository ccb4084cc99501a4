"""The way of a pen: lines joined by vpype, put in order, and the time that it takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import vpype
from numpy.typing import NDArray
from vpype_cli import execute

from engine.export.plotter.line_order import ordered
from engine.export.plotter.toolpaths import Line

SIMPLER = 0.1  # of the pen's width: how far a line and its simpler one may part

# Of an AxiDraw, as saxi plans it by default: mm a second, mm a second squared, seconds.
DRAWING = (50.0, 200.0)
TRAVEL = (200.0, 400.0)
LIFT = 0.12 + 0.12  # up and down again


@dataclass(frozen=True)
class Strand:
    """Lines of one kind; ends are joined that are at most as far apart as the gap, in mm."""

    lines: Sequence[Line]
    gap: float


def route(strands: Sequence[Strand], pen: float) -> list[Line]:
    """The same ink in fewer lines, each near the end of the one before."""
    document, steps = vpype.Document(), []
    for number, strand in enumerate(strands, 1):
        document.add(vpype.LineCollection([line @ [1, 1j] for line in strand.lines]), number)
        # A number alone is in the unit of the lines.
        steps.append(f"linemerge --layer {number} --tolerance {strand.gap:f} lmove {number} 1")
    pipeline = f"{' '.join(steps)} linesimplify --tolerance {SIMPLER * pen:f}"
    # A seed, as vpype would else take one from the clock.
    done = execute(pipeline, document, "--seed 0").layers[1]
    found = [np.column_stack([line.real, line.imag]) for line in done]
    starts = ordered(np.array([line[[0, -1]] for line in found]).reshape(-1, 2, 2))
    return [found[start // 2][:: -1 if start % 2 else 1] for start in starts.tolist()]


def lengths(lines: Sequence[Line]) -> NDArray[np.float64]:
    """Of each line."""
    return np.array([np.hypot(*np.diff(line, axis=0).T).sum() for line in lines], np.float64)


def hops(lines: Sequence[Line]) -> NDArray[np.float64]:
    """How far it is from each line's end to the next one's beginning."""
    starts, ends = (np.array([line[at] for line in lines]).reshape(-1, 2) for at in (0, -1))
    return np.hypot(*(starts[1:] - ends[:-1]).T)


def seconds(lines: Sequence[Line]) -> float:
    """What a plotter takes, corners aside, where it slows down."""
    return _moved(lengths(lines), *DRAWING) + _moved(hops(lines), *TRAVEL) + LIFT * len(lines)


def _moved(distances: NDArray[np.float64], speed: float, acceleration: float) -> float:
    """The time for distances, each from rest to rest."""
    ramps = speed**2 / acceleration  # mm to get up to the speed and down again, if that is reached
    times = np.where(
        distances < ramps, 2 * np.sqrt(distances / acceleration), distances / speed + speed / acceleration
    )
    return float(times.sum())
