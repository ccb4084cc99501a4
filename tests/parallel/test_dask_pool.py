"""Jobs on a real Dask scheduler: the contract of all pools, and what may happen to workers and scheduler."""

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import distributed.utils
import pytest

from engine.errors import PainterError, SpecError, WorkerError
from engine.parallel import dask_calls, dask_link, dask_pool
from engine.parallel.dask_pool import DaskPool
from engine.parallel.dask_worker import Facts, facts
from engine.parallel.open_cluster import open_cluster
from engine.parallel.place import Place, place_of
from engine.parallel.pool import Pool, RemoteTraceback, WorkerSetup
from tests.contracts.pool_contract import PoolContract, take
from tests.doubles.dask_cluster import DaskCluster, free_port, until

STEPS = "tests.doubles.pool_steps"


@pytest.fixture(scope="module")
def cluster() -> Iterator[DaskCluster]:
    with DaskCluster(2) as found:
        found.wait_for_workers(2)
        yield found


def setup(step: str, opened: str = "nothing", *arguments: Any) -> WorkerSetup:
    return WorkerSetup(f"{STEPS}:{step}", f"{STEPS}:{opened}", arguments)


def pool(
    cluster: DaskCluster, step: str, grace: float = 60.0, told: list[str] | None = None, **options: Any
) -> "closing[DaskPool]":
    """With what it tells in a list."""
    heard = [] if told is None else told
    made = options.pop("setup", None) or setup(step)
    return closing(DaskPool(cluster.address, made, options.pop("workers", 8), grace, heard.append))


class TestDaskPool(PoolContract):
    @pytest.fixture(autouse=True)
    def _cluster(self, cluster: DaskCluster) -> None:
        self.cluster = cluster

    def make(self, step: str) -> Pool:
        return DaskPool(self.cluster.address, setup(step), 8, 60.0, print)


def test_an_exception_comes_with_the_traceback_of_its_worker(cluster: DaskCluster) -> None:
    with pool(cluster, "fail_on_negative") as opened:
        opened.submit(-1)
        with pytest.raises(PainterError) as caught:
            list(opened.completed())
    assert isinstance(caught.value.__cause__, RemoteTraceback)
    assert "in fail_on_negative" in str(caught.value.__cause__)


def test_a_timeout_hands_control_back_and_loses_nothing(cluster: DaskCluster) -> None:
    with pool(cluster, "nap") as opened:
        opened.submit(0.5)
        assert list(opened.completed(timeout=0)) == []
        assert list(opened.completed(timeout=0.01)) == []
        assert list(opened.completed()) == [0.5]


def test_it_has_as_many_workers_as_there_are_slots_and_are_wanted(cluster: DaskCluster) -> None:
    with pool(cluster, "same") as many, pool(cluster, "same", workers=1) as one:
        assert (many.workers, one.workers) == (2, 1)
        for number in range(5):
            one.submit(number)
        assert list(one.completed()) == list(range(5)), "one after the other"
        assert one.peak_memory > 10_000_000


def test_the_setup_runs_once_in_each_worker_after_the_machine_was_prepared(cluster: DaskCluster) -> None:
    given = WorkerSetup(f"{STEPS}:words", f"{STEPS}:gather_words", ("b",), f"{STEPS}:prepare", ("a",))
    with pool(cluster, "", setup=given) as opened:
        for _ in range(20):
            opened.submit(None)
        assert set(opened.completed()) == {("a", "b")}


def test_a_killed_workers_job_is_done_by_another_one(cluster: DaskCluster, tmp_path: Path) -> None:
    with pool(cluster, "kill_first_worker") as opened:
        opened.submit(str(tmp_path / "marker"))
        (survivor,) = opened.completed()
        assert survivor in cluster.workers()


def test_all_workers_may_die_and_the_context_with_them(cluster: DaskCluster) -> None:
    with pool(cluster, "nap") as opened:
        for _ in range(4):
            opened.submit(0.3)
        assert next(opened.completed()) == 0.3
        for pid in cluster.workers():
            os.kill(pid, signal.SIGKILL)
        assert list(opened.completed()) == [0.3] * 3


def test_deaths_on_one_job_give_it_up_and_the_pool_goes_on(
    cluster: DaskCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dask_pool, "MAX_DEATHS", 2)  # as workers take their time to start
    with pool(cluster, "leave_on_negative") as opened:
        opened.submit(-5)
        for job in range(6):
            opened.submit(job)
        results: list[int] = []
        with pytest.raises(WorkerError, match=r"^-5: 2 workers died on this job, the last with tcp://"):
            take(opened, results)
        assert sorted([*results, *opened.completed()]) == list(range(6))


