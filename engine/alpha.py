"""Transparency: in the engine colours are premultiplied by alpha, in files they are not, films have none."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops

Pixels = npt.NDArray[np.uint8]


def premultiply(colour: Image.Image, alpha: Image.Image) -> None:
    """Multiply an RGB picture by its alpha (mode L), in place."""
    colour.paste((0, 0, 0), mask=ImageChops.invert(alpha))


def with_alpha(colour: Image.Image, alpha: Image.Image) -> Pixels:
    """Premultiplied (height, width, 4) of a premultiplied RGB picture and its alpha."""
    opacity = np.asarray(alpha)
    # A sharpening filter overshoots, and no colour can be stronger than its alpha.
    return np.dstack([np.minimum(np.asarray(colour), opacity[..., None]), opacity])


def straight(pixels: Pixels) -> Pixels:
    """The colours of premultiplied (height, width, 4) not multiplied by alpha, rounded; RGB as it is."""
    if pixels.shape[2] == 3:
        return pixels
    alpha = pixels[..., 3:].astype(np.uint16)
    colours = (pixels[..., :3] * np.uint16(255) + alpha // 2) // np.maximum(alpha, 1)
    return np.dstack([np.minimum(colours, 255).astype(np.uint8), pixels[..., 3]])


def over_white(pixels: Pixels) -> Pixels:
    """Premultiplied (height, width, 4) on white paper; RGB as it is."""
    if pixels.shape[2] == 3:
        return pixels
    return pixels[..., :3] + (255 - pixels[..., 3:])
