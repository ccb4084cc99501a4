"""The original: scipy's dual annealing over all shapes of a window together, which are drawn each time.

It is the method of the blog post that this program began with, with scipy's settings, but for its local
searches, which have a gradient here. Bow-ties and slivers are drawn like anything else, and mended when all
is done: of 60 triangles one at most had become unsound.
"""

from __future__ import annotations

from contextlib import suppress

import numpy as np

from engine.painters.polygons.together import Together, Vector

TEMPERATURE = 5230.0  # scipy's first one
ENDLESS = 10**9


class _Spent(Exception):  # noqa: N818 - nothing went wrong
    """Ends scipy's loops, which look at limits of their own only now and then."""


class _Meter:
    """The function that is minimised; it counts drawings, a gradient as one more, and keeps the best vector."""

    def __init__(self, together: Together, drawings: int, scale: float) -> None:
        self._together, self._drawings, self._scale = together, drawings, scale
        self.best, self._least = together.start, np.inf
        self.spent = 0
        self._drawn: Vector | None = None  # for which a gradient can be had
        self._depth = 0

    def value(self, vector: Vector) -> float:
        """The error, scaled."""
        self._pay()
        error, self._depth = self._together.value(vector)
        self._drawn = vector.copy()
        if error < self._least:
            self.best, self._least = self._drawn, error
        return error * self._scale

    def gradient(self, vector: Vector) -> Vector:
        """Its derivatives, scaled."""
        if self._drawn is None or not np.array_equal(self._drawn, vector):
            self.value(vector)
        self._pay()
        self._drawn = None
        return self._together.gradient(vector, self._depth) * self._scale

    def _pay(self) -> None:
        if self.spent == self._drawings:
            raise _Spent
        self.spent += 1


def anneal_together(together: Together, drawings: int, heat: float, seed: int) -> tuple[Vector, int]:
    """The best vector met with so many drawings at most, and how many there were.

    heat: the first temperature of acceptance in units of squared error. First comes a local search, because
    scipy's own waits for two drawings for each number of the vector: 60 triangles had an error of .0885 then,
    as at the start, and of .0582 with a local search before. What is found is mended; when it is no better
    than the start then, the start is returned.
    """
    from scipy import optimize  # no other search needs it, and it takes .3 s

    meter = _Meter(together, drawings, TEMPERATURE / heat)
    bounds = list(zip(together.lower, together.upper, strict=True))
    local = {"method": "L-BFGS-B", "jac": meter.gradient, "bounds": bounds}
    with suppress(_Spent):
        found = optimize.minimize(meter.value, together.start, **local)
        optimize.dual_annealing(
            meter.value, bounds, x0=found.x, maxiter=ENDLESS, maxfun=ENDLESS, initial_temp=TEMPERATURE,
            rng=seed, minimizer_kwargs=local,
        )  # fmt: skip
    mended = together.mended(meter.best)
    better = together.value(mended)[0] < together.value(together.start)[0]
    return (mended if better else together.start), meter.spent
