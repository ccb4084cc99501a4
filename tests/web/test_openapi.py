"""The description of the interface: refusals are told in one form, and the page says what the schema does."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

pytest.importorskip("fastapi", reason="needs the extra web")
pytest.importorskip("httpx", reason="needs httpx, to ask")

from fastapi import FastAPI
from pydantic import BaseModel

from engine.web.kinds import KINDS
from engine.web.openapi import docs_page
from engine.web.options import ServeOptions
from engine.web.routes_docs import docs_routes
from engine.web.routes_files import file_routes, shared_file_routes
from engine.web.routes_share import share_routes
from tests.doubles.web_files import Client


class More(BaseModel):
    effort: float | None = None


@pytest.fixture(scope="module")
def client():
    options = ServeOptions(outputs=None, url="https://studio.example/paint", token="x" * 16)  # type: ignore[arg-type]
    app = FastAPI(title="Tessera", version="1", docs_url=None, redoc_url=None, openapi_url=None)
    for routes in (file_routes(), shared_file_routes(), share_routes()):
        app.include_router(routes)

    @app.post("/api/jobs/{id}/resume", tags=["jobs"])
    def resume(id: str, more: More | None = None) -> More:
        """Go on <with> it."""
        return more or More()

    app.include_router(docs_routes(app, options))
    return Client(app)


@pytest.fixture(scope="module")
def document(client):
    return client.get("/api/openapi.json").json()


def operations(document):
    return {
        (method, path): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def test_every_refusal_is_a_sentence(document):
    for operation in operations(document).values():
        assert "default" in operation["responses"]
        for status, answer in operation["responses"].items():
            if status[0] in "45d":
                schema = answer["content"]["application/json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/Problem"}
                assert answer["description"]
    assert not {"HTTPValidationError", "ValidationError"} & document["components"]["schemas"].keys()


def test_every_file_is_described_with_its_media_type(document):
    for name, kind in KINDS.items():
        operation = operations(document)["get", f"/api/jobs/{{id}}/{name}"]
        assert list(operation["responses"]["200"]["content"]) == [kind.media]
        assert ("size" in {each["name"] for each in operation["parameters"]}) == kind.is_sized
        assert (("get", f"/api/shared/{{share}}/{name}") in operations(document)) == kind.is_shared


def test_every_operation_has_a_name_of_its_own(document):
    names = [operation["operationId"] for operation in operations(document).values()]
    assert len(set(names)) == len(names)


def test_where_it_is_and_who_may_ask(document):
    assert document["servers"] == [{"url": "/paint"}]
    assert document["security"] == [{"token": []}]
    assert {"visitor", "token"} == document["components"]["securitySchemes"].keys()


class Page(HTMLParser):
    """The text of a page, and what it loads."""

    def __init__(self):
        super().__init__()
        self.text, self.loads, self.tags = "", [], set()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.loads += [value for name, value in attrs if name in ("src", "href")]

    def handle_data(self, data):
        self.text += data


def test_a_page_describes_all_of_it_without_scripts(client, document):
    answer = client.get("/docs")
    page = Page()
    page.feed(answer.text)
    assert answer.headers["content-type"].startswith("text/html")
    assert page.loads == ["/paint/static/icon.svg", "/paint/static/docs.css", "/paint/api/openapi.json"]
    assert not {"script", "style"} & page.tags
    for path, methods in document["paths"].items():
        for method in methods:
            assert f"{method.upper()} {path}" in page.text
    assert "effort" in page.text
    assert "Go on <with> it." in page.text
    assert docs_page(document, "/paint") == answer.text
