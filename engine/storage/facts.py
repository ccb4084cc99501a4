"""What checkpoints and results say beside arrays, as plain values whose types and ranges hold."""

from __future__ import annotations

from typing import Annotated, Any, NotRequired

from pydantic import ConfigDict, Field
from typing_extensions import TypedDict

from engine.storage.records import Amount, Count, Text
from engine.storage.run_folder import IMPORTANCE, STORED_IMPORTANCE, STORED_TARGET, TARGET

_OPEN = ConfigDict(allow_inf_nan=False, extra="allow")  # what a later version adds is no fault
MOST_PIXELS = 10**9

_COPY = rf"^({TARGET}|{IMPORTANCE}|{STORED_TARGET}|{STORED_IMPORTANCE})$"
_Share = Annotated[float, Field(ge=0, le=1)]
_Side = Annotated[int, Field(ge=1, le=10**6)]


class BudgetFacts(TypedDict):
    """How much work a run was begun with."""

    __pydantic_config__ = _OPEN  # type: ignore[misc]
    effort: Annotated[float, Field(gt=0)]


class SpecFacts(TypedDict):
    """What decided the picture when it was saved."""

    __pydantic_config__ = _OPEN  # type: ignore[misc]
    painter: dict[str, Any]
    budget: BudgetFacts


class RecorderFacts(TypedDict):
    """The recorder's state; each of the kept snapshots is looked at when it is read."""

    __pydantic_config__ = _OPEN  # type: ignore[misc]
    every: Annotated[int, Field(ge=1)]
    shown: Count
    taken: Count
    kept: list[dict[str, Any]]
    segments: NotRequired[Annotated[int, Field(ge=0, le=10**9)]]


class Facts(TypedDict, total=False):
    """What a checkpoint knows beside its arrays; who needs what looks whether it is there."""

    __pydantic_config__ = _OPEN  # type: ignore[misc]
    phase: Count
    done: Count
    evaluations: Count
    painting_seconds: Amount
    last: dict[str, Any] | None
    spec: SpecFacts
    marks_at_start: Annotated[int, Field(ge=0, le=10**9)]
    recorder: RecorderFacts
    background: tuple[_Share, _Share, _Share] | None
    has_mean_background: bool
    full_size: tuple[_Side, _Side]
    copies: dict[Annotated[str, Field(pattern=_COPY)], Text]
    version: Annotated[str, Field(max_length=100)]


class Result(TypedDict, total=False):
    """What result.json says, as far as anybody asks."""

    __pydantic_config__ = _OPEN  # type: ignore[misc]
    outcome: Text | None
    error: Amount
    shapes: Count
    evaluations: Count
    share: Amount
    seconds: Amount
    painting_seconds: Amount
    wall_seconds: Amount
    workers: Count
    peak_memory: Count
    version: Text
    digest: Text
