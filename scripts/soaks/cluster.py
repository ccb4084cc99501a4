"""Runs on a real Dask cluster whose processes are killed and whose network is cut, and what a job costs."""

from __future__ import annotations

import os
import random
import signal
import statistics
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from engine.parallel.dask_pool import DaskPool
from engine.parallel.pool import WorkerSetup
from scripts.benches.report import SECONDS, TEXT, WHOLE, Report
from tests.doubles.dask_cluster import DaskCluster
from tests.doubles.runs import HANGS, Command, content, is_job, never

PICTURE = ("astronaut", "--size", 256, "--count", 400, "--effort", 2, "--no-film")
FAILED = 4  # the exit code of a run that has lost its scheduler for good
SHORT_GRACE, LONG_GRACE = "1s", "2m"
PAUSE = 1.0  # seconds that a scheduler is gone
CUT = 20.0  # seconds that a network is: more than Dask waits for an answer (12 s here)
JOBS, MOST_COST = 1000, 0.003  # small ones; seconds that each may cost
NETWORK, NAMES = "10.231.77", ("tessera-near", "tessera-far", "tessera-net")

WORKER, WORKERS, NANNY, SCHEDULER, FOR_GOOD, CLIENT, PARTITION = BLOWS = (
    "one worker", "all workers", "a nanny", "the scheduler, for a second", "the scheduler, for good",
    "the client", "the network of a worker",
)  # fmt: skip


class Ground:
    """A cluster that blows fall on."""

    def __init__(self, cluster: DaskCluster, rng: random.Random) -> None:
        self.cluster, self._rng = cluster, rng

    def strike(self, blow: str, command: Command) -> None:
        """Let it fall."""
        cluster = self.cluster
        if blow in (WORKER, WORKERS):
            found = cluster.workers()
            for pid in found if blow == WORKERS else self._rng.sample(found, min(1, len(found))):
                _kill(pid)
        elif blow == NANNY:
            _kill(self._rng.choice(cluster.nannies).pid)
        elif blow in (SCHEDULER, FOR_GOOD):
            cluster.kill_scheduler()
            if blow == SCHEDULER:
                time.sleep(PAUSE)
                self.mend()
        elif blow == CLIENT:
            _kill(command.pid)
        else:
            with _cut():
                time.sleep(CUT)

    def mend(self, prefix: tuple[str, ...] = ()) -> None:
        """Start what is missing of a scheduler and two workers."""
        cluster = self.cluster
        if cluster.scheduler is None or cluster.scheduler.poll() is not None:
            cluster.start_scheduler()
            for nanny in cluster.nannies:
                nanny.kill()  # those that are left look for the one that is gone
                nanny.wait()
        cluster.nannies = [nanny for nanny in cluster.nannies if nanny.poll() is None]
        while len(cluster.nannies) < 2:
            cluster.start_worker(prefix if not cluster.nannies else ())


def cluster(report: Report, scratch: Path, blows: int, seed: int) -> int:
    """Let so many blows fall, each on a run of its own, and report; how many runs are lost."""
    rng = random.Random(seed)
    straight = scratch / "straight"
    if Command("render", *PICTURE, "--workers", 1, "--out", straight).end()[0]:
        raise RuntimeError("the undisturbed run failed")
    expected = content(straight)
    kinds = BLOWS if os.geteuid() == 0 else BLOWS[:-1]
    deck = [kinds[number % len(kinds)] for number in range(blows)]
    report.table(f"{blows} blows", {"share": SECONDS, "seconds": SECONDS, "ended": WHOLE, "wrong": TEXT})
    if PARTITION not in kinds:
        report.note("no network is cut, as that takes root")
    lost, seconds = 0, []
    for number, blow in enumerate(deck):
        began = time.monotonic()
        folder = scratch / f"run-{number:03}"
        with _place(blow) as (host, prefix), DaskCluster(0, host) as found:
            ground = Ground(found, rng)
            ground.mend(prefix)
            found.wait_for_workers(2)
            share, code, wrong = _suffer(ground, blow, folder, rng)
        if not wrong and content(folder) != expected:
            wrong = "other bytes"
        lost += bool(wrong)
        seconds.append(time.monotonic() - began)
        report.row(f"{number + 1}: {blow}", share, seconds[-1], code, wrong)
    cost = job_seconds()
    report.table("", {"measured": SECONDS, "wanted": TEXT})
    report.row("lost runs", f"{lost}", "0")
    report.row("median seconds of a run with its blow", statistics.median(seconds), "")
    report.row(f"milliseconds of scheduling for each of {JOBS:,} small jobs", 1000 * cost, "<= 3")
    return lost + (cost > MOST_COST)


