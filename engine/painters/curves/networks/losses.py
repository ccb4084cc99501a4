"""What is bad about a picture by what a network's layers say of it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.painters.curves.networks.names import Neuron
from engine.painters.curves.networks.network import Layer, Loss, Maps


def activation(neuron: Neuron, layer: Layer, spread: float, side: int) -> Loss:
    """Less the mean of a channel over the cells that see nothing outside, over a spread.

    side: of the pictures, pixels.
    """

    def loss(maps: Maps, aims: Maps | None) -> Tensor:
        channel = maps[neuron.layer][:, neuron.channel]
        return -_inner(channel, layer, side).mean((1, 2)) / spread

    return loss


def likeness(
    layers: Mapping[str, Layer],
    spreads: Mapping[str, NDArray[np.float32]],
    papers: Mapping[str, NDArray[np.float32]],
    side: int,
    faint: float,
    device: str,
) -> Loss:
    """Mean squared difference of features from those that are wanted, as a share of what paper has.

    spreads: of channels, which differences are over, and papers: what layers say of paper; (channels,) by
    layer. Each layer counts the same. faint: a difference that is as good as none.
    """
    over, paper = (
        {name: torch.tensor(each, device=device)[:, None, None] for name, each in values.items()}
        for values in (spreads, papers)
    )

    def loss(maps: Maps, aims: Maps | None) -> Tensor:
        assert aims is not None
        found = []
        for name, layer in layers.items():
            here, blank = (
                _inner(((each - aims[name]) / over[name]).square().mean(1), layer, side).mean((1, 2))
                for each in (maps[name], paper[name])
            )
            found.append(here / (blank + faint))
        return torch.stack(found).mean(0)

    return loss


def _inner(values: Tensor, layer: Layer, side: int) -> Tensor:
    if layer.is_whole:
        return values
    rows, cols = (layer.cells.inside(side, count) for count in values.shape[1:])
    return values[:, rows, cols]
