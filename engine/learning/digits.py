"""Digits painted with few strokes by a generator: strokes along the skeleton, moved until they look alike."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from engine.learning.digit_set import SIDE as READ_SIDE
from engine.learning.skeletons import pieces_of
from engine.painters.brush.generators.base import StrokeGenerator
from engine.painters.brush.patch_boxes import (
    COLOUR,
    CONTROL,
    END,
    NUMBERS,
    PRESSURE_END,
    PRESSURE_ENTRY,
    SIDE,
    SIZE,
    START,
)

TOGETHER = 12  # digits that are painted at a time


@dataclass(frozen=True)
class DigitSettings:
    """How digits are painted."""

    strokes: int = 8  # of a digit at most
    lengths: tuple[float, ...] = (16.0, 26.0)  # pixels of SIDE of a stroke at first: each is a start
    trial: int = 5  # steps of each start; the best one goes on
    steps: int = 16
    rate: float = 0.03  # by which a number of a stroke changes in a step at first, at most


class Painted(NamedTuple):
    """Digits as they were painted."""

    pictures: NDArray[np.float32]  # (n, SIDE, SIDE), white on black, 0..1
    wanted: NDArray[np.float32]  # the same, as they are
    counts: NDArray[np.int64]  # (n,), strokes

    @property
    def mse(self) -> float:
        """The mean squared difference."""
        return float(np.square(self.pictures - self.wanted).mean(dtype=np.float64))


def paint_digits(
    generator: StrokeGenerator,
    pictures: NDArray[np.uint8],
    settings: DigitSettings,
    seed: int,
    tell: Callable[[float], None],
    device: str = "cpu",
) -> Painted:
    """Paint digits, (n, 28, 28), white on black, each with strokes of its own.

    tell: is told the share that is done. The same digits and seed give the same strokes on a CPU.
    """
    wanted, drawn, counts = enlarged(pictures), [], []
    for first in range(0, len(wanted), TOGETHER):
        rows = wanted[first : first + TOGETHER]
        random = np.random.default_rng((seed, first))
        tries = [_begun(rows, settings, length, random, device) for length in settings.lengths]
        tried = [_moved(generator, each, settings.trial, settings.rate) for each in tries]
        best = _best(generator, tried)
        done = _moved(generator, best, settings.steps, settings.rate)
        with torch.no_grad():
            drawn.append(_canvases(generator, done).cpu().numpy())
        counts.append(np.bincount(done.digits.cpu().numpy(), minlength=len(rows)))
        tell(min(first + TOGETHER, len(wanted)) / len(wanted))
    return Painted(np.concatenate(drawn), wanted, np.concatenate(counts))


def enlarged(pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Digits as large as patches, (n, SIDE, SIDE), 0..1."""
    return np.stack([_resized(each / np.float32(255), SIDE, Image.Resampling.BICUBIC) for each in pictures])


def reduced(pictures: NDArray[np.float32]) -> NDArray[np.float32]:
    """Painted digits as small as those that are read, (n, 28, 28), 0..1."""
    return np.stack([_resized(each, READ_SIDE, Image.Resampling.BOX) for each in pictures])


def _resized(picture: NDArray[np.float32], side: int, how: Image.Resampling) -> NDArray[np.float32]:
    image = Image.fromarray(np.asarray(picture, np.float32), "F")
    return np.clip(np.asarray(image.resize((side, side), how), np.float32), 0, 1)


@dataclass(frozen=True)
class _State:
    """Strokes of several digits, in one row."""

    wanted: Tensor  # (digits, SIDE, SIDE)
    digits: Tensor  # (strokes,), which digit each is of
    actions: Tensor  # (strokes, NUMBERS)
    grains: Tensor  # (strokes, 2)


def _begun(
    wanted: NDArray[np.float32],
    settings: DigitSettings,
    length: float,
    random: np.random.Generator,
    device: str,
) -> _State:
    pieces = [pieces_of(each, settings.strokes, length) for each in wanted]
    every = np.concatenate(pieces)
    actions = np.zeros((len(every), NUMBERS), np.float32)
    for at, columns in enumerate((START, CONTROL, END)):
        actions[:, columns] = every[:, at] / SIDE
    actions[:, SIZE] = np.log(np.maximum(every[:, 3, 0], 1)) / 2
    actions[:, [PRESSURE_ENTRY, PRESSURE_END]] = 0.7
    digits = np.repeat(np.arange(len(pieces)), [len(each) for each in pieces])
    grains = random.uniform(0, SIDE, (len(every), 2)).astype(np.float32)
    return _State(
        *(torch.tensor(each, device=device) for each in (wanted, digits, actions.clip(0, 1), grains))
    )


def _canvases(generator: StrokeGenerator, state: _State) -> Tensor:
    """White strokes over each other on black, (digits, SIDE, SIDE)."""
    alpha = generator.alpha(state.actions, state.grains)
    passed = torch.log1p(-alpha.clamp(max=0.999))
    return 1 - torch.zeros_like(state.wanted).index_add(0, state.digits, passed).exp()


def _losses(generator: StrokeGenerator, state: _State) -> Tensor:
    return (_canvases(generator, state) - state.wanted).square().mean((1, 2))


def _moved(generator: StrokeGenerator, state: _State, steps: int, rate: float) -> _State:
    """After so many steps of Adam, the rate falling to nothing."""
    actions = state.actions.clone().requires_grad_(True)
    optimiser = torch.optim.Adam([actions], lr=rate)
    for step in range(steps):
        optimiser.param_groups[0]["lr"] = rate * (1 + math.cos(math.pi * step / steps)) / 2
        optimiser.zero_grad()
        now = _State(state.wanted, state.digits, actions, state.grains)
        (slopes,) = torch.autograd.grad(_losses(generator, now).sum(), actions)
        slopes[:, COLOUR] = 0
        actions.grad = slopes
        optimiser.step()
        with torch.no_grad():
            actions.clamp_(0, 1)
    return _State(state.wanted, state.digits, actions.detach(), state.grains)


def _best(generator: StrokeGenerator, tries: Sequence[_State]) -> _State:
    """Each digit by the try that is nearest to it."""
    with torch.no_grad():
        losses = torch.stack([_losses(generator, each) for each in tries])
    chosen = losses.argmin(0)
    rows = [chosen[each.digits] == number for number, each in enumerate(tries)]
    parts = [
        torch.cat([getattr(each, name)[row] for each, row in zip(tries, rows, strict=True)])
        for name in ("digits", "actions", "grains")
    ]
    return _State(tries[0].wanted, *parts)
