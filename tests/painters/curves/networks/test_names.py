"""Networks, layers, channels and classes by name; what isn't there is told with what is."""

import pytest

from engine.errors import SpecError
from engine.painters.curves.networks.names import (
    CLASSES,
    KNOWN,
    Features,
    Neuron,
    class_of,
    features_of,
    imagenet,
    neuron_of,
)


def places(*names):
    return features_of("layers", names)


def test_names_are_parsed():
    assert neuron_of("squeezenet/fire6/172") == Neuron("squeezenet", "fire6", 172)
    assert neuron_of("mine:network/late/9") == Neuron("mine:network", "late", 9)
    assert class_of("squeezenet/daisy") == Neuron("squeezenet", CLASSES, 985)
    assert class_of("resnet18/Egyptian_cat") == class_of("resnet18/285") == Neuron("resnet18", CLASSES, 285)
    assert places("squeezenet/fire2", "squeezenet/fire5") == Features("squeezenet", ("fire2", "fire5"))


@pytest.mark.parametrize(
    ("parse", "text", "said"),
    [
        (neuron_of, "squeezenet", "is not of the form NETWORK/LAYER/CHANNEL"),
        (neuron_of, "squeezenet//3", "is not of the form"),
        (neuron_of, "sqeezenet/fire6/1", "perhaps squeezenet is meant"),
        (neuron_of, "squeezenet/fire1/1", "there are conv1, fire2"),
        (neuron_of, "squeezenet/fire6/384", "there are 0 to 383"),
        (neuron_of, "squeezenet/fire6/-1", "is no channel"),
        (class_of, "squeezenet/daisies", "perhaps daisy"),
        (class_of, "squeezenet/1000", "no class '1000'"),
        (places, "squeezenet/fire10", "no layer 'fire10'"),
        (places, "squeezenet", "is not of the form NETWORK/LAYER"),
    ],
)
def test_what_is_not_there_is_told(parse, text, said):
    with pytest.raises(SpecError, match=said):
        parse(text)


def test_features_are_of_one_network():
    with pytest.raises(SpecError, match="layers: layers must be of one network, not of squeezenet and vgg16"):
        places("squeezenet/fire2", "vgg16/conv1_1")


def test_each_network_ends_with_its_classes():
    assert len(imagenet()) == len(set(imagenet())) == 1000
    assert all(list(known.layers)[-1] == CLASSES for known in KNOWN.values())
