"""The interface over HTTP, put together: routes, what is said of errors, and the gate before all."""

from __future__ import annotations

from fastapi import FastAPI

from engine import __version__
from engine.web.gate import Gate
from engine.web.page import STATIC
from engine.web.refused import install
from engine.web.routes_docs import docs_routes
from engine.web.routes_files import file_routes, shared_file_routes
from engine.web.routes_jobs import router as jobs
from engine.web.routes_page import Static
from engine.web.routes_page import router as page
from engine.web.routes_share import share_routes
from engine.web.service import Service


def create_app(service: Service) -> Gate:
    """The whole of it, for a server."""
    app = FastAPI(
        title="Tessera",
        version=__version__,
        openapi_url=None,  # it is described by routes of our own, which load nothing from another host
    )
    app.state.service = service
    for router in (jobs, file_routes(), share_routes(), shared_file_routes(), page):
        app.include_router(router)
    app.include_router(docs_routes(app, service.options))
    app.mount("/static", Static(directory=STATIC))
    install(app, service.options.root, (service.folder,))
    return Gate(app, service.options)
