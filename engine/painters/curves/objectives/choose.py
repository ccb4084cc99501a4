"""Which objective a run has, by its settings."""

from __future__ import annotations

from typing import Literal

from engine.painters.curves.fields import terms
from engine.painters.curves.objectives.base import Objective
from engine.painters.curves.params import BUILT_IN, AnalysedParams, CurveParams


def check_objective(params: AnalysedParams) -> None:
    """SpecError when settings name an objective that can't be had here: before any work is done."""
    for name in terms(params.objective):
        if _is_built_in(name, params):
            _opened_v4(params)
        elif name != "picture":
            from engine.painters.curves.objectives.network import check_neural

            check_neural(name, params)


def device_of(params: AnalysedParams) -> Literal["cpu", "cuda"]:
    """Where the objective works: what has no network, on the CPU; SpecError for a card that isn't there."""
    if all(name == "picture" or _is_built_in(name, params) for name in terms(params.objective)):
        return "cpu"
    from engine.painters.curves.networks.opening import device_of as found

    return found(params.device)


def open_objective(params: AnalysedParams) -> Objective:
    """The objective that settings name, or the sum of several; SpecError when one can't be had."""
    weights = terms(params.objective)
    found = [(weight, _opened(name, params)) for name, weight in weights.items()]
    if len(found) == 1:
        return found[0][1]
    from engine.painters.curves.objectives.mixture import Mixture

    return Mixture(tuple(found))


def _opened(name: str, params: AnalysedParams) -> Objective:
    if name == "picture":
        from engine.painters.curves.objectives.picture import Picture

        return Picture()
    if _is_built_in(name, params):
        return _opened_v4(params)
    from engine.painters.curves.objectives.network import open_neural  # which needs torch

    found = open_neural(name, params)
    if name != "features":
        return found
    from engine.painters.curves.objectives.contrast import Contrast

    return Contrast(found)


def _is_built_in(name: str, params: CurveParams) -> bool:
    return name == "neuron" and params.neuron.startswith(BUILT_IN)


def _opened_v4(params: CurveParams) -> Objective:
    from engine.painters.curves.objectives.v4 import V4

    return V4(params.neuron.removeprefix(BUILT_IN))
