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
    """Less the mean of a channel over its map without the border, over a spread.

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

    At each place features are activations after their ReLU, over their channel's spread, brought to length 1:
    so it is what is seen that counts, not how strongly (as in LPIPS: Zhang and others 2018). spreads: of
    channels, and papers: what layers say of paper; (channels,) by layer. Each layer counts the same. faint:
    what counts as nothing, of activations in spreads and of differences.
    """
    over, paper = (
        {name: torch.tensor(each, device=device)[:, None, None] for name, each in values.items()}
        for values in (spreads, papers)
    )

    def loss(maps: Maps, aims: Maps | None) -> Tensor:
        assert aims is not None
        found = []
        for name, layer in layers.items():
            aim = _of_length_1(aims[name], over[name], faint)
            here, blank = (
                _inner((_of_length_1(each, over[name], faint) - aim).square().mean(1), layer, side).mean(
                    (1, 2)
                )
                for each in (maps[name], paper[name][None])
            )
            found.append(here / (blank + faint))
        return torch.stack(found).mean(0)

    return loss


def _of_length_1(maps: Tensor, spreads: Tensor, faint: float) -> Tensor:
    """Features with a mean square of 1 at each place, or less where there are hardly any."""
    features = torch.relu(maps) / spreads
    return features / (features.square().mean(1, keepdim=True) + faint**2).sqrt()


def _inner(values: Tensor, layer: Layer, side: int) -> Tensor:
    if layer.is_whole:
        return values
    rows, cols = (layer.cells.inner(side, count) for count in values.shape[1:])
    return values[:, rows, cols]
