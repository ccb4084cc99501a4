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
    layers: Mapping[str, Layer], spreads: Mapping[str, NDArray[np.float32]], side: int, device: str
) -> Loss:
    """Mean squared difference of features from those that are wanted, each over its channel's spread.

    spreads: (channels,) by layer. Each layer counts the same.
    """
    over = {name: torch.tensor(each, device=device) for name, each in spreads.items()}

    def loss(maps: Maps, aims: Maps | None) -> Tensor:
        assert aims is not None
        found = [
            _inner(_distance(maps[name], aims[name], over[name]), layer, side).mean((1, 2))
            for name, layer in layers.items()
        ]
        return torch.stack(found).mean(0)

    return loss


def _distance(maps: Tensor, aims: Tensor, spreads: Tensor) -> Tensor:
    """Mean squared difference of features at each place, (n, rows, cols)."""
    return ((maps - aims) / spreads[:, None, None]).square().mean(1)


def _inner(values: Tensor, layer: Layer, side: int) -> Tensor:
    if layer.is_whole:
        return values
    rows, cols = (layer.cells.inside(side, count) for count in values.shape[1:])
    return values[:, rows, cols]
