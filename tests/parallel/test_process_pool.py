"""Pools: the contract for all of them, and what may happen to processes."""

import os
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.errors import PainterError, ResourceError, WorkerError
from engine.fork_server.client import THREAD_LIMITS, ForkServer
from engine.parallel.canvas import Canvas
from engine.parallel.pool import InlinePool, Pool, RemoteTraceback
from engine.parallel.process_pool import ProcessPool
from engine.system.resources import available_cores
from tests import ROOT
from tests.contracts.pool_contract import PoolContract
from tests.doubles import pool_steps
from tests.doubles.processes import workers

SERVERS: dict[str, ForkServer | None] = {"now": None}


@pytest.fixture(scope="module")
def fork_server() -> Iterator[ForkServer]:
    """One for all tests of this module."""
    server = ForkServer()
    yield server
    server.close()


@pytest.fixture(params=["spawned", "forked"], autouse=True)
def server(request: pytest.FixtureRequest, fork_server: ForkServer) -> ForkServer | None:
    """Where the workers of `processes` come from."""
    SERVERS["now"] = fork_server if request.param == "forked" else None
    return SERVERS["now"]


def processes(step: str, workers: int = 1, **kwargs: Any) -> "closing[ProcessPool]":
    return closing(ProcessPool(f"tests.doubles.pool_steps:{step}", workers, server=SERVERS["now"], **kwargs))


def await_state(pid: int, *states: str) -> None:
    """Until the kernel says one of these of a process, somebody's child; "" is one that is gone."""
    while True:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][:1]
        except OSError:
            state = ""
        if state in states:
            return
        time.sleep(0.01)


@contextmanager
def group(step: str, jobs: list[Any]) -> Iterator["subprocess.Popen[str]"]:
    """A process group whose leader says when its pool is ready, then the results and whether nobody died."""
    script = f"""
import signal
from contextlib import closing
from engine.fork_server.client import ForkServer
from engine.parallel.process_pool import ProcessPool
from tests.doubles.processes import workers
signal.signal(signal.SIGHUP, lambda *_: None)  # ignored, it would be so in its children, too
server = ForkServer() if {SERVERS["now"] is not None} else None
with closing(ProcessPool("tests.doubles.pool_steps:{step}", 2, server=server)) as pool:
    before = workers()
    for job in {jobs}:
        pool.submit(job)
    results = [next(pool.completed())]
    print("ready", flush=True)
    results += pool.completed()
    print(sorted(results), before == workers())
"""
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    ) as coordinator:  # fmt: skip
        try:
            yield coordinator
        finally:
            coordinator.kill()


@pytest.fixture(autouse=True)
def _no_process_left_behind() -> Any:
    before = workers()
    yield
    assert workers() == before


class TestInlinePool(PoolContract):
    def make(self, step: str) -> Pool:
        return InlinePool(getattr(pool_steps, step))

    def test_the_cause_is_the_exception_itself(self) -> None:
        pool = InlinePool(pool_steps.fail_on_negative)
        pool.submit(-1)
        with pytest.raises(PainterError) as caught:
            list(pool.completed())
        assert isinstance(caught.value.__cause__, ValueError)

    def test_a_job_runs_only_when_its_result_is_asked_for(self) -> None:
        ran: list[int] = []
        pool = InlinePool(ran.append)
        pool.submit(1)
        pool.submit(2)
        assert ran == []
        next(pool.completed())
        assert ran == [1]


class TestProcessPool(PoolContract):
    def make(self, step: str) -> Pool:
        return ProcessPool(f"tests.doubles.pool_steps:{step}", workers=2, server=SERVERS["now"])


def test_an_exception_comes_with_the_traceback_of_its_worker() -> None:
    with processes("fail_on_negative") as pool:
        pool.submit(-1)
        with pytest.raises(PainterError) as caught:
            list(pool.completed())
    assert isinstance(caught.value.__cause__, RemoteTraceback)
    assert "in fail_on_negative" in str(caught.value.__cause__)
    assert "ValueError: no root of -1" in str(caught.value.__cause__)


def test_a_timeout_hands_control_back_and_loses_nothing() -> None:
    with processes("nap") as pool:
        pool.submit(0.5)
        assert list(pool.completed(timeout=0)) == []
        assert list(pool.completed(timeout=0.01)) == []
        assert list(pool.completed()) == [0.5]


def test_workers_run_side_by_side(tmp_path: Path) -> None:
    fifo = str(tmp_path / "fifo")
    os.mkfifo(fifo)
    with processes("meet", workers=2) as pool:
        pool.submit((fifo, "r"))
        pool.submit((fifo, "w"))
        assert sorted(pool.completed(timeout=10)) == ["r", "w"]


