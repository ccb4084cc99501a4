"""Routes of a painting's files, for its visitor, and of those that are shown to others."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path as FilePath
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from engine.storage.run_folder import PREVIEW
from engine.web.file_answer import FileAnswer, OpenFile
from engine.web.files import Files
from engine.web.headers import DRAWINGS
from engine.web.kinds import KINDS, LEAST_SIDE, SHARED_SIDE, Kind, disposition, download_name
from engine.web.refused import NOTHING_HERE, Refused
from engine.web.store import Job

ASK_AGAIN = "private, no-cache"  # kept, but used only after asking whether it is still so
VERSION_KEPT = "private, max-age=600"  # of a preview whose address says which one it is
WHY = {
    404: "unknown, somebody else's, or deleted",
    409: "not there yet",
    413: "no room for more files of this visitor's",
    416: "the range that was asked for lies outside",
    422: "this painting, or this server, has none",
    503: "still being made, or too many are: ask again after Retry-After",
    507: "the disk is full",
}
BINARY = {"schema": {"type": "string", "format": "binary"}}
Find = Callable[[Request, str], Job]
Id = Annotated[str, Path(description="of a painting: 32 hexadecimal digits")]
Share = Annotated[str, Path(description="by which a painting is shared: 32 hexadecimal digits")]
Size = Annotated[int | None, Query(description=f"the longest side, pixels, at least {LEAST_SIDE}")]
Download = Annotated[bool, Query(description="whether a browser is to save it, and not to show it")]
Version = Annotated[str | None, Query(max_length=20, description="of a preview, which may be kept then")]


class Why(BaseModel):
    """Why something was refused."""

    detail: str = Field(description="one sentence")


def file_routes() -> APIRouter:
    """Those of one's own paintings."""
    router = APIRouter(tags=["files"])
    for name, kind in KINDS.items():
        _add(router, f"/api/jobs/{{id}}/{name}", _own_route(name, kind), name, kind)
    return router


def shared_file_routes() -> APIRouter:
    """Those of what others show."""
    router = APIRouter(tags=["shared"])
    for name, kind in KINDS.items():
        if kind.is_shared:
            _add(router, f"/api/shared/{{share}}/{name}", _shared_route(name), f"shared {name}", kind)
    return router


async def own(request: Request, id: str) -> Job:
    """The visitor's own job; Refused for another's as for none at all."""
    return await to_thread.run_sync(_own, request, id)


async def shared(request: Request, share: str) -> Job:
    """What somebody shows; Refused."""
    return await to_thread.run_sync(_shared, request, share)


async def answer(
    request: Request,
    find: Find,
    address: str,
    name: str,
    download: bool,
    size: int | None = None,
    most: int | None = None,
) -> Response:
    """A file of the job of an address; Refused. size, most: see Files.get."""
    files: Files = request.app.state.service.files

    def opened_if_there() -> tuple[Job, OpenFile | None]:  # in one go, as previews are asked for often
        job = find(request, address)
        found = files.find(job, name, size, most)
        return job, OpenFile.of(found) if isinstance(found, FilePath) else None

    job, opened = await to_thread.run_sync(opened_if_there)
    if opened is None:
        opened = await to_thread.run_sync(OpenFile.of, await files.get(job, name, size, most))
    kind = KINDS[name]
    named = download_name(job.name, job.preset or job.painter, kind, size)
    headers = {
        "cache-control": ASK_AGAIN,
        "content-disposition": disposition(named, download or not kind.is_shown),
    }
    if name == PREVIEW:
        headers["cache-control"] = VERSION_KEPT if request.query_params.get("v") else "no-store"
    if kind.media == "image/svg+xml":
        headers["content-security-policy"] = DRAWINGS
    return FileAnswer(opened, headers, kind.media)


def _own(request: Request, id: str) -> Job:
    found: Job = request.app.state.service.find(id, request.state.visitor)
    return found


def _shared(request: Request, share: str) -> Job:
    service = request.app.state.service
    found: Job | None = service.store.shared(share) if service.options.is_sharing and share else None
    if found is None:
        raise Refused(404, NOTHING_HERE)
    return found


def _own_route(name: str, kind: Kind) -> Callable[..., Awaitable[Response]]:
    async def sized(request: Request, id: Id, size: Size = None, download: Download = False) -> Response:
        return await answer(request, _own, id, name, download, size)

    async def versioned(request: Request, id: Id, v: Version = None, download: Download = False) -> Response:
        return await answer(request, _own, id, name, download)

    async def plain(request: Request, id: Id, download: Download = False) -> Response:
        return await answer(request, _own, id, name, download)

    if kind.is_sized:
        return sized
    return versioned if name == PREVIEW else plain


def _shared_route(name: str) -> Callable[..., Awaitable[Response]]:
    async def route(
        request: Request, share: Share, v: Version = None, download: Download = False
    ) -> Response:
        return await answer(request, _shared, share, name, download, most=SHARED_SIDE)

    return route


def _add(
    router: APIRouter, path: str, route: Callable[..., Awaitable[Response]], called: str, kind: Kind
) -> None:
    """A route for GET, and for HEAD."""
    content = {kind.media: BINARY}
    answers: dict[int | str, dict[str, Any]] = {
        200: {"description": kind.about, "content": content},
        206: {"description": "a part of it, where a range was asked for", "content": content},
        304: {"description": "as it was when it was asked for last"},
        **{code: {"description": text, "model": Why} for code, text in WHY.items()},
    }
    name = called.replace(".", " ")
    router.add_api_route(
        path,
        route,
        methods=["GET"],
        name=name,
        summary=kind.about,
        responses=answers,
        response_class=Response,
    )
    router.add_api_route(path, route, methods=["HEAD"], name=f"{name} head", include_in_schema=False)
