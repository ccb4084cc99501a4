"""A small application behind the gate, for tests of what is let in: it says what has come."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anyio
import httpx
from fastapi import Body, FastAPI, Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.staticfiles import StaticFiles

from engine.errors import SpaceError, SpecError
from engine.web.gate import Gate
from engine.web.options import Limits, ServeOptions
from engine.web.refused import Refused, install
from engine.web.store import StoreError
from engine.web.uploads import receive
from engine.web.visitors import visitor_of
from tests import ROOT

HOME = "http://localhost:8000"


def small_app(options: ServeOptions) -> FastAPI:
    """Routes of every kind."""
    app = FastAPI(docs_url=None, redoc_url=None)
    install(app, options.root, [options.outputs])

    @app.get("/")
    def page() -> Response:
        return HTMLResponse("<h1>Paint</h1>")

    @app.get("/api/who")
    def who(request: Request) -> dict[str, str]:
        return {"visitor": visitor_of(request)}

    @app.get("/api/stream")
    def stream() -> Response:
        return StreamingResponse(iter([b"one ", b"two"]))

    @app.get("/api/drawing.svg")
    def drawing() -> Response:
        return Response("<svg xmlns='http://www.w3.org/2000/svg'/>", media_type="image/svg+xml")

    @app.get("/api/fails/{how}")
    def fails(how: str) -> None:
        secret = options.outputs / "jobs" / "x.png"
        raise {
            "refused": Refused(409, "It isn't there yet."),
            "spec": SpecError(f"{secret}: count must be a whole number, not x."),
            "space": SpaceError(f"{secret}: there is no space left."),
            "full": OSError(28, "No space left on device", str(secret)),
            "readonly": OSError(30, "Read-only file system", str(secret)),
            "list": StoreError(f"{secret}: can't be used as a list of jobs (disk I/O error)."),
            "bug": ZeroDivisionError(f"in {secret}"),
            "file": FileNotFoundError(2, "No such file", str(secret)),
        }[how]

    @app.get("/api/number/{number}")
    def number(number: int, least: int = 0) -> int:
        return number + least

    @app.post("/api/say")
    def say(effort: float = Body(embed=True)) -> float:
        return effort

    @app.delete("/api/say", status_code=204)
    def delete() -> None: ...

    @app.post("/api/jobs", status_code=201)
    async def jobs(request: Request) -> dict[str, object]:
        form = await receive(request, options.outputs / "incoming", options.limits)
        size = form.picture.stat().st_size if form.picture else None
        path = form.picture.name if form.picture else None
        return {"fields": form.fields, "name": form.picture_name, "bytes": size, "path": path}

    app.mount("/static", StaticFiles(directory=ROOT / "engine/web/static"))
    return app


def options_of(folder: Path, **changes: object) -> ServeOptions:
    """Those of a server on this machine."""
    limits = Limits(upload_bytes=300_000)
    return ServeOptions(**{"outputs": folder, "limits": limits, **changes})  # type: ignore[arg-type]


class Browser:
    """Asks an application, one thing at a time, and keeps its cookies."""

    def __init__(self, app: Any, address: str, root: str, cookies: dict[str, str] | None = None) -> None:
        self.app, self.address, self.root = app, address, root
        self.cookies = httpx.Cookies(cookies)

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Ask once."""
        return anyio.run(self._request, method, path, more)

    async def _request(self, method: str, path: str, more: dict[str, Any]) -> httpx.Response:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False, root_path=self.root)
        async with httpx.AsyncClient(
            transport=transport, base_url=self.address, cookies=self.cookies
        ) as client:
            answer = await client.request(method, path, **more)
            self.cookies = client.cookies
            return answer

    def __getattr__(self, name: str) -> Any:
        if name not in ("get", "head", "post", "put", "delete", "options"):
            raise AttributeError(name)
        return lambda path, **more: self.request(name.upper(), path, **more)


def client_of(options: ServeOptions, address: str = HOME, cookies: dict[str, str] | None = None) -> Browser:
    """A browser of a new visitor."""
    return Browser(Gate(small_app(options), options), address, options.root, cookies)
