"""Transparency: in the engine colours are premultiplied by alpha, in files they are not, films have none.

The squared error of a pixel with alpha, summed over RGB, is

    A * (sum of (c - a/2)^2) + 3/4 (2 - A) a^2

with A the target's alpha, c the differences of premultiplied colours, a that of alpha. Where the target is
opaque that is the mean of the errors over black and over white paper. Where it is clear every colour counts
as the worst there is, black or white, so that nothing matters but alpha, which grows with every shape.
"""

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
    """The colours of premultiplied (height, width, 4) not multiplied by alpha, rounded; else as they are."""
    if pixels.ndim == 2 or pixels.shape[2] == 3:
        return pixels
    alpha = pixels[..., 3:].astype(np.uint16)
    colours = (pixels[..., :3] * np.uint16(255) + alpha // 2) // np.maximum(alpha, 1)
    return np.dstack([np.minimum(colours, 255).astype(np.uint8), pixels[..., 3]])


def premultiplied(pixels: Pixels) -> Pixels:
    """The inverse of `straight`, exact: its rounding moves a product by less than half a step."""
    if pixels.ndim == 2 or pixels.shape[2] == 3:
        return pixels
    alpha = pixels[..., 3:].astype(np.uint32)
    colours = (2 * alpha * pixels[..., :3] + 255) // 510
    return np.dstack([colours.astype(np.uint8), pixels[..., 3]])


def over_white(pixels: Pixels) -> Pixels:
    """Premultiplied (height, width, 4) on white paper; RGB as it is."""
    if pixels.shape[2] == 3:
        return pixels
    return pixels[..., :3] + (255 - pixels[..., 3:])