def test_want_of_memory_is_not_the_painters_fault(cluster: DaskCluster) -> None:
    with pool(cluster, "lack_memory") as opened:
        opened.submit("job 7")
        with pytest.raises(WorkerError, match=r"^job 7: 3 workers had too little memory for this job"):
            list(opened.completed())


def test_a_setup_that_raises_is_told(cluster: DaskCluster) -> None:
    with pool(cluster, "", setup=setup("same", "refuse", "no kernel here")) as opened:
        opened.submit(1)
        with pytest.raises(WorkerError, match=r"could not start: RuntimeError\('no kernel here'\)"):
            list(opened.completed())


def test_jobs_and_results_that_can_not_be_pickled_do_not_hang(cluster: DaskCluster) -> None:
    with pool(cluster, "return_a_lambda") as opened:
        opened.submit(lambda: 1)
        opened.submit(2)
        for _ in range(2):
            with pytest.raises(PainterError, match="lambda"):
                list(opened.completed())
        assert list(opened.completed()) == []


def test_a_scheduler_that_goes_away_is_waited_for_but_not_for_ever() -> None:
    told: list[str] = []
    with DaskCluster(1) as cluster:
        cluster.wait_for_workers(1)
        with pool(cluster, "nap", told=told) as patient, pool(cluster, "nap", grace=0.2) as impatient:
            patient.submit(0.1)
            impatient.submit(0.0)
            assert [*patient.completed(), *impatient.completed()] == [0.1, 0.0]
            patient.submit(0.3)
            assert list(patient.completed(timeout=0.1)) == [], "a worker has it in hand"
            cluster.kill_scheduler()
            patient.submit(0.2)
            impatient.submit(0.0)
            with pytest.raises(
                WorkerError, match=r"the scheduler has been gone for .* \(--pool-grace\); start it"
            ):
                list(impatient.completed())
            assert list(patient.completed(timeout=0.1)) == [], "nobody is kept waiting meanwhile"
            cluster.start_scheduler()
            until(lambda: _answers(cluster.address))
            with pool(cluster, "same", grace=0.2) as early:
                assert early.workers == 1, "or else nobody would have a job to wait with"
                early.submit(1)
                with pytest.raises(
                    WorkerError, match=r"no worker has come for 0 s \(--pool-grace\); start some"
                ):
                    list(early.completed())
            cluster.start_worker()
            assert sorted(patient.completed()) == [0.2, 0.3], "that one too"
    assert told == [f"{cluster.address}: the scheduler is gone; it is waited for, 1 min 0 s."]


def test_a_scheduler_that_is_stopped_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its lines stay open, and nothing is heard on them."""
    monkeypatch.setattr(dask_calls, "SILENCE", 1.0)
    monkeypatch.setattr(dask_link, "CALL", 0.3)
    with DaskCluster(1) as cluster:
        cluster.wait_for_workers(1)
        with pool(cluster, "same", grace=0.2) as opened:
            opened.submit(1)
            assert list(opened.completed()) == [1]
            assert cluster.scheduler is not None
            cluster.scheduler.send_signal(signal.SIGSTOP)
            opened.submit(2)
            with pytest.raises(WorkerError, match=r"the scheduler has been gone for"):
                list(opened.completed())


def test_a_scheduler_may_go_before_any_worker_has_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_link, "CALL", 0.3)
    with DaskCluster(0) as cluster:
        until(lambda: _answers(cluster.address))
        with pool(cluster, "same", grace=2.0) as opened:
            opened.submit(1)
            cluster.kill_scheduler()
            with pytest.raises(WorkerError, match=r"the scheduler has been gone for"):
                list(opened.completed())


def test_a_scheduler_that_goes_away_before_a_connection_is_ready_is_tried_again(
    cluster: DaskCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask, asked = dask_link.Link._ask, list[Any]()

    def fail_first(self: dask_link.Link, client: Any) -> dict[str, Facts]:
        asked.append(client)
        if len(asked) == 1:
            raise OSError("the scheduler went away")
        return ask(self, client)

    monkeypatch.setattr(dask_link.Link, "_ask", fail_first)
    with pool(cluster, "same") as opened:
        opened.submit(1)
        assert list(opened.completed(timeout=30)) == [1]
    assert asked[0].status == "closed"


def test_an_answer_to_a_job_that_is_in_line_again_counts_for_nothing(cluster: DaskCluster) -> None:
    with pool(cluster, "same") as opened:
        opened.submit(1)
        assert list(opened.completed()) == [1]
        opened.submit(2)
        known = vars(opened)
        (ticket,), connection = known["_unfinished"], known["_connection"]
        opened._take_back()
        for what in ("cancelled", "answer"):
            late = dask_link.Heard(what, None, ticket.keys[-1], connection.number)
            opened._hear(late)
        assert list(known["_queue"]) == [ticket]
        opened._hand_out()
        assert list(opened.completed()) == [2]


def _answers(address: str) -> bool:
    from engine.parallel.dask_calls import ExplicitClient

    try:
        ExplicitClient(address, timeout=1, set_as_default=False).close()
    except OSError:
        return False
    return True


def test_what_is_collected_while_a_client_is_made_takes_no_lock() -> None:
    """The collector may come by in the middle, in the thread that holds the lock of Dask's loops."""
    lock = distributed.utils.LoopRunner._lock
    client = dask_calls.ExplicitClient.__new__(dask_calls.ExplicitClient)
    with lock:
        client.__del__()


