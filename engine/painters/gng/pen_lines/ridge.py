"""Where a pen's strokes have their middle: the ridge of the distance to the paper."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Plane = NDArray[np.floating]

SPACING = 3.0  # pixels between the nodes of a net that is to become strokes
_CALM = 0.5  # sigma, in pixels, of what is taken off a scan's grain before ink is told from paper
_SMOOTH = 1.0  # sigma, in pixels, over which the distance is smoothed: its ridge is a kink
_SHARP = 0.35  # of the curvature of a stroke's ridge: what bends less is the ridge of a bump of an outline
_DOT = 3 * SPACING  # what the density of a dot adds up to, so that a net has an edge there
_FAINT = 1e-6  # density on the ink and a pixel around: no sample will come from there, but edges may be there


def ridge(ink: NDArray[np.float32]) -> NDArray[np.float32]:
    """A density with a narrow crest along the middle of each stroke, which adds up to about its length.

    ink: (height, width), darkness 0..1. The distance to the paper rises to the middle of a stroke with the
    same slope on both sides whatever its width, so one scale of smoothing serves for all widths. The crest
    is told, and placed between the pixels, by a Taylor polynomial across it (Steger 1998, "An unbiased
    detector of curvilinear structures"). Wide areas have their medial axis.
    """
    from skimage.filters import threshold_otsu

    calm = ndimage.gaussian_filter(ink, _CALM)
    covered = np.pad(calm > threshold_otsu(calm), 1)
    distance = ndimage.distance_transform_edt(covered).astype(np.float32)
    offset, curvature = _crest(ndimage.gaussian_filter(distance, _SMOOTH))
    kink = 2 / (_SMOOTH * math.sqrt(2 * math.pi))  # a slope of 1 that turns into -1, smoothed
    density = np.clip(1 - np.abs(offset), 0, None) * (covered & (curvature > _SHARP * kink))
    around = ndimage.binary_dilation(covered, np.ones((3, 3)))
    density = np.maximum(_cleared(density, covered), _FAINT * around)
    return np.ascontiguousarray(density[1:-1, 1:-1], np.float32)


def _cleared(density: Plane, covered: NDArray[np.bool_]) -> Plane:
    """The density without short ridges beside a longer one in the same ink, and enough of it on each dot."""
    everywhere = np.ones((3, 3))
    ridges, count = ndimage.label(density > 0, everywhere)
    inks, dots = ndimage.label(covered, everywhere)
    sizes = ndimage.sum_labels(density, ridges, np.arange(count + 1))
    longest = ndimage.maximum(sizes[ridges], inks, np.arange(dots + 1))
    density = density * ((sizes >= SPACING)[ridges] | (sizes[ridges] == longest[inks]))
    whole, areas = (ndimage.sum_labels(each, inks, np.arange(dots + 1)) for each in (density, covered))
    is_dot = (whole < _DOT)[inks] & covered
    return np.where(is_dot, _DOT / np.maximum(areas, 1)[inks], density)


def nodes_for(density: NDArray[np.float32]) -> int:
    """How many nodes a net wants that grows into a ridge and is to become strokes; at least 2."""
    return max(2, round(float(density.sum()) / SPACING))


def _crest(height: Plane) -> tuple[Plane, Plane]:
    """For each pixel how far it is from a crest, in pixels, and how sharply the crest is bent, >= 0."""
    padded = np.pad(height, 1, mode="edge")
    left, right, up, down = padded[1:-1, :-2], padded[1:-1, 2:], padded[:-2, 1:-1], padded[2:, 1:-1]
    xx, yy = left + right - 2 * height, up + down - 2 * height
    xy = (padded[:-2, :-2] + padded[2:, 2:] - padded[:-2, 2:] - padded[2:, :-2]) / 4
    curvature = np.maximum(np.hypot((xx - yy) / 2, xy) - (xx + yy) / 2, 0)
    across = np.arctan2(2 * xy, xx - yy) / 2 + np.pi / 2  # where the second derivative is lowest
    slope = (np.cos(across) * (right - left) + np.sin(across) * (down - up)) / 2
    offset = np.divide(slope, curvature, out=np.full_like(slope, np.inf), where=curvature > 0)
    return offset, curvature
