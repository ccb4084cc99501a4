"""What shapes are compared with: the target as planes of floats, and how much errors count there.

The error of a picture with transparency, which engine/alpha.py defines, is a sum of weighted squares: of its
colours over mid-grey paper, and of a fourth plane, how much of the paper shows. No shape has any of that.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.image.pixels import Colour, resample

GREY = np.float32(0.5)


def background_planes(background: Colour | None) -> NDArray[np.float32]:
    """What layers begin with, (channels,): a colour, or grey paper that shows."""
    return np.array((GREY, GREY, GREY, 1) if background is None else background, np.float32)


def target_planes(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Bytes, RGB or premultiplied RGBA, to planes of floats 0..1, (channels, height, width)."""
    planes = np.ascontiguousarray(pixels.transpose(2, 0, 1), np.float32) / np.float32(255)
    if len(planes) == 4:
        planes[3] = 1 - planes[3]
        planes[:3] += GREY * planes[3]
    return planes


def sqrt_weights(pixels: NDArray[np.uint8], weights: NDArray[np.uint8] | None) -> NDArray[np.float32]:
    """Square roots of what each pixel's squared errors count: those of its colour, and of its fourth plane.

    weights: in 1..255, at any size, or None. Returns (planes, height, width): no planes when all pixels count
    the same, one over an opaque background, otherwise two.
    """
    height, width, channels = pixels.shape
    if weights is not None:
        whole = np.sqrt(resample(weights, height, width).astype(np.float32) / np.float32(255))
    elif channels == 3:
        return np.empty((0, height, width), np.float32)
    else:
        whole = np.ones((height, width), np.float32)
    if channels == 3:
        return whole[None]
    alpha = pixels[..., 3] / np.float32(255)
    return np.stack([whole * np.sqrt(alpha), whole * np.sqrt(np.float32(0.75) * (2 - alpha))])


def colour_planes(colours: NDArray[np.float32]) -> NDArray[np.float32]:
    """Colours (n, channels) as they are compared: with no paper in a fourth channel."""
    seen = colours.copy()
    seen[:, 3:] = 0
    return seen
