"""What visitors ask for is painted by real processes; it can be stopped, gone on with, deleted and killed."""

import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from engine.errors import SpaceError
from engine.fork_server.client import ForkServer
from engine.painters.registry import LOAD_KERNELS
from engine.storage.lock import locked, owner
from engine.web.painter import Patience
from engine.web.store import Store
from engine.web.verdict import KILLED
from tests.doubles.process_tree import session
from tests.doubles.web_jobs import LONG, studio

ENDLESS = 1000.0  # an effort


@pytest.fixture(scope="module")
def forks():
    server = ForkServer()
    server.prepare(LOAD_KERNELS, "polygons")
    yield server
    server.close()


@pytest.fixture(scope="module")
def shared(forks, tmp_path_factory):
    """A studio with room for two at a time."""
    with studio(tmp_path_factory.mktemp("studio"), forks, jobs=2) as found:
        yield found


def painter_of(here, job):
    """The process that paints a job."""
    give_up = time.monotonic() + LONG
    while (holder := owner(here.folder(job) / "run" / ".lock")) is None or not holder.pid:
        assert time.monotonic() < give_up
        time.sleep(0.02)
    return holder.pid


def in_work(here, effort=ENDLESS, **changes):
    """A job that is painted, has something on the disk, and will not end by itself."""
    job = here.order(effort=effort, **changes)
    here.until(job, lambda now: now.preview > 1 and now.progress)
    return job


def has_result(here, job):
    folder = here.folder(job) / "run"
    with Image.open(folder / "result.png") as image:
        assert image.size == (64, 64)
    return (folder / "result.svg").read_text().rstrip().endswith("</svg>")


def test_what_is_asked_for_is_painted(shared):
    job = shared.order()
    done = shared.ended(job)
    assert (done.state, done.doing, done.progress, done.message, done.shapes) == (
        "finished",
        None,
        1,
        None,
        30,
    )
    assert done.error is not None
    assert done.seconds is not None
    assert done.began is not None
    assert done.ended is not None
    assert 0 < done.error < 0.3
    assert job.created <= done.began <= done.ended == done.changed
    assert done.preview > 0
    assert done.curve[-1] == (round(done.seconds, 2), round(done.error, 6))
    assert has_result(shared, job)
    assert done.bytes >= (shared.folder(job) / "run" / "result.png").stat().st_size
    told = [each for each in shared.told if each.id == job.id]
    states = list(dict.fromkeys((each.state, each.doing) for each in told))
    assert states[-3:] == [("painting", "preparing"), ("painting", "painting"), ("finished", None)]


def test_one_that_is_stopped_keeps_what_it_has_and_goes_on_for_longer(shared):
    job = in_work(shared, effort=30.0)
    shared.painting.stop(job.id)
    stopped = shared.ended(job)
    assert (stopped.state, stopped.action) == ("stopped", "resume")
    assert 0 < stopped.progress < 1
    assert has_result(shared, job)
    shared.painting.resume(stopped, stopped.effort)
    done = shared.ended(job)
    assert (done.state, done.effort, done.progress) == ("finished", 30.0, 1)
    assert done.seconds >= stopped.seconds
    assert [seconds for seconds, _ in done.curve] == sorted({seconds for seconds, _ in done.curve})
    assert done.began > stopped.began


def test_a_finished_one_goes_on_for_longer(shared):
    job = shared.order()
    first = shared.ended(job)
    shared.painting.resume(first, 0.4)
    queued = shared.now(job)
    assert queued.progress == pytest.approx(0.02 / 0.4)
    done = shared.ended(job)
    assert (done.state, done.effort) == ("finished", 0.4)
    assert done.error <= first.error
    assert done.cost == pytest.approx(20 * first.cost)


def test_one_in_the_line_is_stopped_at_once(shared):
    working = [in_work(shared), in_work(shared)]
    waiting = [shared.order(visitor="bob"), shared.order(visitor="bob")]
    shared.until(waiting[1], lambda now: shared.painting.line.place_of(now)[0] == 2)
    assert [shared.painting.line.place_of(job)[0] for job in waiting] == [1, 2]
    shared.painting.stop(waiting[0].id)
    assert shared.now(waiting[0]).state == "stopped"
    shared.until(waiting[1], lambda now: shared.painting.line.place_of(now)[0] == 1)
    for job in working:
        shared.painting.stop(job.id)
    assert shared.ended(waiting[1]).state == "finished"
    assert [shared.ended(job).state for job in working] == ["stopped", "stopped"]
    shared.painting.resume(shared.now(waiting[0]), 0.02)
    assert shared.ended(waiting[0]).state == "finished", "it has been nothing but a wish before"


