"""Events in their one form in JSON: for --json, logs and whoever reads them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from datetime import datetime
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

from engine.events import Event, Trouble


def name_of(kind: type[Event]) -> str:
    """What a kind of event is called in records, such as "taskended"."""
    return kind.__name__.lower()


KINDS: dict[str, type[Event]] = {name_of(kind): kind for kind in get_args(Event)}
_hints = cache(get_type_hints)


def to_record(event: Event) -> dict[str, Any]:
    """An event as plain values: its name, the time of day with its zone, and its fields."""
    now = datetime.now().astimezone().isoformat(timespec="seconds")
    return {"event": name_of(type(event)), "at": now, **asdict(event)}


def from_record(record: Mapping[str, Any]) -> Event:
    """The event of a record, also of one that has been through JSON; ValueError when it is none."""
    try:
        fields = {name: value for name, value in record.items() if name not in ("event", "at")}
        return _decoded(fields, KINDS[record["event"]])
    except (LookupError, TypeError, AttributeError) as exc:
        raise ValueError(f"not the record of an event: {record}") from exc


def event_of(line: str) -> Event:
    """The event that a line of --json is about; any other line is a Trouble, so that it is seen."""
    try:
        return from_record(json.loads(line))
    except ValueError:
        return Trouble(line.strip())


def _decoded(value: Any, hint: Any) -> Any:
    """A plain value as its type hint has it: JSON knows neither dataclasses nor tuples."""
    if isinstance(hint, type) and is_dataclass(hint):
        return hint(**{name: _decoded(each, _hints(hint)[name]) for name, each in value.items()})
    if get_origin(hint) is tuple:
        if not isinstance(value, list | tuple):
            raise TypeError(f"{value!r} is no list")
        kinds = get_args(hint)
        kinds = kinds[:1] * len(value) if kinds[-1] is Ellipsis else kinds
        return tuple(_decoded(each, kind) for each, kind in zip(value, kinds, strict=True))
    return value
