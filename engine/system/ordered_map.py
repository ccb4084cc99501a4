"""Work done in threads, whose results come in the order of what they are of."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Executor, Future
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def ordered_map(
    executor: Executor, function: Callable[[Item], Result], items: Iterable[Item], ahead: int
) -> Generator[Result, None, None]:
    """Like map, with at most so many calls waiting or under way; those not begun are dropped at its end.

    Threads are enough for kernels, which release the interpreter lock.
    """
    source = iter(items)
    waiting: deque[Future[Result]] = deque(executor.submit(function, item) for item in islice(source, ahead))
    try:
        while waiting:
            result = waiting.popleft().result()
            waiting.extend(executor.submit(function, item) for item in islice(source, 1))
            yield result
    finally:
        for future in waiting:
            future.cancel()
