"""What a painter paints: a scene is a value, its marks are the exporters' common form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from engine.grid import Tile
from engine.image.pixels import Colour


class Brushwork(NamedTuple):
    """What all strokes of a picture are painted with."""

    brush: str  # its name
    is_opaque: bool
    paper: str


class Touch(NamedTuple):
    """What a stroke has that was painted with a brush, and that only such a brush can show."""

    work: Brushwork
    radius: float  # target pixels
    opacity: float  # of its paint, 0..1
    pressures: tuple[float, float]  # as the brush comes down and as it is lifted, 0..1
    grain: tuple[float, float]  # where in the brush's grain it begins, texels
    level: int  # how fine it is: 0 the coarsest


@dataclass(frozen=True)
class Mark:
    """One drawn shape.

    A polygon's points are its outline; those of a rectangle or an ellipse the centre and the ends of two
    half-axes at right angles; those of a stroke two ends, or an end, a control point (a quadratic Bezier
    curve) and the other end, or 4, 7 or 10 points: one to three cubic Bezier curves one after the other,
    each beginning where the one before ends, with round corners.
    """

    form: Literal["polygon", "rectangle", "ellipse", "stroke"]
    points: NDArray[np.floating[Any]]  # (n, 2), x and y in target pixels
    colour: Colour
    opacity: float
    width: float = 0  # of a stroke, in target pixels
    touches: bool = False  # others on all sides, with no gap: no paper is to be seen between it and them
    cap: Literal["butt", "round"] = "butt"  # a stroke's ends: cut off, or half circles around its end points
    blend: Literal["normal", "multiply"] = "normal"  # covers what is beneath, or darkens it as ink does
    touch: Touch | None = None  # of a brush's stroke, which `width` and `opacity` are only a likeness of


class Part(Protocol):
    """All of a scene that reaches into a tile: a picklable value."""

    def __len__(self) -> int:
        """How many marks a job may change."""

    @property
    def gain(self) -> int:
        """By how many marks a scene grows when this part is put into it."""


class Drawable(Protocol):
    """A picture at one size that can be drawn piece by piece: outlines (see drawing.py), or anything else."""

    @property
    def height(self) -> int:
        """Pixels."""

    @property
    def width(self) -> int:
        """Pixels."""

    @property
    def background(self) -> Colour | None:
        """None: transparent."""

    def draw(self) -> NDArray[np.uint8]:
        """All of it: (height, width, 3), or 4, premultiplied, over a transparent background."""

    def draw_window(self, x0: int, y0: int, height: int, width: int) -> NDArray[np.uint8]:
        """What lies in a window at (x0, y0); the same bytes as in the whole."""

    def within(self, x0: int, y0: int, height: int, width: int) -> Drawable:
        """The same picture for windows inside that one alone, where it may be drawn sooner."""


class Scene(Protocol):
    """Everything painted, back to front, in target pixels; never changed in place.

    A scene doesn't know its tiles: `take` hands out what jobs need, `put` gives the scene that follows.
    """

    @property
    def height(self) -> int:
        """Target pixels."""

    @property
    def width(self) -> int:
        """Target pixels."""

    @property
    def background(self) -> Colour | None:
        """None: transparent."""

    def __len__(self) -> int:
        """The number of marks."""

    def take(self, tiles: Sequence[Tile], halo: int = 0) -> list[Any]:
        """The Part of each tile; halo: pixels around it in which its job must know what there is."""

    def put(self, parts: Sequence[Any]) -> Self:
        """The scene with the Parts of disjoint tiles exchanged, as if one after the other.

        Marks that were not a tile's to change stay.
        """

    def draw(self, height: int, width: int) -> NDArray[np.uint8]:
        """The picture at any size: (height, width, 3), or 4, premultiplied, over a transparent background."""

    def drawable(self, height: int, width: int) -> Drawable:
        """What `draw` draws at that size, to be drawn piece by piece."""

    def resized(self, height: int, width: int) -> Self:
        """The same picture at another size, in its pixels."""

    def fits(self, height: int, width: int) -> bool:
        """Whether a target of that size can be begun with it; for most scenes it has to be `alike`."""

    def tween(self, later: Self, share: float) -> Self:
        """A scene on the way to a later one of the same run; share 0..1. For films."""

    def marks(self) -> Iterator[Mark]:
        """The drawn shapes, back to front."""

    @classmethod
    def from_marks(cls, height: int, width: int, background: Colour | None, marks: Sequence[Mark]) -> Self:
        """The inverse of `marks`: it draws the same; ValueError for a mark that no such scene has."""

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The scene as plain arrays for np.savez."""

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """The inverse of `arrays`."""


@runtime_checkable
class DrawnByHand(Protocol):
    """A scene whose marks come along their paths when it is `tween`ed."""

    def appearing(self) -> Scene:
        """The same moment of a film in which they appear as wholes instead."""


def alike(a: tuple[int, int], b: tuple[int, int]) -> bool:
    """Whether two sizes (height, width) have one ratio, but for a pixel of the smaller one by rounding."""
    small, large = sorted((a, b), key=max)
    factor = max(small) / max(large)
    return all(abs(one - other * factor) <= 1 for one, other in zip(small, large, strict=True))


def scaled(height: int, width: int, longest: int) -> tuple[int, int]:
    """(height, width) brought to a longest side in pixels, at least 1 pixel each."""
    factor = longest / max(height, width)
    return max(1, round(height * factor)), max(1, round(width * factor))
