"""A server that is killed loses nothing: what waited is painted, what was painted goes on."""

import io
import json
import os
import random
import signal
import time

import pytest
from PIL import Image

from engine.web.store import Store
from tests.doubles.toy import picture
from tests.doubles.web_server import WebServer

httpx = pytest.importorskip("httpx", reason="the web server's tests need httpx")
pytest.importorskip("uvicorn", reason="the web server needs the extra `web`")
pytest.importorskip("multipart", reason="the web server needs the extra `web`")
LONG = 90  # seconds that something may take on a busy machine


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with WebServer(tmp_path_factory.mktemp("served"), ["--workers", "1"]) as found:
        yield found


def send(visitor, effort, count=30):
    file = io.BytesIO()
    Image.fromarray(picture(64, 64)).save(file, "PNG")
    settings = json.dumps({"count": count, "size": 64, "effort": effort})
    answer = visitor.post(
        "/api/jobs", files={"picture": ("a.png", file.getvalue())}, data={"settings": settings}
    )
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def until(visitor, job, is_so):
    give_up = time.monotonic() + LONG
    while not is_so(now := visitor.get(f"/api/jobs/{job}").json()):
        assert time.monotonic() < give_up, now
        time.sleep(0.05)
    return now


def test_nothing_is_lost_when_server_and_painter_are_killed(server):
    ann, bob = (httpx.Client(base_url=server.address, timeout=LONG) for _ in range(2))
    long, short = send(ann, 4.0, count=150), send(bob, 0.05)
    until(ann, long, lambda now: now["doing"] == "painting" and now["preview"])
    assert until(bob, short, lambda now: now["place"] == 1)["state"] == "queued"
    server.kill("server", random.Random(0))  # and starts it again
    after = ann.get(f"/api/jobs/{long}").json()
    assert after["state"] in ("queued", "painting", "finished")
    assert after["progress"]
    assert after["seconds"]
    if (painters := server.painters()) and after["state"] != "finished":
        os.kill(painters[0], signal.SIGKILL)
    for visitor, job, other in ((ann, long, short), (bob, short, long)):
        done = until(visitor, job, lambda now: now["state"] not in ("queued", "painting"))
        assert (done["state"], done["progress"], done["message"]) == ("finished", 1.0, None)
        assert [each["id"] for each in visitor.get("/api/jobs").json()["jobs"]] == [job]
        assert visitor.get(f"/api/jobs/{other}").status_code == 404
        with Image.open(io.BytesIO(visitor.get(f"/api/jobs/{job}/result.png").content)) as image:
            assert image.size == (64, 64)
    for visitor in (ann, bob):
        visitor.close()


def test_an_orderly_end_is_quick_and_the_next_start_goes_on(server):
    ann = httpx.Client(base_url=server.address, timeout=LONG)
    job = send(ann, 8.0, count=600)  # which is deleted long before it ends
    before = until(ann, job, lambda now: now["doing"] == "painting" and now["preview"])
    assert server.end() == [], "processes that it leaves"
    assert server.left_behind() == []
    store = Store(server.outputs / "web.sqlite")
    left = store.get(job)
    store.close()
    assert left is not None
    assert (left.state, left.action, left.message) == ("queued", "resume", None)
    server.start()
    now = until(ann, job, lambda now: now["doing"] == "painting" or now["state"] == "finished")
    assert now["progress"] >= before["progress"]
    assert ann.delete(f"/api/jobs/{job}").status_code == 204
    assert ann.get(f"/api/jobs/{job}").status_code == 404
    assert not (server.outputs / "jobs" / job).exists()
    ann.close()
