"""Verdicts of networks through views, and maps of how bad each place is."""

import numpy as np
import pytest

pytest.importorskip("torch")

from engine.errors import SpecError
from engine.painters.curves.networks.names import Features, Neuron
from engine.painters.curves.networks.opening import open_network
from engine.painters.curves.objectives.base import Sight
from engine.painters.curves.objectives.choose import check_objective
from engine.painters.curves.objectives.network import (
    FeaturesObjective,
    NeuronObjective,
    Seeing,
    noise_strokes,
    open_neural,
    spreads,
)
from engine.painters.curves.params import AnalysedParams
from engine.painters.curves.views import ViewSettings

TINY = "tests.doubles.tiny_network:network"


SEEING = Seeing(ViewSettings(rotation=10, scale=(0.9, 1.1)), 2, 24)


@pytest.fixture(scope="module")
def network():
    return open_network(TINY, ["first", "second"], device="cpu")


@pytest.fixture(scope="module")
def objectives(network):
    return (
        NeuronObjective(network, Neuron(TINY, "second", 2), SEEING),
        FeaturesObjective(network, Features(TINY, ("first", "second")), SEEING),
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


def test_blank_paper_is_all_that_is_wrong_where_there_are_lines(network):
    objective = FeaturesObjective(network, Features(TINY, ("first", "second")), SEEING)
    paper, lines = np.ones((3, 256, 256), np.float32), noise_strokes()
    verdict = objective.verdict(Sight(paper, True, lines), np.random.default_rng(0))
    found = objective.map(Sight(paper, True, lines))
    assert 0.2 < verdict.loss < 1
    assert 0.5 < found.max() <= 1
    assert (objective.map(Sight(paper, True, paper)) == 0).all()


def test_a_map_is_where_a_drawing_is_bad(network):
    objective = FeaturesObjective(network, Features(TINY, ("first", "second")), SEEING)
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
        NeuronObjective(network, Neuron(TINY, "second", 5), SEEING)


def settings(**changed):
    filled = {
        "count": 9,
        "rate": 1.0,
        "width": (2.0, 2.0),
        "length": 30.0,
        "steps": 5,
        "wrap": True,
        "tile_size": None,
    }
    sizes = {"picture_height": 64, "picture_width": 64, "is_blank": True}
    return AnalysedParams(
        **{**filled, **sizes, "device": "cpu", "view": 32, "views": 2, "rate": 1.0, **changed}
    )


@pytest.mark.parametrize(
    ("name", "changed", "said"),
    [
        ("neuron", {"neuron": "squeezenet/fire6/999"}, "there are 0 to 383"),
        ("neuron", {"neuron": "vgg19/conv1_1/0"}, "give --weights FILE"),
        ("class", {"label": "squeezenet/daisies"}, "perhaps daisy"),
        ("features", {"layers": ("squeezenet/fire1",), "is_blank": False}, "no layer 'fire1'"),
        ("neuron", {"neuron": f"{TINY}/second/5"}, "there are 0 to 4"),
        ("neuron", {"neuron": "v4/none"}, "there is no such channel"),
    ],
)
def test_settings_that_name_what_is_not_there_are_refused_before_any_work(name, changed, said):
    with pytest.raises(SpecError, match=said):
        check_objective(settings(objective=name, **changed))


def test_settings_open_what_they_name():
    params = settings(objective="neuron", neuron=f"{TINY}/second/4", views=3, zoom=0.25, rotation=7.0)
    check_objective(params)
    found = open_neural("neuron", params)
    assert isinstance(found, NeuronObjective)
    assert found.neuron == Neuron(TINY, "second", 4)
    seeing = found.seeing
    assert (seeing.views, seeing.side, seeing.settings.rotation) == (3, 32, 7.0)
    assert seeing.settings.scale == (0.8, 1.25)
    assert isinstance(open_neural("features", settings(layers=(f"{TINY}/first",))), FeaturesObjective)
