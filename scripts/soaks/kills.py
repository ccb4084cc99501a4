"""Commands that are killed at random moments, and begun again until they end as if nothing had happened."""

from __future__ import annotations

import itertools
import random
import shutil
import statistics
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from scripts.benches.report import SECONDS, TEXT, WHOLE, Report
from scripts.soaks.blows import DECK, MOMENTS, VICTIMS, Blow, Dealer
from scripts.soaks.cases import Case
from scripts.soaks.errands import BATCH, ERRANDS, Errand, Ran, Undisturbed, run_batch, run_errand, with_gifski
from scripts.soaks.errands import DECK as OTHER_DECK
from scripts.soaks.errands import MOST as ERRAND_MOST
from scripts.soaks.ordeals import MOST, Ordeal, Straight

SPEC_NAME = "picture.yaml"  # of what a batch is given
NAMES = (*(errand.name for errand in ERRANDS), BATCH.name)
THREADS = 2  # runs that are made at a time


@dataclass
class Round:
    """One run and one errand, and what came of them."""

    number: int
    ordeal: Ordeal
    ran: Ran | None = None

    @property
    def blows(self) -> list[Blow]:
        """All that have hit."""
        return [*self.ordeal.blows, *(self.ran.blows if self.ran else ())]

    @property
    def faults(self) -> list[str]:
        """What is lost."""
        own = [f"{self.ran.name}: {fault}" for fault in self.ran.faults] if self.ran else []
        return [*self.ordeal.faults, *own]

    @property
    def left(self) -> list[str]:
        """What nobody has removed."""
        return [*self.ordeal.left, *(self.ran.left if self.ran else ())]


@dataclass
class Ground:
    """What nobody has disturbed of one case: its run, and what errands make of that."""

    case: Case
    folder: Path
    env: dict[str, str]
    straight: Straight
    _made: dict[str, Undisturbed] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def of(cls, case: Case, folder: Path, env: dict[str, str]) -> Ground:
        """Make the run."""
        return cls(case, folder, env, Straight.of(case, folder))

    def undisturbed(self, errand: Errand) -> Undisturbed:
        """What an errand makes of the run."""
        with self._lock:
            if errand.name not in self._made:
                self._made[errand.name] = Undisturbed.of(errand, self.folder, self.env)
            return self._made[errand.name]


class Campaign:
    """Makes rounds, each with the next case and the next errand, until there have been enough kills."""

    def __init__(self, scratch: Path, cases: Sequence[Case], kills: int, seed: int) -> None:
        self._scratch = scratch
        self._cases = cases
        self._seed = seed
        self._kills = kills
        self._to_come = kills  # that nobody has begun to try
        self._env, self.gifski = with_gifski(scratch / "bin")
        rng = random.Random(seed)
        self._dealers = Dealer(DECK, rng), Dealer(OTHER_DECK, rng)
        self._grounds: dict[str, Ground] = {}
        self._lock = threading.Lock()

    def rounds(self, threads: int) -> Iterator[Round]:
        """Rounds, so many at a time, until all kills have hit."""
        with ThreadPoolExecutor(threads) as pool:
            hits, numbers = 0, itertools.count()
            running = [pool.submit(self._round, next(numbers)) for _ in range(threads)]
            while running:
                done = running.pop(0).result()
                hits += len(done.blows)
                if hits < self._kills:
                    running.append(pool.submit(self._round, next(numbers)))
                yield done

    @contextmanager
    def _kills_of(self, most: int, blows: Callable[[], Sequence[Blow]]) -> Iterator[int]:
        """How many may be tried of those to come; what has not hit by then is to come again."""
        with self._lock:
            share = min(most, self._to_come)
            self._to_come -= share
        try:
            yield share
        finally:
            with self._lock:
                self._to_come += share - len(blows())

    def _round(self, number: int) -> Round:
        case, rng = self._cases[number % len(self._cases)], random.Random(f"{self._seed} {number}")
        ground = self._ground(case)
        folder = self._scratch / f"run-{number:05}"
        ordeal = Ordeal(case, folder, rng)
        done = Round(number, ordeal)
        try:
            with self._kills_of(MOST, lambda: ordeal.blows) as share:
                ordeal.suffer(ground.straight, self._dealers[0], share)
            ordeal.judge(ground.straight)
            if not done.faults:
                turn = sum(divmod(number, len(self._cases)))  # so that each case comes to each of them
                ran = done.ran = Ran(NAMES[turn % len(NAMES)])
                with self._kills_of(ERRAND_MOST, lambda: ran.blows) as share:
                    if share:
                        self._errand(ran, ground, folder, rng, share)
        except (OSError, RuntimeError, subprocess.SubprocessError) as exc:  # the others go on
            ordeal.faults.append(repr(exc))
        for path in [*self._scratch.glob(f"*{folder.name}")]:
            if done.faults or done.left:
                kept = self._scratch.with_name(f"{self._scratch.name}-{path.name}")
                shutil.move(path, kept)
                done.ordeal.faults.append(f"kept in {kept}")
            else:
                shutil.rmtree(path)
        return done

    def _errand(self, ran: Ran, ground: Ground, folder: Path, rng: random.Random, most: int) -> None:
        dealer = self._dealers[1]
        if ran.name != BATCH.name:
            errand = next(each for each in ERRANDS if each.name == ran.name)
            before = ground.undisturbed(errand)
            run_errand(ran, errand, folder, ground.straight, before, dealer, rng, most, self._env)
            return
        spec = self._scratch / f"{BATCH.name}-{folder.name}" / SPEC_NAME
        spec.parent.mkdir()
        spec.write_text(ground.case.spec())
        run_batch(ran, spec, ground.straight, dealer, rng, most)

    def _ground(self, case: Case) -> Ground:
        with self._lock:
            if case.name not in self._grounds:
                folder = self._scratch / f"ground-{len(self._grounds)}"
                self._grounds[case.name] = Ground.of(case, folder, self._env)
            return self._grounds[case.name]


