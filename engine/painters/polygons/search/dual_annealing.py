"""Dual annealing by ask and tell: generalised simulated annealing with local searches downhill.

The procedure of scipy.optimize.dual_annealing (Xiang, Gubian, Suomela & Hoeng, The R Journal 5/1, 2013) as a
machine that is asked for a point and told its energy, because a cached kernel can't take a function as an
argument. Left out: scipy's local search by chance, which its constants never let happen (K = 100 dim is never
below 90 dim), and its memory of where a stuck chain was (a stuck chain searches from where it is).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.kernels.jit import kernel
from engine.kernels.random import uniform
from engine.painters.polygons.search.bfgs import DESCENT_DTYPE, MOST, descend, learn, trial

RESTART = 2e-5  # anneal again from a random point when the visiting temperature has fallen to this share
PATIENCE = 1000  # steps without a new best before a local search from where the chain is

VISITING, RESTARTING, DESCENDING = 0, 1, 2
CHAIN_DTYPE = np.dtype(
    [
        ("mode", np.int64),
        ("energy", np.float64),  # of the current point
        ("best", np.float64),
        ("chance", np.float64),  # of the visit under way
        ("scale", np.float64),  # of jumps
        ("warmth", np.float64),  # temperature of acceptance
        ("step", np.int64),  # since the last restart; a step is two visits for each dimension
        ("visits", np.int64),  # in this step
        ("idle", np.int64),  # steps since the best one was found
        ("patience", np.int64),
        ("improved", np.int64),  # whether this step found a new best
        ("lower", np.float64, (MOST,)),
        ("upper", np.float64, (MOST,)),
        ("current", np.float64, (MOST,)),
        ("lowest", np.float64, (MOST,)),  # the best point
    ]
)


class Schedule(NamedTuple):
    """What one chain is to do; scipy's is Schedule(5230, 5230, 1, 1e-9, 100)."""

    temperature: float  # first one of the visits
    heat: float  # first one of acceptance, in units of energy
    power: float  # of acceptance's course; 1: the visits' course divided by the number of the step
    gain: float  # a local search ends when it gains less
    descent: int  # evaluations, of energy and gradient, that a local search may take


class Chain(NamedTuple):
    """The state of a chain; allocated once, started thousands of times.

    Two records rather than many arrays, each of which would be seven arguments more at every call.
    """

    now: NDArray[np.void]  # CHAIN_DTYPE (1,)
    descent: NDArray[np.void]  # DESCENT_DTYPE (1,)


@kernel
def new_chain():
    """Room for chains."""
    return Chain(np.zeros(1, CHAIN_DTYPE), np.zeros(1, DESCENT_DTYPE))


@kernel
def start(chain, x, energy, lower, upper, schedule):
    """Begin a chain at x, whose energy is known. x, lower, upper: (dimension,), at most MOST."""
    if x.shape[0] > MOST:
        raise ValueError("a chain has no room for so many dimensions")
    now = chain.now[0]
    now.mode, now.energy, now.best, now.improved = VISITING, energy, energy, 1
    now.visits, now.idle, now.patience = 0, 0, PATIENCE
    for i in range(x.shape[0]):
        now.lower[i], now.upper[i] = lower[i], upper[i]
        now.current[i] = now.lowest[i] = min(max(x[i], lower[i]), upper[i])
    _heat(chain, schedule, 0)


@kernel
def wants_gradient(chain):
    """Whether the gradient of what was asked for matters."""
    return chain.now[0].mode == DESCENDING


@kernel
def ask(state, chain, schedule, candidate):
    """Write the next point to evaluate."""
    now = chain.now[0]
    dimension = candidate.shape[0]
    if now.mode == VISITING and now.visits == 2 * dimension:
        _end_step(chain, schedule, dimension)
    lower, upper, current = now.lower, now.upper, now.current
    if now.mode == DESCENDING:
        trial(chain.descent, lower, upper, candidate)
    elif now.mode == RESTARTING:
        for i in range(dimension):
            candidate[i] = lower[i] + (upper[i] - lower[i]) * uniform(state)
    else:
        now.chance = uniform(state)
        one = now.visits - dimension  # all coordinates in the first visits of a step, then one at a time
        for i in range(dimension):
            x = current[i]
            if one < 0 or one == i:
                x = visited(state, x, now.scale, lower[i], upper[i])
            candidate[i] = x


@kernel
def tell(chain, candidate, energy, gradient):
    """Take the energy of what was asked for, and its gradient (dimension,) if that was wanted.

    An energy of infinity keeps the chain away; the gradient is then not looked at.
    """
    now = chain.now[0]
    if now.mode == DESCENDING:
        if not learn(chain.descent, now.lower, now.upper, candidate, energy, gradient):
            _end_descent(chain, candidate.shape[0])
    elif now.mode == RESTARTING:
        if energy < np.inf:
            _move(chain, candidate, energy)
            now.mode = VISITING
    else:
        now.visits += 1
        if energy < now.energy or accepts(now.chance, energy - now.energy, now.warmth):
            _move(chain, candidate, energy)


@kernel
def _move(chain, candidate, energy):
    now = chain.now[0]
    now.energy = energy
    better = energy < now.best
    current, lowest = now.current, now.lowest
    for i in range(candidate.shape[0]):
        current[i] = candidate[i]
        if better:
            lowest[i] = candidate[i]
    if better:
        now.best, now.idle, now.improved = energy, 0, 1


@kernel
def _heat(chain, schedule, step):
    now = chain.now[0]
    now.step = step
    course = cooled(step)
    now.scale = scale_at(schedule.temperature * course)
    now.warmth = schedule.heat * (course / (step + 1)) ** schedule.power


@kernel
def _end_step(chain, schedule, dimension):
    """Cool down, or anneal anew, after a local search if there is reason for one."""
    now = chain.now[0]
    now.visits = 0
    now.idle += 1
    _heat(chain, schedule, 0 if cooled(now.step + 1) < RESTART else now.step + 1)
    if now.improved:
        now.mode = DESCENDING
        descend(chain.descent, now.lowest[:dimension], now.best, schedule.gain, schedule.descent)
    elif now.idle >= now.patience:
        now.mode, now.idle, now.patience = DESCENDING, 0, dimension
        descend(chain.descent, now.current[:dimension], now.energy, schedule.gain, schedule.descent)
    else:
        now.mode = RESTARTING if now.step == 0 else VISITING
    now.improved = 0


@kernel
def _end_descent(chain, dimension):
    now = chain.now[0]
    if chain.descent[0].value < now.best:
        _move(chain, chain.descent[0].point[:dimension], chain.descent[0].value)
        now.improved = 0  # there is no more to gain downhill
    now.mode = RESTARTING if now.step == 0 else VISITING


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
        x = 2.0 * uniform(state) - 1.0
        y = 2.0 * uniform(state) - 1.0
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
        step = math.copysign(TAIL * uniform(state), step)
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