def _suffer(ground: Ground, blow: str, folder: Path, rng: random.Random) -> tuple[float, int, str]:
    """A run with a blow, and gone on with; when it fell, the first exit code, and what is wrong."""
    address = ground.cluster.address
    grace = SHORT_GRACE if blow == FOR_GOOD else LONG_GRACE
    run = Command("render", *PICTURE, "--out", folder, "--pool", address, "--pool-grace", grace)
    least = rng.uniform(0.05, 0.9)
    if run.listen(lambda event: is_job(event) and event["share"] >= least, HANGS) is None:
        return least, run.end(signal.SIGKILL)[0], f"never came so far: {run.end()[1]}"
    ground.strike(blow, run)
    run.listen(never, HANGS)
    code, said = run.end()
    wanted = {CLIENT: -signal.SIGKILL, FOR_GOOD: FAILED}.get(blow, 0)
    if code != wanted:
        return least, code, said.strip() or f"not {wanted}"
    if code:
        again = () if blow == FOR_GOOD else rng.choice(((), ("--pool", address)))
        second, said = Command("resume", folder, *again).end()
        return least, code, f"resume: {said.strip()}" if second else ""
    return least, code, ""


def job_seconds() -> float:
    """What one of many small jobs costs on a quiet cluster of two workers, in all."""
    steps = "tests.doubles.pool_steps"
    setup = WorkerSetup(f"{steps}:same", f"{steps}:nothing")
    with DaskCluster(2) as found:
        found.wait_for_workers(2)
        with closing(DaskPool(found.address, setup, 2, 60.0, print)) as pool:
            measured = []
            for _ in range(3):
                began = time.monotonic()
                for job in range(JOBS):
                    pool.submit(job)
                if sum(1 for _ in pool.completed()) != JOBS:
                    raise RuntimeError("not all jobs were answered")
                measured.append((time.monotonic() - began) / JOBS)
    return statistics.median(measured)


@contextmanager
def _place(blow: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Where the scheduler listens, and what starts the command of a worker that is far away."""
    if blow != PARTITION:
        yield "127.0.0.1", ()
        return
    near, far, space = NAMES
    _remove_network()
    _ip("netns", "add", space)
    try:
        _ip("link", "add", near, "type", "veth", "peer", "name", far)
        _ip("link", "set", far, "netns", space)
        _ip("addr", "add", f"{NETWORK}.1/24", "dev", near)
        _ip("link", "set", near, "up")
        inside = ("ip", "netns", "exec", space)
        for words in (("addr", "add", f"{NETWORK}.2/24", "dev", far), ("link", "set", far, "up"),
                      ("link", "set", "lo", "up")):  # fmt: skip
            subprocess.run([*inside, "ip", *words], check=True)
        yield f"{NETWORK}.1", inside
    finally:
        _remove_network()


@contextmanager
def _cut() -> Iterator[None]:
    """No message passes; nobody is told of that."""
    inside = ("netns", "exec", NAMES[2], "ip", "link", "set", NAMES[1])
    _ip(*inside, "down")
    try:
        yield
    finally:
        _ip(*inside, "up")


def _remove_network() -> None:
    for words in (("netns", "del", NAMES[2]), ("link", "del", NAMES[0])):
        subprocess.run(["ip", *words], stderr=subprocess.DEVNULL, check=False)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
