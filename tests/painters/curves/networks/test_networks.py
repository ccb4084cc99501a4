"""What layers answer, which pixels they see, and slopes that hold, for any number of threads."""

import os
import pickle

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from engine.errors import SpecError  # noqa: E402
from engine.painters.curves.networks.files import packaged  # noqa: E402
from engine.painters.curves.networks.geometry import Cells  # noqa: E402
from engine.painters.curves.networks.losses import activation, likeness  # noqa: E402
from engine.painters.curves.networks.mapping import mapped  # noqa: E402
from engine.painters.curves.networks.names import CLASSES, KNOWN, Neuron, imagenet  # noqa: E402
from engine.painters.curves.networks.network import Layer  # noqa: E402
from engine.painters.curves.networks.opening import open_network  # noqa: E402

TINY = "tests.doubles.tiny_network:network"


def random_pictures(count, side, seed=0):
    return np.random.default_rng(seed).random((count, 3, side, side), np.float32)


@pytest.fixture(scope="module")
def tiny():
    return open_network(TINY, ["first", "second"], device="cpu")


def state_of(name, channels=None):
    """A state dict of torchvision's naming with random weights, of vgg or resnet18."""
    random, state = np.random.default_rng(1), {}

    def conv(name, *shape):
        state[f"{name}.weight"] = random.normal(0, (2 / np.prod(shape[1:])) ** 0.5, shape).astype(np.float32)
        state[f"{name}.bias"] = np.zeros(shape[0], np.float32)

    def norm(name, count):
        for part, value in (("weight", 1), ("bias", 0.1), ("running_mean", 0.1), ("running_var", 2)):
            state[f"{name}.{part}"] = np.full(count, value, np.float32)

    if name == "vgg16":
        before, number = 3, 0
        for group, count in ((64, 2), (128, 2)):
            for _ in range(count):
                conv(f"features.{number}", group, before, 3, 3)
                before, number = group, number + 2
            number += 1
    else:
        conv("conv1", 64, 3, 7, 7)
        norm("bn1", 64)
        before = 64
        for group, count in enumerate((64, 128), 1):
            for number in range(2):
                at = f"layer{group}.{number}"
                for part, inputs in ((1, before), (2, count)):
                    conv(f"{at}.conv{part}", count, inputs, 3, 3)
                    norm(f"{at}.bn{part}", count)
                if before != count:
                    conv(f"{at}.downsample.0", count, before, 1, 1)
                    norm(f"{at}.downsample.1", count)
                before = count
    return state


@pytest.fixture(scope="module")
def state_files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("weights")
    for name in ("vgg16", "resnet18"):
        np.savez(folder / f"{name}.npz", **state_of(name))
    return folder


def opened(name, layers, state_files):
    if name in ("vgg16", "resnet18"):
        return open_network(name, layers, str(state_files / f"{name}.npz"), "cpu")
    if packaged(name) is None:
        pytest.skip(f"the weights of {name} are not installed (scripts/install test brings them)")
    return open_network(name, layers, device="cpu")


LAYERS = {
    "squeezenet": ["conv1", "fire3", "fire6"],
    "efficientnet-lite0": ["stem", "block2", "block6"],
    "vgg16": ["conv1_2", "conv2_2"],
    "resnet18": ["conv1", "layer1", "layer2"],
}


@pytest.mark.parametrize("name", LAYERS)
def test_cells_see_the_pixels_that_are_said(name, state_files):
    """Another pixel changes a cell if and only if it is among them."""
    network = opened(name, LAYERS[name], state_files)
    side = 192
    picture = random_pictures(1, side)
    before = network.answers(picture)
    for layer, known in network.layers.items():
        assert known.channels == before[layer].shape[1] == KNOWN[name].layers[layer]
        stride, start, size = known.cells
        row = before[layer].shape[2] // 2
        seen = start + row * stride
        outside, inside = picture.copy(), picture.copy()
        outside[..., : max(seen, 0), :] = outside[..., seen + size :, :] = 1
        inside[..., seen, :] = inside[..., seen + size - 1, :] = 1
        assert np.allclose(network.answers(outside)[layer][0, :, row], before[layer][0, :, row], atol=1e-3)
        assert np.abs(network.answers(inside)[layer][0, :, row] - before[layer][0, :, row]).max() > 1e-3


