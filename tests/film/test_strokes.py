"""Films of strokes: drawn along their paths, or appearing as wholes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.film.timeline import Timeline
from engine.painters.brush.scene import BrushScene
from engine.storage.snapshots import Snapshot
from tests.painters.brush.scenes import painting


def timeline(appears: bool) -> Timeline:
    whole = painting(6)
    scenes = [replace(whole, strokes=whole.strokes[:count], born=count) for count in (0, 6)]
    snapshots = [Snapshot(at, at, at, 0.5, len(scene), "") for at, scene in enumerate(scenes)]
    return Timeline(scenes.__getitem__, snapshots, np.arange(2), appears=appears)


def test_strokes_are_drawn_along_their_paths_or_appear():
    drawn, whole = (timeline(appears).scene(0.6) for appears in (False, True))
    assert isinstance(drawn, BrushScene)
    assert isinstance(whole, BrushScene)
    assert (drawn.strokes.shown < 1).sum() == 1
    assert (whole.strokes.shown == 1).all()
    assert len(drawn) == len(whole)
    assert drawn.strokes.opacities[-1] > whole.strokes.opacities[-1]
    np.testing.assert_array_equal(timeline(True).scene(1).draw(60, 80), painting(6).draw(60, 80))
