"""Networks, their layers and channels by name, known without loading torch or any weights."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from engine.errors import SpecError

CLASSES = "classes"  # the layer of a classifier's logits, at each place

_FIRES = {"conv1": 64, "fire2": 128, "fire3": 128, "fire4": 256, "fire5": 256, "fire6": 384, "fire7": 384}
_BLOCKS = (16, 24, 24, 40, 40, 80, 80, 80, 112, 112, 112, 192, 192, 192, 192, 320)


@dataclass(frozen=True)
class Known:
    """A network that Tessera has the architecture of."""

    about: str
    layers: Mapping[str, int]  # channels by layer, from the picture on


def _vgg(counts: Sequence[int]) -> dict[str, int]:
    channels = (64, 128, 256, 512, 512)
    return {
        f"conv{group}_{number}": channels[group - 1]
        for group, count in enumerate(counts, 1)
        for number in range(1, count + 1)
    }


KNOWN: dict[str, Known] = {
    "squeezenet": Known(
        "small and quick; fire3 to fire6 draw patterns",
        _FIRES | {"fire8": 512, "fire9": 512, CLASSES: 1000},
    ),
    "efficientnet-lite0": Known(
        "blocks 2 to 6 draw patterns",
        {"stem": 32} | {f"block{number}": count for number, count in enumerate(_BLOCKS)} | {CLASSES: 1000},
    ),
    "vgg16": Known(
        "large and slow, the classic of feature pictures", _vgg((2, 2, 3, 3, 3)) | {CLASSES: 1000}
    ),
    "vgg19": Known("a deeper vgg16", _vgg((2, 2, 4, 4, 4)) | {CLASSES: 1000}),
    "resnet18": Known(
        "residual blocks",
        {"conv1": 64, "layer1": 64, "layer2": 128, "layer3": 256, "layer4": 512, CLASSES: 1000},
    ),
}


class Neuron(NamedTuple):
    """A channel of a layer of a network."""

    network: str
    layer: str
    channel: int


class Features(NamedTuple):
    """Layers of a network that a photograph's features are taken from."""

    network: str
    layers: tuple[str, ...]


def is_own(network: str) -> bool:
    """Whether a name is that of a user's own network, module:function."""
    return ":" in network


def neuron_of(text: str) -> Neuron:
    """Parse NETWORK/LAYER/CHANNEL; SpecError for one that isn't there."""
    network, layer, channel = _parts(text, 3, "NETWORK/LAYER/CHANNEL, such as squeezenet/fire6/172")
    if not channel.isdecimal():
        raise SpecError(f"{text}: {channel!r} is no channel; channels are whole numbers from 0.")
    check_layers(network, [layer])
    if not is_own(network):
        check_channel(network, layer, int(channel), KNOWN[network].layers[layer])
    return Neuron(network, layer, int(channel))


def class_of(text: str) -> Neuron:
    """Parse NETWORK/NAME, a class of ImageNet; SpecError for one that isn't there."""
    network, name = _parts(text, 2, "NETWORK/NAME, such as squeezenet/daisy")
    check_layers(network, [CLASSES])
    names = imagenet()
    by_name = {each.lower(): number for number, each in enumerate(names)}
    if name.isdecimal() and int(name) < len(names):
        return Neuron(network, CLASSES, int(name))
    if (found := by_name.get(name.lower().replace("_", " "))) is None:
        close = difflib.get_close_matches(name.lower(), by_name, 3)
        perhaps = f"; perhaps {', '.join(close)}" if close else ""
        raise SpecError(f"{text}: ImageNet has no class {name!r}{perhaps} (docs/networks.md).")
    return Neuron(network, CLASSES, found)


def features_of(where: str, places: Sequence[str]) -> Features:
    """Parse NETWORK/LAYER, one or several of one network; SpecError for what isn't there.

    where: begins the sentence.
    """
    parts = [_parts(place, 2, "NETWORK/LAYER, such as squeezenet/fire3") for place in places]
    networks = list(dict.fromkeys(network for network, _ in parts))
    if len(networks) > 1:
        raise SpecError(f"{where}: layers must be of one network, not of {_listed(networks)}.")
    layers = tuple(dict.fromkeys(layer for _, layer in parts))
    check_layers(networks[0], layers)
    return Features(networks[0], layers)


def check_network(name: str) -> None:
    """SpecError for a network that isn't there."""
    if name not in KNOWN and not is_own(name):
        close = difflib.get_close_matches(name, KNOWN, 1)
        perhaps = f"; perhaps {close[0]} is meant" if close else ""
        raise SpecError(f"there is no network {name!r} (there are {_listed(list(KNOWN))}){perhaps}.")


def check_layers(network: str, layers: Sequence[str]) -> None:
    """SpecError for a network that isn't there, or a layer that it hasn't; a user's own may have any."""
    check_network(network)
    if not is_own(network):
        check_among(network, layers, list(KNOWN[network].layers))


def check_among(network: str, layers: Sequence[str], there_are: Sequence[str]) -> None:
    """SpecError for a layer that isn't among those of a network."""
    for layer in layers:
        if layer not in there_are:
            raise SpecError(f"{network} has no layer {layer!r} (there are {_listed(there_are)}).")


def check_channel(network: str, layer: str, channel: int, channels: int) -> None:
    """SpecError for a channel that a layer hasn't."""
    if not 0 <= channel < channels:
        raise SpecError(f"{network}/{layer} has no channel {channel} (there are 0 to {channels - 1}).")


@cache
def imagenet() -> tuple[str, ...]:
    """The names of ImageNet's thousand classes, by number: each its synset's first word in WordNet."""
    text = files("engine.painters.curves.networks").joinpath("imagenet.txt").read_text(encoding="utf-8")
    return tuple(text.splitlines())


def _parts(text: str, count: int, form: str) -> list[str]:
    """A name's parts, of which the first may be a user's own network with slashes nowhere."""
    parts = text.split("/", count - 1)
    if len(parts) != count or not all(parts):
        raise SpecError(f"{text!r} is not of the form {form}.")
    return parts


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)
