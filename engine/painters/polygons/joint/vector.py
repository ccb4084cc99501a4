"""The drawn error of a window as a function of one vector: all numbers of all free shapes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from engine.painters.polygons.joint.adam import TINT_STEP, slopes_for, tints_of
from engine.painters.polygons.objective.boundary import Looks
from engine.painters.polygons.objective.draw_buffers import CHANNELS, DrawBuffers, has_room, new_buffers
from engine.painters.polygons.objective.drawn_error import gradient, value
from engine.painters.polygons.objective.view import View
from engine.painters.polygons.search.local_search import bound
from engine.painters.polygons.search.validity import are_valid
from engine.scene.kinds import numbers
from engine.scene.shapes import Shapes, trace_all, vjp_all

Vector = NDArray[np.float64]  # in pixels; colours and opacities in steps of TINT_STEP
Table = NDArray[np.float32]  # a row for each shape: its geometry, four channels, its opacity


class ParameterVector:
    """Shapes that change together."""

    def __init__(
        self,
        view: View,
        looks: Looks,
        shapes: Shapes,
        points: NDArray[np.float32],
        free: NDArray[np.bool_],
    ) -> None:
        """points: the outlines as drawn, (n, vertices, 2). free: (n,), which shapes may change."""
        self._view, self._shapes, self._points, self._free = view, shapes, points.copy(), free
        self._numbers = shapes.geometry.shape[1]
        self._table = np.concatenate(
            [shapes.geometry, tints_of(shapes.colours), shapes.opacities[:, None]], axis=1
        )
        varied, lower, upper = variables(view.limits, looks, shapes.kinds, self._table.shape)
        varied &= free[:, None]
        units = np.ones(self._table.shape)
        units[:, self._numbers :] = TINT_STEP
        self._varied, self._units = varied, units[varied]
        self.lower, self.upper = lower[varied] / self._units, upper[varied] / self._units
        self.start: Vector = np.clip(self._table[varied] / self._units, self.lower, self.upper)
        self._buffers = self._new_buffers(shapes.opacities)
        self._slopes = slopes_for(points)

    def value(self, vector: Vector) -> tuple[float, int]:
        """The weighted squared error, and what `gradient` wants to know."""
        _, tints, opacities = self._put(vector)
        if not has_room(self._buffers, self._points, opacities):
            self._buffers = self._new_buffers(opacities)
        return value(self._points, tints, opacities, self._buffers)

    def gradient(self, vector: Vector, depth: int) -> Vector:
        """The derivatives of the value, which must have been asked for just before."""
        geometry, tints, opacities = self._put(vector)
        slopes, by_geometry = self._slopes, np.zeros_like(geometry)
        gradient(self._points, tints, opacities, self._free, depth, self._buffers, slopes)
        vjp_all(self._shapes.kinds, geometry, slopes.points, by_geometry)
        table = np.concatenate([by_geometry, slopes.colours, slopes.opacities[:, None]], axis=1)
        return table[self._varied] * self._units

    def mended(self, vector: Vector, valid_one: Vector) -> Vector:
        """A vector with every shape that is not sound as it is in another vector."""
        geometry, _, _ = self._put(vector)
        valid = are_valid(self._shapes.kinds, geometry, self._points, self._view.limits)
        rows = np.broadcast_to(valid[:, None], self._varied.shape)[self._varied]
        return np.where(rows, vector, valid_one)

    def shapes(self, vector: Vector) -> tuple[Shapes, NDArray[np.float32]]:
        """The shapes of a vector, and their outlines as drawn."""
        geometry, tints, opacities = self._put(vector)
        channels = self._shapes.colours.shape[1]
        colours = np.ascontiguousarray(tints[:, :channels])
        shapes = replace(self._shapes, geometry=geometry, colours=colours, opacities=opacities)
        return shapes, self._points.copy()

    def _put(self, vector: Vector) -> tuple[Table, Table, NDArray[np.float32]]:
        """The geometry, colours and opacities of a vector; outlines are written."""
        table = self._table.copy()
        table[self._varied] = vector * self._units
        geometry = np.ascontiguousarray(table[:, : self._numbers])
        trace_all(self._shapes.kinds, geometry, self._points)
        return geometry, np.ascontiguousarray(table[:, self._numbers : -1]), table[:, -1].copy()

    def _new_buffers(self, opacities: NDArray[np.float32]) -> DrawBuffers:
        view = self._view
        return new_buffers(view.target, view.sqrt_weights, view.background, self._points, opacities)


def variables(
    limits: NDArray[np.float32], looks: Looks, kinds: NDArray[np.int16], shape: tuple[int, ...]
) -> tuple[NDArray[np.bool_], NDArray[np.float64], NDArray[np.float64]]:
    """Which numbers of a table of some shape may vary, and between what: three tables, as if all were free.

    Colours stay as they are with a palette, opacities where there is but one, and the fourth channel
    always.
    """
    varied, lower, upper = np.zeros(shape, np.bool_), np.zeros(shape), np.ones(shape)
    tints = shape[1] - CHANNELS - 1
    for kind in np.unique(kinds):
        size, rows = numbers(int(kind)), kinds == kind
        least, most = np.empty(size), np.empty(size)
        bound(int(kind), tuple(limits), least, most)
        varied[rows, :size], lower[rows, :size], upper[rows, :size] = True, least, most
    varied[:, tints : tints + 3] = len(looks.palette) == 0
    varied[:, -1] = looks.lowest < looks.highest
    lower[:, -1], upper[:, -1] = looks.lowest, looks.highest
    return varied, lower, upper
