"""Nakano's neural painter that was trained as a VAE (arXiv 1904.08410): encoder, decoder, and a predictor.

The predictor says where in the latent space an action's stroke lies; the decoder draws it.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

ACTIONS = 12
LATENT = 64


class Encoder(nn.Module):
    """Where a stroke lies in the latent space."""

    def __init__(self, latent: int = LATENT) -> None:
        super().__init__()
        sides = (1, 32, 64, 128, 256)
        self.layers = nn.ModuleList(
            nn.Conv2d(inward, outward, 4, stride=2) for inward, outward in pairwise(sides)
        )
        self.middle, self.spread = nn.Linear(1024, latent), nn.Linear(1024, latent)

    def forward(self, alpha: Tensor) -> tuple[Tensor, Tensor]:
        """The mean and the logarithm of the variance, (n, latent) each, for strokes (n, 64, 64)."""
        values = alpha[:, None]
        for layer in self.layers:
            values = functional.relu(layer(values))
        values = values.flatten(1)
        return self.middle(values), self.spread(values)


class Decoder(nn.Module):
    """Draws what lies at a place of the latent space."""

    def __init__(self, latent: int = LATENT) -> None:
        super().__init__()
        self.dense = nn.Linear(latent, 1024)
        self.layers = nn.ModuleList(
            nn.ConvTranspose2d(inward, outward, side, stride=2)
            for inward, outward, side in ((1024, 128, 5), (128, 64, 5), (64, 32, 6), (32, 1, 6))
        )
        for layer, meeting in zip(self.layers, (1, 9, 9, 9), strict=True):
            # Of what a value is the sum of: torch counts what comes out, and signals would fade.
            nn.init.normal_(layer.weight, std=(2 / (layer.in_channels * meeting)) ** 0.5)

    def forward(self, places: Tensor) -> Tensor:
        """Opacity (n, 64, 64) of places (n, latent)."""
        return torch.sigmoid(self.logits(places))

    def logits(self, places: Tensor) -> Tensor:
        """The same before the last function, (n, 64, 64)."""
        values = self.dense(places)[:, :, None, None]
        for layer in self.layers[:-1]:
            values = functional.relu(layer(values))
        return self.layers[-1](values)[:, 0]


class Predictor(nn.Module):
    """Where in the latent space an action's stroke lies."""

    def __init__(self, latent: int = LATENT) -> None:
        super().__init__()
        sides = (ACTIONS, 256, 64, 64)
        pairs = list(pairwise(sides))
        self.layers = nn.ModuleList(nn.Linear(*pair) for pair in pairs)
        self.norms = nn.ModuleList(nn.BatchNorm1d(outward) for _, outward in pairs)
        self.middle, self.spread = nn.Linear(sides[-1], latent), nn.Linear(sides[-1], latent)

    def forward(self, actions: Tensor) -> tuple[Tensor, Tensor]:
        """The mean and the logarithm of the variance, (n, latent) each, for actions (n, 12)."""
        values = actions
        for layer, norm in zip(self.layers, self.norms, strict=True):
            values = norm(functional.leaky_relu(layer(values)))
        return self.middle(values), self.spread(values)


class Painter(nn.Module):
    """Predictor and decoder: what is kept of the three."""

    def __init__(self, latent: int = LATENT) -> None:
        super().__init__()
        self.predictor, self.decoder = Predictor(latent), Decoder(latent)

    def forward(self, actions: Tensor) -> Tensor:
        """Opacity (n, 64, 64) of actions (n, 12), at the most likely places."""
        return self.decoder(self.predictor(actions)[0])
