"""The original: scipy's dual annealing over all shapes of a window together, which are drawn each time.

It is the method of the blog post that this program began with, with scipy's settings, but for its local
searches, which have a gradient here. Bow-ties and slivers are drawn like anything else on the way, but each
shape is kept as it was when last it was sound.
"""

from __future__ import annotations

import math
from contextlib import suppress

import numpy as np

from engine.painters.polygons.joint.vector import ParameterVector, Vector

TEMPERATURE = 5230.0  # scipy's first one
ENDLESS = 10**9


class _Spent(Exception):  # noqa: N818 - nothing went wrong
    """Ends scipy's loops, which look at limits of their own only now and then."""


class _Meter:
    """The function that is minimised; it counts drawings, a gradient as one more, and keeps the best vector.

    scale: of the error, for the acceptance of scipy's chain. A first local step is as long as the gradient,
    so vectors have units that undo the scale there: without them it may leap across the window, and fail.
    """

    def __init__(self, parameters: ParameterVector, drawings: int, scale: float) -> None:
        self._parameters, self._drawings = parameters, drawings
        self._scale, self._unit = scale, math.sqrt(scale)
        self.start: Vector = parameters.start * self._unit
        self.bounds = list(zip(parameters.lower * self._unit, parameters.upper * self._unit, strict=True))
        self.best, self._least = parameters.start, np.inf
        self.spent = 0
        self._drawn: Vector | None = None  # for which a gradient can be had
        self._depth = 0

    def value(self, vector: Vector) -> float:
        """The error, scaled."""
        self._pay()
        numbers = vector / self._unit
        error, self._depth = self._parameters.value(numbers)
        self._drawn = vector.copy()
        if error < self._least:
            self.best, self._least = self._parameters.mended(numbers, self.best), error
        return error * self._scale

    def gradient(self, vector: Vector) -> Vector:
        """Its derivatives."""
        if self._drawn is None or not np.array_equal(self._drawn, vector):
            self.value(vector)
        self._pay()
        self._drawn = None
        return self._parameters.gradient(vector / self._unit, self._depth) * (self._scale / self._unit)

    def _pay(self) -> None:
        if self.spent == self._drawings:
            raise _Spent
        self.spent += 1


def anneal_together(parameters: ParameterVector, drawings: int, heat: float, seed: int) -> tuple[Vector, int]:
    """The best vector met with so many drawings at most, and how many there were.

    heat: the first temperature of acceptance in units of squared error. First comes a local search, because
    scipy's own waits for two drawings for each number of the vector: 60 triangles had an error of .0885 then,
    as at the start, and of .0582 with a local search before. What is no better than the start, with its
    shapes sound, is dropped.
    """
    from scipy import optimize  # no other search needs it, and it takes .3 s

    meter = _Meter(parameters, drawings, TEMPERATURE / heat)
    local = {"method": "L-BFGS-B", "jac": meter.gradient, "bounds": meter.bounds}
    with suppress(_Spent):
        found = optimize.minimize(meter.value, meter.start, **local)
        optimize.dual_annealing(
            meter.value, meter.bounds, x0=found.x, maxiter=ENDLESS, maxfun=ENDLESS, initial_temp=TEMPERATURE,
            rng=seed, minimizer_kwargs=local,
        )  # fmt: skip
    better = parameters.value(meter.best)[0] < parameters.value(parameters.start)[0]
    return (meter.best if better else parameters.start), meter.spent
