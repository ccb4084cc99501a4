"""Strokes of a brush as arrays: each a quadratic Bezier curve, a radius and how hard the brush is pressed."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

NEW = -1  # the id of a stroke that has not been put into a scene yet
GRAIN = 64  # texels that a brush's grain has each way; it repeats


@dataclass(frozen=True)
class Strokes:
    """Strokes, back to front."""

    ids: NDArray[np.int64]  # (n,), order of birth, which is also the order of drawing
    points: NDArray[np.float32]  # (n, 3, 2), start, control and end of a Bezier curve, target pixels
    radii: NDArray[np.float32]  # (n,), of the brush, target pixels
    pressures: NDArray[np.float32]  # (n, 2), as the brush comes down and as it is lifted, 0..1
    colours: NDArray[np.float32]  # (n, 3), sRGB-encoded, 0..1
    opacities: NDArray[np.float32]  # (n,), 0..1
    grains: NDArray[np.float32]  # (n, 2), where in the brush's grain each begins, texels, 0..GRAIN
    levels: NDArray[np.int8]  # (n,), how fine it is: 0 the coarsest
    shown: NDArray[np.float32]  # (n,), how much of its path is there, 0..1: less than 1 in films only

    @classmethod
    def empty(cls, count: int = 0) -> Self:
        """Room for strokes: black, one pixel of radius, all of them at (0, 0)."""
        return cls(
            np.full(count, NEW, np.int64),
            np.zeros((count, 3, 2), np.float32),
            np.ones(count, np.float32),
            np.full((count, 2), 0.5, np.float32),
            np.zeros((count, 3), np.float32),
            np.ones(count, np.float32),
            np.zeros((count, 2), np.float32),
            np.zeros(count, np.int8),
            np.ones(count, np.float32),
        )

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, selected: Any) -> Self:
        return type(self)(*(getattr(self, each.name)[selected] for each in fields(self)))

    def joined(self, *after: Strokes) -> Self:
        """These strokes with others drawn on top."""
        layers = (self, *after)
        return type(self)(
            *(np.concatenate([getattr(one, each.name) for one in layers]) for each in fields(self))
        )

    def scaled(self, scale: NDArray[np.floating]) -> Self:
        """Stretched by factors for x and y (2,); widths change with the square root of their product."""
        x, y = (float(each) for each in scale)
        if x == y == 1:
            return self
        stretched = (self.points * np.array([x, y], np.float32)).astype(np.float32)
        return replace(self, points=stretched, radii=(self.radii * np.float32(np.sqrt(x * y))))

    def middles(self) -> NDArray[np.float32]:
        """Where each curve is at t = .5, (n, 2), target pixels."""
        p = self.points
        return (p[:, 0] + 2 * p[:, 1] + p[:, 2]) * np.float32(0.25)
