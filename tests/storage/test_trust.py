"""Programs that a run's spec names are run for whoever made the run, and for nobody else unasked."""

import os
import stat
import typing
from pathlib import Path

import pytest

from engine.api import resumption
from engine.errors import RunError
from engine.painters.registry import params_of
from engine.spec.fields import Command
from engine.spec.models import RunSpec
from engine.spec.resolution import resolve
from engine.spec.settings import from_assignments
from engine.storage import trust
from engine.storage.load import open_run
from engine.storage.run_folder import MARK, SPEC, RunFolder

NAMED = ("notify.on-success=touch done", "film.encoder=/usr/bin/ffmpeg")


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A state folder of a user who has made nothing yet."""
    monkeypatch.setenv(trust.STATE_VARIABLE, str(tmp_path / "state"))
    return tmp_path / "state"


def spec_of(*assignments):
    return resolve([from_assignments(["target=photo.png", *assignments])], params_of)


@pytest.fixture
def folder(tmp_path):
    folder = RunFolder.create(tmp_path / "run")
    folder.write(SPEC, spec_of(*NAMED).to_yaml())
    return folder


def strangers(folder, *changes):
    return set(open_run(folder.path).strange_programs([from_assignments(changes)]))


BOTH = {"notify.on_success", "film.encoder"}


def test_a_folder_of_somebody_elses_names_no_programs(folder):
    assert strangers(folder) == BOTH
    assert strangers(folder, "film.encoder=ffmpeg") == {"notify.on_success"}, "the user has named that one"
    plain = trust.without_programs(spec_of(*NAMED), BOTH)
    assert plain == spec_of()
    sentence = trust.left_out(folder, spec_of(*NAMED), BOTH)
    assert sentence.count("\n") == 0
    assert "film.encoder: /usr/bin/ffmpeg, notify.on-success: 'touch done'" in sentence
    assert sentence.endswith("they are left out, unless you say --trust.")


def test_whoever_made_it_is_known_wherever_it_lies(folder, tmp_path, home):
    trust.mark(folder, spec_of(*NAMED))
    assert strangers(folder) == set()
    moved = RunFolder(Path(folder.path.rename(tmp_path / "elsewhere")))
    assert strangers(moved) == set()
    key = home / "tessera" / "key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    before = key.read_bytes()
    trust.mark(moved, spec_of(*NAMED))
    assert key.read_bytes() == before, "another key would make strangers of all older runs"


@pytest.mark.parametrize(
    "changed", ["notify.on-success=touch elsewhere", "notify.on-failure=x", "target=y.png"]
)
def test_a_program_that_was_put_into_a_users_folder_is_a_strangers(folder, changed):
    trust.mark(folder, spec_of(*NAMED))
    folder.write(SPEC, spec_of(*NAMED).to_yaml())
    assert strangers(folder) == set()
    documents = [from_assignments(["target=photo.png", *NAMED]), from_assignments([changed])]
    folder.write(SPEC, resolve(documents, params_of).to_yaml())
    assert strangers(folder) >= BOTH


def test_another_user_is_a_stranger(folder, tmp_path, monkeypatch):
    trust.mark(folder, spec_of(*NAMED))
    monkeypatch.setenv(trust.STATE_VARIABLE, str(tmp_path / "another"))
    assert strangers(folder) == BOTH
    trust.mark(folder, spec_of(*NAMED))
    assert strangers(folder) == set()


@pytest.mark.parametrize("content", [b"", b"0" * 64, b"x" * 100_000, "é".encode()])
def test_a_mark_is_not_guessed(folder, content):
    trust.mark(folder, spec_of(*NAMED))
    (folder / MARK).write_bytes(content)
    assert strangers(folder) == BOTH


@pytest.mark.parametrize("what", ["nothing", "file", "empty key", "no home"])
def test_without_a_place_for_a_key_nobody_is_known(folder, home, monkeypatch, what):
    if what == "file":
        home.write_text("")
    if what == "empty key":
        (home / "tessera").mkdir(parents=True)
        (home / "tessera" / "key").write_bytes(b"")
    if what == "no home":
        monkeypatch.delenv(trust.STATE_VARIABLE)
        monkeypatch.setattr(Path, "home", lambda: (_ for _ in ()).throw(RuntimeError))
    if what != "nothing":
        trust.mark(folder, spec_of(*NAMED))
    assert strangers(folder) == BOTH


def test_a_run_that_names_none_needs_no_mark(folder, home):
    trust.mark(folder, spec_of(*NAMED))
    trust.mark(folder, spec_of())
    assert not os.path.lexists(folder / MARK)
    folder.write(SPEC, spec_of().to_yaml())
    assert strangers(folder) == set()


def commands_of(model, prefix=""):
    """The settings whose type is a command for the shell."""
    for name, hint in typing.get_type_hints(model, include_extras=True).items():
        if isinstance(hint, type) and hasattr(hint, "model_fields"):
            yield from commands_of(hint, f"{prefix}{name}.")
        elif Command in typing.get_args(hint) or hint == Command:
            yield prefix + name


def test_all_commands_of_a_spec_are_known_as_programs():
    found = set(commands_of(RunSpec))
    assert found == {"notify.on_success", "notify.on_failure"}
    spec = spec_of(*(f"{name}=x" for name in (*found, trust.ENCODER)))
    assert set(trust.programs(spec)) == {*found, trust.ENCODER}
    assert trust.programs(trust.without_programs(spec, {*found, trust.ENCODER})) == {}


@pytest.mark.parametrize(
    "setting", ["neuron=os:system/conv/1", "label=os:system/cat", "layers=os:system/conv"]
)
def test_a_strangers_network_is_code_that_no_run_goes_on_with(tmp_path, setting):
    spec = spec_of("painter=curves", f"painter.{setting}")
    folder = RunFolder.create(tmp_path / "run")
    folder.write(SPEC, spec.to_yaml())
    name = f"painter.{setting.partition('=')[0]}"
    with pytest.raises(RunError, match=rf"Python code that you have not named \({name}: os:system.*--trust"):
        resumption(folder.path, [])
    assert not resumption(folder.path, [], trust=True).left_out
    trust.mark(folder, spec)
    assert not resumption(folder.path, []).left_out, "whoever made it goes on with it"
    assert not trust.programs(spec_of("painter=curves", "painter.neuron=squeezenet/fire6/172"))
