"""Whoever looks on hears of the newest state, however slow he is, and of nobody else's."""

import asyncio
import json
import threading
from contextlib import suppress
from dataclasses import replace

import pytest

from engine.web import hub as hubs
from engine.web.hub import MOST_OF_ONE, OFTEN, Hub
from engine.web.refused import Refused
from tests.doubles.web_jobs import Said, job_of


def parsed(chunk):
    fields = dict(line.split(": ", 1) for line in chunk.decode().strip().splitlines())
    return fields.get("event"), json.loads(fields["data"]) if "data" in fields else None


async def heard(feed, until, found=None):
    """What a feed says until a condition of it is true, or it ends."""
    found = [] if found is None else found
    with suppress(StopAsyncIteration):
        while not until(found):
            name, data = parsed(await asyncio.wait_for(anext(feed), 30))
            if name:
                found.append((name, data))
    return found


def names(found):
    return [name for name, _ in found]


def test_a_reader_begins_with_how_it_is_and_hears_what_is_new():
    async def main():
        hub, job = Hub(Said), job_of(curve=[(0.1, 0.5), (0.2, 0.4)])
        feed = hub.of_job(job)
        assert await anext(feed) == b"retry: 1000\n\n"
        first = await heard(feed, lambda found: len(found) == 2)
        assert names(first) == ["job", "curve"]
        assert first[1][1] == {"points": [[0.1, 0.5], [0.2, 0.4]]}
        more = replace(job, state="painting", curve=[*job.curve, (0.3, 0.3), (0.4, 0.2)])
        hub.publish(more)
        then = await heard(feed, lambda found: len(found) == 3)
        assert then[1:] == [("point", [0.3, 0.3]), ("point", [0.4, 0.2])]
        assert then[0][1]["state"] == "painting"
        hub.publish(replace(more, curve=more.curve[::2]))
        assert names(await heard(feed, lambda found: len(found) == 2)) == ["job", "curve"]
        hub.publish(job_of())
        hub.gone(more)
        assert await heard(feed, lambda found: False) == [("gone", {"id": job.id})]
        assert hub.readers == 0

    asyncio.run(main())


def test_events_are_numbered():
    async def main():
        hub, job = Hub(Said), job_of(curve=[(0.1, 0.5)])
        feed = hub.of_job(job)
        chunks = [await anext(feed) for _ in range(3)]
        assert [chunk.split(b"\n")[0] for chunk in chunks] == [b"retry: 1000", b"id: 1", b"id: 2"]
        assert all(chunk.endswith(b"\n\n") for chunk in chunks)

    asyncio.run(main())


def test_a_gallery_hears_of_all_of_ones_own():
    async def main():
        hub = Hub(Said)
        feed = hub.of_visitor("ann")
        await anext(feed)
        one, two, other = job_of(), job_of(), job_of(visitor="bob")
        for job in (one, other, two):
            hub.publish(job)
        hub.gone(other)
        found = await heard(feed, lambda found: len(found) == 2)
        assert [(name, data["id"]) for name, data in found] == [("job", one.id), ("job", two.id)]
        hub.gone(one)
        assert await heard(feed, bool) == [("gone", {"id": one.id})]

    asyncio.run(main())


def test_a_gallery_begins_with_all_that_there_is():
    async def main():
        jobs = [job_of(), job_of(state="finished")]
        hub = Hub(Said, lambda visitor: jobs if visitor == "ann" else [])
        feed, other = hub.of_visitor("ann"), hub.of_visitor("bob")
        await anext(feed)
        hub.publish(replace(jobs[0], preview=7))  # which is newer
        found = await heard(feed, lambda found: len(found) == 2)
        assert {(data["id"], data["preview"]) for _, data in found} == {(jobs[0].id, 7), (jobs[1].id, 0)}
        await anext(other)
        hub.close()
        assert await heard(other, lambda found: False) == []

    asyncio.run(main())


def test_what_cannot_be_told_disturbs_nobody(caplog):
    async def main():
        def fails(job):
            raise OSError("no files")

        hub = Hub(fails)
        feed = hub.of_visitor("ann")
        hub.publish(job_of())
        assert "no files" in caplog.text
        await feed.aclose()

    asyncio.run(main())


def test_who_is_slow_gets_the_newest_state_only():
    async def main():
        hub, job = Hub(Said), job_of()
        feed = hub.of_job(job)
        await anext(feed)
        await heard(feed, bool)

        def paint():
            for number in range(1, 1001):
                hub.publish(replace(job, state="painting", preview=number))

        thread = threading.Thread(target=paint)
        thread.start()
        thread.join()
        hub.close()
        rest = await heard(feed, lambda found: False)
        assert [data["preview"] for _, data in rest] == [1000]

    asyncio.run(main())


def test_200_readers_hear_of_a_job_that_changes_all_the_time():
    async def main():
        hub, job = Hub(Said), job_of()
        feeds = [hub.of_job(replace(job, visitor=f"guest {number}")) for number in range(200)]
        said: list[list[tuple[str, dict[str, int]]]] = [[] for _ in feeds]
        over = lambda found: bool(found) and found[-1][1].get("preview") == 99  # noqa: E731
        reading = [asyncio.create_task(heard(feed, over, own)) for feed, own in zip(feeds, said, strict=True)]
        await asyncio.sleep(0)
        began = asyncio.get_running_loop().time()
        for number in range(100):
            await asyncio.to_thread(hub.publish, replace(job, preview=number))
            await asyncio.sleep(0.005)
        await asyncio.gather(*reading)
        seconds = asyncio.get_running_loop().time() - began
        assert max(map(len, said)) <= seconds / OFTEN + 3, "coalesced"

    asyncio.run(main())


def test_a_silent_feed_says_that_it_is_still_there(monkeypatch):
    monkeypatch.setattr(hubs, "HEARTBEAT", 0.05)

    async def main():
        feed = Hub(Said).of_visitor("ann")
        assert [(await anext(feed))[:1] for _ in range(3)] == [b"r", b":", b":"]

    asyncio.run(main())


def test_nobody_has_too_many_and_who_has_gone_counts_no_more():
    async def main():
        hub = Hub(Said)
        feeds = [hub.of_visitor("ann") for _ in range(MOST_OF_ONE)]
        with pytest.raises(Refused) as caught:
            hub.of_job(job_of())
        assert caught.value.status == 503
        other = hub.of_visitor("bob")
        await anext(feeds[0])
        await feeds[0].aclose()
        del feeds[1:]  # which nobody has ever read
        assert hub.readers == 1
        hub.of_job(job_of())
        await other.aclose()

    asyncio.run(main())


def test_a_closed_hub_ends_its_feeds():
    async def main():
        hub = Hub(Said)
        before = hub.of_visitor("ann")
        await anext(before)
        hub.close()
        assert await heard(before, lambda found: False) == []
        late = hub.of_job(job_of())
        assert names(await heard(late, lambda found: False)) == ["job"]

    asyncio.run(main())
