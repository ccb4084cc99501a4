"""Deadlines are local time, also on the two days a year that are not 24 hours long."""

import time
from datetime import datetime

import pytest

from engine.system.clock import deadline, written


@pytest.fixture(autouse=True)
def in_berlin(monkeypatch):
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("until", "now", "moment"),
    [
        ("06:00", "2030-05-01T22:00+02:00", "2030-05-02T06:00+02:00"),
        ("06:00", "2030-05-02T05:59:59+02:00", "2030-05-02T06:00+02:00"),
        ("06:00", "2030-05-02T06:00+02:00", "2030-05-03T06:00+02:00"),
        ("06:00", "2030-12-31T22:00+01:00", "2031-01-01T06:00+01:00"),
        ("06:00", "2030-03-30T22:00+01:00", "2030-03-31T06:00+02:00"),  # seven hours, not eight
        ("06:00", "2030-10-26T22:00+02:00", "2030-10-27T06:00+01:00"),  # nine
        ("2030-10-27 06:00", "2030-01-01T00:00+01:00", "2030-10-27T06:00+01:00"),
        ("2001-01-31 06:00", "2030-01-01T00:00+01:00", "2001-01-31T06:00+01:00"),
    ],
)
def test_the_next_such_moment(until, now, moment):
    found = deadline(until, datetime.fromisoformat(now).timestamp())
    assert found == datetime.fromisoformat(moment).timestamp()
    assert deadline(written(found), 0.0) == found


@pytest.mark.parametrize(
    ("now", "moment"),
    [
        ("2030-10-27T02:10+02:00", "2030-10-27T02:30+02:00"),
        ("2030-10-27T02:40+02:00", "2030-10-27T02:30+01:00"),  # the clock shows it a second time
        ("2030-10-27T02:10+01:00", "2030-10-27T02:30+01:00"),
        ("2030-10-27T02:40+01:00", "2030-10-28T02:30+01:00"),
    ],
)
def test_an_hour_that_comes_twice(now, moment):
    found = deadline("02:30", datetime.fromisoformat(now).timestamp())
    assert found == datetime.fromisoformat(moment).timestamp()
