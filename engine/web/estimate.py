"""What a job costs, before it is accepted."""

from __future__ import annotations

from engine.spec.models import RunSpec


def cost(spec: RunSpec, width: int, height: int) -> float:
    """Processor seconds of a run, about. width, height: of the picture, pixels."""
    scale = min(1.0, spec.size / max(width, height, 1))
    megapixels = width * height * scale * scale / 1e6
    count = getattr(spec.painter.params, "count", 1000)
    marks = count if isinstance(count, int) else 1000
    return 1.0 + spec.budget.effort * (marks / 1000) * (1.0 + 4.0 * megapixels)
