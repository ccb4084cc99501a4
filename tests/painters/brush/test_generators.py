"""The generators in torch, and the files of their weights."""

import io
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from engine.painters.brush.generators.gan import Generator  # noqa: E402
from engine.painters.brush.generators.maps import maps_of, paths_of  # noqa: E402
from engine.painters.brush.generators.network_file import NetworkFile, network_bytes, read_network  # noqa: E402
from engine.painters.brush.generators.opening import open_generator  # noqa: E402
from engine.painters.brush.generators.vae import Painter  # noqa: E402
from engine.painters.brush.model_file import model_bytes  # noqa: E402
from tests.painters.brush.model_double import made_model  # noqa: E402

KINDS: dict[str, type[Any]] = {"vae": Painter, "gan": Generator}


def network(of, **changes):
    arrays = {
        name: value.numpy() for name, value in KINDS[of]().state_dict().items() if value.is_floating_point()
    }
    given = {"name": "made", "about": "for tests", "source": "nowhere", "kind": of, "figures": {"mse": 0.1}}
    return NetworkFile(**given | {"arrays": arrays} | changes)


def asked(count=3, seed=4):
    random = np.random.default_rng(seed)
    actions, grains = random.random((count, 12), np.float32), 64 * random.random((count, 2), np.float32)
    return torch.from_numpy(actions), torch.from_numpy(grains)


@pytest.mark.parametrize("kind", ["hybrid", *KINDS])
def test_a_file_of_any_kind_is_opened(tmp_path, kind):
    content = model_bytes(made_model()) if kind == "hybrid" else network_bytes(network(kind))
    (tmp_path / "made.npz").write_bytes(content)
    generator = open_generator(tmp_path / "made.npz")
    assert (generator.name, generator.kind) == ("made", kind)
    actions, grains = asked()
    actions.requires_grad_()
    alpha = generator.alpha(actions, grains)
    assert alpha.shape == (3, 64, 64)
    assert 0 <= alpha.min() <= alpha.max() <= 1
    alpha.sum().backward()
    assert actions.grad[:, [1, 2, 3, 9, 10]].abs().min() > 0
    # What is said of one stroke does not depend on the others.
    alone = generator.alpha(actions[1:2], grains[1:2])
    assert torch.allclose(alone[0], alpha[1], atol=1e-6)


def test_generators_have_as_many_weights_as_the_published_ones():
    assert 700_000 < open_generator(network_bytes(network("gan"))).parameters < 760_000
    assert open_generator(model_bytes(made_model(hidden=32))).parameters < 20_000


def test_grain_changes_strokes_and_is_periodic():
    generator = open_generator(model_bytes(made_model()))
    actions, grains = asked()
    one, other = generator.alpha(actions, grains), generator.alpha(actions, grains + 9)
    assert (one - other).abs().max() > 0.01
    assert torch.allclose(one, generator.alpha(actions, grains + 64), atol=1e-3)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no file of weights"),
        (network_bytes(network("gan", kind="vae")), "its layers are not those of a vae"),
        (network_bytes(network("gan", name="two\nlines")), "name is no line of text"),
        (
            network_bytes(
                network("gan", arrays=network("gan").arrays | {"dense.bias": np.zeros(3, np.float32)})
            ),
            "its dense.bias has the shape (3,), not (4096,)",
        ),
    ],
)
def test_what_is_no_file_of_weights_is_refused(content, said):
    with pytest.raises(ValueError, match="no ") as caught:
        open_generator(content)
    assert said in str(caught.value)


def test_a_damaged_network_is_refused():
    with np.load(io.BytesIO(network_bytes(network("vae")))) as found:
        arrays = {name: found[name] for name in found.files}
    arrays["decoder.dense.bias"] = arrays["decoder.dense.bias"] + 1
    file = io.BytesIO()
    np.savez(file, **arrays)
    with pytest.raises(ValueError, match="damaged"):
        read_network(file.getvalue())


def test_a_pixel_knows_where_it_is():
    """On a straight stroke from left to right, pressed from 0 to 1, of a radius of e pixels."""
    action = np.array([[1, 0.5, 0.5, 0.5, 0.75, 0.5, 0, 0, 0, 0.25, 0.5, 0]], np.float32)
    maps = maps_of(paths_of(torch.from_numpy(action)), 2.0)
    radius = np.e
    found = {(int(p) // 64, int(p) % 64): f.numpy() for p, f in zip(maps.pixel, maps.features, strict=True)}
    below = found[33, 40]  # its centre is 1.5 pixels below the path, 24.5 from the start, 7.5 before the end
    assert below[0] == pytest.approx(1.5 / radius, abs=1e-4)
    assert below[1] == pytest.approx(1.5 / radius, abs=1e-4)
    assert tuple(below[2:4]) == (2, 2)
    assert below[4] == pytest.approx(0.5 + 0.5 * (4 * 24.5 / 32 - 3), abs=1e-4)
    assert below[5] == pytest.approx(0.5)
    assert below[6] == pytest.approx(np.log1p(32 / radius) / 4, abs=1e-4)
    assert below[7:9] == pytest.approx([1, 0], abs=1e-5)
    before = found[32, 14]  # 1.5 pixels before the start
    assert before[2] == pytest.approx(-1.5 / radius, abs=1e-4)
    assert max(y for y, _ in found) - min(y for y, _ in found) + 1 == 10  # 2 e pixels to both sides
