"""A run that is killed and resumed until it ends, and what is wrong with it then."""

from __future__ import annotations

import itertools
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.parallel.process_pool import MAX_DEATHS
from engine.storage.checkpoint_header import read_header
from engine.storage.run_folder import RunFolder
from scripts.soaks.blows import ENCODER, MOMENTS, WORKER, Blow, Dealer, strike
from scripts.soaks.cases import Case
from tests.doubles.runs import HANGS, Command, Heard, content, frames, is_job, is_named, left_behind, never

WORKERS = (1, 2, 3)  # by turns, at random
MOST = 8  # kills of one run: after more of them its end is waited for
SENTENCE = "tessera: "


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
    rng: random.Random
    blows: list[Blow] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    resumed: list[Command] = field(default_factory=list)  # those of them that did not begin it
    workers: list[int] = field(default_factory=list)  # that each of them had
    anew: int = 0  # times that it had no checkpoint yet
    pauses: list[float] = field(default_factory=list)  # seconds, by killed workers
    faults: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    def suffer(self, straight: Straight, dealer: Dealer, most: int = MOST) -> None:
        """Carry on the run to its end; it is hit up to so many times, until one comes too late."""
        command = self._go_on()
        struck: list[tuple[Command, float, int]] = []  # who lost a worker, when, and how many there were
        while len(self.blows) < most:
            blow = dealer.take(self.case.victims)
            if not strike(command, blow, self._share(), straight.seconds, self.rng):
                dealer.put(blow)
                break
            self.blows.append(blow)
            if blow.who == WORKER:
                struck.append((command, time.monotonic() - command.began, self.workers[-1]))
                continue
            if blow.who == ENCODER and (wrong := ended_in_words(command)):
                self.faults.append(f"encoder killed: {wrong}")
            command = self._go_on()
        command.listen(never, HANGS)
        if sum(each is command for each, _, _ in struck) >= MAX_DEATHS and command.poll() not in (None, 0):
            # A command whose workers die again and again gives up, and is gone on with like others.
            if wrong := ended_in_words(command):
                self.faults.append(f"workers killed: {wrong}")
            self._go_on().listen(never, HANGS)
        pauses = (pause(each.heard, at, workers) for each, at, workers in struck)
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
        """Resume the run when it has a checkpoint, or begin it, each time with other workers."""
        self.workers.append(self.rng.choice(WORKERS))
        if read_header(RunFolder(self.folder)) is not None:
            command = self.case.command("resume", self.folder, "--workers", self.workers[-1])
            self.resumed.append(command)
        else:
            self.anew += bool(self.commands)
            shutil.rmtree(self.folder, ignore_errors=True)
            command = self.case.render(self.folder, self.workers[-1])
        self.commands.append(command)
        return command


GOES_ON = "It goes on with: "  # and a command, after a sentence


def ended_in_words(command: Command) -> str:
    """What is wrong with how a command ended whose encoder or workers were killed, if anything is."""
    command.listen(never, HANGS)
    code, stderr = command.end()
    first, *others = stderr.splitlines() or [""]
    is_told = first.startswith(SENTENCE) and all(line.startswith(GOES_ON) for line in others)
    is_well = code == 0 or (code == 4 and is_told)
    return "" if is_well else f"exit code {code}: {stderr.strip()}"


def pause(heard: Sequence[Heard], at: float, workers: int) -> float | None:
    """The longest wait for a job after a worker's death, less the job's own time, in seconds.

    Of the jobs that may have been in line when it died; None when none has been done since.
    """
    jobs = [each for each in heard if is_job(each.event) and each.at > at][: 2 * workers]
    times = [at, *(job.at for job in jobs)]
    gaps = zip(itertools.pairwise(times), jobs, strict=True)
    return max((after - before - job.event["job_seconds"] for (before, after), job in gaps), default=None)
