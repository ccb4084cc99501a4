"""A server's part for files alone: jobs whose runs are there, and an application of its routes."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI, Request
from starlette.responses import Response
from starlette.types import ASGIApp

from engine.fork_server.client import ForkServer
from engine.web.files import Files
from engine.web.options import ServeOptions
from engine.web.refused import NOTHING_HERE, Refused, install
from engine.web.routes_files import file_routes, shared_file_routes
from engine.web.routes_share import share_routes
from engine.web.store import Job, Store, new_id
from engine.web.view import JobRecord, record_of

OWNER, STRANGER = "owner", "stranger"


class Hub:
    """Remembers what was told."""

    def __init__(self) -> None:
        self.told: list[Job] = []

    def publish(self, job: Job) -> None:
        self.told.append(job)


class FileService:
    """What routes of files ask."""

    def __init__(self, options: ServeOptions, forks: ForkServer | None = None) -> None:
        options.outputs.mkdir(exist_ok=True)
        self.options = options
        self.store = Store(options.outputs / "web.sqlite")
        self.files = Files(options, self.store, forks)
        self.hub = Hub()

    def find(self, job: str, visitor: str) -> Job:
        found = self.store.get(job)
        if found is None or found.visitor != visitor:
            raise Refused(404, NOTHING_HERE)
        return found

    def record(self, job: Job) -> JobRecord:
        return record_of(job, None, None, self.files.available(job), self.options)

    def add(self, run: Path | None, picture: Path | None = None, **changes: Any) -> Job:
        """A job with a copy of a run."""
        job = Job(
            id=new_id(),
            visitor=OWNER,
            state="finished",
            name="photo.jpg",
            preset="portrait",
            painter="polygons",
            settings={},
            effort=1.0,
            action="render",
            cost=1.0,
            created=100.0,
            changed=100.0,
            width=64,
            height=64,
        )
        job = replace(job, **changes)
        folder = self.options.outputs / "jobs" / job.id
        folder.mkdir(parents=True)
        if run is not None:
            shutil.copytree(run, folder / "run")
        if picture is not None:
            shutil.copy(picture, folder / "picture.png")
        self.store.add(job)
        return job

    def app(self) -> FastAPI:
        """The routes; whoever asks says who he is by a header."""
        app = FastAPI()
        app.state.service = self
        for routes in (file_routes(), shared_file_routes(), share_routes()):
            app.include_router(routes)
        install(app)

        @app.middleware("http")
        async def know(request: Request, follow: Any) -> Response:
            request.state.visitor = request.headers.get("x-visitor", OWNER)
            answer: Response = await follow(request)
            return answer

        return app


class Client:
    """Asks an application, without a network."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """The answer, whole."""

        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self._app)
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
                return await client.request(method, path, **options)

        return asyncio.run(ask())

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.request("GET", path, **options)

    def head(self, path: str, **options: Any) -> httpx.Response:
        return self.request("HEAD", path, **options)


@contextmanager
def file_service(options: ServeOptions, forks: ForkServer | None = None) -> Iterator[FileService]:
    """One that ends."""
    service = FileService(options, forks)
    try:
        yield service
    finally:
        service.files.close()
        service.store.close()
