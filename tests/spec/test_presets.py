from pathlib import Path

import pytest

from engine.errors import SpecError
from engine.painters.registry import PAINTERS, params_of
from engine.spec.presets import presets, read_preset
from engine.spec.resolution import resolve
from engine.spec.settings import Document, Setting
from tests import ROOT

TARGET = Document("command line", {"target": Setting("astronaut", "TARGET")})


@pytest.mark.parametrize("name", presets({"XDG_CONFIG_HOME": "/nowhere"}))
def test_each_preset_is_a_spec_without_a_target_and_says_what_it_is(name):
    found = read_preset(name, {"XDG_CONFIG_HOME": "/nowhere"})
    assert "target" not in found.settings
    assert "painter.name" in found.settings, "whatever the user's default is"
    resolve([found, TARGET], params_of, PAINTERS)
    about = presets({"XDG_CONFIG_HOME": "/nowhere"})[name].about
    assert about.endswith(".")
    assert len(about) < 78


def test_they_are_where_the_documents_say():
    assert sorted(path.stem for path in (ROOT / "configs/presets").glob("*.yaml")) == list(
        presets({"XDG_CONFIG_HOME": "/nowhere"})
    )


def test_ones_own_come_first_and_are_told_apart(tmp_path):
    environ = {"XDG_CONFIG_HOME": str(tmp_path)}
    folder = tmp_path / "tessera/presets"
    folder.mkdir(parents=True)
    (folder / "linocut.yaml").write_text("# My own.\ncount: 3\n")
    (folder / "plain.yaml").write_text("count: x\n")
    (folder / "folder.yaml").mkdir()
    found = presets(environ)
    assert (found["linocut"].is_own, found["linocut"].about) == (True, "My own.")
    assert (found["plain"].about, found["net"].is_own) == ("", False)
    assert "folder" not in found
    document = read_preset("linocut", environ)
    assert (document.kind, document.settings["painter.count"].origin) == ("preset", "preset linocut:2")


def test_a_path_is_one_too(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("mine.yaml").write_text("count: 3\n")
    for name in ("mine.yaml", "./mine.yaml"):
        assert read_preset(name, {}).settings["painter.count"].value == "3"
    with pytest.raises(SpecError, match=r"no.yaml doesn't exist"):
        read_preset("no.yaml", {})
    with pytest.raises(
        SpecError, match="--preset zzz: there is no such preset; there are aquarelle, arches, "
    ):
        read_preset("zzz", {"XDG_CONFIG_HOME": "/nowhere"})
