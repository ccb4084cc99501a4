"""The list of jobs on the disk."""

import sqlite3
import threading
from dataclasses import replace

import pytest

from engine.errors import RunError
from engine.web.store import Job, Store, new_id


def job(**changes):
    plain = Job(
        id=new_id(),
        visitor="somebody",
        state="queued",
        name="cat",
        preset="portrait",
        painter="polygons",
        settings={"count": 5, "palette": ["#000000"]},
        effort=1.0,
        action="render",
        cost=3.0,
        created=100.0,
        changed=100.0,
        width=64,
        height=48,
    )
    return replace(plain, **changes)


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path / "web.sqlite")
    yield store
    store.close()


def test_what_is_added_is_there_for_whoever_opens_the_file_next(store, tmp_path):
    first = job(curve=[(0.5, 0.25), (1.0, 0.125)], message="for\nthis reason")
    store.add(first)
    again = Store(tmp_path / "web.sqlite")
    assert again.get(first.id) == first
    again.close()


def test_what_is_not_there_is_none(store):
    assert store.get(new_id()) is None
    assert store.update(new_id(), state="failed") is None
    store.remove(new_id())


def test_jobs_of_a_visitor_come_newest_first_and_nobody_elses(store):
    old, new = job(created=1.0), job(created=2.0)
    for each in (old, new, job(visitor="another")):
        store.add(each)
    assert store.of_visitor("somebody") == [new, old]


def test_a_job_changes_only_where_it_is_in_the_state_that_was_meant(store):
    first = job()
    store.add(first)
    changed = store.update(first.id, ("queued",), state="painting", curve=[(1.0, 0.5)])
    assert changed == replace(first, state="painting", curve=[(1.0, 0.5)])
    assert store.update(first.id, ("queued",), state="stopped") is None
    assert store.get(first.id) == changed


def test_states_are_listed_the_oldest_first(store):
    jobs = [job(created=float(3 - number), state=state) for number, state in enumerate(("queued", "failed"))]
    for each in jobs:
        store.add(each)
    assert store.in_state("failed", "queued") == jobs[::-1]
    assert store.in_state("stopped") == []


def test_what_nobody_has_asked_for_is_found_unless_it_is_waited_for(store):
    ended = job(changed=1.0, state="finished")
    for each in (ended, job(changed=1.0), job(changed=9.0, state="finished")):
        store.add(each)
    assert store.unchanged_since(5.0) == [ended]


def test_bytes_are_summed_up(store):
    assert store.bytes_of() == 0
    store.add(job(bytes=3))
    store.add(job(bytes=4, visitor="another"))
    assert (store.bytes_of(), store.bytes_of("another")) == (7, 4)


def test_uploads_of_the_last_hour_are_known(store):
    for at in (0.0, 5000.0, 6000.0):
        store.note_upload("somebody", at)
    assert store.uploads_of("somebody", 0.0) == [5000.0, 6000.0]
    assert store.uploads_of("another", 0.0) == []


def test_a_share_is_one_jobs(store):
    first = job(share="x")
    store.add(first)
    assert store.shared("x") == first
    with pytest.raises(RunError):
        store.add(job(share="x"))


def test_facts_are_kept(store):
    assert store.fact("pace") is None
    store.note("pace", {"polygons": 1.5})
    store.note("pace", {"polygons": 2.5})
    assert store.fact("pace") == {"polygons": 2.5}


def test_many_threads_may_change_one_job(store):
    first = job()
    store.add(first)

    def work(number):
        for step in range(20):
            store.update(first.id, preview=number * 100 + step)
            assert store.get(first.id) is not None

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert store.get(first.id).preview % 100 == 19


def test_another_file_is_refused_in_a_sentence(tmp_path):
    path = tmp_path / "web.sqlite"
    path.write_text("no database at all, but long enough to be looked at" * 100)
    with pytest.raises(RunError, match="can't be used as a list of jobs"):
        Store(path)


def test_a_newer_file_is_refused_in_a_sentence(tmp_path):
    with sqlite3.connect(tmp_path / "web.sqlite") as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(RunError, match="newer Tessera"):
        Store(tmp_path / "web.sqlite")


def test_what_is_shown_keeps_its_address_until_it_no_longer_is(store):
    first = job()
    store.add(first)
    assert store.show(first.id, "5" * 32).share == "5" * 32
    assert store.show(first.id, "6" * 32).share == "5" * 32
    assert store.shared("5" * 32).id == first.id
    assert store.show(first.id, None).share is None
    assert store.shared("5" * 32) is None
    assert store.show(first.id, "6" * 32).share == "6" * 32
    assert store.show(new_id(), "7" * 32) is None
