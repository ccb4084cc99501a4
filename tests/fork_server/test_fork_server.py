"""What a fork server makes, and what happens when it, or who has asked, is gone."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from multiprocessing.connection import wait
from pathlib import Path

import pytest

from engine.fork_server import client
from engine.fork_server.client import ForkedProcess, ForkServer, NoServerError, at_hand
from engine.parallel.process_pool import ProcessPool
from tests import ROOT
from tests.conftest import ends
from tests.doubles.processes import children, workers

STEPS = "tests.doubles.fork_steps"


@pytest.fixture(scope="module")
def server() -> Iterator[ForkServer]:
    made = ForkServer()
    made.prepare(f"{STEPS}:remember", "prepared")
    yield made
    made.close()


def said(server: ForkServer, function: str, *arguments: object, **options: object) -> tuple[int, str]:
    """How a process that writes to its standard output ended, and what it wrote."""
    reading, writing = os.pipe()
    try:
        process = server.fork(f"{STEPS}:{function}", arguments, (0, writing, 2), **options)  # type: ignore[arg-type]
    finally:
        os.close(writing)
    with os.fdopen(reading) as stream:
        text = stream.read()
    return process.wait(), text


def test_what_is_prepared_is_there_in_each_process_of_its_own(server: ForkServer) -> None:
    assert said(server, "recall_and_forget") == (0, "['prepared']")
    assert said(server, "recall_and_forget") == (0, "['prepared']"), "what one does is nothing to the next"


def test_how_a_process_ended_is_told(server: ForkServer) -> None:
    assert said(server, "leave", 7)[0] == 7
    assert said(server, "leave", "a reason")[0] == 1
    assert said(server, "leave", None)[0] == 0
    process = server.fork(f"{STEPS}:sleep")
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.01)
    assert process.poll() is None
    process.terminate()
    assert process.wait() == -signal.SIGTERM
    process.kill()  # which is nobody's business any more
    assert process.poll() == -signal.SIGTERM


def test_an_exception_is_on_standard_error(server: ForkServer, capfd: pytest.CaptureFixture[str]) -> None:
    assert said(server, "fail")[0] == 1
    assert "ValueError: odd" in capfd.readouterr().err


def test_a_process_of_its_own_right_has_its_environment_session_and_signals(server: ForkServer) -> None:
    code, text = said(server, "describe", environment={"ONLY": "this"})
    assert code == 0
    assert text == f"{{'ONLY': 'this'}} True default_int_handler {int(signal.SIG_DFL)} 1"


def test_descriptors_of_the_server_and_of_other_processes_are_closed(server: ForkServer) -> None:
    other = server.fork(f"{STEPS}:sleep")
    assert said(server, "open_descriptors") == (0, "[0, 1, 2]")
    other.kill()
    other.wait()


def test_it_makes_processes_for_what_it_has_made(server: ForkServer) -> None:
    """As a batch's job does, whose workers come from the batch's server."""
    assert said(server, "ask_for_another", environment=dict(os.environ)) == (0, "another 5")


def test_want_of_processes_is_an_error_with_its_number(
    server: ForkServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = ForkServer()
    lost.prepare(f"{STEPS}:forbid_forks")
    with closing(lost), pytest.raises(BlockingIOError):
        lost.fork(f"{STEPS}:sleep")


def test_a_server_that_is_gone_is_told_and_workers_load_everything_themselves() -> None:
    before = children(os.getpid())
    server = ForkServer()
    (pid,) = set(children(os.getpid())).difference(before)
    os.kill(pid, signal.SIGKILL)
    with closing(server):
        with pytest.raises(NoServerError):
            _fork_twice(server)
        with closing(ProcessPool("tests.doubles.pool_steps:square", 1, server=server)) as pool:
            pool.submit(3)
            assert list(pool.completed()) == [9]


def test_one_that_was_killed_can_be_had_again() -> None:
    with closing(ForkServer()) as server:
        first = server._process
        server.revive()
        assert server._process is first, "it lives"
        assert first is not None
        first.kill()
        first.wait()
        server.revive()
        server.prepare(f"{STEPS}:remember", "anew")
        assert said(server, "recall_and_forget") == (0, "['anew']")


def test_who_has_given_up_waiting_gets_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another one has its pipes by then."""
    reading, writing = os.pipe()
    with closing(ForkServer()) as server, os.fdopen(reading), os.fdopen(writing, "w") as writer:
        assert server.fork(f"{STEPS}:leave", (0,)).wait() == 0
        server.prepare("time:sleep", 0.5)
        monkeypatch.setattr(client, "ANSWERS", 0.05)
        with pytest.raises(NoServerError):
            server.fork(f"{STEPS}:sleep", streams=(0, writing, 2))
        writer.close()
        assert wait([reading], 20), "nobody holds the other end"


