"""The line is fair: visitors take turns, nobody is overtaken for ever, and places say what will happen."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from engine.web.line import TURN, Line, cost_left, ordered, turns
from engine.web.store import Job
from tests.doubles.web_jobs import job_of

VISITORS = ("ann", "bob", "cat", "dan")
waiting = st.lists(
    st.builds(
        job_of,
        visitor=st.sampled_from(VISITORS),
        created=st.floats(0, 2000),
        changed=st.floats(0, 2000),
        action=st.sampled_from(["render", "resume"]),
        began=st.none() | st.none() | st.none() | st.floats(0, 2000),
        cost=st.floats(0.1, 100),
    ),
    max_size=25,
)
history = st.dictionaries(st.sampled_from(VISITORS), st.floats(0, 2000))


def asked(job):
    return job.changed if job.action == "resume" else job.created


@given(waiting, history)
def test_everybody_is_in_it_once_and_nobodys_second_comes_before_anothers_first(jobs, began):
    order = ordered(jobs, [], began)
    assert sorted(job.id for job in order) == sorted(job.id for job in jobs)
    assert order == ordered(jobs[::-1], [], began), "whatever the order in which they are found"
    fresh = [job for job in order if job.began is None]
    ranks = []
    for at, job in enumerate(fresh):
        ranks.append(sum(other.visitor == job.visitor for other in fresh[:at]))
    assert ranks == sorted(ranks)
    for visitor in VISITORS:
        own = [asked(job) for job in fresh if job.visitor == visitor]
        assert own == sorted(own), "one's own are painted as they were asked for"


@given(waiting, history)
def test_what_was_begun_goes_on_first(jobs, began):
    order = ordered(jobs, [], began)
    begun = [job.began for job in order if job.began is not None]
    assert [job.began for job in order[: len(begun)]] == sorted(begun)


def painted(jobs, at_a_time=1, seconds=10.0):
    """The order in which jobs begin that come at their moments, each painted for so many seconds."""
    now, began, order = 0.0, dict[str, float](), list[str]()
    to_come = sorted(jobs, key=asked)
    queued: list[Job] = []
    painting: list[Job] = []
    while to_come or queued or painting:
        painting = [job for job in painting if job.began + seconds > now]
        while to_come and asked(to_come[0]) <= now:
            queued.append(to_come.pop(0))
        while queued and len(painting) < at_a_time:
            first = ordered(queued, painting, began)[0]
            queued.remove(first)
            began[first.visitor] = now
            painting.append(replace(first, began=now))
            order.append(first.name)
        now += 1.0
    return order


def test_visitors_take_turns_even_when_one_has_come_first_with_many():
    jobs = [job_of(visitor="ann", name=f"ann {n}", created=0.0 + n / 100) for n in range(10)]
    jobs += [job_of(visitor=who, name=f"{who} 0", created=3.0 + n) for n, who in enumerate(VISITORS[1:])]
    order = painted(jobs)
    assert order[:5] == ["ann 0", "bob 0", "cat 0", "dan 0", "ann 1"]
    assert order[4:] == [f"ann {n}" for n in range(1, 10)]


def test_nobody_is_overtaken_for_ever_by_those_who_come_later():
    ann = [job_of(visitor="ann", name=f"ann {n}", created=0.0) for n in range(2)]
    others = [job_of(visitor=f"guest {n}", name=f"guest {n}", created=5.0 * n) for n in range(400)]
    order = painted([*ann, *others])  # which are twice as many as can be painted
    second = max(order.index("ann 0"), order.index("ann 1"))
    assert TURN / 10 < second <= 2 * TURN / 10 + 5
    assert min(order.index("ann 0"), order.index("ann 1")) <= 1


@given(waiting, st.integers(1, 4), st.lists(st.floats(0, 50), max_size=4))
def test_places_count_up_and_waits_are_those_of_a_simulation(jobs, at_a_time, left):
    order = ordered(jobs, [], {})
    painting = [job_of(state="painting", cost=seconds) for seconds in left[:at_a_time]]
    found = turns(order, painting, at_a_time, lambda job: job.cost)
    assert [found[job.id].place for job in order] == list(range(1, len(order) + 1))
    waits = [found[job.id].wait for job in order]
    assert waits == sorted(waits)
    slots = [0.0] * (at_a_time - len(painting)) + [job.cost for job in painting]
    for job, wait in zip(order, waits, strict=True):
        first = min(range(at_a_time), key=slots.__getitem__)
        assert wait == slots[first]
        slots[first] += job.cost


def test_what_is_painted_already_costs_no_more():
    assert cost_left(job_of(cost=10.0)) == 10
    assert cost_left(job_of(cost=10.0, progress=0.75)) == 2.5
    assert cost_left(job_of(cost=10.0, progress=1.0)) > 0


def test_only_what_waits_has_a_place():
    line, job = Line(), job_of()
    line.put(turns([job], [], 1, lambda job: job.cost))
    assert line.place_of(job) == (1, 0.0)
    assert line.place_of(replace(job, state="painting")) == (None, None)
    assert line.place_of(job_of()) == (None, None)
