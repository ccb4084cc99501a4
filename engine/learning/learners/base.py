"""What is learned, whatever the kind: one verb learns from some strokes, another gives the weights."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple, Protocol

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

LEAST = 0.03  # of a rate, at the end


class Facts(NamedTuple):
    """What a file of weights says of its brush."""

    name: str
    about: str
    source: str


class Batch(NamedTuple):
    """Some strokes, and how to learn from them."""

    actions: Tensor  # (n, 12)
    alpha: Tensor  # (n, 64, 64), 0..1
    progress: float  # 0..1, of the whole training
    random: torch.Generator


class Learner(Protocol):
    """A generator that is being trained, and whatever it is trained with."""

    kind: str

    def modules(self) -> Mapping[str, nn.Module]:
        """All that has weights, by names that stand in checkpoints."""

    def optimisers(self) -> Mapping[str, Optimizer]:
        """Likewise what changes them."""

    def learn(self, batch: Batch) -> dict[str, float]:
        """Become a little better; returns the losses, by name."""

    def content(self, facts: Facts, figures: Mapping[str, float]) -> bytes:
        """The file of weights as they are now."""


def rate(base: float, progress: float) -> float:
    """A learning rate: it falls like half a cosine."""
    return base * (LEAST + (1 - LEAST) * (1 + math.cos(math.pi * min(progress, 1))) / 2)


def step(optimiser: Optimizer, loss: Tensor, at: float) -> None:
    """One step down a loss, at a learning rate."""
    for group in optimiser.param_groups:
        group["lr"] = at
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
