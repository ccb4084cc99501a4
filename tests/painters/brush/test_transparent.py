"""Paint on transparent targets: it can't be taken away again, so it stays within them."""

from __future__ import annotations

import numpy as np

import engine


def test_paint_stays_within_a_transparent_target_in_its_own_colours():
    target = np.zeros((64, 64, 4), np.uint8)
    target[16:48, 16:48] = (200, 60, 20, 255)
    target[40:48, 16:48, 3] = 140  # half transparent: painted whole
    run = engine.render(
        target, painter="brush", count=60, effort=0.3, workers=1, settings={"background": "transparent"}
    )
    drawn = run.draw(64)
    outside = np.ones((64, 64), np.bool_)
    outside[13:51, 13:51] = False
    assert drawn[outside, 3].mean() < 6
    inside = drawn[20:44, 20:44]
    assert inside[..., 3].mean() > 200
    assert np.abs(inside[..., :3].mean(axis=(0, 1)) - (200, 60, 20)).max() < 50
