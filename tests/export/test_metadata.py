"""What files say of themselves leads back to the same picture, and is the same for the same picture."""

import shlex

import pytest
import yaml

from engine.export.metadata import Metadata, command
from engine.painters.registry import params_of
from engine.spec.resolution import resolve
from engine.spec.settings import from_assignments, from_flags
from tests.doubles.toy_specs import read


def spec_of(flags, sets=()):
    return resolve([from_flags({"target": "a", **flags}), from_assignments(sets)], params_of)


@pytest.mark.parametrize(
    ("flags", "sets", "expected"),
    [
        ({}, [], "tessera render a"),
        ({"target": "my cat.jpg", "count": 300}, [], "tessera render 'my cat.jpg' --count 300"),
        ({"effort": "2", "workers": 3, "out": "x", "result-size": 9}, [], "tessera render a --effort 2.0"),
        ({"palette": "#000000,#ffcc00"}, [], "tessera render a --palette '#000000,#ffcc00'"),
        ({"from": "outputs/b", "error": 0.1}, [], "tessera render a --from outputs/b --error 0.1"),
        ({"shape": "triangle=2,line"}, [], "tessera render a --shape triangle=2,line"),
        (
            {"opacity": "0.2-0.7"},
            ["painter.shift=false", "film.fps=9"],
            "tessera render a --opacity 0.2-0.7 --set painter.shift=false",
        ),
    ],
)
def test_the_command_is_the_shortest_one_that_paints_the_same(flags, sets, expected):
    spec = spec_of(flags, sets)
    assert command(spec) == expected
    words = shlex.split(expected)[3:]
    pairs = list(zip(words[::2], words[1::2], strict=True))
    again = spec_of(
        {"target": spec.target} | {flag[2:]: text for flag, text in pairs if flag != "--set"},
        [text for flag, text in pairs if flag == "--set"],
    )
    assert again.digest() == spec.digest()


def test_the_recipe_is_a_spec(tmp_path):
    spec = spec_of({"count": 7, "workers": 3, "out": "x", "time": "9s"}, ["film.fps=9"])
    metadata = Metadata.of(spec, 7)
    again = resolve([read(tmp_path / "spec.yaml", metadata.recipe)], params_of)
    assert again.digest() == spec.digest()
    assert not yaml.safe_load(metadata.recipe).keys() & {"workers", "nice", "out", "film", "export", "notify"}
    assert Metadata.of(spec_of({"count": 7}), 7) == metadata, "whatever doesn't decide the picture"


def test_nothing_is_said_of_folders_that_are_nobodys_business():
    paths = {"target": "/home/ann/cat.jpg", "from": "/home/ann/shapes.json", "importance": "/home/ann/m.png"}
    metadata = Metadata.of(spec_of(paths), 9)
    assert "home" not in "".join(metadata.texts().values())
    assert "tessera render cat.jpg --from shapes.json --importance m.png" in metadata.description
    names = {"target": "photos/cat.jpg", "from": "outputs/a"}
    assert "tessera render photos/cat.jpg --from outputs/a" in Metadata.of(spec_of(names), 9).description


def test_the_title_names_the_target_and_the_shapes():
    assert Metadata.of(spec_of({"target": "photos/cat.1.jpg"}), 1234).title == "cat.1 in 1,234 shapes"
    metadata = Metadata.of(spec_of({"target": "a\x00ü\n.png"}), 1)
    assert metadata.title == "a�ü� in 1 shape"
    for text in metadata.texts().values():
        assert text.replace("\n", "").isprintable()
        text.encode()
