"""Runs that are killed at random moments and resumed until they end, as if nothing had happened."""

from __future__ import annotations

import itertools
import random
import shutil
import signal
import statistics
import subprocess
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.storage.checkpoint import read_header
from engine.storage.run_folder import RunFolder
from scripts.benches.report import SECONDS, TEXT, WHOLE, Report
from scripts.soaks.blows import MOMENTS, VICTIMS, WORKER, Blow, shuffled, strike
from tests.doubles.runs import HANGS, Command, Heard, content, frames, is_job, is_named, left_behind, never

WORKERS = (1, 2, 5)


@dataclass(frozen=True)
class Case:
    """A run that is made again and again."""

    target: object
    flags: tuple[object, ...]

    def render(self, folder: Path, workers: int) -> Command:
        """Begin it."""
        return Command("render", self.target, "--out", folder, *self.flags, "--workers", workers)


# Half a second at least in each part, hundreds of jobs, and more snapshots than are kept.
CASE = Case("astronaut", (
    "--size", 200, "--count", 300, "--grid", "4x4", "--effort", 6, "--result-size", 2400,
    "--set", "checkpoint.every=0.3s", "--set", "record.every=1", "--set", "record.keep=40",
    "--set", "film.size=480", "--set", "film.fps=30", "--set", "film.duration=6s",
))  # fmt: skip


@dataclass(frozen=True)
class Straight:
    """What the run is that nobody disturbs."""

    content: dict[str, Any]
    frames: list[str]
    seconds: dict[str, float]  # that its parts take, by moment; of painting two jobs

    @classmethod
    def of(cls, case: Case, folder: Path) -> Straight:
        """Make it."""
        command = case.render(folder, 2)
        borders = (is_named("started"), is_job, is_named("filming"), is_named("finished"))
        if not all(command.listen(border, HANGS) for border in borders):
            raise RuntimeError(f"a run that nobody disturbed failed: {command.end(signal.SIGKILL)[1]}")
        command.end()
        begun, first, filming, end = (
            next(at for at, event in command.heard if border(event)) for border in borders
        )
        jobs = [at for at, event in command.heard if is_job(event)]
        parts = begun, first - begun, 2 * (jobs[-1] - first) / len(jobs), filming - jobs[-1], end - filming
        return cls(content(folder), frames(folder), dict(zip(MOMENTS, parts, strict=True)))

    def differences(self, folder: Path) -> list[str]:
        """What is another in a run's folder."""
        try:
            other, shown = content(folder), frames(folder)
        except (OSError, subprocess.CalledProcessError) as missing:
            return [str(missing)]
        names = sorted(self.content.keys() | other.keys())
        found = [name for name in names if self.content.get(name) != other.get(name)]
        if len(shown) != len(self.frames):
            found.append(f"{len(shown)} frames instead of {len(self.frames)}")
        elif shown != self.frames:
            found.append("frames of the film")
        return found


@dataclass
class Ordeal:
    """One run: what it suffered, and what came of it."""

    case: Case
    folder: Path
    workers: int
    blows: list[Blow] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    resumed: list[Command] = field(default_factory=list)  # those of them that did not begin it
    anew: int = 0  # times that it had no checkpoint yet
    pauses: list[float] = field(default_factory=list)  # seconds, by killed workers
    faults: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    def suffer(self, straight: Straight, blows: deque[Blow], rng: random.Random) -> None:
        """Carry on the run to its end; takes those blows that hit it, one after the other.

        One whose moment does not come any more is left for the next run.
        """
        command = self._go_on()
        struck: list[tuple[Command, float]] = []  # who lost a worker, and when
        while blows and strike(command, blows[0], self._share(), straight.seconds, rng):
            self.blows.append(blows.popleft())
            if self.blows[-1].who == WORKER:
                struck.append((command, time.monotonic() - command.began))
            else:
                command = self._go_on()
        command.listen(never, HANGS)
        pauses = (pause(each.heard, at, self.workers) for each, at in struck)
        self.pauses = [seconds for seconds in pauses if seconds is not None]

    def judge(self, straight: Straight) -> None:
        """Find out what is wrong."""
        last = self.commands[-1]
        try:
            code, stderr = last.end()
            self.faults += (
                [f"exit code {code}: {stderr.strip()}"] if code else straight.differences(self.folder)
            )
        except subprocess.TimeoutExpired:
            self.faults.append("hangs")
            last.end(signal.SIGKILL)
        self.faults += [
            event["message"]
            for each in self.commands
            for event in each.events()
            if is_named("trouble")(event)
        ]
        self.left = left_behind(self.folder, *(command.pid for command in self.commands))
        for command in self.commands:
            command.close()

    def first_jobs(self) -> list[float]:
        """Seconds from each resuming of the run until its first job was begun."""
        firsts = (command.first_job() for command in self.resumed)
        return [seconds for seconds in firsts if seconds is not None]

    def _share(self) -> float:
        """Of the work that was done when last heard of."""
        shares = [event["share"] for each in self.commands for event in each.events() if is_job(event)]
        return shares[-1] if shares else 0.0

    def _go_on(self) -> Command:
        """Resume the run when it has a checkpoint, or begin it."""
        if read_header(RunFolder(self.folder)) is not None:
            command = Command("resume", self.folder)
            self.resumed.append(command)
        else:
            self.anew += bool(self.commands)
            shutil.rmtree(self.folder, ignore_errors=True)
            command = self.case.render(self.folder, self.workers)
        self.commands.append(command)
        return command


