"""What can be looked at and taken home of a painting: each file whole, made once, by its visitor alone."""

from __future__ import annotations

import asyncio
import io
import json
import shutil
import threading
import time
from xml.etree import ElementTree

import pytest
import yaml
from PIL import Image, ImageSequence

pytest.importorskip("fastapi", reason="needs the extra web")
pytest.importorskip("httpx", reason="needs httpx, to ask")

from engine.fork_server.client import at_hand
from engine.painters.registry import LOAD_KERNELS, PAINTERS
from engine.storage.lock import locked
from engine.system.child_process import Ended
from engine.web import files as files_module
from engine.web import makers as makers_module
from engine.web import making, routes_files
from engine.web.keep import bytes_of
from engine.web.kinds import KINDS
from engine.web.making import Order, stamp_of
from engine.web.options import Limits, ServeOptions
from engine.web.refused import Refused
from tests.doubles.films import video
from tests.doubles.web_files import STRANGER, Client, file_service

SMALL = ("--size", 64, "--count", 12, "--effort", 0.02, "--workers", 1)
FILM = (
    "--set",
    "film.size=64",
    "--set",
    "film.fps=10",
    "--set",
    "film.duration=1s",
    "--set",
    "film.hold=0.3s",
)
MADE = [name for name, kind in KINDS.items() if not kind.own and name != "picture.png"]


@pytest.fixture(scope="module")
def runs(tessera, tmp_path_factory):
    """A finished run of each painter, by its name."""
    folder = tmp_path_factory.mktemp("runs")
    for painter in PAINTERS:
        more = ("--look", "colour") if painter == "gng" else ()
        ended = tessera(
            "render", "astronaut", "--painter", painter, *more, *SMALL, *FILM, "--out", folder / painter
        )
        assert ended.returncode == 0, ended.stderr
    return {painter: folder / painter for painter in PAINTERS}


@pytest.fixture(scope="module")
def forks():
    """A server that has loaded what commands need."""
    with at_hand(LOAD_KERNELS, "polygons") as server:
        yield server


@pytest.fixture(scope="module")
def shown(runs, forks, tmp_path_factory):
    """A server with a finished job of each painter, and a client of it."""
    options = ServeOptions(outputs=tmp_path_factory.mktemp("web"), is_sharing=True)
    with file_service(options, forks) as service:
        jobs = {
            painter: service.add(run, run / "target.png", painter=painter) for painter, run in runs.items()
        }
        yield service, jobs, Client(service.app())


@pytest.fixture
def service(tmp_path, forks):
    """One of a test's own."""
    with file_service(ServeOptions(outputs=tmp_path / "web"), forks) as service:
        yield service


def get(service, job, name, size=None):
    return asyncio.run(service.files.get(job, name, size))


def refusal(service, job, name, size=None):
    with pytest.raises(Refused) as refused:
        get(service, job, name, size)
    return refused.value


def look(name, content, path):
    """Decode a file; it fails when it is none of its kind."""
    if name.endswith(".png"):
        Image.open(io.BytesIO(content)).load()
    elif name.endswith(".svg"):
        assert len(ElementTree.fromstring(content)) > 0
    elif name.endswith(".gif"):
        assert len(list(ImageSequence.Iterator(Image.open(io.BytesIO(content))))) > 3
    elif name.endswith(".mp4"):
        path.write_bytes(content)
        assert len(video(path)) > 3
    elif name.endswith(".json"):
        assert json.loads(content)["format"] == "tessera shapes"
    elif name.endswith(".yaml"):
        assert yaml.safe_load(content)["target"] == "photo-picture.png"
    else:
        assert content.startswith((b"%PDF", b"IN;"))


@pytest.mark.parametrize("painter", PAINTERS)
def test_every_file_of_every_painter_opens(shown, painter, tmp_path):
    service, jobs, client = shown
    job = jobs[painter]
    record = service.record(job)
    assert record.files == list(KINDS)
    for name, kind in KINDS.items():
        answer = client.get(f"/api/jobs/{job.id}/{name}")
        assert (name, answer.status_code) == (name, 200), answer.text
        assert answer.headers["content-type"] == kind.media
        look(name, answer.content, tmp_path / name)
        assert str(service.options.outputs) not in answer.text
        named = answer.headers["content-disposition"]
        assert named.startswith("inline" if kind.is_shown else "attachment")
        assert f'filename="photo-{"" if name == "picture.png" else "portrait"}'.rstrip("-") in named
    assert service.store.get(job.id).bytes == bytes_of(service.files.folder(job))
    assert len(list((service.files.folder(job) / "made").iterdir())) == len(MADE)


