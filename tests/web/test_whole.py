"""The whole interface behind its gate: strangers' ids, hostile uploads and settings, and made-up requests."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pytest
from PIL import Image

pytest.importorskip("fastapi", reason="needs the extra web")
pytest.importorskip("httpx", reason="needs httpx, to ask")

from engine.web.app import create_app
from engine.web.options import Limits, ServeOptions
from engine.web.service import Service
from tests.web.hostile_pictures import HOSTILE, jpeg_with_position, saved
from tests.web.small_app import HOME, Browser

SETTINGS = json.dumps({"size": 64, "count": 10, "effort": 0.02})


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """All of it but the painters: jobs stay in the line."""
    limits = Limits(upload_bytes=400_000, queued=2, uploads_hour=1000, line=1000)
    options = ServeOptions(tmp_path_factory.mktemp("web"), limits=limits)
    service = Service(options, None)
    yield create_app(service), service
    service.hub.close()
    service.store.close()


@pytest.fixture
def visitor(whole):
    """A new one."""
    return Browser(whole[0], HOME, "")


def send(visitor, content=None, name="cat.png", **fields):
    content = saved("PNG", (40, 30)) if content is None else content
    return visitor.post(
        "/api/jobs", files={"picture": (name, content)}, data={"settings": SETTINGS, **fields}
    )


def paths_of(app):
    """Method and path of every route with an id."""
    document = Browser(app, HOME, "").get("/api/openapi.json").json()
    found = [(method, path) for path, item in document["paths"].items() for method in item]
    assert len(found) > 15
    return found


def test_anothers_painting_is_as_one_that_never_was(whole, visitor):
    app, _ = whole
    job = send(visitor).json()["id"]
    assert visitor.get(f"/api/jobs/{job}").status_code == 200
    stranger = Browser(app, HOME, "")
    assert stranger.get("/api/jobs").json()["jobs"] == []
    asked = [(method, path) for method, path in paths_of(app) if "{id}" in path]
    assert len(asked) > 10
    for method, path in asked:
        theirs, nobodys = (
            stranger.request(method.upper(), path.replace("{id}", each).replace("{name}", "result.png"))
            for each in (job, "0" * 32)
        )
        assert theirs.status_code == nobodys.status_code == 404, path
        assert theirs.content == nobodys.content
    assert stranger.post("/api/jobs", files={"again": (None, job)}).status_code == 404
    assert visitor.get(f"/api/jobs/{job}/picture.png").status_code == 200


@pytest.mark.parametrize(
    "odd", ["..", "%2e%2e", "..%2f..", "%00", "a%0ab", "%ff", "x" * 600, "'%20or%201=1--", "{id}"]
)
def test_odd_ids_lead_nowhere(whole, visitor, odd):
    for method, path in paths_of(whole[0]):
        if "{" in path and not path.endswith("/events"):  # of which one goes on for ever
            for name in ("{id}", "{share}", "{name}"):
                path = path.replace(name, odd)
            answer = visitor.request(method.upper(), path)
            assert answer.status_code in (404, 405, 422), (path, answer.text)
            assert "/" not in answer.json().get("detail", ""), path


HOSTILE_HERE = ["a page with a script", "a PNG bomb", "a JPEG cut short", "a PNG and ZIP"]


@pytest.mark.parametrize("what", HOSTILE_HERE)
def test_hostile_uploads_leave_nothing_but_pixels(whole, visitor, what):
    _, service = whole
    make, status = HOSTILE[what]
    before = {path.name for path in (service.folder / "jobs").iterdir()}
    answer = send(visitor, make(), name="../../../<b>\u202ecat.png")
    assert answer.status_code == (status or 201)
    assert not list(service.incoming.iterdir())
    after = {path.name for path in (service.folder / "jobs").iterdir()} - before
    if status:
        assert not after
        return
    assert answer.json()["name"] == "<b>cat.png"
    assert after == {answer.json()["id"]}
    folder = service.folder / "jobs" / answer.json()["id"]
    assert sorted(path.name for path in folder.iterdir()) == ["picture.png", "spec.yaml"]


def test_where_a_picture_was_taken_is_not_kept(whole, visitor):
    job = send(visitor, jpeg_with_position()).json()["id"]
    answer = visitor.get(f"/api/jobs/{job}/picture.png")
    assert b"SECRET" not in answer.content
    image = Image.open(io.BytesIO(answer.content))
    assert image.size == (16, 24)
    assert not image.getexif()
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "settings",
    [
        '{"notify.on-success": "touch /tmp/x"}',
        '{"out": "/tmp/x"}',
        '{"film": {"encoder": "/bin/sh"}}',
        '{"painter": "curves", "neuron": "os:system/x/1"}',
        '{"effort": 1000000000}',
        '{"preset": "../../etc/passwd"}',
        '{"count": {"a": {"b": 1}}}',
        "[]",
        "{",
    ],
)
def test_settings_that_are_not_let_in_are_a_sentence_and_leave_nothing(whole, visitor, settings):
    _, service = whole
    before = list((service.folder / "jobs").iterdir())
    answer = send(visitor, settings=settings)
    assert answer.status_code == 422
    assert answer.json()["detail"].endswith(".")
    assert list((service.folder / "jobs").iterdir()) == before
    assert not list(service.incoming.iterdir())


def test_what_costs_too_much_is_refused_before_it_is_accepted(whole, visitor, monkeypatch):
    _, service = whole
    monkeypatch.setattr(service, "options", replace(service.options, limits=Limits(job_seconds=1.0)))
    answer = send(visitor)
    assert answer.status_code == 422
    assert "lower" in answer.json()["detail"]


def test_going_on_costs_as_much_as_painting(whole, visitor, monkeypatch):
    _, service = whole
    job = send(visitor).json()["id"]
    stored = service.store.update(job, state="finished", progress=1.0)
    monkeypatch.setattr(
        service, "options", replace(service.options, limits=replace(service.options.limits, job_seconds=50.0))
    )
    assert stored.cost < 10, "without the film that nobody has asked for yet"
    answer = visitor.post(f"/api/jobs/{job}/resume", json={"effort": 8})
    assert answer.status_code == 422
    assert "ask for less effort" in answer.json()["detail"]
    answer = visitor.post(f"/api/jobs/{job}/resume", json={"effort": 0.04})
    assert (answer.status_code, answer.json()["state"]) == (200, "queued")


def test_a_finished_painting_goes_on_for_more_than_it_has_had_alone(whole, visitor):
    _, service = whole
    job = send(visitor).json()["id"]
    assert visitor.post(f"/api/jobs/{job}/resume").status_code == 409, "it waits already"
    service.store.update(job, state="finished", progress=1.0)
    for effort in (0.01, 0.02):
        answer = visitor.post(f"/api/jobs/{job}/resume", json={"effort": effort})
        assert (answer.status_code, answer.json()["detail"].endswith("ask for more than that.")) == (
            422,
            True,
        )
    assert visitor.post(f"/api/jobs/{job}/resume").json()["effort"] == 0.04


def test_too_many_are_told_to_wait(whole, visitor):
    assert [send(visitor).status_code for _ in range(3)] == [201, 201, 429]


def test_pictures_that_are_refused_count_as_sent(whole, visitor, monkeypatch):
    _, service = whole
    limits = replace(service.options.limits, uploads_hour=2)
    monkeypatch.setattr(service, "options", replace(service.options, limits=limits))
    assert [send(visitor, b"no picture").status_code for _ in range(3)] == [415, 415, 429]


def test_another_sites_page_can_do_nothing(whole, visitor):
    job = send(visitor).json()["id"]
    for method, path in paths_of(whole[0]):
        if method != "get":
            answer = visitor.request(
                method.upper(), path.replace("{id}", job), headers={"sec-fetch-site": "cross-site"}
            )
            assert answer.status_code == 403, path
    assert visitor.get(f"/api/jobs/{job}").json()["state"] == "queued"
    assert visitor.delete(f"/api/jobs/{job}").status_code == 204
    assert visitor.get(f"/api/jobs/{job}").status_code == 404


def test_the_description_holds_for_whatever_is_asked(whole):
    schemathesis = pytest.importorskip("schemathesis", reason="needs schemathesis, to make requests up")
    import requests
    from hypothesis import HealthCheck, given, settings
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi.checks import (
        content_type_conformance,
        response_schema_conformance,
        status_code_conformance,
    )

    app, _ = whole
    document = Browser(app, HOME, "").get("/api/openapi.json").json()
    schema = schemathesis.openapi.from_dict(document)
    checks = [
        not_a_server_error,
        content_type_conformance,
        response_schema_conformance,
        status_code_conformance,
    ]
    tried = 0

    def try_out(operation):
        @settings(max_examples=3, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy())
        def ask(case):
            nonlocal tried
            prepared = requests.Request(**case.as_transport_kwargs(base_url=HOME)).prepare()
            visitor = Browser(app, HOME, "")
            answer = visitor.request(
                str(prepared.method), str(prepared.url), headers=dict(prepared.headers), content=prepared.body
            )
            case.validate_response(answer, checks=checks)
            tried += 1

        ask()

    for result in schema.get_all_operations():
        operation = result.ok()
        if not operation.path.endswith("/events"):  # which go on for ever
            try_out(operation)
    assert tried > 30
