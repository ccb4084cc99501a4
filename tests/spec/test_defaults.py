from pathlib import Path

import pytest

from engine.cli.flag_facts import settings_by_path
from engine.errors import SpecError
from engine.spec.defaults import TAKEN, config_folder, from_config, from_environment, variables
from engine.system import notify
from tests import ROOT

PATHS = list(settings_by_path())


def test_each_setting_has_one_variable_and_each_variable_one_setting():
    names = variables(PATHS)
    assert names["FILM_INTRO_SHOWS"] == "film.intro_shows"
    assert names["SHAPE"] == names["PAINTER_SHAPE"] == "painter.shape"
    assert names["PAINTER"] == names["PAINTER_NAME"] == "painter.name"
    assert set(PATHS) - set(names.values()) == {"target", "from", "out"}
    assert not TAKEN & set(names)


def test_what_a_command_of_the_user_is_told_is_no_setting():
    """It may start another run, which the error of the one before must not end."""
    text = Path(notify.__file__).read_text()
    assert '"ERROR"' in text or "ERROR=" in text
    told = {"OUTCOME", "EXIT_CODE", "FOLDER", "ERROR", "MESSAGE"}
    environ = {f"TESSERA_{name}": "0.25" for name in told | TAKEN}
    assert from_environment(environ, PATHS).settings == {}
    assert from_environment({"TESSERA_BUDGET_ERROR": "0.25"}, PATHS).settings["budget.error"].value == "0.25"


def test_values_are_those_of_yaml():
    environ = {
        "TESSERA_BACKGROUND": "#abc",
        "TESSERA_FILM_FORMAT": "[mp4, gif]",
        "TESSERA_FILM_ENCODER": "null",
        "TESSERA_WORKERS": "",
        "OTHER_COUNT": "3",
    }
    settings = from_environment(environ, PATHS).settings
    assert {path: setting.value for path, setting in settings.items()} == {
        "background": "#abc",
        "film.format": ["mp4", "gif"],
        "film.encoder": None,
    }


def test_two_that_are_the_same():
    with pytest.raises(SpecError, match="TESSERA_SHAPE sets the same as TESSERA_PAINTER_SHAPE; keep one"):
        from_environment({"TESSERA_SHAPE": "quad", "TESSERA_PAINTER_SHAPE": "quad"}, PATHS)


def test_where_the_users_folder_is(monkeypatch):
    monkeypatch.setenv("HOME", "/home/me")
    assert config_folder({}) == Path("/home/me/.config/tessera")
    assert config_folder({"XDG_CONFIG_HOME": "/x"}) == Path("/x/tessera")
    assert config_folder({"XDG_CONFIG_HOME": "x"}) == Path("/home/me/.config/tessera"), (
        "a relative one is none"
    )


def test_a_config_may_be_missing_and_can_not_say_what_is_painted(tmp_path):
    environ = {"XDG_CONFIG_HOME": str(tmp_path)}
    assert from_config(environ).settings == {}
    (tmp_path / "tessera").mkdir()
    path = tmp_path / "tessera/config.yaml"
    for nothing in ("", "\n# size: 99\n"):
        path.write_text(nothing)
        assert from_config(environ).settings == {}
    path.write_text("film: {size: 5}\nout: x\n")
    with pytest.raises(SpecError, match=f"{path}:2: out is a run's own, and no default; leave it out."):
        from_config(environ)
    path.write_text("film: {size: 5}\n")
    assert from_config(environ).settings["film.size"].origin == f"{path}:1"


def test_the_library_asks_neither(monkeypatch, tmp_path):
    sources = [
        path.read_text() for path in (ROOT / "engine").rglob("*.py") if not {"cli", "web"} & {*path.parts}
    ]
    callers = [text for text in sources if "from_config(" in text or "from_environment(" in text]
    assert len(callers) == 1, "where they are defined"
