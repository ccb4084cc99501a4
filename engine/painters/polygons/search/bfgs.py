"""Local search downhill by ask and tell: a small dense BFGS with projected bounds and backtracking.

Numbers of equations are those of Nocedal & Wright, Numerical Optimization, 2nd edition (2006).
"""

from __future__ import annotations

import numpy as np

from engine.kernels.jit import kernel

ARMIJO = 1e-4  # of the drop that the slope promises must be there
FIRST_REACH = 1 / 32  # the first step's length, of the narrowest pair of bounds
STRIDE = 4.0  # by what steps grow where there is no curvature
SHRINK = (0.1, 0.5)  # least and most of a step that is left when it went too far

MOST = 32  # dimensions at most
DESCENT_DTYPE = np.dtype(
    [
        ("value", np.float64),  # at the point
        ("slope", np.float64),  # of the value along the direction
        ("length", np.float64),  # of the trial along the direction
        ("gain", np.float64),  # what promises less is not tried
        ("left", np.int64),  # evaluations
        ("updates", np.int64),  # of the matrix; -1: the point's gradient is not known yet
        ("point", np.float64, (MOST,)),
        ("gradient", np.float64, (MOST,)),
        ("direction", np.float64, (MOST,)),
        ("moved", np.float64, (MOST,)),
        ("turned", np.float64, (MOST,)),  # change of the gradient
        ("product", np.float64, (MOST,)),
        ("inverse", np.float64, (MOST, MOST)),  # nearly the inverse Hessian
    ]
)


@kernel
def descend(descent, x, value, gain, evaluations):
    """Begin at x, whose value is known; an evaluation is one of value and gradient together.

    descent: DESCENT_DTYPE (1,), in all kernels of this module. x: (dimension,), at most MOST.
    """
    now = descent[0]
    now.value, now.gain, now.left, now.updates = value, gain, evaluations, -1
    for i in range(x.shape[0]):
        now.point[i] = x[i]


@kernel
def trial(descent, lower, upper, candidate):
    """Write the next point to evaluate."""
    now = descent[0]
    for i in range(candidate.shape[0]):
        x = now.point[i]
        if now.updates >= 0:
            x = min(max(x + now.length * now.direction[i], lower[i]), upper[i])
        candidate[i] = x


@kernel
def learn(descent, lower, upper, candidate, value, gradient):
    """Take the candidate's value and gradient; False when the search is over, and `point` its result."""
    now = descent[0]
    now.left -= 1
    dimension = candidate.shape[0]
    if now.updates < 0:
        now.updates = 0
        for i in range(dimension):
            now.gradient[i] = gradient[i]
        _reset(descent, lower, upper, dimension)
        return _aim(descent, lower, upper, dimension) and now.left > 0
    promised = 0.0
    for i in range(dimension):
        now.moved[i] = candidate[i] - now.point[i]
        now.turned[i] = gradient[i] - now.gradient[i]
        promised += now.gradient[i] * now.moved[i]
    if value <= now.value + ARMIJO * promised and value < now.value:  # (3.4), along the projected path
        gained = now.value - value
        now.value = value
        for i in range(dimension):
            now.point[i], now.gradient[i] = candidate[i], gradient[i]
        _update(descent, dimension)
        return gained > now.gain and _aim(descent, lower, upper, dimension) and now.left > 0
    # The minimum of the parabola through both values and the slope, (3.57), within limits.
    excess = value - now.value - now.length * now.slope
    share = -0.5 * now.length * now.slope / excess if excess > 0 else SHRINK[1]
    now.length *= min(max(share, SHRINK[0]), SHRINK[1])
    return -now.length * now.slope > now.gain and now.left > 0


@kernel
def _reset(descent, lower, upper, dimension):
    now = descent[0]
    square = 0.0
    narrowest = upper[0] - lower[0]
    for i in range(dimension):
        square += now.gradient[i] ** 2
        narrowest = min(narrowest, upper[i] - lower[i])
    scale = FIRST_REACH * narrowest / np.sqrt(square) if square > 0 else 1.0
    for i in range(dimension):
        for j in range(dimension):
            now.inverse[i, j] = scale if i == j else 0.0


@kernel
def _aim(descent, lower, upper, dimension):
    """Point downhill, without the coordinates that press against a bound; False: it is not worth it."""
    now = descent[0]
    now.length = 1.0
    now.slope = 0.0
    for i in range(dimension):
        step = 0.0
        if not _pressed(descent, lower, upper, i):
            for j in range(dimension):
                if not _pressed(descent, lower, upper, j):
                    step -= now.inverse[i, j] * now.gradient[j]
        now.direction[i] = step
        now.slope += step * now.gradient[i]
    return -now.slope > now.gain


@kernel
def _pressed(descent, lower, upper, i):
    now = descent[0]
    x, slope = now.point[i], now.gradient[i]
    return (x <= lower[i] and slope > 0) or (x >= upper[i] and slope < 0)


@kernel
def _update(descent, dimension):
    """The BFGS formula for the inverse (6.17); without positive curvature, larger steps."""
    now = descent[0]
    s, y, product, inverse = now.moved, now.turned, now.product, now.inverse
    bend = 0.0
    square = 0.0
    for i in range(dimension):
        bend += s[i] * y[i]
        square += y[i] * y[i]
    if not bend > 1e-12 * square:
        for i in range(dimension):
            for j in range(dimension):
                inverse[i, j] *= STRIDE
        return
    if now.updates == 0:
        for i in range(dimension):
            inverse[i, i] = bend / square  # (6.20)
    now.updates += 1
    curve = 0.0
    for i in range(dimension):
        product[i] = 0.0
        for j in range(dimension):
            product[i] += inverse[i, j] * y[j]
        curve += y[i] * product[i]
    stretch = (1 + curve / bend) / bend
    for i in range(dimension):
        for j in range(dimension):
            inverse[i, j] += stretch * s[i] * s[j] - (product[i] * s[j] + s[i] * product[j]) / bend
