"""The generator of Nakano's neural painter that was trained as a GAN (arXiv 1904.08410), and its critic."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

ACTIONS = 12
DIM = 16  # channels of the last layer but one, halved


class Generator(nn.Module):
    """Twelve numbers become 4 x 4 pixels of 256 channels, and those, by four deconvolutions, a stroke.

    One channel, its opacity, where the published one has three: a stroke has one colour.
    """

    def __init__(self, dim: int = DIM) -> None:
        super().__init__()
        sides = (16 * dim, 8 * dim, 4 * dim, 2 * dim, 1)
        self.dense = nn.Linear(ACTIONS, 16 * sides[0])
        self.norms = nn.ModuleList(nn.BatchNorm2d(channels) for channels in sides[:-1])
        self.layers = nn.ModuleList(
            nn.ConvTranspose2d(inward, outward, 4, stride=2, padding=1) for inward, outward in pairwise(sides)
        )

    def forward(self, actions: Tensor) -> Tensor:
        """Opacity (n, 64, 64) of actions (n, 12)."""
        values = self.dense(actions).view(len(actions), -1, 4, 4)
        for norm, layer in zip(self.norms, self.layers, strict=True):
            values = layer(functional.relu(norm(values)))
        return torch.sigmoid(values)[:, 0]


class Critic(nn.Module):
    """Says how real a stroke is for its action: above 1 for real ones, below -1 for others.

    The published one, but with its layers' spectral norm held at 1 instead of a penalty on its gradient.
    """

    def __init__(self, dim: int = DIM) -> None:
        super().__init__()
        bounded = nn.utils.parametrizations.spectral_norm
        sides = (1, dim, 2 * dim, 4 * dim, 8 * dim)
        self.dense = nn.Linear(ACTIONS, dim)
        self.layers = nn.ModuleList(
            bounded(nn.Conv2d(inward, outward, 4, stride=2, padding=1)) for inward, outward in pairwise(sides)
        )
        self.last = bounded(nn.Linear(16 * sides[-1], 1))

    def forward(self, alpha: Tensor, actions: Tensor) -> Tensor:
        """A number (n,) for strokes (n, 64, 64) and their actions (n, 12)."""
        values = alpha[:, None]
        asked = functional.relu(self.dense(actions))[:, :, None, None]
        for number, layer in enumerate(self.layers):
            values = functional.leaky_relu(layer(values), 0.2)
            values = values + asked if number == 0 else values
        return self.last(values.flatten(1))[:, 0]
