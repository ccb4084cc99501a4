"""Runs in this process, job by job."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pydantic import BaseModel

from engine.coordinator.job import Job, JobContext, Workplace, open_context
from engine.coordinator.state import RunState
from engine.image.importance import Weights
from engine.image.pixels import Pixels
from engine.image.source import TargetWindow
from engine.painters.base import Phase
from engine.painters.registry import PAINTERS, PainterEntry, entry_of


def open_workplace(
    painter: str, params: BaseModel, seed: int, pixels: Pixels, weights: Weights | None = None
) -> Workplace:
    """A worker's side of a run without a canvas."""
    return open_context(
        JobContext(entry_of(painter).painter, params, seed, TargetWindow(pixels, weights), None)
    )


def jobs_of(state: RunState, index: int, phase: Phase) -> Iterator[Job]:
    """Begin a phase, or go on with it."""
    state.begin_phase(index, phase)
    return state.jobs(phase)


def like_polygons(painter: str) -> PainterEntry:
    """The entry of a painter "module:Class" that paints polygons in a way of its own."""
    return replace(PAINTERS["polygons"], painter=painter)
