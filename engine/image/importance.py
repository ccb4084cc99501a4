"""How much each pixel of a target matters: by a mask, or by how much there is to see around it."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from engine.errors import SpecError
from engine.image.decode import decode

Weights = npt.NDArray[np.unsignedinteger]  # (height, width)
Floats = npt.NDArray[np.floating]

LEAST = 16  # the weight of a mask's black, so that nothing is left out; white has 255

# Of the picture's longest side: widths of the edges looked at, and of the neighbourhoods that edges of
# several directions are looked for in, about an eye and half a face of a portrait.
_EDGES = (1 / 512, 1 / 256, 1 / 128)
_NEIGHBOURHOODS = (1 / 40, 1 / 20)
_FAINT = 0.06  # contrast, of 0..1, from which on an edge counts nearly in full: faces have faint ones
_FULL = 97  # percent of the picture lie below the importance that is taken for the highest


def weights_of(importance: str, pixels: npt.NDArray[np.uint8]) -> tuple[Weights | None, tuple[str, ...]]:
    """Weights for a target's pixels (height, width, channels), or None when all count the same.

    importance: none, auto or the path of a grey mask, white where it matters. Beside them stands what is
    odd about the mask. Raises SpecError for no such file, TargetError for one that
    is no picture.
    """
    if importance == "none":
        return None, ()
    share, remarks = (detail_of(pixels), ()) if importance == "auto" else _mask(importance, *pixels.shape[:2])
    return np.rint(LEAST + (255 - LEAST) * share).astype(np.uint8), remarks


def _mask(path: str, height: int, width: int) -> tuple[Floats, tuple[str, ...]]:
    """A mask's grey in 0..1, as large as the target, and what is odd about it.

    Transparent parts count as black.
    """
    if not os.path.isfile(path):  # noqa: PTH113 - Path.is_file raises what it is asked about
        raise SpecError(f"importance: {path!r} is no file; give none, auto or the path of a grey mask.")
    decoded = decode(path, Path(path), max(height, width))
    grey = decoded.colour.convert("L")
    if decoded.alpha is not None:
        grey = Image.composite(grey, Image.new("L", grey.size), decoded.alpha)
    sideways = decoded.upright_shape != decoded.size[::-1]
    size = (height, width) if sideways else (width, height)
    grey = decoded.upright(grey.resize(size, Image.Resampling.BILINEAR, box=decoded.box))
    return np.asarray(grey) / 255, decoded.remarks


def detail_of(pixels: npt.NDArray[np.uint8]) -> Floats:
    """Importance in 0..1: high where edges of different directions meet, at several scales.

    The smaller eigenvalue of the structure tensor (Foerstner & Guelch 1987), so that a long straight edge,
    however strong, is nothing special, while eyes and mouths are. Gradients are divided by their own square
    where they are strong, so that what counts is that there are edges, and not their contrast.
    """
    side = max(pixels.shape[:2])
    planes = pixels.transpose(2, 0, 1).astype(np.float32) / 255
    tensors = [_tensor(planes, share * side) for share in _EDGES]
    found = [[_smaller(tensor, share * side) for tensor in tensors] for share in _NEIGHBOURHOODS]
    product = np.sqrt(np.sum(found, axis=1).prod(axis=0))
    highest = float(np.percentile(product, _FULL))
    return np.clip(product / highest, 0, 1) if highest > 0 else np.ones_like(product)


def _tensor(planes: Floats, sigma: float) -> Floats:
    """The gradients' products xx, yy, xy, summed over the channels, at one scale: (3, height, width)."""
    from scipy.ndimage import gaussian_filter1d

    total = np.zeros((3, *planes.shape[1:]), np.float32)
    for plane in planes:
        smooth = gaussian_filter1d(gaussian_filter1d(plane, sigma, axis=0), sigma, axis=1)
        padded = sigma * np.pad(smooth, 1, mode="edge")
        dy = (padded[2:, 1:-1] - padded[:-2, 1:-1]) / 2
        dx = (padded[1:-1, 2:] - padded[1:-1, :-2]) / 2
        total += np.stack([dx * dx, dy * dy, dx * dy])
    return total / (total[0] + total[1] + np.float32(_FAINT**2))


def _smaller(tensor: Floats, sigma: float) -> Floats:
    """The smaller eigenvalue of a tensor that is averaged over a neighbourhood."""
    from scipy.ndimage import gaussian_filter

    xx, yy, xy = (gaussian_filter(products, sigma) for products in tensor)
    return np.maximum((xx + yy) / 2 - np.hypot((xx - yy) / 2, xy), 0)
