"""Along which way the forms of a picture lie."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

Floats = NDArray[np.float32]


def forms_of(target: Floats, radius: float) -> Floats:
    """The direction of forms (x, y) and how sure it is, (height, width, 3), by the structure tensor."""
    grey = target[..., :3].mean(axis=2)
    smooth = gaussian_filter(grey, max(0.6, 0.15 * radius))
    by_y, by_x = (
        np.gradient(smooth, axis=axis) if smooth.shape[axis] > 1 else np.zeros_like(smooth) for axis in (0, 1)
    )
    around = max(1.0, 0.5 * radius)
    xx, yy, xy = (gaussian_filter(each, around) for each in (by_x * by_x, by_y * by_y, by_x * by_y))
    angle = 0.5 * np.arctan2(2 * xy, xx - yy) + np.pi / 2
    sure = np.hypot(xx - yy, 2 * xy) / (xx + yy + 1e-5)
    return np.stack([np.cos(angle), np.sin(angle), sure], axis=2).astype(np.float32)