def test_nobody_at_an_address_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_link, "FIRST_CALL", 0.3)
    address = f"tcp://127.0.0.1:{free_port()}"
    with pytest.raises(WorkerError, match=rf"^{address}: no Dask scheduler answers there"):
        DaskPool(address, setup("same"), 1, 60.0, print)


def test_whoever_takes_a_call_and_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """As does a scheduler that is stopped (SIGSTOP): Dask itself would wait for ever."""
    monkeypatch.setattr(dask_link, "FIRST_CALL", 0.2)
    monkeypatch.setattr(dask_calls, "MARGIN", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(WorkerError, match=r"no Dask scheduler answers there \(.*says nothing\)"):
            DaskPool(address, setup("same"), 1, 1.0, print)


def test_other_versions_are_told_once_and_in_words(
    cluster: DaskCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = facts()._replace(numba="0.1", processor="z80", kernels="x")
    monkeypatch.setattr(dask_pool, "facts", lambda: other)
    told: list[str] = []
    with pool(cluster, "same", told=told) as opened:
        for job in range(4):
            opened.submit(job)
        assert len(list(opened.completed())) == 4
    here = facts()
    assert len(told) == 1
    assert f"has numba {here.numba} (here 0.1), processor {here.processor} (here z80): the picture" in told[0]
    assert Facts("1", "", "", "", "", "a").differences(Facts("1", "", "", "", "", "b")) == ["other kernels"]


def test_a_local_cluster_takes_no_strangers_and_ends_with_its_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(open_cluster(place_of("local:1"), setup("environment"), 5, 3, 0, print)) as opened:
        assert opened.workers == 1
        opened.submit("OMP_NUM_THREADS")
        assert list(opened.completed()) == ["3"]
        monkeypatch.setattr(dask_link, "FIRST_CALL", 0.5)
        address = vars(opened)["_own"].scheduler_address
        assert address.startswith("tls://127.0.0.1")
        with pytest.raises(WorkerError, match="no Dask scheduler answers there"):
            DaskPool(address, setup("same"), 1, 60.0, print)
        with pytest.raises(WorkerError, match="no Dask scheduler answers there"):
            DaskPool(address.replace("tls", "tcp"), setup("same"), 1, 60.0, print)


@pytest.mark.parametrize(
    "name", ["local:0", "local:1025", "local", "tcp://host", "tcp://h:0", "dask", "http://a:1"]
)
def test_other_places_are_refused(name: str) -> None:
    with pytest.raises(SpecError, match=r"^--pool must be processes, inline, local:N .* not"):
        place_of(name)


def test_places_are_known_by_their_names() -> None:
    assert [place_of(name).is_cluster for name in ("processes", "inline", "local:3", "tcp://[::1]:80")] == [
        False,
        False,
        True,
        True,
    ]
    assert place_of("tls://host.example:8786").is_remote
    assert place_of("local:3").workers == 3
    assert Place().workers == 0


def test_a_missing_library_is_one_sentence_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.parallel.open_cluster.find_spec", lambda name: None)
    with pytest.raises(SpecError, match=r"^--pool local:2: needs dask, which is not installed; .*\.$"):
        open_cluster(place_of("local:2"), setup("same"), 1, 1, 0, print)
