"""Dual annealing against scipy's: the same visits, the same acceptance, minima found as often."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import optimize, stats
from scipy.optimize._dual_annealing import StrategyChain, VisitingDistribution

from engine.kernels.jit import kernel
from engine.kernels.random import uniform
from engine.painters.polygons.search.dual_annealing import (
    Q_ACCEPT,
    Q_VISIT,
    Schedule,
    accepts,
    ask,
    cooled,
    jump,
    new_chain,
    scale_at,
    start,
    tell,
    temperature_of,
    visited,
    wants_gradient,
)

SCIPY = Schedule(5230.0, 5230.0, 1.0, 1e-9, 100)
RASTRIGIN, ACKLEY, ROSENBROCK = 0, 1, 2
REACH = {RASTRIGIN: 5.12, ACKLEY: 32.768, ROSENBROCK: 5.0}


@kernel
def jumps(state, count):
    found = np.empty(count)
    for i in range(count):
        found[i] = jump(state)
    return found


@kernel
def visits(state, x, scale, lower, upper, count):
    found = np.empty(count)
    for i in range(count):
        found[i] = visited(state, x, scale, lower, upper)
    return found


@kernel
def evaluate(which, x, gradient):
    """The energy of a classic test function; its gradient is written."""
    dimension = x.shape[0]
    if which == RASTRIGIN:
        energy = 10.0 * dimension
        for i in range(dimension):
            energy += x[i] ** 2 - 10 * math.cos(2 * math.pi * x[i])
            gradient[i] = 2 * x[i] + 20 * math.pi * math.sin(2 * math.pi * x[i])
        return energy
    if which == ACKLEY:
        square, wave = 0.0, 0.0
        for i in range(dimension):
            square += x[i] ** 2 / dimension
            wave += math.cos(2 * math.pi * x[i]) / dimension
        root = math.sqrt(square)
        for i in range(dimension):
            slope = 4 * math.exp(-0.2 * root) * x[i] / (dimension * root) if root > 0 else 0.0
            ripple = 2 * math.pi / dimension * math.exp(wave) * math.sin(2 * math.pi * x[i])
            gradient[i] = slope + ripple
        return -20 * math.exp(-0.2 * root) - math.exp(wave) + 20 + math.e
    energy = 0.0
    gradient[:] = 0
    for i in range(dimension - 1):
        bend = x[i + 1] - x[i] ** 2
        energy += 100 * bend**2 + (1 - x[i]) ** 2
        gradient[i] += -400 * bend * x[i] - 2 * (1 - x[i])
        gradient[i + 1] += 200 * bend
    return energy


@kernel
def anneal(which, lower, upper, seed, schedule, budget):
    """The least energy found with so many values; a value with its gradient counts as two."""
    state = np.full(1, seed, np.uint64)
    dimension = lower.shape[0]
    chain = new_chain()
    candidate, gradient = np.empty(dimension), np.empty(dimension)
    for i in range(dimension):
        candidate[i] = lower[i] + (upper[i] - lower[i]) * uniform(state)
    start(chain, candidate, evaluate(which, candidate, gradient), lower, upper, schedule)
    spent, met, outside = 1, chain.now[0].energy, False
    while spent < budget:
        ask(state, chain, schedule, candidate)
        for i in range(dimension):
            outside |= not lower[i] <= candidate[i] <= upper[i]
        energy = evaluate(which, candidate, gradient)
        spent += 2 if wants_gradient(chain) else 1
        met = min(met, energy)
        tell(chain, candidate, energy, gradient)
    best = chain.now[0].lowest[:dimension].copy()
    return chain.now[0].best, met, evaluate(which, best, gradient), outside


@pytest.mark.parametrize("temperature", [5230.0, 10.0, 0.3, 0.002])
def test_jumps_are_distributed_like_those_of_scipy(temperature):
    bounds = np.array([-1.0]), np.array([1.0])
    oracle = VisitingDistribution(*bounds, Q_VISIT, np.random.default_rng(1))
    theirs = oracle.visit_fn(temperature, 20_000)
    ours = scale_at(temperature) * jumps(np.array([2], np.uint64), 20_000)
    assert stats.ks_2samp(np.log(np.abs(ours)), np.log(np.abs(theirs))).pvalue > 0.01
    assert abs(np.mean(ours > 0) - 0.5) < 0.015
    assert temperature_of(scale_at(temperature)) == pytest.approx(temperature)


@pytest.mark.parametrize("temperature", [5230.0, 2.0, 0.2])
def test_visits_are_cut_and_wrapped_like_those_of_scipy(temperature):
    lower, upper, x = -1.0, 3.0, 2.5
    oracle = VisitingDistribution(np.array([lower]), np.array([upper]), Q_VISIT, np.random.default_rng(3))
    theirs = [oracle.visiting(np.array([x]), 1, temperature)[0] for _ in range(5_000)]
    ours = visits(np.array([4], np.uint64), x, scale_at(temperature), lower, upper, 5_000)
    assert stats.ks_2samp(ours, theirs).pvalue > 0.01
    assert lower < ours.min()
    assert ours.max() <= upper


def accepted_by_scipy(chance, rise, temperature):
    moves: list[tuple] = []
    state = SimpleNamespace(
        current_energy=0.0, current_location=np.zeros(1), update_current=lambda *move: moves.append(move)
    )
    oracle = StrategyChain(Q_ACCEPT, None, None, None, SimpleNamespace(uniform=lambda: chance), state)
    oracle.temperature_step = temperature
    oracle.accept_reject(1, rise, np.zeros(1))
    return bool(moves)


def test_rises_are_accepted_as_by_scipy():
    """Chances a little above and below the probability tell both apart."""
    rng = np.random.default_rng(5)
    decisions = set()
    for _ in range(500):
        rise, temperature = 10 ** rng.uniform(-3, 3, 2)
        base = 1 - (1 - Q_ACCEPT) * rise / temperature
        probability = base ** (1 / (1 - Q_ACCEPT)) if base > 0 else 0.5
        for chance in (rng.random(), probability * (1 - 1e-9), min(probability * (1 + 1e-9), 1)):
            assert accepts(chance, rise, temperature) == accepted_by_scipy(chance, rise, temperature)
            decisions.add(accepts(chance, rise, temperature))
    assert decisions == {True, False}
    assert not accepts(0.5, math.inf, 1.0)


def test_temperatures_fall_as_written_in_the_papers():
    for step in (0, 1, 7, 300):
        t = step + 1
        expected = (2 ** (Q_VISIT - 1) - 1) / ((1 + t) ** (Q_VISIT - 1) - 1)
        assert cooled(step) == pytest.approx(expected)


def test_a_chain_anneals_anew_when_it_is_cold():
    chain, lower, upper = new_chain(), np.zeros(1), np.ones(1)
    state, candidate = np.array([6], np.uint64), np.full(1, 0.5)
    start(chain, candidate, 0.0, lower, upper, SCIPY)
    steps = []
    for _ in range(5_000):  # all else is worse, so that only a restart moves the chain
        ask(state, chain, SCIPY, candidate)
        tell(chain, candidate, 1e9, np.zeros(1))
        steps.append(chain.now[0]["step"])
    last = next(step for step in range(10_000) if cooled(step + 1) < 2e-5)
    assert max(steps) == last
    assert chain.now[0]["best"] == 0
    assert chain.now[0]["lowest"][0] == 0.5
    assert chain.now[0]["energy"] == 1e9
    assert chain.now[0]["current"][0] != 0.5


def test_a_chain_refuses_what_it_has_no_room_for():
    x = np.zeros(33)
    with pytest.raises(ValueError, match="room"):
        start(new_chain(), x, 0.0, x, x + 1, SCIPY)


def test_a_local_search_stays_within_its_evaluations_and_bounds():
    """Downhill to a corner: both bounds are reached, and held."""
    chain, lower, upper = new_chain(), np.array([-1.0, 0.0]), np.array([2.0, 3.0])
    schedule = Schedule(1e-9, 1.0, 1.0, 1e-9, 9)
    state, candidate = np.array([7], np.uint64), np.array([1.0, 1.5])
    start(chain, candidate, candidate.sum(), lower, upper, schedule)
    searched = 0
    for _ in range(60):
        ask(state, chain, schedule, candidate)
        searched += wants_gradient(chain)
        tell(chain, candidate, candidate.sum(), np.ones(2))
    np.testing.assert_array_equal(chain.now[0]["lowest"][:2], lower)
    assert 2 <= searched <= 9 + 2


@pytest.mark.parametrize(
    ("which", "dimension", "budget", "seeds"),
    [
        (RASTRIGIN, 2, 1500, 6),
        (RASTRIGIN, 4, 3000, 6),
        (RASTRIGIN, 6, 3000, 6),
        (ACKLEY, 2, 1500, 6),
        (ACKLEY, 4, 4000, 6),
        (ACKLEY, 6, 4000, 6),
        (ROSENBROCK, 2, 400, 20),
        (ROSENBROCK, 4, 400, 20),
    ],
)
def test_minima_are_found_at_least_as_often_as_by_scipy(which, dimension, budget, seeds):
    """scipy gets the gradient as well, and for nothing; we pay for it. seeds: of scipy's, which are slow."""
    upper = np.full(dimension, REACH[which])
    lower = -upper
    gradient = np.empty(dimension)

    def slope(x):
        evaluate(which, x, gradient)
        return gradient.copy()

    ours, theirs = 0, 0
    for seed in range(20):
        best, met, again, outside = anneal(which, lower, upper, seed, SCIPY, budget)
        assert best == met
        assert again == pytest.approx(best, rel=1e-3), "code compiled elsewhere may round otherwise"
        assert not outside
        ours += best < 1e-4
    for seed in range(seeds):
        bounds = list(zip(lower, upper, strict=True))
        local = {"method": "L-BFGS-B", "jac": slope, "bounds": bounds}
        oracle = optimize.dual_annealing(
            lambda x: evaluate(which, x, gradient), bounds, maxfun=budget, rng=seed, minimizer_kwargs=local
        )
        theirs += oracle.fun < 1e-4
    assert ours / 20 >= theirs / seeds
    assert ours >= 10
