"""The description of the interface: OpenAPI as it really is, and a page of it that needs no script."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from engine.web.visitors import COOKIE

ABOUT = (
    "Send a picture, follow how it is painted, take home what was made of it. A visitor is known by a "
    "cookie, which the first answer sets: keep it, and send it along. Times are ISO 8601 in UTC. What is "
    "refused is told in one sentence."
)
TAGS = {
    "choices": "What there is to choose from",
    "jobs": "Paintings",
    "files": "What is made of a painting",
    "shared": "Paintings that are shown to others",
}
_PROBLEM = {
    "title": "Problem",
    "description": "Why something was refused.",
    "type": "object",
    "required": ["detail"],
    "properties": {"detail": {"type": "string", "title": "Detail", "description": "one sentence"}},
}
_TO_PROBLEM = {"$ref": "#/components/schemas/Problem"}
_ANY = "refused; the sentence says why"
_WHY = {  # where a route says nothing better
    "401": "the token is missing or wrong",
    "404": "there is no such thing, or it is somebody else's",
    "409": "not now; the sentence says when",
    "413": "too large",
    "415": "no picture that can be read",
    "422": "something is wrong with what was sent, or beyond the limits",
    "429": "too much of one visitor; Retry-After says when to come again",
    "503": "too much at a time; Retry-After says when to come again",
    "507": "there is no room",
}
_PHRASES = {phrase.phrase for phrase in HTTPStatus} | {"", "Validation Error", "Successful Response"}
_OF_FASTAPI = ("HTTPValidationError", "ValidationError")  # which are answered as all other refusals are
_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}: the interface for programs</title>
<link rel="icon" href="{root}/static/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="{root}/static/docs.css">
<main>
<h1>{title}: the interface for programs</h1>
<p>{about}</p>
<p>The same for programs: <a href="{root}/api/openapi.json">OpenAPI {version}</a>.</p>
{sections}
</main>
</html>
"""


def describe(app: FastAPI, root: str, asks_token: bool) -> dict[str, Any]:
    """The OpenAPI document of an application. root: what stands before all paths.

    asks_token: whether visitors have to know one.
    """
    found = get_openapi(
        title=app.title,
        version=app.version,
        description=ABOUT,
        routes=app.routes,
        tags=[{"name": name, "description": about} for name, about in TAGS.items()],
        servers=[{"url": root or "/"}],
    )
    components = found.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for name in _OF_FASTAPI:
        schemas.pop(name, None)
    schemas["Problem"] = _PROBLEM
    components["securitySchemes"] = {
        "visitor": {
            "type": "apiKey",
            "in": "cookie",
            "name": COOKIE,
            "description": "set by the first answer; whoever sends it sees his own paintings",
        }
    }
    if asks_token:
        components["securitySchemes"]["token"] = {"type": "http", "scheme": "bearer"}
        found["security"] = [{"token": []}]
    for operation in _operations(found):
        _correct(operation)
    return found


def docs_page(document: Mapping[str, Any], root: str) -> str:
    """A page that says the same as an OpenAPI document."""
    sections = "\n".join(_section(document, name, about) for name, about in TAGS.items())
    return _PAGE.format(
        title=_text(document["info"]["title"]),
        about=_text(document["info"]["description"]),
        version=_text(document["openapi"]),
        root=_text(root),
        sections=sections,
    )


def _operations(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for path in document["paths"].values():
        yield from path.values()


def _correct(operation: dict[str, Any]) -> None:
    """Say of refusals what they are: a sentence each, whatever the status."""
    answers = operation["responses"]
    answers.setdefault("default", {})
    for status, answer in answers.items():
        is_plain = answer.get("description", "") in _PHRASES
        if status == "default" or status.startswith(("4", "5")):
            answer["content"] = {"application/json": {"schema": _TO_PROBLEM}}
            answer["description"] = _WHY.get(status, _ANY) if is_plain else answer["description"]
        elif is_plain:
            answer["description"] = "done" if status == "204" else "what was asked for"


def _section(document: Mapping[str, Any], tag: str, about: str) -> str:
    """The routes of a kind."""
    found = [
        _route(path, method, operation, document["components"]["schemas"])
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if tag in operation.get("tags", ())
    ]
    return f"<section>\n<h2>{_text(about)}</h2>\n{''.join(found)}</section>" if found else ""


def _route(path: str, method: str, operation: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    """What can be asked, with what, and what is answered."""
    about = operation.get("description") or operation.get("summary", "")
    asked = [
        (each["name"], f"in the {each['in']}", each.get("description", ""))
        for each in operation.get("parameters", ())
    ]
    asked += [
        (name, f"in the body, {media}", each.get("description", ""))
        for media, name, each in _fields(operation, schemas)
    ]
    answers = [
        (status, ", ".join(answer.get("content", ())), answer.get("description", ""))
        for status, answer in operation["responses"].items()
        if status != "default"
    ]
    heading = f"<h3><code><b>{_text(method.upper())}</b> {_text(path)}</code></h3>"
    return (
        f"<article>\n{heading}\n<p>{_text(about)}</p>\n"
        f"{_table('What is sent', asked)}{_table('What is answered', answers)}</article>\n"
    )


def _fields(
    operation: Mapping[str, Any], schemas: Mapping[str, Any]
) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Those of a body: its media type, their name, and what is said of them."""
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        schema = content.get("schema", {})
        for each in (schema, *schema.get("anyOf", ())):
            named = schemas.get(each.get("$ref", "").rpartition("/")[2], each)
            yield from ((media, name, field) for name, field in named.get("properties", {}).items())


def _table(caption: str, rows: list[tuple[str, str, str]]) -> str:
    if not rows:
        return ""
    cells = "".join(
        f'<tr><th scope="row"><code>{_text(first)}</code></th>'
        f"<td>{_text(second)}</td><td>{_text(third)}</td></tr>\n"
        for first, second, third in rows
    )
    return f"<table>\n<caption>{_text(caption)}</caption>\n{cells}</table>\n"


def _text(value: object) -> str:
    return html.escape(str(value))
