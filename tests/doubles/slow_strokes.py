"""Random strokes, and a slow, obvious picture of them: points of a fine grid near points of a curve."""

import numpy as np
from scipy.spatial import cKDTree

from engine.painters.curves.strokes import POINTS, Strokes


def some_strokes(random, count, size, width=2.5, length=30.0):
    """Strokes of one to three curves that start in a square of `size` pixels."""
    strokes = Strokes.empty(count)
    strokes.pieces[:] = random.integers(1, 4, count)
    angle = random.uniform(0, 2 * np.pi, count)
    bend = random.normal(0, 0.3, count)
    strokes.points[:, 0] = random.uniform(0, size, (count, 2))
    for k in range(1, POINTS):
        angle = angle + bend
        step = length / 6 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        inside = (k < 2 * strokes.pieces + 2)[:, None]
        strokes.points[:, k] = strokes.points[:, k - 1] + np.where(inside, step, 0)
    strokes.widths[:] = width
    strokes.colours[:] = random.uniform(size=(count, 3))
    strokes.opacities[:] = random.uniform(0.3, 1, count)
    return strokes


def curve(strokes, i, steps=200):
    """Points along stroke i."""
    controls, t = strokes.controls()[i].astype(float), np.linspace(0, 1, steps)[:, None]
    weights = (1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t**2, t**3
    pieces = range(strokes.pieces[i])
    return np.vstack([sum(w * controls[3 * k + j] for j, w in enumerate(weights)) for k in pieces])


def slow_coverage(strokes, i, height, width, parts=8):
    """The share of each pixel that lies within half a width of a stroke."""
    y, x = (np.mgrid[: height * parts, : width * parts] + 0.5) / parts
    distances, _ = cKDTree(curve(strokes, i)).query(np.stack([x, y], axis=-1).reshape(-1, 2))
    inside = (distances <= strokes.widths[i] / 2).reshape(height, parts, width, parts)
    return inside.mean(axis=(1, 3))


def slow_picture(strokes, background, height, width, multiplies, parts=8):
    """(3, height, width), and the coats."""
    picture, coats = (
        np.ones((3, height, width)) * np.reshape(background, (3, 1, 1)),
        np.zeros((height, width)),
    )
    for i in range(len(strokes)):
        alpha = slow_coverage(strokes, i, height, width, parts) * strokes.opacities[i]
        colour = strokes.colours[i][:, None, None]
        ink = picture * colour if multiplies else colour
        picture, coats = picture * (1 - alpha) + alpha * ink, coats + alpha
    return picture, coats