def test_the_setup_runs_once_in_each_worker() -> None:
    with processes(
        "prepared", workers=3, setup="tests.doubles.pool_steps:prepare", setup_args=("a", "b")
    ) as pool:
        for _ in range(60):
            pool.submit(None)
        results = list(pool.completed())
        assert {pid for pid, _ in results} <= set(workers())
        assert all(words == ["a", "b"] for _, words in results)


def test_a_single_worker_takes_jobs_in_the_order_of_submission() -> None:
    with processes("same") as pool:
        for job in range(30):
            pool.submit(job)
        assert list(pool.completed()) == list(range(30))


def test_the_job_of_a_killed_worker_is_done_by_another_one_first(tmp_path: Path) -> None:
    with processes("kill_first_worker") as pool:
        old = workers()
        pool.submit(str(tmp_path / "marker"))
        (new,) = pool.completed()
        assert old != [new]
        assert workers() == [new]


def test_a_worker_killed_while_idle_is_replaced() -> None:
    with processes("square") as pool:
        pool.submit(2)
        assert list(pool.completed()) == [4]
        for pid in workers():
            os.kill(pid, signal.SIGKILL)
        pool.submit(3)
        assert list(pool.completed()) == [9]


def test_three_deaths_on_one_job_give_it_up_and_the_pool_goes_on() -> None:
    with processes("leave_on_negative") as pool:
        pool.submit(-5)
        pool.submit(6)
        with pytest.raises(WorkerError, match=r"^-5: 3 workers died on this job, the last with exit code 7"):
            list(pool.completed())
        assert list(pool.completed()) == [6]


def test_death_by_sigkill_says_what_to_do() -> None:
    with processes("die") as pool:
        pool.submit("y" * 500)
        with pytest.raises(WorkerError, match=r"killed by SIGKILL.*memory: use fewer --workers$") as caught:
            list(pool.completed())
    assert len(str(caught.value)) < 200


def test_want_of_memory_is_a_death_and_not_the_painters_fault(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with processes("lack_memory_first") as pool:
        old = workers()
        pool.submit(str(tmp_path / "marker"))
        (new,) = pool.completed()
        assert old != [new]
    with processes("lack_memory") as pool:
        pool.submit("job 7")
        with pytest.raises(WorkerError, match=r"^job 7: 3 workers died .* for want of memory: use fewer"):
            list(pool.completed())
    with processes("square", setup="tests.doubles.pool_steps:lack_memory", setup_args=(0,)) as pool:
        pool.submit(1)
        with pytest.raises(WorkerError, match=r"3 in a row died while starting, the last for want of memory"):
            list(pool.completed())
    assert capfd.readouterr().err == ""


def test_a_worker_killed_while_it_writes_to_the_canvas_leaves_no_trace_there(tmp_path: Path) -> None:
    start = np.full((40, 60, 3), 5, np.uint8)
    with (
        Canvas.create(tmp_path, start, (0, 30, 60), (0, 40)) as canvas,
        processes("write_half_and_die") as pool,
    ):
        pool.submit(None)
        (old,) = pool.completed()
        pool.submit((canvas.handle, str(tmp_path / "marker")))
        await_state(old, "Z", "")
        np.testing.assert_array_equal(canvas.read()[1], start)
        assert list(pool.completed()) != [old]
        versions, pixels = canvas.read()
    assert (versions % 2 == 0).all()
    assert (pixels == 9).all()


def test_the_job_of_a_killed_worker_waits_for_no_replacement(tmp_path: Path) -> None:
    fifo = str(tmp_path / "fifo")
    os.mkfifo(fifo)
    slow: dict[str, Any] = {"setup": "tests.doubles.pool_steps:prepare_in_time", "setup_args": (0.7,)}
    with processes("meet_or_die", workers=2, **slow) as pool:
        pool.submit((fifo, "r"))
        pool.submit((fifo, "w"))
        assert sorted(pool.completed()) == ["r", "w"], "so both are ready"
        pool.submit((str(tmp_path / "marker"), "x"))
        assert list(pool.completed()) == ["x"]


def test_stopped_and_continued_workers_are_not_taken_for_dead() -> None:
    with processes("nap", workers=2) as pool:
        before = workers()
        pool.submit(0)
        list(pool.completed())
        for _ in range(4):
            pool.submit(0.2)
        for pid in before:
            os.kill(pid, signal.SIGSTOP)
        assert list(pool.completed(timeout=1.1)) == []
        for pid in before:
            os.kill(pid, signal.SIGCONT)
        assert list(pool.completed()) == [0.2] * 4
        assert workers() == before


def test_a_group_that_sleeps_for_a_while_goes_on() -> None:
    """As when the machine sleeps, or after Ctrl-Z and fg."""
    with group("nap", [0.4] * 6) as coordinator:
        assert coordinator.stdout is not None
        assert coordinator.stdout.readline() == "ready\n"
        os.killpg(coordinator.pid, signal.SIGSTOP)
        with pytest.raises(subprocess.TimeoutExpired):
            coordinator.wait(1.1)
        os.killpg(coordinator.pid, signal.SIGCONT)
        assert coordinator.communicate(timeout=20) == ("[0.4, 0.4, 0.4, 0.4, 0.4, 0.4] True\n", "")


def test_a_hangup_of_the_group_ends_no_worker() -> None:
    with group("hang_up", [1, 2, 3]) as coordinator:
        assert coordinator.communicate(timeout=20) == ("ready\n[1, 2, 3] True\n", "")


def test_sigterm_ends_a_worker_and_its_job_is_done_again() -> None:
    with processes("nap") as pool:
        pool.submit(0)
        list(pool.completed())
        pool.submit(0.5)
        (old,) = workers()
        os.kill(old, signal.SIGTERM)
        assert list(pool.completed()) == [0.5]
        assert workers() != [old]


def test_many_that_are_killed_while_starting_are_replaced() -> None:
    """As when a service is stopped in its first second: it ends in good order, and not with an error."""
    with processes("square", workers=4) as pool:
        for pid in workers():
            os.kill(pid, signal.SIGTERM)
        pool.submit(3)
        assert list(pool.completed()) == [9]


def test_stopped_workers_do_not_hold_up_the_end() -> None:
    pool = ProcessPool("tests.doubles.pool_steps:square", 4, server=SERVERS["now"])
    for pid in workers():
        os.kill(pid, signal.SIGSTOP)
        await_state(pid, "T")
    pool.close()


def test_a_setup_that_raises_is_told_at_once_and_each_time() -> None:
    setup: dict[str, Any] = {"setup": "tests.doubles.pool_steps:refuse", "setup_args": ("no kernel here",)}
    with processes("square", workers=2, **setup) as pool:
        pool.submit(1)
        for _ in range(2):
            with pytest.raises(
                WorkerError, match=r"could not start: RuntimeError\('no kernel here'\)"
            ) as caught:
                list(pool.completed())
        assert "in refuse" in str(caught.value.__cause__)


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        ("tests.doubles.pool_steps:missing", "AttributeError"),
        ("tests.no_such_module:step", "ModuleNotFoundError"),
    ],
)
def test_a_step_that_does_not_exist_is_told(step: str, reason: str) -> None:
    with closing(ProcessPool(step, 1)) as pool:
        pool.submit(1)
        with pytest.raises(WorkerError, match=reason):
            list(pool.completed())


