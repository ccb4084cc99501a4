"""Networks as steps, one after the other, written from their papers.

SqueezeNet 1.1 (Iandola and others 2016), VGG (Simonyan and Zisserman 2014), ResNet (He and others 2015),
EfficientNet-Lite (Tan and Le 2019; Liu 2020). Each is a generator: what lies deeper than the last wanted
layer is never made. A named step ends with a layer's activations before its ReLU.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import NamedTuple

import torch
import torch.nn.functional as F  # noqa: N812 - as everyone calls it
from torch import Tensor

from engine.errors import SpecError
from engine.painters.curves.networks.names import CLASSES
from engine.painters.curves.networks.reading import Arrays

Field = tuple[int, int, int]  # kernel, stride and padding of what decides which pixels a cell sees


class Step(NamedTuple):
    """A part of a network."""

    layer: str  # whose activations it ends with, "" for none that has a name
    run: Callable[[Tensor], Tensor]
    fields: tuple[Field, ...] = ()


class Parameters:
    """A state dict, of which parts become tensors on a device as they are wanted."""

    def __init__(self, arrays: Arrays, where: str, device: str) -> None:
        self._arrays, self.where, self._device = arrays, where, device

    def __contains__(self, name: str) -> bool:
        return name in self._arrays

    def conv(self, name: str, norm: str = "", epsilon: float = 1e-5) -> tuple[Tensor, Tensor]:
        """Kernel (out, in, height, width) and bias (out,) of a convolution, or of a linear layer as one.

        norm: the batch normalisation after it, which is folded in.
        """
        kernel = self._take(f"{name}.weight")
        kernel = kernel.reshape(*kernel.shape, 1, 1) if kernel.ndim == 2 else kernel
        bias = torch.zeros(len(kernel), device=self._device) if norm else self._take(f"{name}.bias")
        if norm:
            spread = torch.sqrt(self._take(f"{norm}.running_var") + epsilon)
            scale = self._take(f"{norm}.weight") / spread
            kernel = kernel * scale[:, None, None, None]
            bias = self._take(f"{norm}.bias") - self._take(f"{norm}.running_mean") * scale
        return kernel.contiguous(memory_format=torch.channels_last), bias

    def _take(self, name: str) -> Tensor:
        if name not in self._arrays:
            raise SpecError(f"{self.where}: not weights of this network ({name} is missing).")
        return torch.tensor(self._arrays[name], dtype=torch.float32, device=self._device)


def squeezenet(weights: Parameters) -> Iterator[Step]:
    """SqueezeNet 1.1, as ndf names its layers; blue, green, red less their means, 0 to 255."""
    yield _scaled((103.939, 116.779, 123.68), (1.0,) * 3, is_blue_first=True)
    yield Step("conv1", _conv(weights.conv("conv1"), 2), ((3, 2, 0),))
    for number in range(2, 10):
        yield Step("", F.relu)
        if number in (2, 4, 6):
            yield Step("", _pooled, ((3, 2, 0),))
        yield Step(f"fire{number}", _fire(weights, f"fire{number}"), ((3, 1, 1),))
    yield Step("", F.relu)
    yield Step(CLASSES, _conv(weights.conv("conv10")))


def efficientnet_lite0(weights: Parameters) -> Iterator[Step]:
    """EfficientNet-Lite0; red, green, blue of about -1 to 1."""
    strides = {1: 2, 3: 2, 5: 2, 11: 2}
    yield _scaled((127.0,) * 3, (128.0,) * 3)
    yield Step("stem", _conv(weights.conv("_conv_stem", "_bn0", 1e-3), 2, 1), ((3, 2, 1),))
    yield Step("", F.relu6)
    for number in range(16):
        stride = strides.get(number, 1)
        run, kernel = _inverted(weights, f"_blocks.{number}", stride)
        yield Step(f"block{number}", run, ((kernel, stride, kernel // 2),))
    head, classes = weights.conv("_conv_head", "_bn1", 1e-3), weights.conv("_fc")
    yield Step(CLASSES, lambda maps: _conv(classes)(F.relu6(_conv(head)(maps))))


def vgg16(weights: Parameters) -> Iterator[Step]:
    """VGG16 as torchvision names it."""
    yield from _vgg(weights, (2, 2, 3, 3, 3))


def vgg19(weights: Parameters) -> Iterator[Step]:
    """VGG19 as torchvision names it."""
    yield from _vgg(weights, (2, 2, 4, 4, 4))


def hed_vgg16(weights: Parameters) -> Iterator[Step]:
    """VGG16's convolutions as HED has them: blue, green, red less their means, 0 to 255."""
    first = _scaled((104.00699, 116.66877, 122.67892), (1.0,) * 3, is_blue_first=True)
    yield from _vgg(weights, (2, 2, 3, 3, 3), first)


def resnet18(weights: Parameters) -> Iterator[Step]:
    """ResNet18 as torchvision names it."""
    yield _torchvision()
    yield Step("conv1", _conv(weights.conv("conv1", "bn1"), 2, 3), ((7, 2, 3),))
    yield Step("", F.relu)
    yield Step("", lambda maps: F.max_pool2d(maps, 3, 2, 1), ((3, 2, 1),))
    for group in range(1, 5):
        for number in range(2):
            stride = 2 if group > 1 and number == 0 else 1
            block = _residual(weights, f"layer{group}.{number}", stride)
            yield Step(f"layer{group}" if number else "", block, ((3, stride, 1), (3, 1, 1)))
            yield Step("", F.relu)
    yield Step(CLASSES, _conv(weights.conv("fc")))


