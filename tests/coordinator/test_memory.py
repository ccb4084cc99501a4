"""How many workers fit into what a run may take of memory."""

from contextlib import nullcontext

import pytest

from engine.api import render
from engine.coordinator import memory
from engine.coordinator.memory import affordable, check_memory, most_workers, own_memory
from engine.coordinator.run import start_run
from engine.errors import SpecError
from engine.events import Event, Notice
from engine.storage.run_folder import RunFolder
from tests.coordinator.test_run import spec_of, target_of


def test_what_is_left_of_memory_is_for_workers():
    assert most_workers(1000, 300, 200) == 3
    assert most_workers(500, 300, 200) == 1
    with pytest.raises(SpecError, match=r"499 bytes are too few, as this run takes about 300 bytes and 200"):
        most_workers(499, 300, 200)


def test_a_large_picture_is_not_held():
    assert own_memory(16_384, 16_384, 1000) < own_memory(3000, 4000, 1000)
    assert own_memory(16_384, 16_384, 800_000) < 1e9


@pytest.mark.parametrize(("setting", "wanted", "count"), [("auto", 99, 99), ("1GB", 99, 3), ("1GB", 2, 2)])
def test_fewer_workers_are_started_where_memory_is_said_to_be_short(setting, wanted, count):
    run, told = start_run(spec_of(memory=setting), target_of(), None), list[Event]()
    assert affordable(run, wanted, told.append) == count
    assert [type(event) for event in told] == [Notice] * (count < wanted)


def test_a_run_that_never_fits_is_refused():
    run = start_run(spec_of(memory="100MB"), target_of(), None)
    with pytest.raises(SpecError, match=r"^memory: 100 MB are too few"):
        affordable(run, 1, print)
    with pytest.raises(SpecError, match=r"^memory: 100 MB are too few"):
        check_memory(run)


def test_a_run_that_is_refused_for_its_memory_may_have_its_folder_again(tmp_path):
    spec = spec_of(target="astronaut", memory="100MB", out=str(tmp_path / "run"), **{"film.enabled": False})
    with pytest.raises(SpecError, match=r"^memory: 100 MB are too few"):
        render(spec, tmp_path, print, nullcontext(lambda: False))
    RunFolder.check_free(tmp_path / "run")


def test_half_of_what_is_free_is_there_for_a_large_picture(monkeypatch):
    monkeypatch.setattr(memory, "available_memory", lambda: 3_000_000_000)
    run = start_run(spec_of(), target_of(), None)
    assert affordable(run, 99, print) == 99
    object.__setattr__(run.target, "stored", "somewhere")
    assert affordable(run, 99, lambda event: None) == 5
    monkeypatch.setattr(memory, "available_memory", lambda: 100_000_000)
    assert affordable(run, 99, lambda event: None) == 1
