"""A user's own network: `module:function` of a Python file that the user has written.

The function takes no argument, or, when a file of weights is given, its path. It returns a torch module
that takes pictures (n, 3, height, width), sRGB-encoded, 0 to 1, and a dict of its layers: under each name
the submodule whose output is that layer's activations, best before its ReLU (which must not work in place):

    # mine.py, in the current folder or anywhere that Python finds
    def network():
        net = MyNet().eval()
        return torch.nn.Sequential(Normalise(), net), {"early": net.block1.conv, "late": net.block4.conv}

    tessera render blank:256x256 --painter curves --objective neuron --neuron mine:network/late/12
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from engine.errors import SpecError, reason
from engine.painters.curves.networks.geometry import Cells
from engine.painters.curves.networks.names import check_among
from engine.painters.curves.networks.network import Layer, Network, Run

SIDE = 256  # of the picture that is looked at to find out what cells see


class _EnoughError(Exception):
    """All wanted layers have answered."""


def open_own(name: str, wanted: Sequence[str], weights: str, device: str) -> Network:
    """A user's network, opened as ours are; SpecError when it isn't as the module's docstring says."""
    module, layers = _called(name, weights)
    check_among(name, wanted, list(layers))
    module = module.to(device).float().eval().requires_grad_(False)
    run = _run(module, {layer: layers[layer] for layer in wanted})
    return Network(name, run, {layer: _looked_at(name, run, layer, device) for layer in wanted}, device)


def _called(name: str, weights: str) -> tuple[nn.Module, Mapping[str, nn.Module]]:
    """What the user's function returns."""
    module_name, _, function = name.partition(":")
    try:
        with _current_folder():
            found = getattr(import_module(module_name), function)(*([weights] if weights else []))
    except Exception as exc:  # whatever the user's code raises
        raise SpecError(f"{name}: the network can't be made ({type(exc).__name__}: {reason(exc)}).") from exc
    if not (isinstance(found, tuple) and len(found) == 2 and isinstance(found[1], Mapping)):
        raise SpecError(f"{name} returns no pair of a torch module and a dict of its layers.")
    module, layers = found
    parts = list(module.modules()) if isinstance(module, nn.Module) else []
    if not layers or not all(any(each is part for part in parts) for each in layers.values()):
        raise SpecError(f"{name}: its dict must have submodules of the module that it returns, by layer.")
    return module, layers


@contextmanager
def _current_folder() -> Iterator[None]:
    """Let modules be found that lie in the current folder."""
    sys.path.insert(0, "")
    try:
        yield
    finally:
        sys.path.remove("")


class _Kept(threading.local):
    """What layers have answered in this thread, of how many."""

    def __init__(self) -> None:
        self.found: dict[str, Tensor] = {}


def _run(module: nn.Module, layers: Mapping[str, nn.Module]) -> Run:
    """What runs a module until all layers have answered, in any thread."""
    kept = _Kept()

    def keeper(name: str) -> Any:
        def keep(_: nn.Module, __: Any, output: Tensor) -> None:
            kept.found[name] = output
            if len(kept.found) == len(layers):
                raise _EnoughError

        return keep

    for name, each in layers.items():
        each.register_forward_hook(keeper(name))

    def run(pictures: Tensor) -> dict[str, Tensor]:
        kept.found = {}
        with suppress(_EnoughError):
            module(pictures)
        found, kept.found = kept.found, {}
        return {name: found[name] for name in layers}

    return run


def _looked_at(name: str, run: Run, layer: str, device: str) -> Layer:
    """A layer's channels, and which pixels its cells see, found out by looking at noise."""
    random = np.random.default_rng(0)

    def said(side: int) -> tuple[Tensor, Tensor]:
        noise = random.random((1, 3, side, side), np.float32)
        picture = torch.tensor(noise, device=device).requires_grad_(True)
        found = run(picture)[layer]
        if found.ndim != 4:
            raise SpecError(
                f"{name}/{layer} has no maps: its output is {tuple(found.shape)}, not (n, c, h, w)."
            )
        return picture, found

    try:
        pairs = [said(SIDE), said(2 * SIDE)]
    except (RuntimeError, KeyError) as exc:
        said_of = " ".join(reason(exc).split())[:120]
        raise SpecError(f"{name}/{layer} can't look at a picture of {SIDE} pixels ({said_of}).") from exc
    more = pairs[1][1].shape[3] - pairs[0][1].shape[3]
    channels = pairs[0][1].shape[1]
    if more <= 0:  # the same size whatever the picture's, as after an adaptive pooling
        return Layer(channels, Cells(SIDE, 0, SIDE), is_whole=True)
    stride = max(round(SIDE / more), 1)
    starts, ends = [], []
    for picture, found in (said(2 * SIDE) for _ in range(3)):
        middle = found.shape[3] // 2
        (slopes,) = torch.autograd.grad(found[:, :, found.shape[2] // 2, middle].square().sum(), picture)
        seen = slopes.abs().sum((0, 1, 2)).nonzero()
        if len(seen):
            starts.append(int(seen[0]) - middle * stride)
            ends.append(int(seen[-1]) + 1 - middle * stride)
    if not starts:
        raise SpecError(f"{name}/{layer} doesn't depend on the picture.")
    return Layer(channels, Cells(stride, min(starts), max(ends) - min(starts)))