def test_a_picture_is_had_at_any_size(shown):
    service, jobs, client = shown
    job = jobs["polygons"]
    answer = client.get(f"/api/jobs/{job.id}/result.png?size=100&download=true")
    assert Image.open(io.BytesIO(answer.content)).size == (100, 100)
    assert answer.headers["content-disposition"] == 'attachment; filename="photo-portrait-100.png"'
    for size in ("15", "6001", "-1", "1e3", "9" * 30):
        answer = client.get(f"/api/jobs/{job.id}/result.png", params={"size": size})
        assert answer.status_code == 422
        assert list(answer.json()) == ["detail"]
        assert answer.json()["detail"].startswith("size")
    assert refusal(service, job, "result.svg", 100).status == 422


def test_what_is_known_is_not_sent_again_and_films_in_parts(shown):
    _, jobs, client = shown
    address = f"/api/jobs/{jobs['polygons'].id}"
    whole = client.get(f"{address}/film.mp4")
    part = client.get(f"{address}/film.mp4", headers={"range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, whole.content[10:20])
    for name in KINDS:
        head = client.head(f"{address}/{name}")
        assert (head.status_code, head.content) == (200, b"")
        again = client.get(f"{address}/{name}", headers={"if-none-match": head.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


def test_a_preview_is_kept_only_under_the_address_of_its_version(shown):
    _, jobs, client = shown
    address = f"/api/jobs/{jobs['polygons'].id}"
    assert client.get(f"{address}/preview.png").headers["cache-control"] == "no-store"
    assert "max-age" in client.get(f"{address}/preview.png?v=3").headers["cache-control"]
    assert client.get(f"{address}/result.png").headers["cache-control"] == "private, no-cache"


def test_no_script_runs_in_a_drawing(shown):
    _, jobs, client = shown
    for name in ("result.svg", "plot.svg"):
        policy = client.get(f"/api/jobs/{jobs['polygons'].id}/{name}").headers["content-security-policy"]
        assert "sandbox" in policy
        assert "script-src" not in policy
        assert "default-src 'none'" in policy


def test_nothing_of_it_is_there_for_others(shown):
    _, jobs, client = shown
    for name in KINDS:
        answer = client.get(f"/api/jobs/{jobs['polygons'].id}/{name}", headers={"x-visitor": STRANGER})
        unknown = client.get(f"/api/jobs/{'0' * 32}/{name}")
        assert answer.status_code == unknown.status_code == 404
        assert answer.content == unknown.content


def test_no_name_leads_out(shown):
    service, jobs, client = shown
    secret = service.options.outputs / "secret.png"
    secret.write_text("secret")
    job = jobs["polygons"]
    for name in (
        "../../../secret.png",
        "..%2f..%2f..%2fsecret.png",
        "spec.yaml/..",
        "made/x",
        "run/spec.yaml",
    ):
        assert client.get(f"/api/jobs/{job.id}/{name}").status_code == 404
        assert refusal(service, job, name).status == 404
    for identity in ("..", "%2e%2e", "../jobs", "*"):
        assert client.get(f"/api/jobs/{identity}/picture.png").status_code == 404


def test_a_file_is_made_once_however_many_ask(service, runs, monkeypatch):
    made = []

    def note(order, *rest):
        made.append(order.name)
        making.make(order, *rest)

    monkeypatch.setattr(files_module, "make", note)
    job = service.add(runs["polygons"])

    async def ask():
        return await asyncio.gather(*(service.files.get(job, "result.json") for _ in range(10)))

    assert len(set(asyncio.run(ask()))) == 1
    assert made == ["result.json"]
    get(service, job, "result.json")
    assert made == ["result.json"]


def test_few_are_made_at_a_time_and_one_of_a_job(service, runs, monkeypatch):
    making_now, most, lock = [], [], threading.Lock()

    def slowly(order, *_):
        with lock:
            making_now.append(order.run)
            most.append((len(making_now), len(set(making_now))))
        time.sleep(0.05)
        with lock:
            making_now.remove(order.run)
        order.path.parent.mkdir(exist_ok=True)
        order.path.write_text("made")

    monkeypatch.setattr(files_module, "make", slowly)
    jobs = [service.add(runs["polygons"], visitor=str(number)) for number in range(3)]

    async def ask():
        asked = [service.files.get(job, name) for job in jobs for name in ("result.pdf", "result.json")]
        return await asyncio.gather(*asked)

    assert len(set(asyncio.run(ask()))) == len(most) == 6
    assert {at_once for at_once, _ in most} <= {1, makers_module.AT_ONCE}
    assert all(at_once == different for at_once, different in most)


def test_nobody_may_ask_for_too_much_at_a_time(service, runs, monkeypatch):
    may_end = threading.Event()
    monkeypatch.setattr(files_module, "make", lambda *_: may_end.wait())
    monkeypatch.setattr(files_module, "PATIENCE", 0.01)
    job = service.add(runs["polygons"])
    for size in range(100, 100 + makers_module.MOST_OF_ONE):
        refused = refusal(service, job, "result.png", size)
        assert (refused.status, refused.headers) == (503, {"Retry-After": "5"})
        assert "still being made" in refused.sentence
    assert "Too many" in refusal(service, job, "result.png", 300).sentence
    may_end.set()


def test_it_waits_while_the_run_is_held(service, runs):
    job = service.add(runs["polygons"])
    run = service.files.folder(job) / "run"
    held, ended = threading.Event(), threading.Event()

    def hold():
        with locked(run / ".lock", "run"):
            held.set()
            ended.wait(1)

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait()
    assert get(service, job, "result.json").is_file()
    holder.join()


def test_it_does_not_wait_for_ever(service, runs, monkeypatch):
    monkeypatch.setattr(making, "LOCKED_FOR", 0)
    job = service.add(runs["polygons"])
    with locked(service.files.folder(job) / "run" / ".lock", "run"):
        assert refusal(service, job, "result.json").status == 409


def test_what_is_made_is_of_the_run_as_it_is_now(service, runs, tessera):
    job = service.add(runs["polygons"])
    folder = service.files.folder(job)
    first = get(service, job, "result.json")
    before = json.loads(first.read_text())
    assert tessera("resume", folder / "run", "--effort", 0.04, "--count", 15).returncode == 0
    second = get(service, job, "result.json")
    assert len(json.loads(second.read_text())["marks"]) == 15 > len(before["marks"])
    assert list((folder / "made").iterdir()) == [second]


def test_a_run_that_goes_on_meanwhile_leaves_no_file(service, runs):
    job = service.add(runs["polygons"])
    order = service.files.find(job, "result.pdf")
    assert isinstance(order, Order)
    stale = Order(order.name, order.run, order.path, order.command, "0" * 16)
    with pytest.raises(Refused) as refused:
        making.make(stale, makers_module.Limited(making.MEMORY, making.SECONDS), None)
    assert refused.value.status == 409
    assert list(order.path.parent.iterdir()) == []


def test_nothing_is_made_while_a_job_is_changed(service, runs, monkeypatch):
    begun = threading.Event()

    def until_stopped(order, stopping, _):
        begun.set()
        while not stopping.number:
            time.sleep(0.01)
        raise Refused(409, making.STOPPED)

    monkeypatch.setattr(files_module, "make", until_stopped)
    job = service.add(runs["polygons"])
    made = service.files.folder(job) / "made" / "result.old.pdf"
    made.parent.mkdir()
    made.write_text("old")
    refused = []
    asking = threading.Thread(target=lambda: refused.append(refusal(service, job, "result.pdf").status))
    asking.start()
    begun.wait()
    with service.files.released(job):
        asking.join()
        assert refused == [409]
        assert not made.exists()
        assert refusal(service, job, "result.json").status == 409
        shutil.rmtree(service.files.folder(job))
        service.store.remove(job.id)
    assert refusal(service, job, "result.json").status == 409


def others(client, path, method="GET", **options):
    """What somebody else is answered."""
    return client.request(method, path, headers={"x-visitor": STRANGER}, **options)


def test_a_painting_is_shown_to_others_until_it_no_longer_is(shown):
    service, jobs, client = shown
    job = jobs["gng"]
    address = f"/api/jobs/{job.id}/share"
    for method in ("POST", "DELETE"):
        assert others(client, address, method).status_code == 404
    url = client.request("POST", address).json()["url"]
    assert client.request("POST", address).json()["url"] == url
    assert service.record(service.hub.told[-1]).shared == url
    root = f"/api/shared/{url.removeprefix('/s/')}"
    assert len(url.removeprefix("/s/")) == 32
    record = others(client, root).json()
    assert record["files"] == ["preview.png", "result.png", "film.mp4", "film.gif"]
    assert not {"id", "visitor", "settings", "shared"} & record.keys()
    assert job.id not in json.dumps(record)
    for name in KINDS:
        answer = others(client, f"{root}/{name}")
        assert answer.status_code == (200 if name in record["files"] else 404)
        assert others(client, f"/api/jobs/{job.id}/{name}").status_code == 404
    assert client.request("DELETE", address).status_code == 204
    for path in (root, f"{root}/result.png"):
        assert others(client, path).status_code == 404
    assert client.request("POST", address).json()["url"] != url


def test_a_shared_picture_is_as_large_as_a_screen(shown, monkeypatch):
    _, jobs, client = shown
    share = client.request("POST", f"/api/jobs/{jobs['polygons'].id}/share").json()["url"][3:]
    whole = others(client, f"/api/shared/{share}/result.png?size=5000")
    size = Image.open(io.BytesIO(whole.content)).size
    monkeypatch.setattr(routes_files, "SHARED_SIDE", size[0] // 2)
    smaller = others(client, f"/api/shared/{share}/result.png")
    assert Image.open(io.BytesIO(smaller.content)).size == (size[0] // 2, size[1] // 2)


def test_what_is_deleted_is_shown_no_longer(service, runs):
    job = service.add(runs["polygons"], share="5" * 32)
    shown = ServeOptions(outputs=service.options.outputs, is_sharing=True)
    service.options = shown
    client = Client(service.app())
    path = f"/api/shared/{'5' * 32}"
    assert client.get(path).status_code == 200
    service.store.remove(job.id)
    assert client.get(path).status_code == client.get(f"{path}/preview.png").status_code == 404


def test_nothing_is_shown_where_sharing_is_off(service, runs):
    job = service.add(runs["polygons"], share="5" * 32)
    client = Client(service.app())
    assert client.request("POST", f"/api/jobs/{job.id}/share").status_code == 404
    assert client.get(f"/api/shared/{'5' * 32}").status_code == 404
    assert client.get(f"/api/shared/{'5' * 32}/preview.png").status_code == 404
    assert service.record(job).shared is None


@pytest.mark.parametrize(
    ("state", "files"),
    [
        ("queued", ["picture.png", "preview.png"]),
        ("painting", ["picture.png", "preview.png"]),
        ("stopped", list(KINDS)),
        ("failed", list(KINDS)),
    ],
)
def test_what_there_is_follows_from_its_state(service, runs, state, files):
    job = service.add(runs["polygons"], runs["polygons"] / "target.png", state=state)
    assert list(service.files.available(job)) == files
    if state == "painting":
        assert refusal(service, job, "result.svg").status == 409
        assert get(service, job, "preview.png").is_file()


def test_an_interrupted_run_has_what_it_has(service, runs, tmp_path):
    job = service.add(runs["polygons"], state="stopped")
    run = service.files.folder(job) / "run"
    for name in ("evolution.mp4", "result.png", "result.svg", "result.json"):
        (run / name).unlink()
    for name in ("result.png", "result.svg", "film.mp4"):
        look(name, get(service, job, name).read_bytes(), tmp_path / name)


def test_what_has_not_begun_has_nothing(service):
    for state in ("queued", "failed"):
        job = service.add(None, state=state)
        assert service.files.available(job) == ()
        assert (
            refusal(service, job, "result.svg").status == refusal(service, job, "preview.png").status == 409
        )
        assert refusal(service, job, "picture.png").status == 404


def test_a_full_disk_is_told_and_leaves_nothing(service, runs, monkeypatch):
    job = service.add(runs["polygons"])
    usage = shutil.disk_usage(service.options.outputs)
    monkeypatch.setattr(making.shutil, "disk_usage", lambda _: usage._replace(free=making.ROOM - 1))
    assert refusal(service, job, "result.pdf").status == 507
    assert list((service.files.folder(job) / "made").iterdir()) == []


def test_a_visitor_has_so_much_room(tmp_path, runs):
    options = ServeOptions(outputs=tmp_path / "web", limits=Limits(visitor_bytes=1000))
    with file_service(options) as service:
        job = service.add(runs["polygons"], bytes=1000)
        assert refusal(service, job, "result.pdf").status == 413
        assert get(service, job, "result.svg").is_file()


def test_what_takes_too_long_is_given_up(service, runs, monkeypatch):
    job = service.add(runs["polygons"])
    monkeypatch.setattr(makers_module, "SECONDS", 0.05)
    refused = refusal(service, job, "film.gif")
    assert (refused.status, refused.sentence) == (422, making.TOO_MUCH)
    assert list((service.files.folder(job) / "made").iterdir()) == []


@pytest.mark.parametrize(
    ("code", "message", "status", "words"),
    [
        (
            4,
            "not enough memory (a limit of this shell, ulimit -v, or ...); use fewer --workers.",
            422,
            "memory",
        ),
        (4, "no more processes or threads can be started (limits of ...).", 422, "time or memory"),
        (1, "MemoryError", 422, "time or memory"),
        (1, "ended with exit code 1.", 422, "time or memory"),
        (-9, "was killed, perhaps for want of memory (signal 9).", 422, "time or memory"),
        (1, "ZeroDivisionError: at /srv/engine.py", 422, "something went wrong here."),
        (5, "/srv/run: process 3 on x is working on it; wait for it, or stop it first.", 409, "worked on"),
        (6, "/srv/run: there is no space left on the disk; free some and start again.", 507, "room"),
        (2, "/srv/jobs/1/run/a.json: is damaged; render it again.", 422, "painting: a.json: is damaged;"),
    ],
)
def test_what_a_command_has_met_is_told_in_a_sentence(
    service, runs, monkeypatch, code, message, status, words
):
    monkeypatch.setattr(making, "run", lambda *_: Ended(code, message, ()))
    monkeypatch.setattr(making, "LOCKED_FOR", 0)
    refused = refusal(service, service.add(runs["polygons"]), "result.pdf")
    assert refused.status == status
    assert words in refused.sentence
    assert "/" not in refused.sentence


def test_what_cant_be_made_is_told_without_a_path(service, runs):
    job = service.add(runs["polygons"])
    run = service.files.folder(job) / "run"
    for name in ("checkpoint-a", "checkpoint-b"):
        (run / name).write_text("nothing")
    (run / "snapshots.jsonl").write_text("nothing")
    refused = refusal(service, job, "result.pdf")
    assert refused.status == 422
    assert refused.sentence.startswith("result.pdf can't be made of this painting: ")
    assert str(service.options.outputs) not in refused.sentence
    assert "/" not in refused.sentence


def test_without_what_plotters_need_there_is_nothing_for_them(service, runs, monkeypatch):
    job = service.add(runs["polygons"])
    monkeypatch.setattr(service.files, "_possible", frozenset(KINDS) - {"plot.svg", "plot.hpgl"})
    assert "plot.svg" not in service.files.available(job)
    assert refusal(service, job, "plot.svg").status == 422


def test_the_oldest_go_when_there_are_too_many(tmp_path):
    for number in range(5):
        (tmp_path / f"result-{number}.{'a' * 16}.png").write_text("x")
        time.sleep(0.002)
    (tmp_path / f"result.{'b' * 16}.png").write_text("x")
    (tmp_path / ".making-x").mkdir()
    making.clear(tmp_path, "a" * 16, 2)
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == [".making-x", f"result-3.{'a' * 16}.png", f"result-4.{'a' * 16}.png"]
    making.sweep(tmp_path)
    assert not (tmp_path / ".making-x").exists()


def test_a_state_is_told_apart_without_reading_it(runs, tmp_path):
    run = shutil.copytree(runs["polygons"], tmp_path / "run")
    stamp = stamp_of(run)
    assert stamp == stamp_of(run) != stamp_of(runs["polygons"])
    (run / "checkpoint-a").write_bytes(b"other")
    assert stamp_of(run) != stamp
    assert stamp_of(tmp_path) is None
