"""A brush as strokes are painted with it: what was learned of it, and how it covers."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.painters.brush.model_file import (
    BUNDLED,
    BrushModel,
    bundled_path,
    model_bytes,
    read_model,
)
from engine.painters.brush.network import Look
from engine.painters.brush.patch_boxes import MARGIN
from engine.painters.brush.profile import PLACES, PRESSURES, profile_of

FULL = 0.95  # alpha in the middle of an opaque brush's stroke at least
SPARSE = 0.02  # mean alpha that isn't missed
SURE = 0.5  # alpha of an unhindered brush's middle from which on it covers

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Brush:
    """A brush that strokes are painted with."""

    model: BrushModel
    is_opaque: bool  # whether its alphas are taken so many times that its middle covers what is beneath
    network: bytes = b""  # the file of a VAE or a GAN that draws its strokes; empty: what was learned does

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
        _SEEN[model.digest] = model
        if is_opaque is None:
            is_opaque = float(_profile(model.digest, 1.0)[-1, PRESSURES // 2, 0]) >= SURE
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
        middle = float(_profile(self.model.digest, 1.0)[-1, PRESSURES - 1, : PLACES // 4].mean())
        return np.float32(max(FULL / max(middle, 0.05), 1.0))

    @property
    def profile(self) -> Floats:
        """Its mean alpha by size, pressure and distance from the spine, up to its reach; see profile.py."""
        return _profile(self.model.digest, float(self.gain))

    @cached_property
    def network_digest(self) -> str:
        """Tells networks apart; "" for none."""
        return hashlib.sha256(self.network).hexdigest() if self.network else ""

    @cached_property
    def reach(self) -> np.float32:
        """How far paint is from the spine, in radii: beyond it there is next to none on average."""
        if self.network:
            return np.float32(MARGIN)
        dense = self.profile.max(axis=(0, 1)) > SPARSE
        last = int(np.flatnonzero(dense)[-1]) if dense.any() else 0
        return np.float32(self.model.reach * min(last + 1, PLACES - 1) / (PLACES - 1))

    @cached_property
    def look(self) -> Look:
        """For kernels."""
        (w0, w1, w2), (b0, b1, b2) = self.model.weights, self.model.biases
        return Look(
            self.model.grain,
            w0,
            b0,
            w1,
            b1,
            w2,
            b2,
            np.float32(self.model.reach),
            self.reach,
            self.gain,
            np.array(self.model.texels, np.float32),
        )

    @property
    def content(self) -> bytes:
        """Its file."""
        return model_bytes(self.model)

    def __reduce__(self) -> tuple[Any, ...]:
        """By name, where it comes with Tessera: parts go to workers with every job."""
        if self.is_bundled and not self.network:
            return Brush.bundled, (self.model.name, self.is_opaque)
        return _of_bytes, (self.content, self.is_opaque, self.network)


@lru_cache(maxsize=4)
def _of_bytes(content: bytes, is_opaque: bool, network: bytes) -> Brush:
    return replace(Brush.of_bytes(content, is_opaque), network=network)


@lru_cache(maxsize=len(BUNDLED))
def _bundled(name: str) -> BrushModel:
    return read_model(bundled_path(name))


@lru_cache(maxsize=16)
def _profile(digest: str, gain: float) -> Floats:
    """Of a model that has been seen; it takes some milliseconds."""
    return profile_of(_SEEN[digest], gain)


_SEEN: dict[str, BrushModel] = {}  # by digest