@pytest.mark.parametrize("name", ["squeezenet", "efficientnet-lite0"])
def test_photographs_are_what_they_show(name, state_files):
    """The preprocessing is the one that each was trained with."""
    from PIL import Image
    from skimage import data

    network = opened(name, [CLASSES], state_files)
    for picture, wanted in ((data.chelsea(), "cat"), (data.coffee(), "espresso")):
        side = min(picture.shape[:2])
        left, top = (picture.shape[1] - side) // 2, (picture.shape[0] - side) // 2
        square = Image.fromarray(picture).crop((left, top, left + side, top + side)).resize((224, 224))
        planes = np.asarray(square, np.float32).transpose(2, 0, 1)[None] / 255
        best = int(network.answers(planes)[CLASSES].mean((0, 2, 3)).argmax())
        assert wanted in imagenet()[best]


def test_the_border_of_a_map_is_left_out():
    cells = Cells().through(3, 2, 1).through(3, 2, 1)
    assert cells == Cells(4, -3, 7)
    assert cells.inner(32, 8) == slice(1, 8), "the last cell sees pixels 25 to 31"
    assert Cells(16, -40, 111).inner(176, 10) == slice(1, 9), "of three on each side"
    assert Cells(16, -200, 400).inner(160, 6) == slice(2, 4), "never more than a third"
    assert Cells(16, 0, 31).inner(64, 3) == slice(0, 3)


def test_a_users_network_is_looked_at(tiny):
    assert tiny.layers["first"] == Layer(4, Cells(2, 0, 3))
    assert tiny.layers["second"] == Layer(5, Cells(2, -2, 7))
    whole = open_network(TINY, ["all"], device="cpu").layers["all"]
    assert (whole.channels, whole.is_whole) == (5, True)


@pytest.mark.parametrize(
    ("name", "layer", "said"),
    [
        (TINY, "third", "there are first, second and all"),
        ("tests.doubles.tiny_network:missing", "x", "can't be made .AttributeError"),
        ("tests.doubles.nothing:missing", "x", "can't be made .ModuleNotFoundError"),
        ("tests.doubles.tiny_network:failing", "x", "ValueError: no such net"),
        ("tests.doubles.tiny_network:no_pair", "x", "returns no pair"),
        ("tests.doubles.tiny_network:other_layers", "first", "must have submodules"),
        ("tests.doubles.tiny_network:flat", "flat", "has no maps"),
    ],
)
def test_what_is_wrong_with_a_users_network_is_told(name, layer, said):
    with pytest.raises(SpecError, match=said):
        open_network(name, [layer], device="cpu")


def test_slopes_are_those_of_finite_differences(tiny):
    pictures, aims = random_pictures(2, 16), random_pictures(2, 16, 1)
    spreads = {
        name: np.linspace(0.5, 2, each.channels, dtype=np.float32) for name, each in tiny.layers.items()
    }
    papers = {name: np.full(each.channels, 0.3, np.float32) for name, each in tiny.layers.items()}
    losses = (
        activation(Neuron(TINY, "second", 3), tiny.layers["second"], 0.1, 16),
        likeness(tiny.layers, spreads, papers, 16, 0.02, "cpu"),
    )
    for loss in losses:
        before, slopes = tiny.slopes(loss, pictures, aims)
        random = np.random.default_rng(2)
        for _ in range(5):
            step = random.standard_normal(pictures.shape).astype(np.float32)
            step *= 2e-3 / np.abs(step).max()  # which hardly meets a bend of a ReLU
            more, less = (tiny.slopes(loss, pictures + sign * step, aims)[0] for sign in (1, -1))
            assert np.allclose((more - less) / 2, (slopes * step).sum((1, 2, 3)), rtol=3e-2, atol=1e-5)
        assert before.shape == (2,)


def test_views_on_several_threads_have_the_same_bytes(tiny):
    pictures = random_pictures(4, 40)
    loss = activation(Neuron(TINY, "second", 0), tiny.layers["second"], 1.0, 40)
    found = [tiny.slopes(loss, pictures, threads=threads) for threads in (1, 2, 3, 2)]
    assert len({(losses.tobytes(), slopes.tobytes()) for losses, slopes in found}) == 1
    alone = tiny.slopes(loss, pictures[2:3])
    assert (alone[1][0] == found[0][1][2]).all()


