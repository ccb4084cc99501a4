"""Which objective a run has, by its settings."""

from __future__ import annotations

from engine.painters.curves.fields import terms
from engine.painters.curves.objectives.base import Objective
from engine.painters.curves.params import BUILT_IN, AnalysedParams


def open_objective(params: AnalysedParams) -> Objective:
    """The objective that settings name, or the sum of several; SpecError when one can't be had."""
    from engine.painters.curves.objectives.mixture import Mixture

    weights = terms(params.objective)
    found = [(weight, _opened(name, params)) for name, weight in weights.items()]
    return found[0][1] if len(found) == 1 else Mixture(found)


def _opened(name: str, params: AnalysedParams) -> Objective:
    if name == "picture":
        from engine.painters.curves.objectives.picture import PictureObjective

        return PictureObjective()
    if name == "neuron" and params.neuron.startswith(BUILT_IN):
        from engine.painters.curves.objectives.v4 import open_v4

        return open_v4(params.neuron)
    from engine.painters.curves.objectives.network import open_neural  # which needs torch

    return open_neural(name, params)
