"""A brush as strokes are painted with it: what was learned of it, and how it covers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.painters.brush.generate import ALONG, Look
from engine.painters.brush.model_file import (
    BUNDLED,
    GRAIN_SIDE,
    BrushModel,
    bundled_path,
    model_bytes,
    read_model,
)
from engine.painters.brush.raster import PLACES, PRESSURES

SIZES = 12  # of profiles, from the least size to the largest
SAMPLES = 8  # of the grain that a profile is the mean of
FULL = 0.95  # alpha in the middle of an opaque brush's stroke at least
SURE = 0.5  # alpha of an unhindered brush's middle from which on it covers
_MIDDLE, _USUAL = 2.0, 6.0  # radii to both ends, and length, of a stroke that a profile is taken from

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Brush:
    """A brush that strokes are painted with."""

    model: BrushModel
    is_opaque: bool  # whether its alphas are taken so many times that its middle covers what is beneath

    @classmethod
    def bundled(cls, name: str, is_opaque: bool | None = None) -> Brush:
        """One that comes with Tessera; is_opaque: None: as it is by itself. ValueError for any other name."""
        return cls.of(_bundled(name), is_opaque)

    @classmethod
    def of_bytes(cls, content: bytes, is_opaque: bool | None = None) -> Brush:
        """One from a file; ValueError for what is none."""
        return cls.of(read_model(content), is_opaque)

    @classmethod
    def of_file(cls, path: Path, is_opaque: bool | None = None) -> Brush:
        """The same; OSError, with strerror, when it can't be read."""
        return cls.of(read_model(path), is_opaque)

    @classmethod
    def of(cls, model: BrushModel, is_opaque: bool | None = None) -> Brush:
        """One from what was learned of it."""
        if is_opaque is None:
            is_opaque = float(_profiles(model.digest, model)[-1, PRESSURES // 2, 0]) >= SURE
        return cls(model, is_opaque)

    @property
    def is_bundled(self) -> bool:
        """Whether it comes with Tessera just so."""
        return self.model.name in BUNDLED and _bundled(self.model.name).digest == self.model.digest

    @cached_property
    def gain(self) -> np.float32:
        """Times which alphas are taken, up to 1."""
        if not self.is_opaque:
            return np.float32(1)
        middle = float(_profiles(self.model.digest, self.model)[-1, PRESSURES - 1, : PLACES // 4].mean())
        return np.float32(max(FULL / max(middle, 0.05), 1.0))

    @cached_property
    def profiles(self) -> Floats:
        """Its mean alpha by size, pressure and distance from the spine: (SIZES, PRESSURES, PLACES)."""
        found = np.minimum(_profiles(self.model.digest, self.model) * self.gain, 1)
        return np.ascontiguousarray(found, np.float32)

    @property
    def reach(self) -> np.float32:
        """How far paint is from the spine at most, in radii."""
        return np.float32(self.model.reach)

    @cached_property
    def look(self) -> Look:
        """For kernels."""
        (w0, w1, w2), (b0, b1, b2) = self.model.weights, self.model.biases
        return Look(self.model.grain, w0, b0, w1, b1, w2, b2, self.reach, self.gain)

    @property
    def content(self) -> bytes:
        """Its file."""
        return model_bytes(self.model)

    def __reduce__(self) -> tuple[Any, ...]:
        """By name, where it comes with Tessera: parts go to workers with every job."""
        if self.is_bundled:
            return Brush.bundled, (self.model.name, self.is_opaque)
        return _of_bytes, (self.content, self.is_opaque)


@lru_cache(maxsize=4)
def _of_bytes(content: bytes, is_opaque: bool) -> Brush:
    return Brush.of_bytes(content, is_opaque)


@lru_cache(maxsize=len(BUNDLED))
def _bundled(name: str) -> BrushModel:
    return read_model(bundled_path(name))


_KNOWN: dict[str, Floats] = {}


def _profiles(digest: str, model: BrushModel) -> Floats:
    """The mean alpha of a model; computed once for each."""
    if digest not in _KNOWN:
        _KNOWN[digest] = mean_profiles(model)
    return _KNOWN[digest]


def mean_profiles(model: BrushModel) -> Floats:
    """The mean alpha in the midst of a stroke by size, pressure and distance: (SIZES, PRESSURES, PLACES).

    The mean over both sides, four directions and places of the grain, which are the same each time.
    """
    random = np.random.default_rng(0)
    sizes, pressures, places = np.meshgrid(
        np.linspace(0, 1, SIZES),
        np.linspace(0, 1, PRESSURES),
        np.linspace(0, model.reach, PLACES),
        indexing="ij",
    )
    total = np.zeros(sizes.shape, np.float32)
    for sample in range(SAMPLES):
        side, angle = (-1) ** sample, np.pi * (sample % 4) / 4
        grain = _grain_at(model.grain, random.uniform(0, GRAIN_SIDE, (2, *sizes.shape)))
        fixed = (
            _MIDDLE,
            _MIDDLE,
            pressures,
            sizes,
            np.log1p(_USUAL) / 4,
            np.cos(2 * angle),
            np.sin(2 * angle),
        )
        columns = [places, side * places, *fixed, *grain]
        values = np.stack([np.broadcast_to(each, sizes.shape) for each in columns], -1).astype(np.float32)
        for layer in range(2):
            values = values @ model.weights[layer].T + model.biases[layer]
            values = np.maximum(values, np.float32(0.1) * values)
        logits = (values @ model.weights[2].T + model.biases[2])[..., 0]
        total += (1 / (1 + np.exp(-logits))) * np.clip((model.reach - places) * 4, 0, 1)
    return total / np.float32(SAMPLES)


def _grain_at(grain: Floats, at: NDArray[np.float64]) -> list[Floats]:
    """The channels of the grain at places (2, ...), in texels, smooth between them."""
    low = np.floor(at).astype(int)
    v, u = at - low
    (r0, c0), (r1, c1) = low % GRAIN_SIDE, (low + 1) % GRAIN_SIDE
    return [
        (each[r0, c0] * (1 - u) + each[r0, c1] * u) * (1 - v)
        + (each[r1, c0] * (1 - u) + each[r1, c1] * u) * v
        for each in grain[: len(ALONG)]
    ]
