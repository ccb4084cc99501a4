"""A plain classifier of handwritten digits, which is trained on real ones within half a minute."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - as everyone calls it
from numpy.typing import NDArray
from torch import Tensor, nn

from engine.learning.digit_set import SIDE, Digits

BATCH, RATE = 100, 2e-3
TURN, GROWTH, MOVE = 0.2, 0.12, 0.12  # radians, share, and share of half a side: digits differ so at random


class DigitReader:
    """Says which digit a picture shows."""

    def __init__(self, network: nn.Module) -> None:
        self._network = network.eval()

    def read(self, pictures: NDArray[np.floating]) -> NDArray[np.int64]:
        """The digits that pictures show, (n,). pictures: (n, SIDE, SIDE), white on black, 0..1."""
        with torch.no_grad():
            said = [self._network(part) for part in _as_tensor(pictures).split(500)]
        return torch.cat(said).argmax(1).numpy()


def train_reader(digits: Digits, epochs: int, seed: int, tell: Callable[[float], None]) -> DigitReader:
    """Two convolutions and two layers, trained on digits that are turned, moved and resized a little.

    tell: is told the share that is done. The same digits and seed give the same reader.
    """
    pictures = _as_tensor(digits.pictures / np.float32(255))
    labels = torch.tensor(digits.labels.astype(np.int64))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = nn.Sequential(
            *(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.Flatten(), nn.Dropout(0.25), nn.Linear(32 * (SIDE // 4) ** 2, 96), nn.ReLU()),
            nn.Linear(96, 10),
        )
        optimiser = torch.optim.Adam(network.parameters(), lr=RATE)
        for epoch in range(epochs):
            for group in optimiser.param_groups:
                group["lr"] = RATE * (1 + math.cos(math.pi * epoch / epochs)) / 2
            for rows in torch.randperm(len(labels)).split(BATCH):
                loss = F.cross_entropy(network(_varied(pictures[rows])), labels[rows])
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
            tell((epoch + 1) / epochs)
    return DigitReader(network)


def _as_tensor(pictures: NDArray[np.floating]) -> Tensor:
    return torch.tensor(np.asarray(pictures, np.float32))[:, None]


def _varied(pictures: Tensor) -> Tensor:
    """Digits turned, resized and moved at random."""
    count = len(pictures)
    turn = TURN * (2 * torch.rand(count) - 1)
    size = 1 + GROWTH * (2 * torch.rand(count) - 1)
    matrix = torch.zeros(count, 2, 3)
    matrix[:, 0, 0], matrix[:, 0, 1] = size * turn.cos(), -size * turn.sin()
    matrix[:, 1, 0], matrix[:, 1, 1] = size * turn.sin(), size * turn.cos()
    matrix[:, :, 2] = MOVE * (2 * torch.rand(count, 2) - 1)
    grid = F.affine_grid(matrix, list(pictures.shape), align_corners=False)
    return F.grid_sample(pictures, grid, align_corners=False)