@pytest.mark.parametrize(("height", "width"), [(64, 96), (70, 33), (9, 5)])
@pytest.mark.parametrize("wraps", [True, False])
def test_a_map_of_pieces_is_that_of_the_whole(tiny, monkeypatch, height, width, wraps):
    picture = random_pictures(1, 96)[0, :, :height, :width]

    def first(maps, aims):
        return maps[1]

    whole = mapped(tiny, "second", picture, wraps, first)
    monkeypatch.setattr("engine.painters.curves.networks.mapping.PIECE", 16)
    pieces = mapped(tiny, "second", picture, wraps, first)
    assert whole.shape == (-(-height // 2), -(-width // 2))
    assert np.allclose(whole, pieces, atol=1e-5)
    if wraps and height % 2 == width % 2 == 0:
        rolled = mapped(tiny, "second", np.roll(picture, (10, 4), (1, 2)), wraps, first)
        assert np.allclose(np.roll(whole, (5, 2), (0, 1)), rolled, atol=1e-5)


def test_a_blank_picture_is_looked_at_once(tiny):
    calls = []
    blank = np.ones((3, 400, 300), np.float32)

    def first(maps, aims):
        calls.append(maps.shape)
        return maps[0]

    found = mapped(tiny, "second", blank, True, first)
    assert calls == [(5, 1, 1)]
    assert found.shape == (200, 150)
    blank[:, 0, 0] = 0.999999
    assert np.allclose(mapped(tiny, "second", blank, True, first), found, atol=1e-4)


def test_weights_of_something_else_are_refused(state_files):
    for name, file, said in (
        ("vgg16", "resnet18.npz", "not weights of this network .features.0.weight is missing"),
        ("vgg19", "vgg16.npz", "features.10.weight is missing"),
        ("squeezenet", "vgg16.npz", "squeezenet has its own"),
        ("vgg16", "none.npz", "can't be read"),
    ):
        with pytest.raises(SpecError, match=said):
            open_network(name, ["conv3_1" if "vgg" in name else "fire6"], str(state_files / file), "cpu")
    swapped = dict(np.load(state_files / "vgg16.npz"))
    swapped["features.2.weight"] = swapped["features.2.weight"][:, :32]
    np.savez(state_files / "cut.npz", **swapped)
    with pytest.raises(SpecError, match="their shapes are others"):
        open_network("vgg16", ["conv1_2"], str(state_files / "cut.npz"), "cpu")
    swapped["features.0.weight"] = np.full_like(swapped["features.0.weight"], np.nan)
    np.savez(state_files / "nan.npz", **swapped)
    with pytest.raises(SpecError, match="conv1_1 says what is no number"):
        open_network("vgg16", ["conv1_1"], str(state_files / "nan.npz"), "cpu")
    with pytest.raises(SpecError, match="no classifier"):
        open_network("vgg16", [CLASSES], str(state_files / "vgg16.npz"), "cpu")


def test_files_of_weights_that_never_end_or_hold_code_are_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe.pth")
    (tmp_path / "zero.pth").symlink_to("/dev/zero")
    (tmp_path / "code.pth").write_bytes(pickle.dumps(print))
    (tmp_path / "text.pth").write_text("hello")
    torch.save([1, 2], tmp_path / "list.pth")
    np.savez(tmp_path / "code.npz", a=np.array([print], object))
    for path, said in (
        (tmp_path / "zero.pth", "a device, pipe or socket"),
        (tmp_path / "pipe.pth", "a device, pipe or socket"),
        (tmp_path / "code.pth", "it holds more than arrays"),
        (tmp_path / "code.npz", "it holds more than arrays"),
        (tmp_path / "text.pth", "it has no arrays by their names"),
        (tmp_path / "list.pth", "it has no arrays by their names"),
    ):
        with pytest.raises(SpecError, match=said):
            open_network("vgg16", ["conv1_1"], str(path), "cpu")


def test_a_device_that_is_not_there_is_told(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(SpecError, match="no CUDA device"):
        open_network(TINY, ["first"], device="cuda")
    assert open_network(TINY, ["first"], device="auto").device == "cpu"
