"""Routes by which a visitor shows a painting to others, and no longer; and of what others see."""

from __future__ import annotations

from typing import Any

from anyio import to_thread
from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from engine.web.kinds import KINDS
from engine.web.refused import NOTHING_HERE, Refused
from engine.web.routes_files import Id, Share, Why, own, shared
from engine.web.store import Job, new_id
from engine.web.view import SharedRecord, share_address, shared_record

OFF = "Paintings can't be shared on this server."
_UNKNOWN: dict[int | str, dict[str, Any]] = {
    404: {"model": Why, "description": "unknown, somebody else's, or sharing is off"}
}


class Shared(BaseModel):
    """By which address a painting is shown."""

    url: str = Field(description="below the server's own address")


def share_routes() -> APIRouter:
    """Those of sharing, but for files."""
    router = APIRouter(tags=["shared"])
    router.add_api_route("/api/jobs/{id}/share", share, methods=["POST"], responses=_UNKNOWN)
    router.add_api_route(
        "/api/jobs/{id}/share", unshare, methods=["DELETE"], status_code=204, responses=_UNKNOWN
    )
    router.add_api_route("/api/shared/{share}", seen, methods=["GET"], responses=_UNKNOWN)
    return router


async def share(request: Request, id: Id) -> Shared:
    """Show a painting to whoever knows an address that nobody can guess; asked again it is the same one."""
    service = request.app.state.service
    if not service.options.is_sharing:
        raise Refused(404, OFF)
    job = await _with_share(request, await own(request, id), new_id())
    return Shared(url=str(share_address(job, service.options)))


async def unshare(request: Request, id: Id) -> None:
    """Show it to nobody else any more; shown again it has another address."""
    await _with_share(request, await own(request, id), None)


async def seen(request: Request, share: Share) -> SharedRecord:
    """What others know of a painting that is shown to them."""
    service = request.app.state.service
    record = shared_record(await to_thread.run_sync(service.record, await shared(request, share)))
    return record.model_copy(update={"files": [name for name in record.files if KINDS[name].is_shared]})


async def _with_share(request: Request, job: Job, share: str | None) -> Job:
    """The job, from now on shown by that or by what it was shown by before; Refused when it is gone."""
    service = request.app.state.service
    changed = await to_thread.run_sync(service.store.show, job.id, share)
    if changed is None:
        raise Refused(404, NOTHING_HERE)
    service.hub.publish(changed)
    return changed