def test_nobody_paints_what_is_forgotten(shared):
    job = in_work(shared)
    pid = painter_of(shared, job)
    shared.painting.forget(job.id)
    assert not session(pid)
    assert owner(shared.folder(job) / "run" / ".lock") is None
    waits = shared.now(job)
    assert waits.state == "painting" or not waits.is_waiting
    shared.store.remove(job.id)
    assert shared.ended(shared.order()).state == "finished", "and the others go on"


def test_a_failure_is_told_without_paths(shared):
    job = shared.order(spec={"target": "/etc/secret/nothing.png"})
    failed = shared.ended(job)
    assert failed.state == "failed"
    assert failed.message.startswith("Nothing.png: ")
    assert "/" not in failed.message.replace("nothing.png", "")


def test_one_that_is_killed_goes_on_once(shared):
    job = in_work(shared)
    before = shared.until(
        job, lambda now: (shared.folder(job) / "run" / "checkpoint-a").exists()
    )  # the second one
    os.kill(painter_of(shared, job), signal.SIGKILL)
    again = shared.until(job, lambda now: now.attempts == 1 and now.doing == "painting")
    assert again.seconds >= 0.5 * before.seconds, "it has not begun again"
    os.kill(painter_of(shared, job), signal.SIGKILL)
    failed = shared.ended(job)
    assert (failed.state, failed.message, failed.action) == ("failed", KILLED, "resume")


def test_a_folder_that_is_damaged_is_begun_again(shared):
    job = shared.order(state="stopped")
    (shared.folder(job) / "run").mkdir()
    (shared.folder(job) / "run" / "rubbish").write_text("of a disk that was full")
    shared.painting.resume(job, 0.02)
    assert shared.ended(job).state == "finished"


def test_a_process_that_is_stuck_is_killed(forks, tmp_path):
    with studio(tmp_path, forks, Patience(stop=0.5, step=LONG)) as here:
        job = in_work(here)
        pid = painter_of(here, job)
        os.kill(pid, signal.SIGSTOP)
        here.painting.stop(job.id)
        assert here.ended(job).state == "stopped"
        assert not session(pid)


def test_one_that_gets_no_further_counts_as_killed(forks, tmp_path, monkeypatch):
    with studio(tmp_path, forks) as here:
        job = in_work(here)
        os.kill(painter_of(here, job), signal.SIGSTOP)
        painter = here.painting._painters[job.id]
        monkeypatch.setattr(painter, "_patience", Patience(step=0.5))
        assert here.until(job, lambda now: now.attempts == 1).is_waiting


def test_it_waits_for_who_works_in_the_folder_still(forks, tmp_path):
    with studio(tmp_path, forks) as here:
        job = here.order(state="stopped")
        folder = here.folder(job) / "run"
        folder.mkdir()
        with locked(folder / ".lock", "a test"):
            here.painting.resume(job, 0.02)
            here.until(job, lambda now: now.state == "painting")
            time.sleep(0.3)
            assert here.now(job).doing == "preparing"
        assert here.ended(job).state == "finished"


def test_a_full_disk_only_delays_what_is_noted(forks, tmp_path, monkeypatch):
    monkeypatch.setattr("engine.web.painting.TRY_AGAIN", 0.2)
    with studio(tmp_path, forks) as here:
        update, refused = here.store.update, list[str]()

        def full(job, only_in=(), **changes):
            state = changes.get("state")
            if state is None or refused.count(state) < 2:
                refused.append(str(state))
                raise SpaceError("web.sqlite: there is no space left on the disk; free some and start again.")
            return update(job, only_in, **changes)

        monkeypatch.setattr(here.store, "update", full)
        job = here.order()
        done = here.ended(job)
    assert (done.state, done.progress, done.shapes) == ("finished", 1, 30)
    assert set(refused) == {"painting", "finished", "None"}, "each has been refused, and tried again"


def test_an_orderly_end_is_gone_on_from(forks, tmp_path):
    with studio(tmp_path, forks, jobs=1) as here:
        job, other = in_work(here, effort=40.0), here.order()
    store = Store(tmp_path / "web.sqlite")
    left: Any = store.get(job.id)
    store.close()
    assert (left.state, left.action, left.doing, left.attempts) == ("queued", "resume", None, 0)
    assert left.progress > 0
    assert has_result(here, job), "as of any run that was interrupted"
    with studio(tmp_path, forks) as here:
        here.until(job, lambda now: now.doing == "painting" and now.progress > left.progress)
        assert here.now(other).state == "queued", "what was begun goes on first"
        here.painting.stop(job.id)
        assert here.ended(other).state == "finished"


def test_what_nobody_has_touched_for_long_goes(forks, tmp_path: Path):
    with studio(tmp_path, forks, jobs=1, keep=1.0) as here:
        old = here.order()
        here.ended(old)
        give_up = time.monotonic() + LONG
        while here.store.get(old.id) is not None or list((tmp_path / "jobs").iterdir()):
            assert time.monotonic() < give_up
            time.sleep(0.05)
