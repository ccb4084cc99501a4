"""Results come in order, a bounded number is made in advance, and what isn't wanted isn't made."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from engine.system.ordered_map import ordered_map


def test_results_come_in_the_order_of_the_items():
    def late(item):
        time.sleep(0.02 if item % 3 == 0 else 0)
        return item * item

    with ThreadPoolExecutor(4) as executor:
        assert list(ordered_map(executor, late, range(20), 6)) == [item * item for item in range(20)]


def test_only_so_many_are_made_in_advance():
    asked = []

    def items():
        for item in range(100):
            asked.append(item)
            yield item

    with ThreadPoolExecutor(2) as executor:
        results = ordered_map(executor, str, items(), 3)
        assert [next(results), next(results)] == ["0", "1"]
        assert len(asked) == 5, "two that are done, and three ahead"
        results.close()


def test_what_has_not_begun_is_dropped_at_the_end():
    begun, go_on = [], threading.Event()

    def wait(item):
        begun.append(item)
        if item:
            go_on.wait(10)
        return item

    with ThreadPoolExecutor(1) as executor:
        results = ordered_map(executor, wait, range(9), 4)
        assert next(results) == 0
        results.close()
        go_on.set()
    assert len(begun) <= 2


def test_an_error_is_raised_where_its_result_would_be():
    with ThreadPoolExecutor(2) as executor:
        results = ordered_map(executor, lambda item: 1 // item, [1, 0, 1], 2)
        assert next(results) == 1
        with pytest.raises(ZeroDivisionError):
            next(results)
