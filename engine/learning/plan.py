"""What a training is to be: all that its result depends on, beside the strokes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from engine.learning.shards import StrokeSet

KINDS = {
    "hybrid": "engine.learning.learners.hybrid:HybridLearner",
    "vae": "engine.learning.learners.vae:VaeLearner",
    "gan": "engine.learning.learners.gan:GanLearner",
}
GRAINS = {  # texels of a hybrid's grain to a radius: across the path, along it in two channels, in the others
    "spots": (6.0, 6.0, 1.5),
    "bristles": (9.0, 2.0, 0.5),
}
BATCH = 24
EPOCHS = 10


@dataclass(frozen=True)
class Plan:
    """How long, and how. At most one of epochs and seconds is None."""

    kind: str  # of KINDS
    epochs: int | None = EPOCHS  # times that all strokes are seen
    seconds: float | None = None  # of training, measured as the caller measures
    batch: int = BATCH  # strokes that are learned from together
    seed: int = 0
    grain: str = "spots"  # of GRAINS, for hybrids

    def progress(self, seen: float, seconds: float) -> float:
        """How far it is, 0..1, after so many epochs and seconds: whichever ends it first."""
        shares = [0.0]
        if self.epochs is not None:
            shares.append(seen / self.epochs)
        if self.seconds is not None:
            shares.append(seconds / self.seconds)
        return min(max(shares), 1.0)

    def fields(self, strokes: StrokeSet) -> dict[str, Any]:
        """What a checkpoint must have in common with this to be gone on with: not how long."""
        digest = hashlib.sha256(strokes.actions.tobytes())
        digest.update(strokes.alpha[:: max(strokes.count // 1000, 1)].tobytes())
        return {
            "kind": self.kind,
            "batch_size": self.batch,
            "seed": self.seed,
            "grain": self.grain,
            "strokes": digest.hexdigest(),
        }
