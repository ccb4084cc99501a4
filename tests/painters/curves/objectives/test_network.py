"""Verdicts of networks through views, and maps of how bad each place is."""

from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")

from engine.errors import SpecError
from engine.painters.curves.networks.names import Features, Neuron
from engine.painters.curves.networks.opening import open_network
from engine.painters.curves.objectives.base import Sight
from engine.painters.curves.objectives.network import (
    FeaturesObjective,
    NeuronObjective,
    noise_strokes,
    spreads,
)

TINY = "tests.doubles.tiny_network:network"


class Crops:
    """Views that are parts of a picture that wraps."""

    count, side = 2, 24

    def drawn(self, random: np.random.Generator, shape: tuple[int, int], wraps: bool) -> list[Any]:
        return [tuple(random.integers(0, shape)) for _ in range(self.count)]

    def look(self, picture, view):
        return np.roll(picture, (-view[0], -view[1]), (1, 2))[:, : self.side, : self.side].copy()

    def look_back(self, slopes, view, onto):
        grown = np.zeros_like(onto)
        grown[:, : self.side, : self.side] = slopes
        onto += np.roll(grown, view, (1, 2))


@pytest.fixture(scope="module")
def network():
    return open_network(TINY, ["first", "second"], device="cpu")


@pytest.fixture(scope="module")
def objectives(network):
    return (
        NeuronObjective(network, Neuron(TINY, "second", 2), Crops()),
        FeaturesObjective(network, Features(TINY, ("first", "second")), Crops()),
    )


def sight(seed=0, side=40):
    random = np.random.default_rng(seed)
    picture, aim = random.random((2, 3, side, side), np.float32)
    return Sight(picture, True, aim)


def test_slopes_are_those_of_the_loss(objectives):
    for objective in objectives:
        here, step = sight(), np.random.default_rng(1).standard_normal((3, 40, 40)).astype(np.float32) * 3e-3
        found = objective.verdict(here, np.random.default_rng(3))
        more, less = (
            objective.verdict(here._replace(picture=here.picture + sign * step), np.random.default_rng(3))
            for sign in (1, -1)
        )
        assert np.isclose((more.loss - less.loss) / 2, (found.slopes * step).sum(), rtol=2e-2)
        assert found.slopes.dtype == np.float32


def test_views_are_random_and_seeded(objectives):
    for objective in objectives:
        verdicts = [objective.verdict(sight(), np.random.default_rng(seed)) for seed in (3, 3, 4)]
        assert verdicts[0].loss == verdicts[1].loss != verdicts[2].loss
        assert (verdicts[0].slopes == verdicts[1].slopes).all()


def test_moving_along_the_slopes_is_better_in_loss_and_map(objectives):
    for objective in objectives:
        here = sight()
        picture = here.picture.copy()
        random = np.random.default_rng(0)
        first = objective.map(here)
        for _ in range(40):
            slopes = objective.verdict(here._replace(picture=picture), random).slopes
            picture -= 0.01 * np.sign(slopes)
        last = objective.map(here._replace(picture=picture))
        assert last.mean() < first.mean()
        assert first.shape == last.shape == (20, 20)
        assert 0 <= last.min() <= first.max() <= 1


def test_a_map_is_where_a_drawing_is_bad(network):
    objective = FeaturesObjective(network, Features(TINY, ("first", "second")), Crops())
    here = sight(side=64)
    drawn = here.aim.copy()
    drawn[:, 20:36, 20:36] = 1
    found = objective.map(Sight(drawn, True, here.aim))
    assert found.shape == (32, 32)
    bad = np.zeros((32, 32), bool)
    bad[8:20, 8:20] = True
    assert (found[~bad] < 1e-6).all()
    assert found[11:17, 11:17].mean() > 0.1


def test_spreads_are_of_lines_at_random(network):
    noise = noise_strokes()
    assert (noise == noise_strokes()).all()
    assert 0.05 < (noise < 0.5).mean() < 0.4
    assert set(np.round(np.unique(noise[:, :, 0]), 0)) <= {0.0, 1.0}
    found = spreads(network, "second")
    assert found.shape == (5,)
    assert (found > 0).all()


def test_a_channel_that_is_not_there_is_told(network):
    with pytest.raises(SpecError, match="there are 0 to 4"):
        NeuronObjective(network, Neuron(TINY, "second", 5), Crops())
