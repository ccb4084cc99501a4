"""Learning the VAE: encoder and decoder by the evidence's lower bound, and a predictor of latent places."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim import Adam, Optimizer

from engine.learning.learners.base import Batch, Facts, rate, step
from engine.learning.learners.networks import network_content
from engine.learning.shards import StrokeSet
from engine.painters.brush.generators.vae import Encoder, Painter

RATE, BETAS = 1e-3, (0.9, 0.99)
PIXELS = 64 * 64
LATENT_COST = 0.5  # how much the latent space's divergence counts beside the pixels


class VaeLearner:
    """Encoder, decoder and predictor, which learn together."""

    kind = "vae"

    def __init__(self, strokes: StrokeSet, random: torch.Generator, device: str, grain: str = "") -> None:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(random.initial_seed())
            self._encoder, self._net = Encoder().to(device), Painter().to(device)
        self._optimiser = Adam([*self._encoder.parameters(), *self._net.parameters()], RATE, BETAS)

    def modules(self) -> Mapping[str, nn.Module]:
        """The painter, which is predictor and decoder, and the encoder."""
        return {"net": self._net, "encoder": self._encoder}

    def optimisers(self) -> Mapping[str, Optimizer]:
        """Its one optimiser."""
        return {"adam": self._optimiser}

    def learn(self, batch: Batch) -> dict[str, float]:
        """Become a little better; returns the losses."""
        self._net.train()
        middle, spread = self._encoder(batch.alpha)
        noise = torch.randn(middle.shape, generator=batch.random, device=middle.device)
        logits = self._net.decoder.logits(middle + noise * (0.5 * spread).exp())
        # Squared errors would have hardly any slope where a sigmoid is flat, which is nearly all paper.
        surprise = functional.binary_cross_entropy_with_logits(logits, batch.alpha)
        place, uncertainty = self._net.predictor(batch.actions)
        divergence = _divergence(middle, spread, torch.zeros_like(middle), torch.zeros_like(spread))
        apart = _divergence(middle.detach(), spread.detach(), place, uncertainty)
        loss = surprise + (LATENT_COST * divergence + apart) / PIXELS
        step(self._optimiser, loss, rate(RATE, batch.progress))
        return {"surprise": surprise.item(), "latent": divergence.item(), "prediction": apart.item()}

    def content(self, facts: Facts, figures: Mapping[str, float]) -> bytes:
        """The file of predictor and decoder; the encoder is only in checkpoints."""
        return network_content(self.kind, self._net, facts, figures)


def _divergence(middle: Tensor, spread: Tensor, to_middle: Tensor, to_spread: Tensor) -> Tensor:
    """Kullback and Leibler's, of normal distributions by means and logarithms of variances (n, latent)."""
    ratio = (spread - to_spread).exp() + (middle - to_middle).square() * (-to_spread).exp()
    return 0.5 * (to_spread - spread + ratio - 1).sum(1).mean()
