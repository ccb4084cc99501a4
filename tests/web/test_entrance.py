"""Who waits for a decoder holds up nobody else, and nobody sends more at a time than he may."""

import threading

import anyio
import pytest
from anyio import to_thread

pytest.importorskip("fastapi", reason="needs the extra web")

from engine.web.entrance import DECODERS, Entrance
from engine.web.refused import Refused


def test_there_are_threads_for_others_while_many_wait_for_a_decoder():
    free, at_work, most = threading.Event(), [], []

    def decode():
        at_work.append(1)
        most.append(len(at_work))
        free.wait(30)
        at_work.pop()

    async def all_at_once():
        entrance = Entrance(5)
        async with anyio.create_task_group() as group:
            for _ in range(60):  # more than there are threads
                group.start_soon(entrance.decoded, decode)
            await anyio.sleep(0.1)
            try:
                with anyio.fail_after(20):
                    await to_thread.run_sync(lambda: None)
            finally:
                free.set()

    anyio.run(all_at_once)
    assert len(most) == 60
    assert max(most) <= DECODERS


def test_of_those_who_wait_there_are_only_so_many(monkeypatch):
    monkeypatch.setattr("engine.web.entrance.MOST", 3)
    free, refusals = threading.Event(), []

    async def all_at_once():
        entrance = Entrance(5)

        async def ask():
            try:
                await entrance.decoded(lambda: free.wait(30))
            except Refused as refused:
                refusals.append(refused.status)

        async with anyio.create_task_group() as group:
            for _ in range(3 + DECODERS + 4):
                group.start_soon(ask)
            await anyio.sleep(0.1)
            free.set()
        assert await entrance.decoded(lambda: "there is room again")

    anyio.run(all_at_once)
    assert refusals == [503] * 4


def test_a_visitor_sends_only_so_many_at_a_time():
    entrance = Entrance(2)
    with entrance.held("ann"), entrance.held("ann"):
        with pytest.raises(Refused) as caught, entrance.held("ann"):
            pass
        assert caught.value.status == 429
        with entrance.held("bob"):
            pass
    with entrance.held("ann"):
        pass
