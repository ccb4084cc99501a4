"""Where the ink of a page is, whatever the light: Sauvola's threshold, fitted to the page's own contrast."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import convolve, distance_transform_edt, maximum_filter, uniform_filter

from engine.image.pixels import LUMA, Pixels

Ink = NDArray[np.bool_]
Grey = NDArray[np.float32]

WINDOW = 41  # pixels on a side; letters of a page that can be read are not much larger or far smaller
SAUVOLA_K = 0.2
LEAST_CONTRAST = 4.0  # of 255, as a standard deviation within a window
NOISES = 3.0  # as many times as much as the noise alone gives
# Immerkaer, "Fast noise variance estimation" (1996): blind for paper, gradients and edges along the axes.
NOISE_MASK = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
MEDIAN_OF_NORMAL = 0.6745  # of the absolute value, as a multiple of sigma


def grey_of(pixels: Pixels) -> Grey:
    """The lightness of RGB pixels, 0..255; as a negative when letters are lighter than their paper."""
    grey = pixels @ LUMA
    # What is written is the smaller part, so it is the longer tail around the mean of a neighbourhood.
    residual = grey - uniform_filter(grey, WINDOW)
    return 255 - grey if float(np.mean(residual**3)) > 0 else grey


def find_ink(grey: Grey) -> Ink:
    """What is darker than Sauvola's threshold; nothing on an empty page.

    Sauvola & Pietikainen, "Adaptive document image binarization" (2000): mean * (1 - k * (1 - deviation / R))
    of each window, with R the page's greatest deviation instead of 128, so that pale print counts as well.
    """
    mean = uniform_filter(grey, WINDOW)
    deviation = np.sqrt(np.maximum(uniform_filter(grey**2, WINDOW) - mean**2, 0))
    greatest = float(deviation.max())
    if greatest < max(LEAST_CONTRAST, NOISES * noise_of(grey)):
        return np.zeros(grey.shape, np.bool_)
    return grey < mean * (1 - SAUVOLA_K * (1 - deviation / greatest))


def noise_of(grey: Grey) -> float:
    """The standard deviation of the noise, from the median, so that letters hardly count."""
    return float(np.median(np.abs(convolve(grey, NOISE_MASK)))) / MEDIAN_OF_NORMAL / 6


def stroke_width(ink: Ink) -> float:
    """How broad pens are, pixels: twice the median distance from a stroke's middle to its border."""
    depth = distance_transform_edt(ink)
    middle = ink & (depth == maximum_filter(depth, 3))
    return 2 * float(np.median(depth[middle])) - 0.5 if middle.any() else 1.0
