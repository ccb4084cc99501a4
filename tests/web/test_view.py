"""What visitors are told of a painting."""

from datetime import datetime
from pathlib import Path

from engine.web.options import DAY, ServeOptions
from engine.web.view import record_of
from tests.doubles.web_jobs import job_of


def told(options=None, **changes):
    return record_of(job_of(**changes), None, None, (), options or ServeOptions(Path("web")))


def test_it_is_told_until_when_a_painting_is_kept_from_when_it_was_last_painted_on():
    until = told(state="finished", created=1000.0, changed=5 * DAY).kept_until
    assert datetime.fromisoformat(until).timestamp() == 12 * DAY
    assert told(state="painting", changed=5 * DAY).kept_until is None
    assert told(ServeOptions(Path("web"), keep=None), state="finished").kept_until is None


def test_where_it_can_be_seen_by_others_is_told_while_the_host_allows_it():
    url = "https://studio.example/paint"
    assert told(ServeOptions(Path("web"), url=url, is_sharing=True), share="abc").shared == "/paint/s/abc"
    assert told(ServeOptions(Path("web"), url=url), share="abc").shared is None
