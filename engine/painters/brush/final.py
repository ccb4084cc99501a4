"""A finished painting drawn by the real paint engine, from the strokes that were found by its likeness."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np

from engine.errors import SpecError, ToolError
from engine.image.pixels import Pixels
from engine.mypaint.bundled import bundled_text
from engine.mypaint.native import library
from engine.mypaint.painting import Strokes, paint
from engine.painters.brush.draw import BrushDrawable
from engine.painters.brush.model_file import BUNDLED
from engine.painters.brush.paper import shaded
from engine.painters.brush.params import BrushParams
from engine.painters.brush.scene import BrushScene
from engine.scene.drawing import ground, to_bytes
from engine.scene.scene import Drawable

_BANDS = 256  # rows that are put on paper at a time


@dataclass(frozen=True)
class RealDrawable:
    """A painting whose strokes MyPaint's engine draws, all at once; see engine.scene.scene.Drawable."""

    painting: BrushDrawable
    _drawn: list[Pixels] = field(default_factory=list, compare=False)

    @property
    def height(self) -> int:
        """Pixels."""
        return self.painting.height

    @property
    def width(self) -> int:
        """Pixels."""
        return self.painting.width

    @property
    def background(self) -> tuple[float, float, float] | None:
        """None: transparent."""
        return self.painting.background

    def draw(self) -> Pixels:
        """All of it."""
        if not self._drawn:
            self._drawn.append(_painted(self.painting))
        return self._drawn[0]

    def draw_window(self, x0: int, y0: int, height: int, width: int) -> Pixels:
        """A part of it."""
        return np.ascontiguousarray(self.draw()[y0 : y0 + height, x0 : x0 + width])

    def within(self, x0: int, y0: int, height: int, width: int) -> Self:
        """The same: its paint is wet until all of it is there."""
        return self


def check_final(params: BrushParams) -> None:
    """SpecError when a result can't be drawn as it is wanted."""
    if params.final == "generator":
        return
    if params.brush not in BUNDLED:
        raise SpecError(
            f"painter.final: MyPaint's engine knows nothing of {params.brush}: it has the brushes "
            f"{', '.join(BUNDLED)}; leave painter.final out."
        )
    try:
        library()
    except ToolError as exc:
        raise SpecError(f"painter.final: {exc}") from exc


def final_drawable(scene: BrushScene, params: Any, height: int, width: int) -> Drawable:
    """What a finished run's picture is drawn from."""
    drawable = scene.drawable(height, width)
    return RealDrawable(drawable) if params.final == "mypaint" else drawable


def _painted(painting: BrushDrawable) -> Pixels:
    """All strokes over the background, then its paper."""
    strokes = painting.strokes
    under = np.empty((painting.height, painting.width, painting.channels), np.uint8)
    under[:] = np.rint(np.array(ground(painting.background)) * 255)
    laid = Strokes(strokes.points, strokes.radii, strokes.pressures, strokes.colours, strokes.opacities)
    text = bundled_text(painting.brush.model.name)
    found = paint(under, text, laid, float(painting.brush.gain))
    for y in range(0, painting.height, _BANDS):
        layers = found[y : y + _BANDS].astype(np.float32) / np.float32(255)
        if layers.shape[2] == 4:
            layers[..., :3] *= layers[..., 3:]
        planes = np.ascontiguousarray(layers.transpose(2, 0, 1))
        to_bytes(shaded(planes, painting.paper, found.shape[:2], 0, y), found[y : y + _BANDS])
    return found
