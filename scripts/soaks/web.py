"""Many visitors at once of a web server that is killed at random moments: nothing may be lost."""

from __future__ import annotations

import asyncio
import json
import random
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from engine.web.store import Store
from engine.web.verdict import KILLED
from scripts.benches.report import SECONDS, TEXT, WHOLE, Report
from scripts.soaks.web_visitor import ENDED, Book, Visitor
from tests.doubles.web_server import VICTIMS, WebServer

PICTURES = 2  # of each visitor
PROBE = 1000  # the number of the visitor whose job is asked for all the time
PAUSE = 4.0  # seconds from one kill to the next, about
WANTED_MEMORY, WANTED_ANSWER = 200, 50  # MB, ms


def web(report: Report, scratch: Path, visitors: int, kills: int, seed: int) -> int:
    """Have so many visitors at once, and report; how much is wrong."""
    book, began = Book(), time.monotonic()
    with WebServer(scratch / "web") as server:
        answers, killed = asyncio.run(_visits(server, book, visitors, kills, seed))
        seconds = time.monotonic() - began
        left = [f"process {pid}" for pid in server.end()]
    left += server.left_behind()
    faults = [*book.faults, *on_disk(server.outputs, book, killed), *answers["wrong"], *left]
    faults += [line for line in server.said if "Traceback" in line or "Error" in line]
    _report(report, book, server, answers, killed, seconds)
    report.table("", {"measured": WHOLE, "wanted": TEXT})
    report.row("faults", len(faults), "0")
    for fault in faults[:30]:
        report.note(fault)
    return len(faults)


async def _visits(
    server: WebServer, book: Book, visitors: int, kills: int, seed: int
) -> tuple[dict[str, Any], Counter[str]]:
    """All visits and all kills; what the probe says, and who was killed how often."""
    guest = Visitor(PROBE, server.address, book, seed)
    async with guest.client:
        job = await guest.send()
        cookie = "; ".join(f"{name}={value}" for name, value in guest.client.cookies.items())
        probe = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "scripts.soaks.web_probe", str(server.port), cookie, job),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        killed: Counter[str] = Counter()
        visits = asyncio.gather(
            *(Visitor(number, server.address, book, seed).visit(PICTURES) for number in range(visitors))
        )
        killing = asyncio.create_task(_kill(server, kills, random.Random(seed), killed))
        await visits
        killing.cancel()
        with suppress(asyncio.CancelledError):
            await killing
        said, _ = await probe.communicate(b"")
    return json.loads(said), killed


async def _kill(server: WebServer, kills: int, rng: random.Random, killed: Counter[str]) -> None:
    """Kill processes of the server's, one after the other."""
    while killed.total() < kills:
        await asyncio.sleep(PAUSE * (0.5 + rng.random()))
        victim = rng.choice(VICTIMS)
        if await asyncio.shield(asyncio.to_thread(server.kill, victim, rng)):
            killed[victim] += 1


def on_disk(outputs: Path, book: Book, killed: Counter[str]) -> list[str]:
    """What is wrong with what is kept, once the server has ended."""
    store = Store(outputs / "web.sqlite")
    jobs = {job.id: job for job in store.all()}
    store.close()
    folders = {path.name for path in (outputs / "jobs").iterdir()}
    faults = [f"{job} is lost" for job in book.kept if job not in jobs and job not in book.deleted]
    faults += [f"{job} was deleted, and is kept" for job in book.deleted if job in jobs]
    faults += [f"{job} has a row or a folder, not both" for job in jobs.keys() ^ folders]
    for job in jobs.values():
        if job.state not in ENDED:
            faults.append(f"{job.id} is {job.state} for ever")
        elif job.state == "failed" and not (job.message == KILLED and killed.total() > 1):
            faults.append(f"{job.id} has failed: {job.message}")
    return faults


def _report(
    report: Report,
    book: Book,
    server: WebServer,
    answers: dict[str, Any],
    killed: Counter[str],
    seconds: float,
) -> None:
    report.table("visitors", {"count": WHOLE})
    report.row("paintings", len(book.kept))
    for state, count in sorted(book.ends.items()):
        report.row(f"  at last {state}", count)
    report.row("events", book.events)
    report.row("connections lost", book.lost_lines)
    for status, count in sorted(book.statuses.items()):
        report.row(f"answers {status}", count)
    for victim in VICTIMS:
        report.row(f"kills of a {victim}", killed[victim])
    report.table("the server", {"measured": SECONDS, "wanted": TEXT})
    report.row("seconds in all", seconds, "")
    report.row("seconds to start, at most", max(server.starts), "")
    report.row("seconds from upload to first preview, median", _quantile(book.begins, 0.5), "")
    for kind, size in server.peaks.items():
        report.row(f"{kind} of the server at most, MB", size / 1e6, f"< {WANTED_MEMORY}")
    for name, taken in answers["taken"].items():
        milliseconds = [1000 * each for each in taken]
        report.row(f"ms for the {name}, median of {len(taken):,}", _quantile(milliseconds, 0.5), "")
        report.row("  95% within", _quantile(milliseconds, 0.95), f"< {WANTED_ANSWER}")


def _quantile(values: Sequence[float], share: float) -> float | None:
    if len(values) < 2:
        return None
    return statistics.quantiles(values, n=100, method="inclusive")[round(100 * share) - 1]