def test_a_process_whose_server_is_gone_is_ended_and_not_waited_for_for_ever() -> None:
    server = ForkServer()
    process = server.fork(f"{STEPS}:sleep")
    server.close()
    assert process.wait() == -signal.SIGKILL
    assert ends(process.pid)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_it_ends_with_its_owner(number: signal.Signals) -> None:
    script = (
        "from engine.fork_server.client import ForkServer; s = ForkServer(); print('up', flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == "up\n"
        (pid,) = children(owner.pid)
        owner.send_signal(number)
        assert ends(pid)


def test_where_a_fork_is_not_safe_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "IS_SAFE", False)
    with at_hand(f"{STEPS}:remember", "x") as server:
        assert server is None


def test_one_that_cannot_be_started_is_done_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client.subprocess, "Popen", _refuse)
    with at_hand(f"{STEPS}:remember", "x") as server:
        assert server is None


def test_none_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    before = children(os.getpid())
    with at_hand(f"{STEPS}:remember", "x") as server:
        assert server is not None
        assert server.fork(f"{STEPS}:leave", (3,)).wait() == 3
    assert children(os.getpid()) == before
    assert workers() == []


def test_none_of_its_lines_is_a_standard_stream_that_was_closed(tmp_path: Path) -> None:
    script = """
import os, sys
for number in range(3):
    os.close(number)
from engine.fork_server.client import ForkServer
server = ForkServer()
streams = [os.open(sys.argv[1], os.O_RDWR | os.O_CREAT) for _ in range(3)]
process = server.fork("tests.doubles.fork_steps:say_hello", (), streams)
code = process.wait()
os.write(streams[1], repr((code, server._line.fileno() > 2)).encode())
os._exit(0)
"""
    subprocess.run([sys.executable, "-c", script, str(tmp_path / "a")], cwd=ROOT, check=True, timeout=60)
    assert (tmp_path / "a").read_text() == "hello(0, True)"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_what_goes_to_a_whole_group_does_not_end_it_while_it_begins(number: signal.Signals) -> None:
    with closing(ForkServer()) as server:
        assert server._process is not None
        os.kill(server._process.pid, number)
        assert server.fork(f"{STEPS}:leave", (3,)).wait() == 3
        masked = server.fork(f"{STEPS}:leave_with_mask").wait()
    assert masked == 0, "and nobody has signals blocked for ever"


def test_threads_may_ask_at_the_same_time(server: ForkServer) -> None:
    """A message is larger than what goes onto the line in one go."""

    def ask(_: int) -> int | None:
        return server.fork(f"{STEPS}:leave_with_length", (bytes(300_000),)).wait(30)

    with ThreadPoolExecutor(4) as threads:
        assert set(threads.map(ask, range(12))) == {3}


def _fork_twice(server: ForkServer) -> ForkedProcess:
    """The first message may get into the pipe of a process that is just dying."""
    server.fork(f"{STEPS}:sleep")
    return server.fork(f"{STEPS}:sleep")


def _refuse(*_: object, **__: object) -> None:
    raise BlockingIOError(11, "Resource temporarily unavailable")
