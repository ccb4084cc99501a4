"""A picture in a frame of another aspect: on its paper, cut off, or before a blurred copy of itself."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageFilter, ImageOps

from engine.film.layout import Layout
from engine.image.pixels import Colour, Pixels

Ground = tuple[int, int, int] | None  # RGB around the pictures; None: a blurred copy of the last one

BLURRED = 48  # pixels of the longest side of a copy before it is blurred
SOFT = 2.0  # pixels of those
DIM = 0.6  # of its lightness


def framed(layout: Layout, panels: Sequence[Pixels], ground: Ground) -> Pixels:
    """A frame with pictures of the layout's panel where it has them."""
    if layout.is_bare:
        return panels[-1]
    size = layout.height, layout.width
    if ground is None:
        frame = _blurred(panels[-1], *size)
    else:
        frame = np.empty((*size, 3), np.uint8)
        frame[:] = ground
    height, width = layout.panel
    for (y, x), panel in zip(layout.spots, panels, strict=True):
        frame[y : y + height, x : x + width] = panel
    return frame


def paper_of(background: Colour | None) -> tuple[int, int, int]:
    """What a scene is painted on, as RGB; white where it is transparent."""
    red, green, blue = (round(255 * part) for part in background or (1.0, 1.0, 1.0))
    return red, green, blue


def _blurred(pixels: Pixels, height: int, width: int) -> Pixels:
    """A copy that covers so many pixels, soft and dim."""
    shrunk = BLURRED / max(height, width)
    small = max(1, round(width * shrunk)), max(1, round(height * shrunk))
    copy = ImageOps.fit(Image.fromarray(pixels), small, Image.Resampling.BOX)
    soft = copy.filter(ImageFilter.GaussianBlur(SOFT)).point(lambda value: value * DIM)
    return np.array(soft.resize((width, height), Image.Resampling.BICUBIC))