ARCHITECTURES: Mapping[str, Callable[[Parameters], Iterator[Step]]] = {
    "squeezenet": squeezenet,
    "efficientnet-lite0": efficientnet_lite0,
    "vgg16": vgg16,
    "vgg19": vgg19,
    "resnet18": resnet18,
}
CLASSIFIERS = {  # what the last layer's weights are called
    "squeezenet": "conv10",
    "efficientnet-lite0": "_fc",
    "vgg16": "classifier.6",
    "vgg19": "classifier.6",
    "resnet18": "fc",
}


def _vgg(weights: Parameters, counts: tuple[int, ...], first: Step | None = None) -> Iterator[Step]:
    yield first or _torchvision()
    numbers = count()  # of torchvision's features: convolutions, ReLUs and poolings in a row
    for group, convolutions in enumerate(counts, 1):
        for number in range(1, convolutions + 1):
            kernel = weights.conv(f"features.{next(numbers)}")
            yield Step(f"conv{group}_{number}", _conv(kernel, 1, 1), ((3, 1, 1),))
            next(numbers)
            yield Step("", F.relu)
        next(numbers)
        yield Step("", lambda maps: F.max_pool2d(maps, 2), ((2, 2, 0),))
    first_linear = weights.conv("classifier.0")
    linear = [(first_linear[0].reshape(-1, 512, 7, 7), first_linear[1])]
    linear += [weights.conv(f"classifier.{number}") for number in (3, 6)]

    def classified(maps: Tensor) -> Tensor:
        found = F.adaptive_avg_pool2d(maps, 7)
        for number, each in enumerate(linear):
            found = _conv(each)(F.relu(found) if number else found)
        return found

    yield Step(CLASSES, classified)


def _torchvision() -> Step:
    return _scaled((0.485 * 255, 0.456 * 255, 0.406 * 255), (0.229 * 255, 0.224 * 255, 0.225 * 255))


def _scaled(means: tuple[float, ...], spreads: tuple[float, ...], is_blue_first: bool = False) -> Step:
    """Red, green and blue of 0 to 1 as a network was trained: of 0 to 255, less their means, over spreads.

    means, spreads: in the order that the network has the channels.
    """
    mean = torch.tensor(means).reshape(1, 3, 1, 1)
    spread = torch.tensor(spreads).reshape(1, 3, 1, 1)

    def scaled(pictures: Tensor) -> Tensor:
        ordered = pictures.flip(1) if is_blue_first else pictures
        return (255 * ordered - mean.to(pictures.device)) / spread.to(pictures.device)

    return Step("", scaled)


def _conv(parameters: tuple[Tensor, Tensor], stride: int = 1, padding: int = 0) -> Callable[[Tensor], Tensor]:
    kernel, bias = parameters
    return lambda maps: F.conv2d(maps, kernel, bias, stride, padding)


def _pooled(maps: Tensor) -> Tensor:
    return F.max_pool2d(maps, 3, 2)


def _fire(weights: Parameters, name: str) -> Callable[[Tensor], Tensor]:
    """Squeezed to few channels, then expanded by kernels of one and of three pixels."""
    squeeze = _conv(weights.conv(f"{name}/squeeze1x1"))
    one, three = _conv(weights.conv(f"{name}/expand1x1")), _conv(weights.conv(f"{name}/expand3x3"), 1, 1)

    def fire(maps: Tensor) -> Tensor:
        squeezed = F.relu(squeeze(maps))
        return torch.cat([one(squeezed), three(squeezed)], 1)

    return fire


def _inverted(weights: Parameters, name: str, stride: int) -> tuple[Callable[[Tensor], Tensor], int]:
    """Expanded, filtered channel by channel, and projected to few channels; and its kernel's size."""
    expand = None
    if f"{name}._expand_conv.weight" in weights:
        expand = _conv(weights.conv(f"{name}._expand_conv", f"{name}._bn0", 1e-3))
    kernel, bias = weights.conv(f"{name}._depthwise_conv", f"{name}._bn1", 1e-3)
    project = _conv(weights.conv(f"{name}._project_conv", f"{name}._bn2", 1e-3))
    size = kernel.shape[-1]

    def inverted(maps: Tensor) -> Tensor:
        wide = F.relu6(expand(maps)) if expand else maps
        filtered = F.conv2d(wide, kernel, bias, stride, size // 2, groups=len(kernel))
        found = project(F.relu6(filtered))
        return found + maps if found.shape == maps.shape else found

    return inverted, size


def _residual(weights: Parameters, name: str, stride: int) -> Callable[[Tensor], Tensor]:
    """Two convolutions, and what they are added to."""
    first = _conv(weights.conv(f"{name}.conv1", f"{name}.bn1"), stride, 1)
    second = _conv(weights.conv(f"{name}.conv2", f"{name}.bn2"), 1, 1)
    shorter = None
    if f"{name}.downsample.0.weight" in weights:
        shorter = _conv(weights.conv(f"{name}.downsample.0", f"{name}.downsample.1"), stride)

    def residual(maps: Tensor) -> Tensor:
        return second(F.relu(first(maps))) + (shorter(maps) if shorter else maps)

    return residual
