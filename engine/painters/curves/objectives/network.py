"""What a pretrained network likes: one channel's activation, a class, or a photograph's features."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from scipy.special import expit

from engine.painters.curves.networks.files import weights_of
from engine.painters.curves.networks.names import (
    Features,
    Neuron,
    check_channel,
    class_of,
    features_of,
    is_own,
    neuron_of,
)
from engine.painters.curves.networks.opening import check_torch, open_network
from engine.painters.curves.objectives.base import Objective, Planes, Sight, Verdict
from engine.painters.curves.objectives.grids import mean_of
from engine.painters.curves.plan import threads_of
from engine.painters.curves.views import ViewSettings, look, look_back, random_view

if TYPE_CHECKING:  # which load torch, or much else
    from engine.painters.curves.networks.network import Loss, Network
    from engine.painters.curves.params import AnalysedParams, CurveParams

FAINT = 0.05  # of activations in spreads, and of squared differences of features: as good as none
NOISE_SIDE, NOISE_LINE, NOISE_SIGMA = 256, 2.5, 6.0  # pixels of the picture that spreads are told from


class Seeing(NamedTuple):
    """How a network is shown a picture."""

    settings: ViewSettings = ViewSettings()
    views: int = 2  # for each verdict
    side: int = 176  # pixels of a view
    threads: int = 1  # that look at views at the same time, on a CPU


class NeuronObjective:
    """Less the activation of a channel, before its ReLU, over its spread: a class, when it is a classifier's.

    The map is the logistic function of it, 1 / (1 + exp(activation / spread)): about 1/2 where a drawing is
    not yet anything, towards 0 where the channel likes it, towards 1 where it dislikes it.
    """

    def __init__(self, network: Network, neuron: Neuron, seeing: Seeing) -> None:
        layer = network.layers[neuron.layer]
        check_channel(network.name, neuron.layer, neuron.channel, layer.channels)
        self.network, self.neuron = network, neuron
        self.seeing = seeing

    @cached_property
    def spread(self) -> float:
        """The standard deviation of the channel over noise strokes."""
        return float(spreads(self.network, self.neuron.layer)[self.neuron.channel])

    def verdict(self, sight: Sight, random: np.random.Generator) -> Verdict:
        """The mean over random views, of their maps without the border."""
        from engine.painters.curves.networks.losses import activation

        layer = self.network.layers[self.neuron.layer]
        loss = activation(self.neuron, layer, self.spread, self.seeing.side)
        return _seen(self.network, loss, sight._replace(aim=None), self.seeing, random)

    def map(self, sight: Sight) -> NDArray[np.float32]:
        """0..1, a grid as fine as the layer's cells."""
        from engine.painters.curves.networks.mapping import mapped

        def judged(maps: Planes, _: Planes | None) -> NDArray[np.float32]:
            found: NDArray[np.float32] = expit(-maps[self.neuron.channel] / self.spread)
            return found

        return mapped(self.network, self.neuron.layer, sight.picture, sight.wraps, judged)


class FeaturesObjective:
    """Mean squared difference of a drawing's features from the aim's, of length 1 at each place.

    It is told as a share of what blank paper has, which is 1. Drawing and aim are seen through the same
    random views. The map is that share at each place, 1 at most; where there is nothing to be seen paper has
    next to none, and neither must a drawing.
    """

    def __init__(self, network: Network, features: Features, seeing: Seeing) -> None:
        self.network, self.features = network, features
        self.seeing = seeing

    @cached_property
    def spreads(self) -> dict[str, NDArray[np.float32]]:
        """By layer, of its channels, (channels,)."""
        return {name: spreads(self.network, name) for name in self.features.layers}

    @cached_property
    def papers(self) -> dict[str, NDArray[np.float32]]:
        """What layers say of white paper, (channels,) each."""
        return {name: of_paper(self.network, name) for name in self.features.layers}

    def verdict(self, sight: Sight, random: np.random.Generator) -> Verdict:
        """The mean over random views, of their maps without the border."""
        from engine.painters.curves.networks.losses import likeness

        loss = likeness(
            self.network.layers,
            self.spreads,
            self.papers,
            self.seeing.side,
            FAINT,
            self.network.device,
        )
        return _seen(self.network, loss, sight, self.seeing, random)

    def map(self, sight: Sight) -> NDArray[np.float32]:
        """0..1, a grid as fine as the finest layer's cells."""
        from engine.painters.curves.networks.mapping import mapped

        found = []
        for name in self.features.layers:
            spread = self.spreads[name][:, None, None]
            paper = of_length_1(self.papers[name][:, None, None], spread)

            def judged(
                maps: Planes, aims: Planes | None, spread: Planes = spread, paper: Planes = paper
            ) -> NDArray[np.float32]:
                assert aims is not None
                drawn, aim = of_length_1(maps, spread), of_length_1(aims, spread)
                here, blank = (np.square(each - aim).mean(0) for each in (drawn, paper))
                return np.minimum(here / (blank + FAINT), 1)

            found.append(mapped(self.network, name, sight.picture, sight.wraps, judged, sight.aim))
        return mean_of(found, [1.0] * len(found))


