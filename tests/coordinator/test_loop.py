"""How many workers a run starts."""

import json

from engine.coordinator.loop import _crowd
from tests.conftest import QUICK


def test_never_more_workers_than_jobs_at_a_time(tessera, photo, tmp_path):
    done = tessera(
        "render", photo, "--out", tmp_path / "run", *QUICK, "--workers", 200, "--no-film", "--json"
    )
    assert (done.returncode, done.stderr) == (0, "")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    (started,) = [event for event in events if event["event"] == "started"]
    assert 2 <= started["workers"] <= 6, "a grid of 2 x 3"
    tiles = [event["tiles"] for event in events if event["event"] == "progress"]
    assert started["workers"] == max(tiles), "all jobs of a phase at a time"
    (notice,) = [event["message"] for event in events if event["event"] == "notice"]
    assert notice.startswith("200 workers on ")


def test_a_crowd_is_told():
    assert _crowd("auto", 2, 2) == ""
    assert _crowd(4, 2, 4) == ""
    assert _crowd(5, 2, 5) == (
        "5 workers on 2 cores are no quicker than 2, and take more memory; --workers auto starts one for "
        "each core."
    )
    assert "and 6 workers can have a job here" in _crowd(200, 1, 6)
    assert _crowd(200, 1, 6).startswith("200 workers on 1 core are no quicker than 1")
