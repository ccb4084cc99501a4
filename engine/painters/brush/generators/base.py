"""What all generators of strokes are, whatever the network within."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # which few need
    from torch import Tensor


class StrokeGenerator(Protocol):
    """A network that has learned the strokes of a brush; it is frozen, and lies on one device."""

    name: str  # of the brush
    kind: str  # hybrid, vae or gan
    parameters: int  # numbers in its weights

    def alpha(self, actions: Tensor, grains: Tensor) -> Tensor:
        """The opacity of strokes in squares of 64 pixels, (n, 64, 64), 0..1, differentiable by the actions.

        actions: (n, 12), 0..1. grains: (n, 2), where in its grain each begins, texels 0..64; kinds that have
        no grain look at none. What is said of one stroke does not depend on the others.
        """
