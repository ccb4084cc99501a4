"""The hybrid: geometry says where on a stroke a pixel is, a small network what paint does there.

A pixel's nine features and its grain, which is sampled from four periodic textures along the path and across
it, go through three layers that are the same for all pixels. So a stroke may have any size and place.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.painters.brush.generators.maps import FEATURES, SIDE, Maps, maps_of, paths_of
from engine.painters.brush.model_file import GRAIN_CHANNELS, GRAIN_SIDE, TEXELS, BrushModel

LEAK = 0.1
FADE = 4.0  # paint ends within a quarter of a radius before its reach


class Grain(nn.Module):
    """Four textures, made by circular convolutions over white noise."""

    def __init__(self, channels: int = 8, generator: torch.Generator | None = None) -> None:
        super().__init__()
        self.first = nn.Conv2d(GRAIN_CHANNELS, channels, 3, padding=1, padding_mode="circular")
        self.second = nn.Conv2d(channels, GRAIN_CHANNELS, 3, padding=1, padding_mode="circular")
        for layer in (self.first, self.second):
            nn.init.normal_(layer.weight, std=0.4 / layer.in_channels**0.5, generator=generator)
            nn.init.zeros_(layer.bias)

    def forward(self, noise: Tensor) -> Tensor:
        """Textures (4, 64, 64) of mean 0 and variance 1; noise: the same shape, white."""
        made = self.second(functional.leaky_relu(self.first(noise[None]), LEAK))[0] + noise
        middle = made.mean((1, 2), keepdim=True)
        spread = made.var((1, 2), unbiased=False, keepdim=True).add(1e-8).sqrt()
        return (made - middle) / spread


class Hybrid(nn.Module):
    """The layers that a pixel goes through, and the textures.

    texels: as BrushModel has them. hidden: values of the two inner layers, a multiple of 8.
    """

    def __init__(
        self,
        reach: float,
        texels: tuple[float, float, float] = TEXELS,
        hidden: int = 24,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        self.reach, self.texels = reach, texels
        sides = (FEATURES + GRAIN_CHANNELS, hidden, hidden, 1)
        self.layers = nn.ModuleList(nn.Linear(*pair) for pair in pairwise(sides))
        for layer in self.layers:
            nn.init.normal_(layer.weight, std=(2 / layer.in_features) ** 0.5, generator=generator)
            nn.init.zeros_(layer.bias)
        self.grain = Grain(generator=generator)

    def forward(self, maps: Maps, texture: Tensor, offsets: Tensor) -> Tensor:
        """Opacity (m,) of the maps' pixels; texture (4, 64, 64), offsets (n, 2) texels, of each stroke."""
        values = torch.cat([maps.features, sampled(texture, maps, offsets, self.texels)], 1)
        for layer in self.layers[:-1]:
            values = functional.leaky_relu(layer(values), LEAK)
        logits = self.layers[-1](values)[:, 0]
        return torch.sigmoid(logits) * ((self.reach - maps.features[:, 0]) * FADE).clamp(0, 1)


def sampled(texture: Tensor, maps: Maps, offsets: Tensor, texels: tuple[float, float, float]) -> Tensor:
    """The textures (4, 64, 64) under the maps' pixels, (m, 4): bilinear, periodic."""
    offset = offsets[maps.stroke]
    row = _place(maps.across * texels[0] + offset[:, 1])
    around = functional.pad(texture[None], (0, 1, 0, 1), mode="circular")
    found = []
    for pair, along in ((slice(0, 2), texels[1]), (slice(2, 4), texels[2])):
        column = _place(maps.along * along + offset[:, 0])
        at = torch.stack([column, row], 1)[None, None]
        found.append(functional.grid_sample(around[:, pair], at, align_corners=True)[0, :, 0])
    return torch.cat(found).T


def _place(texels: Tensor) -> Tensor:
    """Texels, periodic, as torch counts from one side to the other: -1 to 1."""
    return texels.remainder(GRAIN_SIDE) * (2 / GRAIN_SIDE) - 1


def on_patches(values: Tensor, maps: Maps, count: int, sides: tuple[int, int] = (SIDE, SIDE)) -> Tensor:
    """Pixels' values (m,) in `count` windows, 0 where no paint reaches: (count, height, width)."""
    flat = values.new_zeros(count * sides[0] * sides[1])
    flat = flat.index_put((maps.stroke * (sides[0] * sides[1]) + maps.pixel,), values)
    return flat.reshape(count, *sides)


class HybridGenerator:
    """A brush's file as torch draws it, frozen."""

    kind = "hybrid"

    def __init__(self, model: BrushModel, device: str = "cpu") -> None:
        self.name = model.name
        self.parameters = sum(each.size for each in (model.grain, *model.weights, *model.biases))
        self._net = Hybrid(model.reach, model.texels, len(model.biases[0])).requires_grad_(False).to(device)
        for layer, weight, bias in zip(self._net.layers, model.weights, model.biases, strict=True):
            layer.weight.copy_(torch.from_numpy(weight))
            layer.bias.copy_(torch.from_numpy(bias))
        self._texture = torch.from_numpy(model.grain).to(device)

    def alpha(self, actions: Tensor, grains: Tensor) -> Tensor:
        """Opacity (n, 64, 64) of actions (n, 12), whose grain begins at `grains` (n, 2) texels."""
        maps = maps_of(paths_of(actions), self._net.reach)
        return on_patches(self._net(maps, self._texture, grains), maps, len(actions))
