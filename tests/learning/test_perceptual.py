"""A network that looks at paintings finds what is alike, and the right one looks."""

import numpy as np
import pytest

from engine.errors import SpecError

pytest.importorskip("torch")
from engine.learning import perceptual
from engine.learning.perceptual import Perception, open_perception, whose
from engine.painters.curves.networks.opening import open_network

OWN = "tests.doubles.tiny_network:network"


@pytest.fixture(scope="module")
def perception():
    return Perception(open_network(OWN, ("first", "second")), "tiny")


def stripes(angle, shift=0.0):
    y, x = np.mgrid[:48, :48]
    wave = np.sin((np.cos(angle) * x + np.sin(angle) * y) * 0.9 + shift) / 2 + 0.5
    return np.repeat(wave[..., None], 3, 2).astype(np.float32)


def test_a_picture_is_like_itself(perception):
    assert perception.loss(stripes(0.3), stripes(0.3)) == pytest.approx(0, abs=1e-6)


def test_other_stripes_are_less_alike_than_nearly_the_same(perception):
    near, far = (perception.loss(stripes(angle), stripes(0.3)) for angle in (0.32, 1.8))
    assert 0 < near < far <= 1


@pytest.mark.parametrize(
    ("names", "network"),
    [
        (["features.34.weight", "features.28.weight"], "vgg19"),
        (["features.28.weight"], "vgg16"),
        (["layer4.1.conv2.weight"], "resnet18"),
    ],
)
def test_a_file_of_weights_is_known_by_its_names(names, network):
    assert whose(names, "file") == network


def test_weights_of_others_are_refused(tmp_path):
    np.savez(tmp_path / "other.npz", weight=np.zeros(3, np.float32))
    with pytest.raises(SpecError, match=r"other.npz: not weights of vgg16, vgg19 or resnet18"):
        open_perception(str(tmp_path / "other.npz"))


def test_where_nothing_is_installed_one_is_told_what_to_install(monkeypatch):
    def missing(name):
        raise SpecError(f"the weights of {name} are not installed")

    monkeypatch.setattr(perceptual, "weights_of", missing)
    with pytest.raises(SpecError, match="efficientnet-lite0 are not installed"):
        open_perception()
