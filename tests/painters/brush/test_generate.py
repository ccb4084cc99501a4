"""The kernels draw a stroke as the hybrid in torch does, which it was trained as."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from engine.painters.brush.brush import Brush  # noqa: E402
from engine.painters.brush.generate import generate  # noqa: E402
from engine.painters.brush.generators.hybrid_net import HybridGenerator  # noqa: E402
from engine.painters.brush.generators.maps import paths_of  # noqa: E402
from engine.painters.brush.model_file import bundled_path, read_model  # noqa: E402
from engine.painters.brush.trace import Laid  # noqa: E402


def by_kernels(model, actions, grains):
    """Alphas (n, 64, 64)."""
    points, radii, pressures = (each.numpy() for each in paths_of(torch.from_numpy(actions)))
    brush, one = Brush.of(model, is_opaque=False), np.ones(1, np.float32)
    drawn = np.zeros((len(actions), 64, 64, 1), np.float32)
    for n, canvas in enumerate(drawn):
        at = slice(n, n + 1)
        stroke = Laid(points[at], radii[at], pressures[at], one[:, None], one, grains[at], one)
        generate(canvas, 0, 0, stroke, brush.look)
    return drawn[..., 0]


@pytest.mark.parametrize("name", ["bristle", "charcoal"])  # whose grains are of different texels
def test_kernels_draw_what_was_trained(name):
    model = read_model(bundled_path(name))
    random = np.random.default_rng(3)
    actions, grains = random.random((24, 12), np.float32), 64 * random.random((24, 2), np.float32)
    actions[:, 1] = 0.3 + 0.7 * actions[:, 1]  # not thinner than two pixels
    there = by_kernels(model, actions, grains)
    here = HybridGenerator(model).alpha(torch.from_numpy(actions), torch.from_numpy(grains)).numpy()
    assert here.max() > 0.5
    assert np.abs(there - here).mean() < 0.002 * here.mean()
    assert np.quantile(np.abs(there - here), 0.999) < 0.004
