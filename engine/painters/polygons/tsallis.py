"""Generalised simulated annealing: how far to jump, what to accept, how to cool.

After Tsallis & Stariolo, Physica A 233 (1996) 395-406 [TS], and Xiang, Sun, Fan & Gong, Physics Letters A 233
(1997) 216-220 [X]; constants, tails and bounds are those of scipy.optimize.dual_annealing.
"""

from __future__ import annotations

import math

from engine.jit import kernel
from engine.painters.polygons.chance import draw

Q_VISIT = 2.62  # towards 3 the tails get heavier
Q_ACCEPT = -5.0  # the lower, the fewer rises are accepted
TAIL = 1e8  # longer jumps are replaced by shorter random ones
EDGE = 1e-10  # a wrapped coordinate keeps this distance from its lower bound

_POWER = (Q_VISIT - 1) / (3 - Q_VISIT)
_COOLING = Q_VISIT - 1
_FIRST = 2**_COOLING - 1
_ROOT = round(1 - Q_ACCEPT)  # a whole number, so that a power is a few products
# The scale at temperature 1, after Visita in [TS], p. 405: (_factor6 / _factor4_p) ** -_POWER in scipy, whose
# sine and gamma function are one gamma function by the reflection formula.
_UNIT = (
    math.gamma(1 / (Q_VISIT - 1) - 0.5)
    * (3 - Q_VISIT)
    * 2 ** ((2 - Q_VISIT) / (Q_VISIT - 1))
    / (math.sqrt(math.pi) * (Q_VISIT - 1) ** (4 - Q_VISIT))
) ** -_POWER


@kernel
def scale_at(temperature):
    """By what to multiply jumps of `jump` at a visiting temperature."""
    return _UNIT * temperature ** (1 / (3 - Q_VISIT))


@kernel
def temperature_of(scale):
    """The visiting temperature with this scale."""
    return (scale / _UNIT) ** (3 - Q_VISIT)


@kernel
def jump(state):
    """A draw from the visiting distribution g_qv of [X] in one dimension at scale 1: x / |y|^p, [TS] p. 405.

    x and y are normal, by the polar form of Box & Muller's method, with their common factor taken out.
    """
    while True:
        x = 2.0 * draw(state) - 1.0
        y = 2.0 * draw(state) - 1.0
        square = x * x + y * y
        if 0 < square < 1 and y != 0:
            break
    factor = -2.0 * math.log(square) / square
    return x * math.exp(0.5 * (1 - _POWER) * math.log(factor) - _POWER * math.log(abs(y)))


@kernel
def visited(state, x, scale, lower, upper):
    """A coordinate after a jump, with tails cut and wrapped into its bounds."""
    step = scale * jump(state)
    if abs(step) > TAIL:
        step = math.copysign(TAIL * draw(state), step)
    extent = upper - lower
    beyond = x + step - lower
    return lower + min(max(beyond - extent * math.floor(beyond / extent), EDGE), extent)


@kernel
def accepts(chance, rise, temperature):
    """Whether a rise of energy is accepted: chance <= [1 - (1 - q_a) rise / T]^(1 / (1 - q_a)), of [X].

    Both sides are taken to the power 1 - q_a, so that nothing transcendental is left.
    """
    return chance**_ROOT <= 1 - _ROOT * rise / temperature


@kernel
def cooled(step):
    """The visiting temperature of a step over the first one: T(t) of [X], with t = step + 1."""
    return _FIRST / ((step + 2.0) ** _COOLING - 1)
