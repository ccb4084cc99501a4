"""A network that has been opened: what its layers answer to pictures, and how pictures should change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.painters.curves.networks.geometry import Cells

Pictures = NDArray[np.float32]  # (n, 3, height, width), sRGB-encoded, 0..1
Maps = Mapping[str, Tensor]  # of layers, (n, channels, rows, cols)


class Layer(NamedTuple):
    """What is known of a layer."""

    channels: int
    cells: Cells
    is_whole: bool = False  # whether all of its cells count, though they see beyond the picture


class Loss(Protocol):
    """How bad pictures are."""

    def __call__(self, maps: Maps, aims: Maps | None) -> Tensor:
        """(n,), from what layers say of n pictures, and of what each is to be."""


Run = Callable[[Tensor], dict[str, Tensor]]


class Network:
    """Some layers of a network, frozen; pure but for the threads that it keeps.

    What is said of one picture does not depend on the others, nor on the number of threads.
    """

    def __init__(self, name: str, run: Run, layers: Mapping[str, Layer], device: str = "cpu") -> None:
        self.name, self.layers, self.device = name, layers, device
        self._run = run
        self._pool: tuple[int, ThreadPoolExecutor] | None = None

    def answers(self, pictures: Pictures) -> dict[str, NDArray[np.float32]]:
        """What the layers say of pictures, (n, channels, rows, cols) each, before their ReLUs."""
        with torch.no_grad():
            return {name: found.cpu().numpy() for name, found in self._run(self._sent(pictures)).items()}

    def slopes(
        self, loss: Loss, pictures: Pictures, aims: Pictures | None = None, threads: int = 1
    ) -> tuple[NDArray[np.float64], Pictures]:
        """The losses of pictures, (n,), and how each changes with its picture.

        aims: what each is to be, of the same size. threads: at a time, on a CPU.
        """
        if self.device != "cpu":
            return self._slopes(loss, pictures, aims)
        parts = [(each[None], None if aims is None else aims[k][None]) for k, each in enumerate(pictures)]
        if threads > 1 and len(parts) > 1:
            found: Iterable[Any] = self._threads(threads).map(lambda part: self._slopes(loss, *part), parts)
        else:
            found = (self._slopes(loss, *part) for part in parts)
        losses, slopes = zip(*found, strict=True)
        return np.concatenate(losses), np.concatenate(slopes)

    def _slopes(
        self, loss: Loss, pictures: Pictures, aims: Pictures | None
    ) -> tuple[NDArray[np.float64], Pictures]:
        wanted = None
        if aims is not None:
            with torch.no_grad():
                wanted = self._run(self._sent(aims))
        sent = self._sent(pictures).requires_grad_(True)
        losses = loss(self._run(sent), wanted)
        (slopes,) = torch.autograd.grad(losses.sum(), sent)
        return losses.detach().cpu().double().numpy(), slopes.contiguous().cpu().numpy()

    def _sent(self, pictures: Pictures) -> Tensor:
        """A copy on the device, with channels last, which convolutions are quickest with."""
        sent = torch.tensor(pictures, device=self.device)
        return sent.contiguous(memory_format=torch.channels_last)

    def _threads(self, count: int) -> ThreadPoolExecutor:
        if self._pool is None or self._pool[0] != count:
            self._pool = (count, ThreadPoolExecutor(count, initializer=plain_arithmetic))
        return self._pool[1]


def plain_arithmetic() -> None:
    """Sums in one order whatever the machine, no threads beside ours, and whole floats on a card."""
    torch.set_num_threads(1)
    torch.backends.cudnn.allow_tf32 = False


def of_steps(steps: Sequence[Any], wanted: Sequence[str]) -> Run:
    """What runs steps one after the other, and keeps the wanted layers."""

    def run(pictures: Tensor) -> dict[str, Tensor]:
        found, maps = {}, pictures
        for step in steps:
            maps = step.run(maps)
            if step.layer in wanted:
                found[step.layer] = maps
        return found

    return run