def test_workers_that_die_while_starting_are_not_replaced_for_ever() -> None:
    with processes("square", setup="tests.doubles.pool_steps:die_at_setup") as pool:
        pool.submit(1)
        with pytest.raises(WorkerError, match="3 in a row died while starting, the last killed by SIGKILL"):
            list(pool.completed())


def test_a_job_that_can_not_be_pickled_does_not_hang() -> None:
    with processes("same") as pool:
        pool.submit(lambda: 1)
        pool.submit(2)
        with pytest.raises(PainterError, match="lambda"):
            list(pool.completed())
        assert list(pool.completed()) == [2]


@pytest.mark.parametrize(
    ("step", "reason"), [("return_a_lambda", "lambda"), ("return_unreadable", "invalid literal for int")]
)
def test_a_result_that_can_not_be_pickled_does_not_hang(step: str, reason: str) -> None:
    with processes(step) as pool:
        pool.submit(1)
        with pytest.raises(PainterError, match=reason):
            list(pool.completed())
        assert list(pool.completed()) == []


def test_ctrl_c_is_not_for_workers(capfd: pytest.CaptureFixture[str]) -> None:
    with processes("interrupt_self", workers=2) as pool:
        for pid in workers():  # they are still starting
            os.kill(pid, signal.SIGINT)
        before = workers()
        for job in range(4):
            pool.submit(job)
        assert sorted(pool.completed()) == [0, 1, 2, 3]
        assert workers() == before
    assert capfd.readouterr().err == ""


def test_the_coordinators_own_ctrl_c_and_environment_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "5")
    monkeypatch.delenv("NUMBA_NUM_THREADS", raising=False)
    environment = dict(os.environ)
    with processes("square"):
        assert dict(os.environ) == environment
        assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, set())
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)


def test_workers_have_one_thread_for_each_numeric_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "5")
    with processes("environment") as pool:
        for name in THREAD_LIMITS:
            pool.submit(name)
        assert list(pool.completed()) == ["1"] * len(THREAD_LIMITS)