def kills(
    report: Report, scratch: Path, cases: Sequence[Case], number: int, seed: int, threads: int = THREADS
) -> int:
    """Kill so many times, and report; how many runs have lost or left something.

    Folders of those are kept beside the scratch folder.
    """
    began = time.monotonic()
    campaign = Campaign(scratch, cases, number, seed)
    report.table(f"{number} kills", {"kills": WHOLE, "in all": WHOLE, "then": TEXT, "wrong": TEXT})
    report.note(f"GIFs by {campaign.gifski}")
    rounds, hits = [], 0
    for each in campaign.rounds(threads):
        rounds.append(each)
        hits += len(each.blows)
        wrong = [*each.faults, *(f"left: {name}" for name in each.left)]
        then = each.ran.name if each.ran else ""
        report.row(
            f"run {each.number}: {each.ordeal.case.name}", len(each.blows), hits, then, "; ".join(wrong)
        )
        if wrong:
            report.note(", then ".join(f"{who} while {when}" for who, when in each.blows))
    _summary(report, rounds, time.monotonic() - began)
    return sum(bool(each.faults or each.left) for each in rounds)


def _summary(report: Report, rounds: Sequence[Round], seconds: float) -> None:
    hits = Counter(blow for each in rounds for blow in each.blows)
    report.table("killed while", {**dict.fromkeys((*MOMENTS, *NAMES), WHOLE), "in all": WHOLE})
    for who in VICTIMS:
        row = [hits[Blow(who, when)] for when in (*MOMENTS, *NAMES)]
        report.row(who, *row, sum(row))
    report.table("", {"measured": SECONDS, "wanted": TEXT})
    ordeals = [each.ordeal for each in rounds]
    report.row("runs", f"{len(ordeals)}", "")
    report.row("begun anew, killed before a checkpoint", f"{sum(each.anew for each in ordeals)}", "")
    report.row("lost runs", f"{sum(bool(each.faults) for each in rounds)}", "0")
    left = sum(len(each.left) for each in rounds)
    report.row("processes, segments, temporary files left", f"{left}", "0")
    first = [seconds for each in ordeals for seconds in each.first_jobs()]
    report.row("median seconds from resume to the first job", _median(first), "")
    lost = [seconds for each in ordeals for seconds in each.pauses]
    report.row("median seconds' wait for a killed worker's job", _median(lost), "")
    report.row("seconds a kill", seconds / max(1, hits.total()), "")


def _median(values: Sequence[float]) -> float | None:
    return statistics.median(values) if values else None
