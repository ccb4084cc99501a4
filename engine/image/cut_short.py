"""How much there is of a JPEG that has lost its end."""

from __future__ import annotations

import numpy as np
from PIL import Image

from engine.image.containers.content import Scans

ENOUGH = 0.9  # of a picture's rows
_GREY = (127, 128)  # what a decoder puts where there is nothing


def share_there(image: Image.Image, scans: Scans, scale: float) -> float:
    """How much of a decoded JPEG is there, 0 to 1, counted by whole rows from the top and a part of one.

    Where nothing is left the decoder has put grey. scale: pixels of the file for each one here. Of a
    progressive one all is there once each coefficient has been told, if only roughly, and nothing before.
    """
    if scans.is_ended:
        return 1.0
    if scans.is_progressive:
        return 0.0 if scans.is_rough else 1.0
    pixels = np.asarray(image)
    pixels = pixels if pixels.ndim == 3 else pixels[..., None]
    rows, columns = pixels.shape[:2]
    step = max(1, round(scans.block / scale))
    for top in reversed(range(0, rows, step)):
        band = pixels[top : top + step]
        lower = band[len(band) // 2 :]  # into the upper half colours are smeared from above
        is_told = ((lower < _GREY[0]) | (lower > _GREY[1])).any(axis=(0, 2))
        if is_told.any():
            last = int(np.flatnonzero(is_told)[-1]) + 1
            return (top + len(band) * last / columns) / rows
    return 0.0


def lack_of(scans: Scans, share: float) -> str:
    """What is missing of a JPEG without its end, of which so much is there; the middle of a sentence."""
    if scans.is_progressive:
        return "and its finest detail is missing"
    return (
        f"and {100 * (1 - share):.1f}% of it is missing"
        if share < 1
        else "though nothing is missing to the eye"
    )
