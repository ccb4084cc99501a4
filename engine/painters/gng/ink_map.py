"""From a picture to its ink.

The recipe binary is that of Shevchuk, "Making Art with Growing Neural Gas" (2018): grey, blur, threshold.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage.filters import (
    gaussian,
    sobel,
    threshold_local,
    threshold_niblack,
    threshold_otsu,
    threshold_sauvola,
)
from skimage.measure import label

from engine.errors import TargetError
from engine.image.alpha import over_white
from engine.image.importance import Weights, detail_of
from engine.image.target import Target
from engine.kernels.jit import exact_kernel
from engine.painters.gng.density import FULL, exponent
from engine.painters.gng.params import GasParams, Tones
from engine.painters.gng.pen_lines.ridge import ridge
from engine.painters.gng.tone import toned, tones_of

AS_IT_IS = Tones()

Plane = NDArray[np.floating]

SPECK = 12  # pixels: what is smaller in the union of two thresholds is noise
FAINT = 0.002  # of the densest: what has less has none
CREST = 3.0  # of the density of strokes at most: it is 1 along them, and more on dots
SECOND = 0.45  # weight of the second row of pixels from an outline, as a share of the outermost one's


def tones_in(target: Target, params: GasParams, grey: Plane | None = None) -> Tones:
    """How a target's tones are drawn; grey: what `grey_of` gave, if somebody has asked already."""
    return tones_of(1 - (grey_of(target, params) if grey is None else grey), params)


def weights_of(
    target: Target, params: GasParams, tones: Tones = AS_IT_IS, grey: Plane | None = None
) -> Weights:
    """Densities from 0 to FULL, (height, width), of the nodes that there are to be; of several inks darkness.

    grey: as for `tones_in`. TargetError when there is nothing to draw.
    """
    grey = 1 - toned(1 - (grey_of(target, params) if grey is None else grey), tones)
    grey = np.clip(gaussian(grey, params.sigma), 0, 1)
    density = DENSITIES[params.points](grey, params)
    if params.look != "layers":
        density = density ** exponent(params)
    density[density < FAINT * density.max()] = 0
    if params.look == "strokes":
        density = np.minimum(ridge(density.astype(np.float32)), CREST)
    if params.emphasis:
        density = density * (1 + params.emphasis * detail_of(over_white(target.pixels)))
    if params.border:
        density = density + params.border * borders(_ink(grey, params))
    for mask in (target.weights, target.pixels[..., 3] if target.pixels.shape[2] == 4 else None):
        if mask is not None:
            density = density * (mask / 255)
    most = densest(params) if params.look == "strokes" else float(density.max())
    if not density.any():
        light = str(not params.is_light).lower()
        raise TargetError(
            f"{target.origin.path}: has nothing that --look {params.look} would draw with --points "
            f"{params.points}; try others, another painter.threshold, or painter.invert={light}."
        )
    weights = np.ceil(density * (FULL / most))
    return np.minimum(weights, FULL).astype(np.uint16)  # 1.8 * (FULL / 1.8) is more than FULL


def densest(params: GasParams) -> float:
    """What the density of strokes that counts as 1 stands for."""
    return CREST * (1 + params.emphasis)


def grey_of(target: Target, params: GasParams) -> Plane:
    """1 where there is no ink: white, or black if nodes go where it is light."""
    pixels = over_white(target.pixels)
    grey = np.empty(pixels.shape[:2])
    _luminances(pixels, grey)
    return 1 - grey if params.is_light else grey


@exact_kernel
def _luminances(pixels, grey):
    """As skimage's rgb2gray has it (ITU-R BT.709), but for rounding; eight times as quick."""
    for y in range(grey.shape[0]):
        for x in range(grey.shape[1]):
            mixed = 0.2125 * pixels[y, x, 0] + 0.7154 * pixels[y, x, 1] + 0.0721 * pixels[y, x, 2]
            grey[y, x] = min(mixed / 255, 1.0)  # of white, whose ink no power may be taken of below 0


def _binary(grey: Plane, params: GasParams) -> Plane:
    return _ink(grey, params).astype(np.float64)


def _tone(grey: Plane, params: GasParams) -> Plane:
    return 1 - grey


def _edges(grey: Plane, params: GasParams) -> Plane:
    """The slope, of which the steepest hundredth counts the same."""
    slope = sobel(grey)
    return np.minimum(slope / max(float(np.quantile(slope, 0.99)), 1e-9), 1.0)


DENSITIES: dict[str, Callable[[Plane, GasParams], Plane]] = {
    "binary": _binary,
    "tone": _tone,
    "edges": _edges,
}


def _ink(grey: Plane, params: GasParams) -> NDArray[np.bool_]:
    """What is darker than a threshold."""
    if grey.min() == grey.max():
        return np.zeros(grey.shape, np.bool_)
    return THRESHOLDS[params.threshold](grey, params.offset)


def _window(grey: Plane) -> int:
    """The side of neighbourhoods: an odd number."""
    return max(min(grey.shape) // 16, 7) | 1


def _otsu(grey: Plane, offset: float) -> NDArray[np.bool_]:
    return grey < threshold_otsu(grey) + offset


def _local(grey: Plane, offset: float) -> NDArray[np.bool_]:
    return grey < threshold_local(grey, _window(grey), offset=0.02 - offset)


def _sauvola(grey: Plane, offset: float) -> NDArray[np.bool_]:
    return grey < threshold_sauvola(grey, _window(grey), r=0.5) + offset


def _niblack(grey: Plane, offset: float) -> NDArray[np.bool_]:
    return grey < threshold_niblack(grey, _window(grey)) + offset


def _union(grey: Plane, offset: float) -> NDArray[np.bool_]:
    """Dark all over the picture or dark where it is; faint things in the background are only the latter."""
    ink = _otsu(grey, offset) | _local(grey, offset)
    names = label(ink, connectivity=2)
    sizes = np.bincount(names.ravel())
    sizes[0] = 0
    return (sizes >= SPECK)[names]


THRESHOLDS: dict[str, Callable[[Plane, float], NDArray[np.bool_]]] = {
    "otsu": _otsu,
    "local": _local,
    "sauvola": _sauvola,
    "niblack": _niblack,
    "union": _union,
}


def borders(ink: NDArray[np.bool_]) -> Plane:
    """Weights of ink along its outline; the picture's own borders are none.

    With some weight on the second row of pixels nodes lie a little inside the outermost one, and the lines
    between them cut off fewer of its corners.
    """
    inner = ndimage.binary_erosion(ink, border_value=1)
    return (ink & ~inner) + SECOND * (inner & ~ndimage.binary_erosion(inner, border_value=1))
