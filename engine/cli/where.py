"""--pool and --pool-grace: where a command's work is done."""

from __future__ import annotations

from pydantic import TypeAdapter, ValidationError

from engine.errors import SpecError
from engine.parallel.place import Place, place_of
from engine.spec.fields import DurationOrZero
from engine.spec.messages import show


def place(pool: str, grace: str) -> Place:
    """What is meant; SpecError where that is nothing."""
    try:
        seconds = TypeAdapter(DurationOrZero).validate_python(grace)
    except ValidationError as exc:
        raise SpecError(
            f"--pool-grace must be a duration of 0s or more such as 90s, 10m or 1h30m, not {show(grace)}."
        ) from exc
    return place_of(pool, seconds)
