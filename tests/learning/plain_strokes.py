"""Strokes for tests of learning: plain lines with soft edges, drawn by geometry alone, without an engine."""

import numpy as np
import torch

from engine.learning.shards import StrokeSet
from engine.painters.brush.generators.hybrid_net import on_patches
from engine.painters.brush.generators.maps import maps_of, paths_of


def plain_strokes(count=200, seed=1):
    """A StrokeSet of strokes whose paint ends at their radius; the engine's noise is some grey dust."""
    random = np.random.default_rng(seed)
    actions = random.random((count, 12), np.float32)
    maps = maps_of(paths_of(torch.from_numpy(actions)), 1.5)
    radii = torch.exp(2 * torch.from_numpy(actions[:, 1]))[maps.stroke]
    edge = ((1 - maps.features[:, 0]) * radii + 0.5).clamp(0, 1)
    alpha = np.rint(255 * on_patches(edge, maps, count).numpy()).astype(np.uint8)
    held = max(1, round(0.02 * count))
    again = np.maximum(alpha[-held:], random.integers(0, 3, (held, 64, 64)).astype(np.uint8))
    return StrokeSet(actions, alpha, again, {"brush": "plain"})
