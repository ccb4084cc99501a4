"""The looks that visitors choose from: those that come along, and a studio's own."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
import yaml
from PIL import Image

from engine.painters.registry import PAINTERS, params_of
from engine.spec.presets import read_preset
from engine.spec.resolution import check
from engine.web.looks import HERE, STATIC, left_out, looks, picture_of, sample_file, samples
from engine.web.options import Limits
from engine.web.wording import wording
from tests import ROOT

PLAIN = {"XDG_CONFIG_HOME": "/nowhere"}
OFFERED = yaml.safe_load((HERE / "offered.yaml").read_text())
NEURAL = ("sketch",)


@pytest.fixture
def own(tmp_path):
    """The folder of a studio's own presets, and the environment that leads there."""
    folder = tmp_path / "tessera" / "presets"
    folder.mkdir(parents=True)
    return folder, {"XDG_CONFIG_HOME": str(tmp_path)}


def spec_of(name):
    return check([read_preset(name, PLAIN)], params_of, PAINTERS)


@pytest.mark.parametrize("name", OFFERED["looks"])
def test_each_look_is_a_preset_within_what_a_visitor_may_ask_for(name):
    spec, limits = spec_of(name), Limits()
    assert spec.painter.params.count == "auto" or spec.painter.params.count <= limits.count
    assert spec.size <= limits.size
    assert spec.budget.effort <= limits.effort


def test_looks_are_of_all_painters_and_in_the_order_of_the_list():
    found = looks(PLAIN)
    there = [name for name in OFFERED["looks"] if name not in NEURAL]
    assert [look.name for look in found if look.name not in NEURAL] == there
    assert {look.painter for look in found} == set(PAINTERS)
    assert not any(look.own for look in found)
    assert len({look.title for look in found}) == len(found)


@pytest.mark.parametrize(("group", "most"), [("looks", 320), ("samples", 240)])
def test_each_has_a_small_picture_and_a_text_and_nothing_else_has(group, most):
    assert sorted(path.stem for path in (STATIC / group).glob("*.webp")) == sorted(OFFERED[group])
    assert list(wording()[group]) == OFFERED[group]
    for name in OFFERED[group]:
        path = STATIC / group / f"{name}.webp"
        assert path.stat().st_size < 15_000
        with Image.open(path) as picture:
            assert picture.format == "WEBP"
            assert most / 2 < max(picture.size) <= most


@pytest.mark.parametrize("name", [name for name in OFFERED["looks"] if name not in NEURAL])
def test_each_look_paints_a_picture(name, cat, tmp_path, tessera):
    quick = ["--count", "40", "--effort", "0.02", "--workers", "1", "--no-film"]
    ended = tessera("render", cat, "--preset", name, *quick, "--out", tmp_path / "run")
    assert ended.returncode == 0, ended.stderr
    with Image.open(tmp_path / "run" / "result.png") as picture:
        assert picture.size == (64, 42)
        assert len(picture.convert("RGB").getcolors(64 * 42) or ()) > 1, "more than paper"


@pytest.fixture(scope="module")
def cat(tmp_path_factory):
    path = tmp_path_factory.mktemp("cat") / "cat.png"
    with Image.open(STATIC / "samples" / "chelsea.webp") as picture:
        picture.resize((64, 42)).save(path)
    return path


def test_a_studios_own_come_first_with_titles_and_pictures(own):
    folder, environ = own
    (folder / "night out.yaml").write_text("# Blue hour: a night in four blues.\ncount: 3\npalette: 4\n")
    (folder / "plain.yaml").write_text("count: 3\n")
    (folder / "triangles.yaml").write_text("# My own triangles.\ncount: 3\n")
    (folder / "plain.png").write_bytes(b"")
    (folder / "plain.svg").write_bytes(b"")
    first, second, third, fourth, *rest = looks(environ)
    assert (first.name, first.title, first.about) == ("night out", "Blue hour", "A night in four blues.")
    assert (second.name, second.title, second.about, second.own) == ("plain", "Plain", "", True)
    assert (third.title, third.about, third.own, third.picture) == (
        "Triangles",
        "My own triangles.",
        True,
        None,
    )
    assert [fourth.name, *(look.name for look in rest)] == [look.name for look in looks(PLAIN)][1:]
    assert (first.picture, second.picture) == (None, "api/looks/plain/picture")
    assert picture_of("plain", environ) == folder / "plain.png"
    (folder / "night out.webp").write_bytes(b"")
    assert looks(environ)[0].picture == "api/looks/night%20out/picture"
    for name in ("night", "triangles", "../plain", "net", ""):
        assert picture_of(name, environ) is None


def test_a_studios_own_that_cannot_be_painted_are_left_out_with_the_reason(own):
    folder, environ = own
    (folder / "broken.yaml").write_text("count: many\n")
    (folder / "paper.yaml").write_text("painter: {name: curves, objective: neuron, neuron: v4/curl}\n")
    (folder / "daisy.yaml").write_text("painter: {name: curves, objective: class}\n")
    (folder / "large.yaml").write_text(
        "painter: {name: curves, objective: features, layers: [resnet18/layer1]}\n"
    )
    assert [look.name for look in looks(environ)] == [look.name for look in looks(PLAIN)]
    broken, daisy, large, paper = left_out(environ)
    assert broken.startswith("Preset broken is not offered: preset broken:1: count must be a whole number ")
    assert "class is drawn on blank paper" in daisy
    assert "neuron is drawn on blank paper" in paper
    assert "resnet18" in large or "torch" in large
    assert left_out(PLAIN) == []


def test_what_needs_a_network_is_left_out_where_there_is_none(monkeypatch):
    monkeypatch.setattr("engine.web.suits.packaged", lambda network: None)
    assert "sketch" not in [look.name for look in looks(PLAIN)]


def test_samples_are_pictures_that_are_there():
    assert [sample.name for sample in samples()] == OFFERED["samples"]
    assert all((HERE / sample.picture).is_file() for sample in samples())
    assert sample_file("coffee") is not None
    assert sample_file("brick") is None, "which is none of those that are offered"
    assert sample_file("../coffee") is None


def test_what_a_server_reads_loads_no_large_library():
    code = (
        "import sys, os, json\n"
        "from engine.web.form import form\nfrom engine.web.looks import looks, samples\n"
        "from engine.web.options import Limits\n"
        "samples(); [form(look.name, Limits()) for look in looks(os.environ)]\n"
        "print(json.dumps([name for name in ('numba', 'scipy', 'skimage', 'torch') if name in sys.modules]))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, cwd=ROOT)
    assert json.loads(found.stdout) == []