def kills(report: Report, scratch: Path, case: Case, number: int, rng: random.Random) -> int:
    """Kill so many times, and report; how many runs have lost or left something.

    Folders of those are kept beside the scratch folder.
    """
    straight = Straight.of(case, scratch / "straight")
    report.table(f"{number} kills", {"kills": WHOLE, "wrong": TEXT})
    blows = deque(itertools.islice(shuffled(rng), number))
    ordeals: list[Ordeal] = []
    for place, workers in enumerate(itertools.cycle(WORKERS), 1):
        if not blows:
            break
        ordeal = Ordeal(case, scratch / f"run-{place}", workers)
        ordeal.suffer(straight, blows, rng)
        ordeal.judge(straight)
        ordeals.append(ordeal)
        wrong = [*ordeal.faults, *(f"left: {name}" for name in ordeal.left)]
        name = f"run {place}, {workers} worker{'s'[: workers - 1]}"
        report.row(name, len(ordeal.blows), "; ".join(wrong))
        if wrong:
            report.note(", then ".join(f"{who} while {when}" for who, when in ordeal.blows))
            if ordeal.folder.exists():
                kept = ordeal.folder.rename(scratch.with_name(f"{scratch.name}-{ordeal.folder.name}"))
                report.note(f"kept in {kept}")
        else:
            shutil.rmtree(ordeal.folder)
    _summary(report, ordeals)
    return sum(bool(ordeal.faults or ordeal.left) for ordeal in ordeals)


def pause(heard: Sequence[Heard], at: float, workers: int) -> float | None:
    """The longest wait for a job after a worker's death, less the job's own time, in seconds.

    Of the jobs that may have been in line when it died; None when none has been done since.
    """
    jobs = [each for each in heard if is_job(each.event) and each.at > at][: 2 * workers]
    times = [at, *(job.at for job in jobs)]
    gaps = zip(itertools.pairwise(times), jobs, strict=True)
    return max((after - before - job.event["job_seconds"] for (before, after), job in gaps), default=None)


def _summary(report: Report, ordeals: Sequence[Ordeal]) -> None:
    hits = Counter(blow for ordeal in ordeals for blow in ordeal.blows)
    report.table("killed while", {**dict.fromkeys(MOMENTS, WHOLE), "in all": WHOLE})
    for who in VICTIMS:
        row = [hits[Blow(who, when)] for when in MOMENTS]
        report.row(who, *row, sum(row))
    report.table("", {"measured": SECONDS, "wanted": TEXT})
    report.row("runs", f"{len(ordeals)}", "")
    report.row("begun anew, killed before a checkpoint", f"{sum(each.anew for each in ordeals)}", "")
    report.row("lost runs", f"{sum(bool(each.faults) for each in ordeals)}", "0")
    left = sum(len(each.left) for each in ordeals)
    report.row("processes, segments, temporary files left", f"{left}", "0")
    first = [seconds for each in ordeals for seconds in each.first_jobs()]
    report.row("median seconds from resume to the first job", _median(first), "")
    lost = [seconds for each in ordeals for seconds in each.pauses]
    report.row("median seconds' wait for a killed worker's job", _median(lost), "")


def _median(values: Sequence[float]) -> float | None:
    return statistics.median(values) if values else None