def test_close_ends_workers_in_the_middle_of_a_job(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    with processes("meet_and_sleep") as pool:
        pool.submit(None)
        assert list(pool.completed()) == [None]
        pool.submit(str(fifo))
        assert fifo.read_text() == ""  # which ends when the worker has opened and closed it
    assert workers() == []
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_no_worker_outlives_a_killed_coordinator(number: signal.Signals) -> None:
    script = """
from engine.fork_server.client import ForkServer
from engine.parallel.process_pool import ProcessPool
server = ForkServer() if IS_FORKED else None
pool = ProcessPool("tests.doubles.pool_steps:announce_and_sleep", 2, server=server)
pool.submit("busy")
list(pool.completed())
"""
    with subprocess.Popen(
        [sys.executable, "-c", script.replace("IS_FORKED", str(SERVERS["now"] is not None))],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as coordinator:  # fmt: skip
        assert coordinator.stdout is not None
        assert coordinator.stdout.readline() == "busy\n"
        coordinator.send_signal(number)
        # The workers hold the other end of these pipes: they only end when the last worker has ended.
        assert coordinator.communicate(timeout=10) == ("", "")


def test_peak_memory_is_that_of_the_workers_and_not_of_their_parent() -> None:
    ballast = bytearray(b"x") * 150_000_000
    with processes("pid_after_use") as pool:
        assert pool.workers == 1
        pool.submit(1)
        list(pool.completed())
        small = pool.peak_memory
        pool.submit(60)
        list(pool.completed())
        large = pool.peak_memory
    assert 5_000_000 < small < len(ballast)
    assert 50_000_000 < large - small < 70_000_000
    assert pool.peak_memory == large  # also when it is closed


def test_a_pool_without_workers_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one worker, not 0"):
        ProcessPool("tests.doubles.pool_steps:square", 0)


@pytest.mark.parametrize(
    ("membership", "files", "cores"),
    [
        ("0::/", {}, 8),
        ("0::/", {"cpu.max": "max 100000"}, 8),
        ("0::/", {"cpu.max": "250000 100000"}, 3),
        ("0::/", {"cpu.max": "10000 100000"}, 1),
        ("0::/", {"cpu.max": "6400000 100000"}, 8),
        ("0::/a/b", {"a/b/cpu.max": "max 100000", "a/cpu.max": "200000 100000"}, 2),
        ("0::/docker/seen/by/host", {"cpu.max": "400000 100000"}, 4),
        ("1:cpu:/", {"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}, 8),
        ("3:cpu,cpuacct:/x", {"cpu/x/cpu.cfs_quota_us": "150000", "cpu/x/cpu.cfs_period_us": "100000"}, 2),
        (
            "2:cpuset:/\n1:cpu:/y\n0::/",
            {"cpu/cpu.cfs_quota_us": "50000", "cpu/cpu.cfs_period_us": "10000"},
            5,
        ),
    ],
)
def test_available_cores_respects_the_quota(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, membership: str, files: dict[str, str], cores: int
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(8)), raising=False)
    for name, text in files.items():
        file = tmp_path / "cgroup" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text + "\n")
    (tmp_path / "membership").write_text(membership + "\n")
    assert available_cores(tmp_path / "cgroup", tmp_path / "membership") == cores


def test_available_cores_is_the_affinity_where_there_are_no_groups(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {1, 5}, raising=False)
    assert available_cores(tmp_path, tmp_path / "missing") == 2
    assert available_cores() in (1, 2)


@contextmanager
def few_files(allowed: int) -> Iterator[None]:
    """A limit of the descriptors of this process."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_the_number_of_files_that_it_names_is_enough() -> None:
    highest = max(int(path.name) for path in Path("/proc/self/fd").iterdir())
    taken = [os.open(os.devnull, os.O_RDONLY)]  # all numbers below, so that a limit is what it says
    while taken[-1] <= highest:
        taken.append(os.open(os.devnull, os.O_RDONLY))
    with few_files(taken[-1] + 6), pytest.raises(WorkerError, match=r"; raise that \(ulimit -n ") as caught:
        ProcessPool("tests.doubles.pool_steps:square", 12, server=SERVERS["now"])
    needed = re.findall(r"about (\d+) are needed", str(caught.value))
    assert int(needed[0]) > taken[-1] + 6
    with few_files(int(needed[0])), processes("square", 12) as pool:
        pool.submit(3)
        assert list(pool.completed()) == [9]
    for descriptor in taken:
        os.close(descriptor)


def test_a_job_in_this_process_says_what_memory_it_lacks() -> None:
    pool = InlinePool(_without_memory)
    pool.submit("a tile")
    with pytest.raises(ResourceError, match=r"^a tile: not enough memory .*; use fewer --workers or"):
        list(pool.completed())


def _without_memory(job: Any) -> None:
    raise MemoryError
