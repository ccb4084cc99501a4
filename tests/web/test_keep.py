"""There is room for new jobs, or a sentence; what is old or left over goes, and nothing else."""

import pytest

from engine.errors import SpaceError
from engine.web.keep import (
    bytes_of,
    check_room,
    check_sent,
    clean_up,
    expired,
    remove_job,
    seconds_between_sweeps,
)
from engine.web.options import Limits, ServeOptions
from engine.web.refused import Refused
from engine.web.store import Store
from tests.doubles.web_jobs import job_of

LIMITS = Limits(queued=2, uploads_hour=3, visitor_bytes=1_000_000, line=4, all_bytes=2_000_000)
NOW = 10_000.0


@pytest.fixture
def store(tmp_path):
    found = Store(tmp_path / "web.sqlite")
    yield found
    found.close()


def refusal(store, visitor="ann"):
    with pytest.raises(Refused) as caught:
        check_room(store, visitor, LIMITS)
    sentence = caught.value.sentence
    assert sentence.endswith(".")
    return caught.value.status, caught.value.headers.get("Retry-After"), sentence


def test_who_waits_for_enough_is_told_to_wait(store):
    store.add(job_of())
    check_room(store, "ann", LIMITS)
    store.add(job_of(state="painting"))
    assert refusal(store)[:2] == (429, "30")
    check_room(store, "bob", LIMITS)


def test_uploads_count_for_an_hour(store):
    for at in (0.0, NOW - 3000, NOW - 2000):
        store.note_upload("ann", at)
    check_sent(store, "ann", LIMITS, NOW)
    store.note_upload("ann", NOW - 10)
    with pytest.raises(Refused, match="10 minutes") as caught:
        check_sent(store, "ann", LIMITS, NOW)
    assert (caught.value.status, caught.value.headers["Retry-After"]) == (429, "600")
    check_sent(store, "ann", LIMITS, NOW + 601)
    check_sent(store, "bob", LIMITS, NOW)


def test_what_is_kept_has_a_limit_for_each_and_for_all(store):
    store.add(job_of(state="finished", bytes=1_000_000))
    assert refusal(store)[:2] == (507, None)
    check_room(store, "bob", LIMITS)
    store.add(job_of(state="finished", visitor="cat", bytes=1_000_000))
    assert refusal(store, "bob")[0] == 507


def test_the_line_has_an_end(store):
    for number in range(4):
        store.add(job_of(visitor=f"guest {number}"))
    assert refusal(store, "bob")[0] == 503


def test_leftovers_go_and_nothing_else(store, tmp_path):
    kept, lost, waiting = job_of(state="finished"), job_of(state="stopped"), job_of()
    for job in (kept, lost, waiting):
        store.add(job)
    (tmp_path / "jobs" / kept.id / "run").mkdir(parents=True)
    (tmp_path / "jobs" / "nobody").mkdir()
    (tmp_path / "jobs" / "nobody" / "file").touch()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "precious").touch()
    (tmp_path / "jobs" / "link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "incoming").mkdir()
    (tmp_path / "incoming" / "half").touch()
    clean_up(store, tmp_path)
    assert [path.name for path in (tmp_path / "jobs").iterdir()] == [kept.id]
    assert list((tmp_path / "incoming").iterdir()) == []
    assert (tmp_path / "elsewhere" / "precious").exists()
    assert store.get(kept.id) == kept
    assert store.get(lost.id) is None
    failed = store.get(waiting.id)
    assert failed is not None
    assert failed.state == "failed"
    assert failed.message


def test_nothing_of_a_removed_job_is_left(store, tmp_path):
    job = job_of()
    store.add(job)
    (tmp_path / "jobs" / job.id / "run").mkdir(parents=True)
    remove_job(store, tmp_path, job.id)
    remove_job(store, tmp_path, job.id)
    assert store.all() == []
    assert list((tmp_path / "jobs").iterdir()) == []


def test_only_what_is_old_and_at_rest_goes(store, tmp_path):
    old = [
        job_of(state=state, changed=0.0) for state in ("finished", "stopped", "failed", "queued", "painting")
    ]
    new = job_of(state="finished", changed=NOW - 50, share="abc")
    for job in (*old, new):
        store.add(job)
    options = ServeOptions(outputs=tmp_path, keep=100.0)
    assert {job.id for job in expired(store, options, NOW)} == {job.id for job in old[:3]}
    assert len(expired(store, options, NOW + 51)) == 4
    assert expired(store, ServeOptions(outputs=tmp_path, keep=None), NOW) == []
    assert seconds_between_sweeps(options) == 5
    assert seconds_between_sweeps(ServeOptions(outputs=tmp_path)) == 3600


def test_bytes_of_a_folder_are_those_of_its_files(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "one").write_bytes(b"x" * 10)
    (tmp_path / "a" / "b" / "two").write_bytes(b"x" * 20)
    (tmp_path / "a" / "link").symlink_to(tmp_path)
    assert 30 <= bytes_of(tmp_path) < 30 + 4096
    assert bytes_of(tmp_path / "nothing") == 0


def test_what_is_deleted_on_a_full_disk_makes_room_for_being_forgotten(store, tmp_path, monkeypatch):
    job, forget = job_of(state="finished"), store.remove
    store.add(job)
    folder = tmp_path / "jobs" / job.id
    (folder / "run").mkdir(parents=True)

    def remove(identity):
        if folder.exists():
            raise SpaceError("web.sqlite: there is no space left on the disk.")
        forget(identity)

    monkeypatch.setattr(store, "remove", remove)
    remove_job(store, tmp_path, job.id)
    assert store.get(job.id) is None
    assert not list((tmp_path / "jobs").iterdir())
