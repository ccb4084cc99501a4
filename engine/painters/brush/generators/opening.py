"""A file of weights, of whichever kind, as a generator that torch draws strokes with."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from engine.npz import read_npz
from engine.painters.brush import labels
from engine.painters.brush.generators.gan import Generator
from engine.painters.brush.generators.hybrid_net import HybridGenerator
from engine.painters.brush.generators.network_file import MOST_BYTES, NetworkFile, read_network
from engine.painters.brush.generators.vae import Painter
from engine.painters.brush.model_file import KIND, read_model
from engine.regular_files import read_regular

if TYPE_CHECKING:
    from engine.painters.brush.generators.base import StrokeGenerator

NETWORKS: dict[str, type[nn.Module]] = {"vae": Painter, "gan": Generator}


class NetworkGenerator:
    """A VAE's or a GAN's network, frozen; it has no grain of its own."""

    def __init__(self, file: NetworkFile, device: str = "cpu") -> None:
        self.name, self.kind = file.name, file.kind
        self._net = NETWORKS[file.kind]().eval().requires_grad_(False)
        _fill(self._net, file)
        self._net.to(device)
        self.parameters = sum(each.numel() for each in self._net.parameters())

    def alpha(self, actions: Tensor, grains: Tensor) -> Tensor:
        """Opacity (n, 64, 64) of actions (n, 12)."""
        return self._net(actions)


def open_generator(source: Path | bytes, device: str = "cpu") -> StrokeGenerator:
    """The generator of a file of any kind; ValueError, with a sentence, for what is none; OSError."""
    content = source if isinstance(source, bytes) else read_regular(source, MOST_BYTES)
    if _kind(content) == KIND:
        return HybridGenerator(read_model(content), device)
    return NetworkGenerator(read_network(content), device)


def _kind(content: bytes) -> str:
    """The kind that a file says it is of; ValueError for what is no file of weights."""
    try:
        return str(labels.read_label(read_npz(io.BytesIO(content))[labels.HEADER])["kind"])
    except KeyError as exc:
        raise ValueError(f"this is no file of weights: it has no {exc.args[0]}") from exc
    except ValueError as exc:
        raise ValueError(f"this is no file of weights: {exc}") from exc


def _fill(net: nn.Module, file: NetworkFile) -> None:
    """Give a network its weights; ValueError unless they are just those that it has."""
    wanted = {name: value for name, value in net.state_dict().items() if value.is_floating_point()}
    if set(wanted) != set(file.arrays):
        raise ValueError(f"this is no network: its layers are not those of a {file.kind}")
    for name, value in wanted.items():
        given = file.arrays[name]
        if given.shape != tuple(value.shape):
            raise ValueError(
                f"this is no network: its {name} has the shape {given.shape}, not {tuple(value.shape)}"
            )
        value.copy_(torch.from_numpy(given))
