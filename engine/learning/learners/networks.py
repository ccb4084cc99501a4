"""The file of a network that draws whole strokes, from its modules."""

from __future__ import annotations

from collections.abc import Mapping

from torch import nn

from engine.learning.learners.base import Facts
from engine.painters.brush.generators.network_file import NetworkFile, network_bytes


def network_content(kind: str, net: nn.Module, facts: Facts, figures: Mapping[str, float]) -> bytes:
    """The file of a network's weights, running means of its norms among them."""
    arrays = {
        name: value.detach().cpu().numpy()
        for name, value in net.state_dict().items()
        if value.is_floating_point()
    }
    return network_bytes(NetworkFile(facts.name, facts.about, facts.source, kind, arrays, figures))
