"""The routes of the page: itself, its parts, and what it offers to choose from."""

from __future__ import annotations

import os
from functools import cache
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse, HTMLResponse
from pydantic import BaseModel, Field
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from engine import __version__
from engine.web.form import FormRecord, form
from engine.web.looks import LookRecord, SampleRecord, looks, picture_of, samples
from engine.web.page import language_of, languages, page
from engine.web.refused import NOTHING_HERE, Refused
from engine.web.routes_jobs import Behind, refusals

router = APIRouter()
A_DAY, ASK = "public, max-age=86400", "no-cache"  # how long a browser believes what it has


class LookList(BaseModel):
    """What a picture can be painted as."""

    looks: list[LookRecord]


class SampleList(BaseModel):
    """Pictures for trying it out."""

    samples: list[SampleRecord]


class Bounds(BaseModel):
    """What a visitor may ask for at most."""

    upload_bytes: int
    megapixels: float
    queued: int = Field(description="jobs that wait or are painted")
    effort: float
    size: int = Field(description="the longest side that is painted at, in pixels")
    count: int
    film_seconds: float
    result_size: int = Field(description="the longest side of what is downloaded, in pixels")


class ServerRecord(BaseModel):
    """What this server is, and how busy."""

    version: str
    sharing: bool = Field(description="whether paintings can be shown to others")
    limits: Bounds
    queued: int = Field(description="jobs of all visitors that wait,")
    painting: int = Field(description="and that are painted")


class Static(StaticFiles):
    """The parts of the page: pictures stay for a day, all else is asked for anew, which costs no bytes."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """A file, or that there is none."""
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = A_DAY if path.endswith((".webp", ".png")) else ASK
        return response


@router.get("/", include_in_schema=False)
@router.get("/p/{id}", include_in_schema=False)
@router.get("/s/{share}", include_in_schema=False)
def whole(request: Request, service: Behind) -> HTMLResponse:
    """The page; which part of it is shown is for its scripts to find out."""
    headers = {"Cache-Control": ASK, "Vary": "Accept-Language"}
    return HTMLResponse(_page(service.options.root, _language(request)), headers=headers)


@router.get("/api/looks", tags=["choices"])
def all_looks(request: Request) -> LookList:
    """What a picture can be painted as."""
    return LookList(looks=looks(os.environ, _language(request)))


@router.get("/api/looks/{name}/picture", tags=["choices"], responses=refusals(404))
def one_picture(name: str) -> FileResponse:
    """The picture of a look that the host has added."""
    path = picture_of(name, os.environ)
    if path is None:
        raise Refused(404, NOTHING_HERE)
    return FileResponse(path, headers={"Cache-Control": A_DAY})


@router.get("/api/samples", tags=["choices"])
def all_samples(request: Request) -> SampleList:
    """Pictures for trying it out."""
    return SampleList(samples=samples(_language(request)))


@router.get("/api/form", tags=["choices"], responses=refusals(422))
def one_form(request: Request, service: Behind, preset: Annotated[str, Query(max_length=100)]) -> FormRecord:
    """What can be set of a look, with its own values as the defaults, and this server's bounds."""
    return form(preset, service.options.limits, os.environ, _language(request))


@router.get("/api/server", tags=["choices"])
def server(service: Behind) -> ServerRecord:
    """What this server is, lets its visitors do, and has to do."""
    limits = service.options.limits
    bounds = Bounds(**{name: getattr(limits, name) for name in Bounds.model_fields})
    states = [job.state for job in service.store.in_state("queued", "painting")]
    return ServerRecord(
        version=__version__,
        sharing=service.options.is_sharing,
        limits=bounds,
        queued=states.count("queued"),
        painting=states.count("painting"),
    )


def _language(request: Request) -> str:
    return language_of(request.headers.get("accept-language"), languages())


@cache
def _page(root: str, language: str) -> str:
    return page(root, language)
