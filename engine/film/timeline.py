"""The way of a film: a run's distinct snapshots, one after the other, and all that lies between them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.formatting import SHAPES, Words
from engine.grid import TileBox
from engine.scene.scene import DrawnByHand, Scene
from engine.storage.snapshots import Snapshot

Load = Callable[[int], Scene]  # the scene of the n-th snapshot


@dataclass(frozen=True)
class Figures:
    """What can be said of a moment."""

    shapes: int
    evaluations: int
    error: float
    seconds: float
    words: Words = SHAPES


@dataclass(frozen=True)
class Timeline:
    """A place on it is a number: 2.25 is a quarter of the way from the third distinct snapshot on."""

    load: Load
    snapshots: Sequence[Snapshot]
    places: NDArray[np.int64]  # of each snapshot; one like its forerunner has the same
    words: Words = SHAPES  # what the figures are called
    appears: bool = False  # whether marks that are drawn along their paths appear as wholes instead

    @property
    def end(self) -> int:
        """The place of the last snapshot."""
        return int(self.places[-1])

    def scene(self, at: float) -> Scene:
        """The scene at a place."""
        before = math.floor(at)
        scene = self.load(self._snapshot(before))
        if at != before:
            scene = scene.tween(self.load(self._snapshot(before + 1)), at - before)
        return scene.appearing() if self.appears and isinstance(scene, DrawnByHand) else scene

    def figures(self, at: float) -> Figures:
        """The figures at a place, in proportion between those of two snapshots."""
        before, after = (self.snapshots[self._snapshot(step(at))] for step in (math.floor, math.ceil))
        share = at - math.floor(at)

        def between(name: str) -> float:
            return (1 - share) * getattr(before, name) + share * getattr(after, name)

        whole = round(between("shapes")), round(between("evaluations"))
        return Figures(*whole, between("error"), between("seconds"), self.words)

    def work(self, at: float) -> TileBox | None:
        """Where the last job before the next snapshot painted; None at the start."""
        return self.snapshots[self._snapshot(math.ceil(at))].place

    def _snapshot(self, place: int) -> int:
        """The last of the snapshots at a place, so that a film ends with what the run ended with."""
        return int(np.searchsorted(self.places, place, side="right")) - 1
