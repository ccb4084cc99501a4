"""What is told of a job over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, Field

from engine.web.options import ServeOptions, State
from engine.web.store import Job


class SharedRecord(BaseModel):
    """What anybody may know of a painting that is shared."""

    state: State = Field(description="what is done with it")
    doing: str | None = Field(description="while it is painting: preparing, painting or filming")
    name: str = Field(description="what it is called")
    preset: str | None = Field(description="the look that it was painted in")
    painter: str = Field(description="who paints: polygons, gng or curves")
    created: str = Field(description="when it was asked for, ISO 8601")
    ended: str | None = Field(description="when painting ended")
    progress: float | None = Field(description="of the work that is done, 0 to 1")
    error: float | None = Field(description="how far it is from the picture")
    shapes: int | None = Field(description="that it has")
    mark: str = Field(description="what one of them is called")
    measure: str = Field(description="what the error is called")
    width: int = Field(description="of the picture, in pixels")
    height: int
    preview: int = Field(description="counts the previews; 0: there is none yet")
    files: list[str] = Field(description="that can be had now")


class JobRecord(SharedRecord):
    """A job as its visitor sees it."""

    id: str = Field(description="32 hexadecimal digits, which nobody can guess")
    settings: dict[str, Any] = Field(description="as they were given")
    effort: float = Field(description="up to which it is painted")
    began: str | None = Field(description="when painting began, for the last time")
    place: int | None = Field(description="in the line, from 1, while it is queued")
    wait: float | None = Field(description="seconds until it is its turn, estimated")
    remaining: float | None = Field(description="seconds until it is painted, estimated")
    seconds: float | None = Field(description="of painting so far")
    message: str | None = Field(description="why it failed")
    shared: str | None = Field(description="by which address others may see it")
    kept_until: str | None = Field(description="when it goes, if nobody asks for it before")
    bytes: int = Field(description="that it takes on the server")


def record_of(
    job: Job, place: int | None, wait: float | None, files: Sequence[str], options: ServeOptions
) -> JobRecord:
    """What is told to its visitor. place, wait: in the line; files: that can be had now."""
    kept = None if options.keep is None or job.is_waiting else job.changed + options.keep
    same = {name: getattr(job, name) for name in JobRecord.model_fields if hasattr(job, name)}
    moments = {name: _moment(getattr(job, name)) for name in ("created", "began", "ended")}
    return JobRecord(
        **{**same, **moments},
        place=place,
        wait=wait,
        files=list(files),
        shared=share_address(job, options),
        kept_until=_moment(kept),
    )


def shared_record(record: JobRecord) -> SharedRecord:
    """The part of it that others may see."""
    return SharedRecord(**{name: getattr(record, name) for name in SharedRecord.model_fields})


def share_address(job: Job, options: ServeOptions) -> str | None:
    """The address by which others may see it, below the root of the server's own."""
    return f"{options.root}/s/{job.share}" if job.share and options.is_sharing else None


def _moment(seconds: float | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
