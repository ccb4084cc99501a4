"""Budgets and deadlines: whichever comes first, with time left for the film."""

from datetime import datetime
from types import SimpleNamespace

import pytest

from engine.coordinator import budget as budget
from engine.coordinator.budget import Budget, count_jobs
from engine.grid import PLAIN, Grid
from engine.painters.base import Phase
from engine.spec.models import BudgetSettings

GRID = Grid(64, 64, 2, 2)
PLAN = (Phase(0, PLAIN, "place", 10, 100, 1, 1.0), Phase(1, PLAIN, "refine", 10, 300, 1, 1.0))


def moment(text):
    return datetime.fromisoformat(text).timestamp()


@pytest.fixture
def clocks(monkeypatch):
    """The monotonic clock and that of the day, as the test sets them."""
    found = SimpleNamespace(monotonic=100.0, time=moment("2026-11-20 22:30"))
    monkeypatch.setattr(budget.time, "monotonic", lambda: found.monotonic)
    monkeypatch.setattr(budget.time, "time", lambda: found.time)
    return found


def picture(phase=0, done=0, error=0.5, seconds=0.0):
    return SimpleNamespace(
        phase=phase, done=done, error=error, evaluations=9, marks=3, painting_seconds=seconds
    )


def made(stop=lambda: False, seconds=0.0, ends=None, **budget):
    return Budget(PLAN, GRID, BudgetSettings(**budget), stop, seconds, ends and moment(ends))


def test_a_plan_is_finished_with_its_last_job(clocks):
    assert count_jobs(PLAN, GRID) == 5
    found = made(error=0.01)
    assert [found.stop_reason(picture(*place)) for place in ((0, 0), (0, 1), (1, 0), (1, 3))] == [None] * 4
    assert found.stop_reason(picture(1, 4)) == "finished"
    assert found.share(picture(0, 0)) == 0
    assert found.share(picture(1, 2)) == pytest.approx((100 + 150) / 400)
    assert found.share(picture(1, 4)) == 1


def test_whichever_comes_first(clocks):
    assert made(error=0.4).stop_reason(picture(error=0.4)) == "error"
    assert made(stop=lambda: True, error=0.4).stop_reason(picture(error=0.4)) == "interrupted"
    found = made(time=60, ends="2026-11-20 22:31", error=0.4)
    assert found.stop_reason(picture()) is None
    clocks.monotonic += 59.9
    assert found.stop_reason(picture()) is None
    clocks.monotonic += 0.1
    assert found.stop_reason(picture()) == "time"
    clocks.monotonic -= 30
    clocks.time += 60
    assert found.stop_reason(picture()) == "deadline"


def test_time_that_was_painted_before_counts_and_a_jump_of_the_clock_does_not(clocks):
    found = made(seconds=50, time=60)
    clocks.time += 1_000_000
    clocks.monotonic += 9
    assert found.elapsed() == 59
    assert found.stop_reason(picture()) is None
    assert found.progress(picture(0, 1), 1, 0, None).remaining == pytest.approx(1)
    clocks.monotonic += 1
    assert found.stop_reason(picture()) == "time"


def test_time_is_left_for_the_film(clocks):
    found = made(time=60, ends="2026-11-20 22:32")
    found.reserve(20)
    clocks.monotonic += 39
    assert (found.stop_reason(picture()), found.left()) == (None, 1)
    clocks.monotonic += 1
    assert found.stop_reason(picture()) == "time"
    clocks.monotonic -= 40
    clocks.time += 99
    assert (found.stop_reason(picture()), found.left()) == (None, 1)
    clocks.time += 1
    assert found.stop_reason(picture()) == "deadline"


def test_half_of_the_time_is_for_painting_however_long_the_film_takes(clocks):
    found = made(time=60)
    found.reserve(1000)
    clocks.monotonic += 29
    assert found.stop_reason(picture()) is None
    clocks.monotonic += 1
    assert found.stop_reason(picture()) == "time"
    assert found.is_limited
    assert not made(error=0.4).is_limited


def test_what_is_left_is_told_by_the_pace_of_this_process(clocks):
    found, workers = made(seconds=10_000), 2
    assert found.progress(picture(1, 0), workers, 0, None).remaining is None
    clocks.monotonic += 7  # in which workers start
    first = found.progress(picture(1, 0, seconds=40.0), workers, 0, 1.0)
    assert first.remaining == pytest.approx(3 * 40.0 / 2), "a quarter took each worker 20 s"
    clocks.monotonic += 10
    after = found.progress(picture(1, 1, seconds=57.5), workers, 0, 1.0)
    assert after.elapsed == 10_017
    assert after.remaining == pytest.approx(30), "by now the clock has seen enough"
    clocks.monotonic += 1
    assert found.progress(picture(1, 1, seconds=57.5), workers, 0, None).remaining > 30
