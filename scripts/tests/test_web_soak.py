"""The soak of the web server sees what is wrong."""

import io
from collections import Counter

import pytest
from PIL import Image

pytest.importorskip("httpx", reason="the soak of the web server needs httpx")

from engine.web.store import Store
from engine.web.verdict import KILLED
from scripts.soaks.web import on_disk
from scripts.soaks.web_visitor import Book, Visitor, colour_of, picture_of
from tests.doubles.web_jobs import job_of

NOBODY: Counter[str] = Counter()


def kept(tmp_path, *jobs, folders=None):
    store = Store(tmp_path / "web.sqlite")
    for job in jobs:
        store.add(job)
    store.close()
    for name in [job.id for job in jobs] if folders is None else folders:
        (tmp_path / "jobs" / name).mkdir(parents=True)
    return tmp_path


def test_all_is_well_with_what_has_ended(tmp_path):
    jobs = [job_of(state=state) for state in ("finished", "stopped", "finished")]
    outputs = kept(tmp_path, *jobs)
    book = Book(kept={job.id: 1 for job in jobs} | {"deleted": 1}, deleted={"deleted"})
    assert on_disk(outputs, book, NOBODY) == []


def test_what_is_lost_or_stays_is_seen(tmp_path):
    waits, failed, deleted = job_of(), job_of(state="failed", message="No."), job_of(state="stopped")
    killed = job_of(state="failed", message=KILLED)
    folders = [waits.id, failed.id, killed.id, "stranger"]
    outputs = kept(tmp_path, waits, failed, deleted, killed, folders=folders)
    book = Book(kept={"lost": 1}, deleted={deleted.id})
    faults = on_disk(outputs, book, Counter(painter=2))
    for said in ("lost is lost", f"{deleted.id} was deleted", f"{waits.id} is queued", "failed: No."):
        assert any(said in fault for fault in faults), said
    assert sum("not both" in fault for fault in faults) == 2
    assert not any(KILLED in fault for fault in faults)
    assert any(KILLED in fault for fault in on_disk(outputs, book, NOBODY)), "nobody has killed it"


def test_visitors_know_their_pictures():
    assert len({colour_of(number) for number in range(64)}) == 64
    book = Book()
    visitor = Visitor(5, "http://127.0.0.1:1", book, 0)
    visitor.check_colour("job", "result.png", picture_of(5))
    assert book.faults == []
    for other in set(range(64)) - {5}:
        visitor.check_colour("job", "result.png", picture_of(other))
    assert len(book.faults) == 63
    with Image.open(io.BytesIO(picture_of(5))) as image:
        assert image.size == (96, 96)
