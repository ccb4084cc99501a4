"""A brush for tests: random weights, as a file may hold them."""

import numpy as np

from engine.painters.brush.model_file import BrushModel, rounded


def made_model(seed=1, hidden=8, **fields):
    """A whole BrushModel that nothing was learned for."""
    rng = np.random.default_rng(seed)

    def drawn(*shape):
        return (rng.standard_normal(shape) / np.sqrt(shape[-1])).astype(np.float32)

    given = {
        "name": "made",
        "about": "for tests",
        "source": "nowhere, CC0",
        "grain": drawn(4, 64, 64) * 8,
        "weights": (drawn(hidden, 13), drawn(hidden, hidden), drawn(1, hidden)),
        "biases": (drawn(hidden), drawn(hidden), drawn(1)),
        "reach": 1.5,
        "figures": {"mse": 0.004},
    }
    return rounded(BrushModel(**given | fields))
