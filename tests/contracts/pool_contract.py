"""What every pool promises; a test class for a pool inherits this and says how the pool is made."""

from contextlib import closing

import pytest

from engine.errors import PainterError
from engine.parallel.pool import Pool


class PoolContract:
    """`make(step)` returns a new pool that runs the function of that name in tests.doubles.pool_steps."""

    def make(self, step: str) -> Pool:
        raise NotImplementedError

    def test_every_job_is_answered_once_in_whatever_order(self) -> None:
        with closing(self.make("square")) as pool:
            for job in range(20):
                pool.submit(job)
            assert sorted(pool.completed()) == [job * job for job in range(20)]
            assert list(pool.completed()) == []

    def test_jobs_may_be_submitted_while_results_come_in(self) -> None:
        with closing(self.make("same")) as pool:
            pool.submit(3)
            pool.submit(4)
            results = []
            for result in pool.completed():
                results.append(result)
                if result > 0:
                    pool.submit(result - 1)
            assert sorted(results) == [0, 0, 1, 1, 2, 2, 3, 3, 4]

    def test_iteration_may_be_given_up_and_taken_up_again(self) -> None:
        with closing(self.make("same")) as pool:
            for job in range(6):
                pool.submit(job)
            first = next(iter(pool.completed()))
            assert sorted([first, *pool.completed()]) == list(range(6))

    def test_without_jobs_it_completes_at_once(self) -> None:
        with closing(self.make("square")) as pool:
            assert list(pool.completed()) == []
            assert list(pool.completed(timeout=60)) == []

    def test_results_come_in_full_with_a_timeout_too(self) -> None:
        with closing(self.make("same")) as pool:
            for job in range(4):
                pool.submit(job)
            assert sorted(pool.completed(timeout=60)) == [0, 1, 2, 3]

    def test_big_jobs_and_results_pass(self) -> None:
        with closing(self.make("same")) as pool:
            jobs = [bytes([number]) * 3_000_000 for number in range(6)]
            for job in jobs:
                pool.submit(job)
            assert sorted(pool.completed()) == jobs

    def test_an_exception_of_the_step_is_a_painter_error_and_costs_no_other_job(self) -> None:
        with closing(self.make("fail_on_negative")) as pool:
            for job in (1, -4, 2, 3):
                pool.submit(job)
            results: list[int] = []
            with pytest.raises(PainterError) as caught:
                take(pool, results)
            assert str(caught.value).startswith("-4: the painter failed with ValueError('no root of -4')")
            assert "\n" not in str(caught.value)
            assert "no root of -4" in str(caught.value.__cause__)
            assert sorted([*results, *pool.completed()]) == [1, 2, 3]

    def test_a_job_is_named_by_its_name(self) -> None:
        with closing(self.make("fail_on_negative")) as pool:
            pool.submit(NamedJob())
            with pytest.raises(PainterError, match=r"^level 2, row 1, column 3: the painter failed"):
                list(pool.completed())

    def test_close_drops_what_is_left_and_may_be_called_twice(self) -> None:
        pool = self.make("square")
        pool.submit(1)
        results = pool.completed()
        pool.submit(2)
        pool.close()
        pool.close()
        assert list(results) == []
        assert list(pool.completed()) == []
        with pytest.raises(RuntimeError, match="closed"):
            pool.submit(3)


def take(pool: Pool, results: list[int]) -> None:
    """Add what completes to `results`, also when an error follows."""
    for result in pool.completed():
        results.append(result)


class NamedJob:
    """A job that no step here can use."""

    name = "level 2, row 1, column 3"
