"""Open a network by name: everything that can be missing is one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from engine.errors import SpecError
from engine.installation import to_add
from engine.painters.curves.networks.files import EXTRA, weights_of
from engine.painters.curves.networks.geometry import Cells
from engine.painters.curves.networks.names import CLASSES, KNOWN, check_layers, is_own

if TYPE_CHECKING:  # which load torch
    from engine.painters.curves.networks.architectures import Parameters, Step
    from engine.painters.curves.networks.network import Layer, Network

Device = Literal["cpu", "cuda", "auto"]
TAKES_FILE = ("vgg16", "vgg19", "resnet18")


def open_network(name: str, layers: Sequence[str], weights: str = "", device: str = "auto") -> Network:
    """Some layers of a network, on a device; SpecError, with the remedy, for what isn't there.

    name: one of KNOWN, or a user's own module:function (see own.py). weights: a state dict in torchvision's
    naming, "" for those of an installed package. device: cpu, cuda, or auto.
    """
    check_layers(name, layers)
    check_torch()
    from engine.painters.curves.networks.network import Network, of_steps, plain_arithmetic
    from engine.painters.curves.networks.own import open_own

    where = device_of(device)
    plain_arithmetic()
    if is_own(name):
        return open_own(name, layers, weights, where)
    parameters = _parameters(name, weights, where)
    steps, found = _until(name, parameters, layers)
    opened = Network(name, of_steps(steps, layers), found, where)
    _check_weights(opened, parameters.where)
    return opened


def check_torch() -> None:
    """SpecError when torch isn't installed."""
    if find_spec("torch") is None:
        raise SpecError(
            f"painter.objective: networks need torch, which is not installed; install it with: "
            f"{to_add(EXTRA, ['torch'])} (patterns without it: --neuron v4/scallop)."
        )


def device_of(word: str) -> Literal["cpu", "cuda"]:
    """The device that a word means, of which auto is CUDA's if there is one; SpecError when there is none."""
    if word == "cpu":
        return "cpu"
    check_torch()
    import torch

    if not torch.cuda.is_available():
        if word == "auto":
            return "cpu"
        raise SpecError("painter.device: torch sees no CUDA device here; give cpu, or auto.")
    return "cuda"


def _parameters(name: str, weights: str, device: str) -> Parameters:
    """A network's weights, from a file, or "" from a package."""
    from engine.painters.curves.networks.architectures import Parameters
    from engine.painters.curves.networks.reading import read, read_hed, read_ndf

    if weights:
        if name not in TAKES_FILE:
            raise SpecError(f"painter.weights: {name} has its own; a file is for {', '.join(TAKES_FILE)}.")
        path = Path(weights).expanduser()
        return Parameters(read(path), str(path), device)
    path = weights_of(name)
    readers = {"squeezenet": read_ndf, "efficientnet-lite0": read, "vgg16": read_hed}
    return Parameters(readers[name](path), str(path), device)


def _until(name: str, weights: Parameters, wanted: Sequence[str]) -> tuple[list[Step], dict[str, Layer]]:
    """The steps to the deepest wanted layer, and what is known of each of these."""
    from engine.painters.curves.networks.architectures import ARCHITECTURES, CLASSIFIERS, hed_vgg16
    from engine.painters.curves.networks.network import Layer

    if CLASSES in wanted and f"{CLASSIFIERS[name]}.weight" not in weights:
        raise SpecError(f"{weights.where}: these weights of {name} have no classifier; give others.")
    is_hed = name == "vgg16" and weights.where.endswith(".h5")
    cells, steps, found = Cells(), [], {}
    for step in (hed_vgg16 if is_hed else ARCHITECTURES[name])(weights):
        for kernel, stride, padding in step.fields:
            cells = cells.through(kernel, stride, padding)
        steps.append(step)
        if step.layer in wanted:
            found[step.layer] = Layer(KNOWN[name].layers[step.layer], cells, step.layer == CLASSES)
        if len(found) == len(wanted):
            break
    return steps, found


def _check_weights(network: Network, where: str) -> None:
    """Look at a small picture, which finds weights of other shapes."""
    import numpy as np

    try:
        said = network.answers(np.zeros((1, 3, 64, 64), np.float32))
    except RuntimeError as exc:
        raise SpecError(f"{where}: not weights of {network.name} (their shapes are others).") from exc
    for name, layer in network.layers.items():
        if said[name].shape[1] != layer.channels:
            raise SpecError(f"{where}: not weights of {network.name} ({name} has other channels).")
        if not np.isfinite(said[name]).all():
            raise SpecError(f"{where}: not weights of {network.name} ({name} says what is no number).")
