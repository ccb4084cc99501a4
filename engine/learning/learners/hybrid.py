"""Learning the hybrid: two draws of each stroke, with a new grain for every batch, by an energy score."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import Adam, Optimizer

from engine.learning.learners.base import Batch, Facts, rate, step
from engine.learning.losses import energy_score, squared_error
from engine.learning.plan import GRAINS
from engine.learning.shards import StrokeSet
from engine.painters.brush.generators.hybrid_net import Hybrid, on_patches
from engine.painters.brush.generators.maps import maps_of, paths_of
from engine.painters.brush.model_file import GRAIN_CHANNELS, GRAIN_SIDE, BrushModel, model_bytes

HIDDEN = 24
RATE, BETAS = 1e-2, (0.9, 0.99)
MEAN = 5.0  # how much the mean's squared error counts beside the energy score
_GRAIN_SEED = 0  # of the noise that the grain in the file is made of
_LOOKED_AT, _FURTHEST, _MARGIN, _INSIDE = 1000, 4.0, 0.2, 0.9995
_REACHES = (1.2, 3.0)


class HybridLearner:
    """A hybrid that is being trained."""

    kind = "hybrid"

    def __init__(
        self, strokes: StrokeSet, random: torch.Generator, device: str, grain: str = "spots"
    ) -> None:
        self._net = Hybrid(reach_of(strokes), GRAINS[grain], HIDDEN, random).to(device)
        self._optimiser = Adam(self._net.parameters(), RATE, BETAS)

    def modules(self) -> Mapping[str, nn.Module]:
        """Its one network."""
        return {"net": self._net}

    def optimisers(self) -> Mapping[str, Optimizer]:
        """Its one optimiser."""
        return {"adam": self._optimiser}

    def learn(self, batch: Batch) -> dict[str, float]:
        """Become a little better; returns the losses."""
        maps = maps_of(paths_of(batch.actions), self._net.reach)
        count, device = len(batch.actions), batch.actions.device
        noise = torch.randn((GRAIN_CHANNELS, GRAIN_SIDE, GRAIN_SIDE), generator=batch.random, device=device)
        texture = self._net.grain(noise)
        one, other = (
            on_patches(self._net(maps, texture, _offsets(count, batch.random, device)), maps, count)
            for _ in range(2)
        )
        error = squared_error(one, other, batch.alpha)
        score = energy_score(one, other, batch.alpha)
        step(self._optimiser, MEAN * error + score, rate(RATE, batch.progress))
        return {"error": error.item(), "energy": score.item()}

    def content(self, facts: Facts, figures: Mapping[str, float]) -> bytes:
        """A brush's file, as `engine.painters.brush.model_file` has it."""
        noise = np.random.default_rng(_GRAIN_SEED).standard_normal((GRAIN_CHANNELS, GRAIN_SIDE, GRAIN_SIDE))
        device = self._net.layers[0].weight.device
        with torch.no_grad():
            grain = self._net.grain(torch.from_numpy(noise.astype(np.float32)).to(device))
        one, two, three = self._net.layers
        model = BrushModel(
            name=facts.name,
            about=facts.about,
            source=facts.source,
            grain=_numbers(grain),
            weights=(_numbers(one.weight), _numbers(two.weight), _numbers(three.weight)),
            biases=(_numbers(one.bias), _numbers(two.bias), _numbers(three.bias)),
            reach=self._net.reach,
            figures=figures,
            texels=self._net.texels,
        )
        return model_bytes(model)


def reach_of(strokes: StrokeSet) -> float:
    """How far from its path nearly all of a brush's paint lies, in radii, and some more."""
    count = min(strokes.trained, _LOOKED_AT)
    maps = maps_of(paths_of(torch.from_numpy(strokes.actions[:count])), _FURTHEST)
    paint = (
        strokes.alpha[:count].reshape(count, -1)[maps.stroke.numpy(), maps.pixel.numpy()].astype(np.float64)
    )
    distance = maps.features[:, 0].numpy()
    order = np.argsort(distance)
    inside = np.cumsum(paint[order])
    where = int(np.searchsorted(inside, _INSIDE * inside[-1])) if len(inside) else 0
    found = float(distance[order][min(where, len(order) - 1)]) if len(order) else 1.0
    return round(min(max(found + _MARGIN, _REACHES[0]), _REACHES[1]), 2)


def _offsets(count: int, random: torch.Generator, device: torch.device) -> Tensor:
    return GRAIN_SIDE * torch.rand((count, 2), generator=random, device=device)


def _numbers(values: Tensor) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return values.detach().cpu().float().numpy()
