"""Whether a painter's settings suit a visitor's photograph on this machine."""

from __future__ import annotations

from engine.errors import SpecError
from engine.installation import to_add
from engine.painters.curves.fields import OF_TARGETS, terms
from engine.painters.curves.networks.files import EXTRA, packaged
from engine.painters.curves.networks.names import features_of
from engine.painters.curves.networks.opening import check_torch
from engine.painters.curves.params import CurveParams
from engine.painters.registry import entry_of, missing_modules
from engine.spec.models import PainterSettings


def check_suits(painter: PainterSettings) -> None:
    """SpecError for settings that want blank paper, or a library or weights that aren't installed."""
    entry = entry_of(painter.name)
    if missing := missing_modules(entry):
        raise SpecError(f"{painter.name} needs {' and '.join(missing)}: {to_add(entry.extra, missing)}.")
    if isinstance(painter.params, CurveParams):
        _check_curves(painter.params)


def _check_curves(params: CurveParams) -> None:
    wanted = set(terms(params.objective)) - {"auto"}
    if others := sorted(wanted - set(OF_TARGETS)):
        raise SpecError(
            f"painter.objective: {others[0]} is drawn on blank paper, and not after a photograph."
        )
    if "features" not in wanted:
        return
    network = features_of("painter.layers", params.layers).network
    check_torch()
    if packaged(network) is None and params.weights is None:
        raise SpecError(
            f"painter.layers: the weights of {network} are not installed; {to_add(EXTRA)} installs them."
        )
