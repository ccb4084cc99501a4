"""The routes that describe all others."""

from __future__ import annotations

from functools import cache
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse

from engine.web.openapi import describe, docs_page
from engine.web.options import ServeOptions


def docs_routes(app: FastAPI, options: ServeOptions) -> APIRouter:
    """Those of an application's description: for programs, and as a page. They are described once."""
    router = APIRouter(include_in_schema=False)

    @cache
    def document() -> dict[str, Any]:
        return describe(app, options.root, options.token is not None)

    @router.get("/api/openapi.json")
    def openapi(_: Request) -> JSONResponse:
        return JSONResponse(document(), headers={"cache-control": "no-cache"})

    @router.get("/docs")
    def docs(_: Request) -> HTMLResponse:
        return HTMLResponse(docs_page(document(), options.root), headers={"cache-control": "no-cache"})

    return router
