"""Every kind of event comes back from a line of JSON as it was."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from datetime import datetime
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import events
from engine.events import Counted, Trouble
from engine.records import KINDS, event_of, from_record, name_of, to_record

SCALARS = {
    bool: st.booleans(),
    int: st.integers(),
    float: st.floats(allow_nan=False),
    str: st.text(),
    NoneType: st.none(),
}
PLAIN: st.SearchStrategy[Any] = st.recursive(
    st.one_of(*SCALARS.values()), lambda some: st.lists(some) | st.dictionaries(st.text(), some), max_leaves=6
)


def values(hint: Any) -> st.SearchStrategy[Any]:
    """All that a field of a type may hold; those that JSON can't bring back have no strategy."""
    if hint in SCALARS:
        return SCALARS[hint]
    if isinstance(hint, type) and is_dataclass(hint):
        hints = get_type_hints(hint)
        return st.builds(hint, **{field.name: values(hints[field.name]) for field in fields(hint)})
    origin, parts = get_origin(hint), get_args(hint)
    if origin is tuple and parts[-1] is Ellipsis:
        return st.lists(values(parts[0]), max_size=4).map(tuple)
    if origin is tuple:
        return st.tuples(*map(values, parts))
    if origin is UnionType:
        return st.one_of(*map(values, parts))
    if origin is dict:
        return st.dictionaries(values(parts[0]), PLAIN if parts[1] is Any else values(parts[1]))
    raise TypeError(f"{hint}: a field of an event can't be this; see engine/events.py")


@pytest.mark.parametrize("name", KINDS)
@given(data=st.data())
def test_an_event_comes_back_as_it_was(name, data):
    event = data.draw(values(KINDS[name]))
    record = to_record(event)
    assert from_record(record) == event
    back = event_of(json.dumps(record))
    assert type(back) is type(event)
    assert back == event
    assert hash(back) == hash(event)  # lists where tuples were would have none


def test_every_dataclass_of_the_module_is_an_event_or_a_part_of_one():
    kinds = {
        each for each in vars(events).values() if is_dataclass(each) and each.__module__ == "engine.events"
    }
    assert kinds - set(KINDS.values()) == {events.PenWork}


def test_a_record_has_a_name_and_a_time_with_its_zone_first():
    record = to_record(Counted("words.png", 1, ((0, 1, 2, 3),), 7))
    assert list(record) == ["event", "at", "file", "words", "boxes", "seed"]
    assert record["event"] == "counted" == name_of(Counted)
    assert datetime.fromisoformat(record["at"]).tzinfo is not None
    assert json.loads(json.dumps(record))["boxes"] == [[0, 1, 2, 3]]


@pytest.mark.parametrize(
    "line",
    [
        "hello\n",
        "3\n",
        "[]\n",
        "{}\n",
        '{"event": "nonsense", "at": "now"}\n',
        '{"event": [], "at": "now"}\n',
        '{"event": "started", "at": "now", "x": 1}\n',
        '{"event": "trouble", "at": "now"}\n',
        '{"event": "counted", "at": "now", "file": "a", "words": 1, "boxes": [[1, 2]], "seed": 0}\n',
        '{"event": "counted", "at": "now", "file": "a", "words": 1, "boxes": "many", "seed": 0}\n',
        '{"event": "batchended", "at": "now", "jobs": ["one"]}\n',
    ],
)
def test_a_line_that_is_no_event_is_a_trouble(line):
    assert event_of(line) == Trouble(line.strip())


@pytest.mark.parametrize("hint", [list[int], tuple[set[int], ...], int | bytes])
def test_a_new_kind_with_what_json_cannot_bring_back_fails(hint):
    with pytest.raises(TypeError, match="can't be this"):
        values(hint)
