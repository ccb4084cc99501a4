"""A few colours that stand for many."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.image.alpha import straight
from engine.image.pixels import Colour, Pixels

SAMPLES = 1 << 15  # pixels, about, that a palette is found from


def find_palette(pixels: Pixels, count: int) -> tuple[str, ...]:
    """The colours that stand for a picture with the least squared error, by k-means from a median cut.

    In RGB, as that is where the error is measured: in Lab the error of the nearest of 6 colours was 3 to 17%
    higher on four photographs. Less than `count` when the picture has no more. What is mostly transparent is
    left out.
    """
    if pixels.shape[2] == 4:
        alpha, most = pixels[..., 3], pixels[..., 3].max()
        visible = pixels[alpha >= (128 if most >= 128 else min(most, 1))]
        sample = visible[None, :: math.ceil(len(visible) / SAMPLES)]
    else:
        step = math.ceil(math.sqrt(pixels.shape[0] * pixels.shape[1] / SAMPLES))
        sample = pixels[::step, ::step]
    picture = Image.fromarray(np.ascontiguousarray(straight(sample)[..., :3]))
    clustered = picture.quantize(count, method=Image.Quantize.MEDIANCUT, kmeans=1)
    found = np.array(clustered.getpalette(), np.uint8).reshape(-1, 3)[np.unique(np.asarray(clustered))]
    return tuple(dict.fromkeys(f"#{bytes(colour).hex()}" for colour in found.tolist()))


def colours_of(palette: tuple[str, ...]) -> NDArray[np.float32]:
    """Hex colours as sRGB in 0..1, (n, 3)."""
    values = [list(bytes.fromhex(colour[1:])) for colour in palette]
    return np.array(values, np.float32).reshape(-1, 3) / np.float32(255)


def nearest(colour: Colour, palette: tuple[str, ...]) -> Colour:
    """The colour of a palette that is nearest in RGB."""
    found = matched(np.array([colour], np.float32), colours_of(palette))[0]
    red, green, blue = np.rint(255 * found).tolist()
    return red / 255, green / 255, blue / 255


def matched(colours: NDArray[np.float32], palette: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each colour's nearest in RGB: (n, 3) and (colours, 3) give (n, 3)."""
    best = np.full(len(colours), np.inf, np.float32)
    found = np.empty_like(colours)
    for colour in palette:
        distance = np.square(colours - colour).sum(axis=1)
        closer = distance < best
        best[closer], found[closer] = distance[closer], colour
    return found
