"""The routes of jobs: a picture is sent, its painting is followed, stopped, gone on with, deleted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from engine.web.routes_files import Why
from engine.web.service import Service
from engine.web.store import Job
from engine.web.uploads import receive
from engine.web.view import JobRecord

router = APIRouter(prefix="/api", tags=["jobs"])
_FORM = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "properties": {
                    "picture": {"type": "string", "format": "binary", "description": "a file"},
                    "sample": {"type": "string", "description": "or the name of a sample"},
                    "again": {"type": "string", "description": "or the id of an own job: its picture"},
                    "settings": {
                        "type": "string",
                        "description": 'JSON with names of the command line: {"preset": "portrait", '
                        '"count": 300, "seed": 5, "film.duration": "8s"}',
                    },
                    "name": {"type": "string", "description": "what it is called"},
                },
            }
        }
    },
}
STREAM: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {}}, "description": "events, until the client has enough"}
}


class JobList(BaseModel):
    """All paintings of a visitor."""

    jobs: list[JobRecord] = Field(description="the newest first")
    bytes: int = Field(description="that they take on the server,")
    bytes_most: int = Field(description="and that they may take")


class More(BaseModel):
    """How a painting is to go on."""

    effort: float | None = Field(
        default=None, description="up to which it is painted; of a finished one twice its own"
    )


def refusals(*codes: int) -> dict[int | str, dict[str, Any]]:
    """What OpenAPI says of them."""
    return {code: {"model": Why} for code in codes}


async def service_of(request: Request) -> Service:
    """What stands behind the routes."""
    return request.app.state.service


async def visitor_of(request: Request) -> str:
    """Who asks."""
    return request.state.visitor


Behind = Annotated[Service, Depends(service_of)]
Visitor = Annotated[str, Depends(visitor_of)]


def own(id: str, service: Behind, visitor: Visitor) -> Job:
    """The job of an address; Refused for one of somebody else's as for none."""
    return service.find(id, visitor)


Own = Annotated[Job, Depends(own)]


@router.post(
    "/jobs",
    status_code=201,
    openapi_extra={"requestBody": _FORM},
    responses=refusals(413, 415, 422, 429, 507),
)
async def add(request: Request, response: Response, service: Behind, visitor: Visitor) -> JobRecord:
    """Have a picture painted."""
    await to_thread.run_sync(service.check_room, visitor)  # before anything is sent
    with service.entrance.held(visitor):
        form = await receive(request, service.incoming, service.options.limits)
        try:
            job = await service.entrance.decoded(lambda: service.accept(form, visitor))
        finally:
            if form.picture is not None:
                with suppress(OSError):
                    form.picture.unlink(missing_ok=True)
    response.headers["Location"] = f"{service.options.root}/api/jobs/{job.id}"
    return service.record(job)


@router.get("/jobs")
def every(service: Behind, visitor: Visitor) -> JobList:
    """All of one's own paintings."""
    jobs = [service.record(job) for job in service.store.of_visitor(visitor)]
    return JobList(
        jobs=jobs,
        bytes=service.store.bytes_of(visitor),
        bytes_most=service.options.limits.visitor_bytes,
    )


@router.get("/jobs/{id}", responses=refusals(404))
async def one(id: str, service: Behind, visitor: Visitor) -> JobRecord:
    """How far a painting is."""
    # One way to a thread and back, instead of three: it is asked for often, while all cores paint.
    return await to_thread.run_sync(lambda: service.record(service.find(id, visitor)))


@router.get("/jobs/{id}/events", response_class=StreamingResponse, responses={**STREAM, **refusals(404)})
async def events(id: str, service: Behind, visitor: Visitor) -> StreamingResponse:
    """Follow a painting, by Server-Sent Events: job, curve, point and gone."""
    job = await to_thread.run_sync(service.find, id, visitor)
    return _stream(service.hub.of_job(job))


@router.get("/events", response_class=StreamingResponse, responses=STREAM)
async def all_events(service: Behind, visitor: Visitor) -> StreamingResponse:
    """Follow all of one's own paintings: job and gone."""
    return _stream(service.hub.of_visitor(visitor))


@router.post("/jobs/{id}/stop", responses=refusals(404, 409))
def stop(job: Own, service: Behind) -> JobRecord:
    """End its painting; what has been painted stays, and can be gone on with."""
    return service.record(service.stop(job))


@router.post("/jobs/{id}/resume", responses=refusals(404, 409, 422, 429))
def resume(job: Own, service: Behind, more: More | None = None) -> JobRecord:
    """Go on with a painting that was stopped, or for longer with a finished one."""
    return service.record(service.resume(job, more.effort if more else None))


@router.delete("/jobs/{id}", status_code=204, responses=refusals(404))
def remove(job: Own, service: Behind) -> None:
    """Delete a painting, its picture and all that was made of it."""
    service.remove(job)


def _stream(feed: AsyncIterator[bytes]) -> StreamingResponse:
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}  # which proxies must not keep
    return StreamingResponse(feed, media_type="text/event-stream", headers=headers)
