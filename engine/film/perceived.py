"""The pace of the eye: how far a picture on its way has come, as somebody sees it who knows the result.

Three things are looked at, as one works: large masses of colour are blocked in, then the form is found, then
it is refined. Each begins at 0 and ends at 1. That they last a quarter, a half and a quarter of a film needs
no clock: masses are there long before edges are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.image.pixels import Pixels

VIEW = 256  # pixels of the longest side of what is looked at
MASSES, FORM, EDGES = 0.25, 0.5, 0.25  # what each is worth,
RESTLESS = 0.1  # and the share of what changes without coming nearer, as a net does that still moves
COARSE = 4  # how many times smaller masses of colour are looked at
WINDOW = 7  # pixels of a side, where structure is compared
MOST = 256  # places that are looked at first, and as many as STEPS between them, where the way is steep
STEPS = 100

Values = NDArray[np.float32]
Places = NDArray[np.float64]
Look = Callable[[list[float]], Iterator[Pixels]]  # the pictures at some places, `VIEW` pixels long


def perceived_way(look: Look, end: int) -> tuple[Places, NDArray[np.float64]]:
    """Places from 0 to `end`, and how far each of them is along the way to the eye: (n,), rising from 0.

    Between them the way is as good as straight.
    """
    places = np.unique(np.linspace(0, end, min(end + 1, MOST)).round())
    first, last = look([0.0, float(end)])
    eye = Eye.of(first, last)
    seen = _seen(eye, look, places)
    between = np.concatenate([[], *map(_filling, pairwise(places.tolist()), np.diff(_height(seen)).tolist())])
    if len(between):
        places, seen = np.concatenate([places, between]), np.concatenate([seen, _seen(eye, look, between)])
        order = np.argsort(places)
        places, seen = places[order], seen[order]
    return places, _height(seen)


@dataclass(frozen=True)
class Eye:
    """Sees how near a picture is to the result."""

    coarse: Structure  # of the result's colours
    fine: Structure  # of its lightness
    edges: Values
    contrast: float  # RMSE of the first picture's colours
    start: NDArray[np.float64]  # how near the first picture is

    @classmethod
    def of(cls, first: Pixels, result: Pixels) -> Eye:
        """One that knows the result; both (height, width, 3)."""
        light = _light(result)
        masses = Structure.of(reduced(result / np.float32(255), COARSE))
        colours = reduced(first / np.float32(255), COARSE)
        contrast = max(float(np.sqrt(np.square(colours - masses.values).mean())), 1e-9)
        eye = cls(masses, Structure.of(light), _edges(light), contrast, np.zeros(3))
        return replace(eye, start=eye.nearness(first))

    def nearness(self, picture: Pixels) -> NDArray[np.float64]:
        """Of masses, form and edges: 1 is the result, for a picture of its size."""
        colours = reduced(picture / np.float32(255), COARSE)
        off = float(np.sqrt(np.square(colours - self.coarse.values).mean())) / self.contrast
        masses = (self.coarse.likeness(colours) + 1 - off) / 2
        light = _light(picture)
        missing = float(np.abs(_edges(light) - self.edges).sum()) / max(float(np.abs(self.edges).sum()), 1e-9)
        return np.array([masses, self.fine.likeness(light), 1 - missing])

    def progress(self, picture: Pixels) -> NDArray[np.float64]:
        """As `nearness`, from 0 for the first picture to 1; what is farther off than that is 0, too."""
        room = np.maximum(1 - self.start, 1e-9)
        return np.clip((self.nearness(picture) - self.start) / room, 0, 1)


@dataclass(frozen=True)
class Structure:
    """What SSIM (Wang et al. 2004) needs of one of two pictures, in windows of WINDOW x WINDOW pixels."""

    values: Values  # (height, width, channels), 0 to 1
    means: Values
    variances: Values

    @classmethod
    def of(cls, values: Values) -> Structure:
        """Of a picture, 0 to 1."""
        means = _mean(values)
        return cls(values, means, _mean(values * values) - means * means)

    def likeness(self, values: Values) -> float:
        """SSIM to another picture of the same size: 1 for the same, mean over pixels and channels."""
        other = Structure.of(values)
        shared = _mean(self.values * values) - self.means * other.means
        dark, flat = 0.01**2, 0.03**2  # that paper's constants
        above = (2 * self.means * other.means + dark) * (2 * shared + flat)
        below = (self.means**2 + other.means**2 + dark) * (self.variances + other.variances + flat)
        return float((above / below).mean())


def reduced(values: NDArray[np.floating[Any]], factor: int) -> Values:
    """So many times smaller, by means: (height / factor, width / factor, channels), rounded up."""
    height, width = values.shape[:2]
    padded = np.pad(values, ((0, -height % factor), (0, -width % factor), (0, 0)), mode="edge")
    shape = padded.shape[0] // factor, factor, padded.shape[1] // factor, factor, values.shape[2]
    return padded.reshape(shape).mean(axis=(1, 3), dtype=np.float32)


def _seen(eye: Eye, look: Look, places: Places) -> NDArray[np.float64]:
    """For each place masses, form and edges, and what has changed since the one before."""
    seen = []
    before: Values | None = None
    for picture in look(places.tolist()):
        light = reduced(_light(picture), 2)
        changed = 0.0 if before is None else float(np.sqrt(np.square(light - before).mean()))
        seen.append([*eye.progress(picture), changed])
        before = light
    return np.array(seen)


def _height(seen: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far each place is along the way."""
    near = np.maximum.accumulate(seen[:, :3], axis=0) @ (MASSES, FORM, EDGES)
    changed = np.cumsum(seen[:, 3])
    return (1 - RESTLESS) * near + RESTLESS * changed / max(float(changed[-1]), 1e-9)


def _filling(ends: tuple[float, float], step: float) -> Places:
    """Places between two, so that none is much more than 1 / STEPS of the way from the next."""
    count = int(step * STEPS)
    return np.linspace(*ends, count + 2)[1:-1]


def _light(picture: Pixels) -> Values:
    """Luma of BT.709, 0 to 1: (height, width, 1)."""
    red, green, blue = (picture[..., number : number + 1].astype(np.float32) for number in range(3))
    light: Values = (np.float32(0.2126) * red + np.float32(0.7152) * green + np.float32(0.0722) * blue) / 255
    return light


def _edges(light: Values) -> Values:
    """Differences to the right and downwards, one after the other."""
    return np.concatenate([np.diff(light, axis=0).ravel(), np.diff(light, axis=1).ravel()])


def _mean(values: Values) -> Values:
    from scipy.ndimage import uniform_filter  # which takes long to load

    return uniform_filter(values, (WINDOW, WINDOW, 1), mode="reflect")
