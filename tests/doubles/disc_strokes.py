"""A generator of strokes that has learned nothing: a soft disc is swept along the curve."""

from __future__ import annotations

from typing import Any

POINTS = 9  # discs along a curve
SIDE = 64


class DiscStrokes:
    """See engine.painters.brush.generators.base.StrokeGenerator; its grain is a wave across the whole."""

    def __init__(self, kind: str = "hybrid", softness: float = 1.0, grain: float = 0.0) -> None:
        self.name, self.kind, self.parameters = "disc", kind, 2
        self.softness, self.grain = softness, grain

    def alpha(self, actions: Any, grains: Any) -> Any:
        import torch

        a = actions * 1.0
        start, middle, end = (a[:, each, None] * SIDE for each in (slice(9, 11), slice(2, 4), slice(4, 6)))
        t = torch.linspace(0, 1, POINTS)
        control = 2 * middle - (start + end) / 2
        curve = (1 - t) ** 2 * start + 2 * t * (1 - t) * control + t**2 * end  # (n, 2, points)
        pressure = a[:, 11:] * (1 - t) + a[:, :1] * t
        radius = torch.exp(2 * a[:, 1:2]) * (0.5 + pressure / 2)
        place = torch.arange(SIDE) + 0.5
        across = (place[:, None] - curve[:, 0, None, :]).square()  # (n, x, points)
        down = (place[:, None] - curve[:, 1, None, :]).square()
        away = (across[:, None] + down[:, :, None] + 1e-6).sqrt()  # (n, y, x, points)
        inside = (radius[:, None, None, :] - away) / self.softness
        found = torch.sigmoid(torch.logsumexp(4 * inside, -1) / 4)
        wave = torch.sin(place[:, None] * 2.1 + grains[:, 0, None, None]) * torch.sin(place * 1.9)
        return (found * (1 + self.grain * wave)).clip(0, 1)
