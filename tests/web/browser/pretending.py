"""A page whose server is only pretended: its answers are those of a test, so that any state is at hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, Route

from engine.web.page import STATIC, page

HOST = "http://studio.test"
KINDS = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".webp": "image/webp"}
POLICY = "default-src 'self'; base-uri 'none'; form-action 'self'"
ID = "0123456789abcdef" * 2

FIELD: dict[str, Any] = {
    "about": "",
    "least": None,
    "most": None,
    "step": None,
    "choices": None,
    "unit": None,
}
MAIN = [
    {
        **FIELD,
        "name": "count",
        "label": "Shapes",
        "kind": "integer",
        "default": 600,
        "least": 1,
        "most": 8000,
    },
    {**FIELD, "name": "palette", "label": "Colours", "kind": "colours", "default": "none", "most": 16},
    {**FIELD, "name": "seed", "label": "Seed", "kind": "seed", "default": 0, "least": 0, "most": 2**31 - 1},
]
MAIN[1]["choices"] = [{"name": "none", "about": ""}, {"name": "6", "about": ""}]
SPAN = {**FIELD, "name": "film.duration", "label": "Length", "kind": "duration", "default": 12.0}
MORE = [{"title": "The film", "fields": [{**SPAN, "least": 1, "most": 60, "unit": "s"}]}]
LOOKS = [
    {
        "name": name,
        "title": name.title(),
        "about": f"All {name}",
        "picture": picture,
        "painter": "polygons",
        "own": own,
    }
    for name, picture, own in (
        ("triangles", "static/looks/triangles.webp", False),
        ("circles", "static/looks/circles.webp", False),
        ("ours", None, True),
    )
]
SAMPLES = [{"name": "chelsea", "about": "A cat", "picture": "static/samples/chelsea.webp"}]
LIMITS = {"upload_bytes": 1000, "effort": 8.0, "result_size": 4096}
JOB: dict[str, Any] = {
    "id": ID, "state": "painting", "doing": "painting", "name": "A cat", "preset": "triangles",
    "settings": {"seed": 7}, "effort": 2.0, "place": None, "wait": None, "progress": 0.4, "remaining": 9.0,
    "seconds": 6.0, "error": 0.05, "shapes": 240, "mark": "shape", "measure": "error",
    "width": 30, "height": 20, "preview": 3, "message": None,
    "files": [], "shared": None, "kept_until": None, "bytes": 2_000_000,
}  # fmt: skip
FILES = ["result.png", "result.svg", "film.mp4", "spec.yaml"]
DONE = {**JOB, "state": "finished", "doing": None, "progress": 1.0, "remaining": None, "files": FILES}
POINTS = [[0.1, 0.3], [1.0, 0.1], [6.0, 0.05]]


def events(*said: tuple[str, Any]) -> str:
    """What a stream says before it breaks off."""
    return "".join(f"event: {name}\ndata: {json.dumps(data)}\n\n" for name, data in said)


class Studio:
    """Answers by their method and path: a value is JSON, text a stream, a number with a value a refusal.

    A function makes one, when it is asked for.
    """

    def __init__(self, browser: Browser, root: str = "", **settings: Any) -> None:
        self.root = root
        self.asked: list[str] = []
        self.sent: list[str] = []  # bodies of POST
        self.answers: dict[str, Any] = {
            "GET /api/looks": {"looks": LOOKS},
            "GET /api/samples": {"samples": SAMPLES},
            "GET /api/form": {"main": MAIN, "more": MORE, "painter": "polygons"},
            "GET /api/server": {"version": "1", "sharing": True, "limits": LIMITS},
            "GET /api/jobs": {"jobs": [], "bytes": 0, "bytes_most": 500_000_000},
            "GET /api/events": events(),
        }
        self.context = browser.new_context(**({"viewport": {"width": 1280, "height": 800}} | settings))
        self.page = self.context.new_page()
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda said: self.errors.append(said.text) if "Policy" in said.text else None)
        self.page.route("**/*", self._answer)

    def job(self, job: dict[str, Any], *said: tuple[str, Any]) -> None:
        """There is this painting, and its stream says that."""
        self.answers[f"GET /api/jobs/{ID}"] = job
        self.answers[f"GET /api/jobs/{ID}/events"] = events(("job", job), *said)

    def becomes(self, job: dict[str, Any]) -> Callable[[], dict[str, Any]]:
        """An answer with which the painting changes."""

        def change() -> dict[str, Any]:
            self.job(job)
            return job

        return change

    def open(self, path: str = "/") -> Page:
        """The page at an address below the root."""
        self.page.goto(HOST + self.root + path)
        return self.page

    def _answer(self, route: Route) -> None:
        request = route.request
        path = urlsplit(request.url).path.removeprefix(self.root)
        self.asked.append(f"{request.method} {path}")
        if request.method == "POST":
            self.sent.append((request.post_data_buffer or b"").decode("utf-8", "replace"))
        file = STATIC / path.removeprefix("/static/")
        if path.startswith("/static/") and file.is_file():
            route.fulfill(body=file.read_bytes(), content_type=KINDS[file.suffix])
        elif path.startswith("/api/"):
            self._tell(
                route, self.answers.get(f"{request.method} {path}", (404, {"detail": "There is none."}, {}))
            )
        elif path == "/" or path.startswith(("/p/", "/s/")):
            headers = {"Content-Security-Policy": POLICY}
            route.fulfill(
                body=page(self.root, "en"), content_type="text/html; charset=utf-8", headers=headers
            )
        else:
            route.fulfill(status=404)

    def _tell(self, route: Route, answer: Any) -> None:
        if callable(answer):
            answer = answer()
        if isinstance(answer, bytes):
            route.fulfill(body=answer, content_type="image/png")
        elif isinstance(answer, str):
            route.fulfill(body=answer, content_type="text/event-stream")
        elif isinstance(answer, tuple):
            status, value, headers = answer
            route.fulfill(
                status=status, body=json.dumps(value), content_type="application/json", headers=headers
            )
        else:
            route.fulfill(status=201 if route.request.method == "POST" else 200, json=answer)

    def close(self) -> None:
        """Close its browser window; nothing has gone wrong in a script."""
        self.context.close()
        assert self.errors == []
