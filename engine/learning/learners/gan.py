"""Learning the GAN: its generator by squared error first, then against a critic."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import nn
from torch.nn import functional
from torch.optim import Adam, Optimizer

from engine.learning.learners.base import Batch, Facts, rate, step
from engine.learning.learners.networks import network_content
from engine.learning.shards import StrokeSet
from engine.painters.brush.generators.gan import Critic, Generator

ALONE = 0.6  # of the training, before the critic comes
RATE, CRITIC_RATE, BETAS = 2e-3, 4e-4, (0.5, 0.99)
LATER = 0.25  # of the generator's rate, as soon as the critic is there
CRITIC = 2e-3  # how much its judgement counts beside the squared error


class GanLearner:
    """A generator and its critic."""

    kind = "gan"

    def __init__(self, strokes: StrokeSet, random: torch.Generator, device: str, grain: str = "") -> None:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(random.initial_seed())
            self._net, self._critic = Generator().to(device), Critic().to(device)
        self._optimiser = Adam(self._net.parameters(), RATE, BETAS)
        self._critics = Adam(self._critic.parameters(), CRITIC_RATE, BETAS)

    def modules(self) -> Mapping[str, nn.Module]:
        """Generator and critic."""
        return {"net": self._net, "critic": self._critic}

    def optimisers(self) -> Mapping[str, Optimizer]:
        """One of each."""
        return {"adam": self._optimiser, "critics": self._critics}

    def learn(self, batch: Batch) -> dict[str, float]:
        """Become a little better; returns the losses."""
        self._net.train()
        drawn = self._net(batch.actions)
        error = functional.mse_loss(drawn, batch.alpha)
        if batch.progress < ALONE:
            step(self._optimiser, error, rate(RATE, batch.progress / ALONE * 0.75))
            return {"error": error.item()}
        judged = self._critic(batch.alpha, batch.actions), self._critic(drawn.detach(), batch.actions)
        hinge = functional.relu(1 - judged[0]).mean() + functional.relu(1 + judged[1]).mean()
        later = (batch.progress - ALONE) / (1 - ALONE)
        step(self._critics, hinge, rate(CRITIC_RATE, later))
        likeness = self._critic(drawn, batch.actions).mean()
        step(self._optimiser, error - CRITIC * likeness, rate(LATER * RATE, later))
        return {"error": error.item(), "critic": hinge.item()}

    def content(self, facts: Facts, figures: Mapping[str, float]) -> bytes:
        """The generator's file; the critic is only in checkpoints."""
        return network_content(self.kind, self._net, facts, figures)