def noise_strokes() -> Planes:
    """A picture of lines at random, black on white, that wraps; always the same. (3, side, side)"""
    noise = np.random.default_rng(0).standard_normal((NOISE_SIDE, NOISE_SIDE))
    smooth = gaussian_filter(noise, NOISE_SIGMA, mode="wrap")
    down, right = (np.roll(smooth, -1, axis) - np.roll(smooth, 1, axis) for axis in (0, 1))
    away = np.abs(smooth) / (np.hypot(down, right) / 2 + 1e-6)  # pixels from where it is 0
    line = np.clip(away - NOISE_LINE / 2 + 0.5, 0, 1).astype(np.float32)
    return np.repeat(line[None], 3, 0)


def spreads(network: Network, layer: str) -> NDArray[np.float32]:
    """The standard deviation of each channel over noise strokes, (channels,); at least 1% of their mean."""
    known = network.layers[layer]
    maps = network.answers(noise_strokes()[None])[layer][0]
    if not known.is_whole:
        rows, cols = (known.cells.inner(NOISE_SIDE, count) for count in maps.shape[1:])
        maps = maps[:, rows, cols]
    found = maps.std((1, 2), dtype=np.float64)
    return np.maximum(found, max(found.mean() / 100, 1e-9)).astype(np.float32)


def of_length_1(maps: Planes, spreads: Planes) -> Planes:
    """Features of a layer, (channels, rows, cols), as losses.likeness has them. spreads: (channels, 1, 1)."""
    features = np.maximum(maps, 0) / spreads
    return features / np.sqrt(np.square(features).mean(0) + np.float32(FAINT**2))


def of_paper(network: Network, layer: str) -> NDArray[np.float32]:
    """What a layer says of white paper that goes on for ever, (channels,)."""
    known = network.layers[layer]
    side = known.cells.size + 2 * known.cells.stride
    maps = network.answers(np.ones((1, 3, side, side), np.float32))[layer][0]
    return maps.mean((1, 2)) if known.is_whole else maps[:, maps.shape[1] // 2, maps.shape[2] // 2]


def _seen(network: Network, loss: Loss, sight: Sight, seeing: Seeing, random: np.random.Generator) -> Verdict:
    """The mean loss of random views, and its slopes by the picture, added up in the views' order."""
    shape, side, wraps = sight.picture.shape[1:], seeing.side, sight.wraps
    views = [random_view(seeing.settings, shape, side, wraps, random) for _ in range(seeing.views)]
    pictures = np.stack([look(sight.picture, view, side, wraps) for view in views])
    aim = sight.aim
    aims = None if aim is None else np.stack([look(aim, view, side, wraps) for view in views])
    losses, seen = network.slopes(loss, pictures, aims, seeing.threads)
    slopes = np.zeros_like(sight.picture)
    for view, each in zip(views, seen / np.float32(len(views)), strict=True):
        slopes += look_back(each, view, shape, wraps)
    return Verdict(float(losses.mean()), slopes)


def check_neural(name: str, params: CurveParams) -> None:
    """SpecError for what settings name and isn't there: a network, a layer, torch, weights.

    name: of an objective, neuron, class or features. Only a user's own network or weights are opened.
    """
    wanted = _wanted(name, params)
    check_torch()
    if is_own(wanted.network) or params.weights:
        network = _opened(wanted, params)
        if isinstance(wanted, Neuron):
            check_channel(network.name, wanted.layer, wanted.channel, network.layers[wanted.layer].channels)
    else:
        weights_of(wanted.network)


def open_neural(name: str, params: AnalysedParams) -> Objective:
    """The objective of a name (neuron, class or features); SpecError when it can't be had."""
    wanted = _wanted(name, params)
    network = _opened(wanted, params)
    settings = ViewSettings(
        params.rotation, (1 / (1 + params.zoom), 1 + params.zoom), params.perspective, params.jitter
    )
    seeing = Seeing(settings, params.views, params.view, threads_of(params))
    if isinstance(wanted, Features):
        return FeaturesObjective(network, wanted, seeing)
    return NeuronObjective(network, wanted, seeing)


def _opened(wanted: Neuron | Features, params: CurveParams) -> Network:
    layers = wanted.layers if isinstance(wanted, Features) else (wanted.layer,)
    return open_network(wanted.network, layers, params.weights or "", params.device)


def _wanted(name: str, params: CurveParams) -> Neuron | Features:
    if name == "features":
        return features_of("painter.layers", params.layers)
    return class_of(params.label) if name == "class" else neuron_of(params.neuron)
