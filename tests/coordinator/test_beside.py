"""What is done beside the loop comes in order, and its errors and words are heard by the loop alone."""

import threading
from functools import partial
from typing import Any

import pytest

from engine.coordinator.beside import MOST, Beside
from engine.errors import SpaceError
from engine.events import Trouble

HERE = threading.main_thread()


def test_work_is_done_in_order_by_another_thread():
    done: list[Any] = []

    def note(number: int) -> None:
        done.append((number, threading.current_thread() is HERE))

    with Beside(print) as beside:
        for number in range(3 * MOST):
            beside.do(partial(note, number))
        beside.wait()
    assert done == [(number, False) for number in range(3 * MOST)]


def test_what_it_says_is_emitted_by_the_loop_at_its_turn():
    heard: list[Any] = []
    with Beside(lambda event: heard.append((event, threading.current_thread() is HERE))) as beside:
        beside.do(lambda: beside.tell(Trouble("full")))
        beside.wait()
        assert heard == [(Trouble("full"), True)]
        beside.turn()
    assert len(heard) == 1


def test_an_error_is_raised_once_and_work_goes_on_after_it():
    def fail() -> None:
        raise SpaceError("there is no space left")

    done: list[int] = []
    with Beside(print) as beside:
        beside.do(fail)
        beside.do(fail)
        beside.do(lambda: done.append(1))
        with pytest.raises(SpaceError):
            beside.wait()
        assert done == [1]
        beside.turn()


def test_nothing_is_left_behind_when_the_loop_ends_at_once():
    began, go_on, done = threading.Event(), threading.Event(), list[int]()

    def slow() -> None:
        began.set()
        go_on.wait()
        done.append(1)

    def interrupted() -> None:
        with Beside(print) as beside:
            beside.do(slow)
            beside.do(lambda: done.append(2))
            began.wait()
            threading.Timer(0.05, go_on.set).start()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert done == [1], "what has begun is brought to its end"
    assert "beside the loop" not in {thread.name for thread in threading.enumerate()}
