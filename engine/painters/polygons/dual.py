"""Dual annealing by ask and tell: generalised simulated annealing with local searches downhill.

The procedure of scipy.optimize.dual_annealing (Xiang, Gubian, Suomela & Hoeng, The R Journal 5/1, 2013) as a
machine that is asked for a point and told its energy, because a cached kernel can't take a function as an
argument. Left out: scipy's local search by chance, which its constants never let happen (K = 100 dim is never
below 90 dim), and its memory of where a stuck chain was (a stuck chain searches from where it is).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.jit import kernel
from engine.painters.polygons.chance import draw
from engine.painters.polygons.descent import DESCENT_DTYPE, MOST, descend, learn, trial
from engine.painters.polygons.tsallis import accepts, cooled, scale_at, visited

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
            candidate[i] = lower[i] + (upper[i] - lower[i]) * draw(state)
    else:
        now.chance = draw(state)
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
