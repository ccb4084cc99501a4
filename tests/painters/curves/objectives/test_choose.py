"""Settings become objectives, and those that can't are refused before any work."""

from __future__ import annotations

from engine.image.target import open_target
from engine.painters.curves.begin import analysed_of
from engine.painters.curves.objectives.choose import open_objective
from engine.painters.curves.objectives.mixture import Mixture
from engine.painters.curves.objectives.picture import Picture
from engine.painters.curves.objectives.v4 import V4
from engine.painters.curves.params import CurveParams
from tests.doubles.toy import target_of


def analysed(target, **chosen):
    return analysed_of(CurveParams(**chosen), target)


def test_what_is_chosen_where_nobody_has_chosen():
    assert open_objective(analysed(open_target("blank:60x40", 100))) == V4("scallop")
    assert open_objective(analysed(target_of(40, 60))) == Picture()


def test_a_sum_has_its_terms_with_their_weights():
    found = open_objective(analysed(target_of(40, 60), objective="neuron=2,picture=0.5", neuron="v4/fan"))
    assert found == Mixture(((2.0, V4("fan")), (0.5, Picture())))
