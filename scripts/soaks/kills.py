"""Commands that are killed at random moments, and begun again until they end as if nothing had happened."""

from __future__ import annotations

import itertools
import random
import shutil
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from scripts.benches.report import SECONDS, TEXT, WHOLE, Report
from scripts.soaks.blows import DECK, MOMENTS, VICTIMS, Blow, Dealer
from scripts.soaks.cases import Case
from scripts.soaks.errands import BATCH, ERRANDS, Ran, Undisturbed, run_batch, run_errand, with_gifski
from scripts.soaks.errands import DECK as OTHER_DECK
from scripts.soaks.ordeals import Ordeal, Straight

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
    """What nobody has disturbed of one case: its run, its spec, and what errands make of the run."""

    case: Case
    folder: Path
    env: dict[str, str]
    straight: Straight
    spec: Path
    _made: dict[str, Undisturbed] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def of(cls, case: Case, folder: Path, env: dict[str, str]) -> Ground:
        """Make the run and write its spec."""
        folder.mkdir()
        words = [sys.executable, "-m", "engine", "spec", case.target, *case.flags, "--workers", 1]
        done = subprocess.run([*map(str, words)], check=True, capture_output=True, text=True)
        (folder / "photo.yaml").write_text(done.stdout)
        return cls(case, folder, env, Straight.of(case, folder / "straight"), folder / "photo.yaml")

    def undisturbed(self, place: int) -> Undisturbed:
        """What an errand makes of the run."""
        errand = ERRANDS[place]
        with self._lock:
            if errand.name not in self._made:
                self._made[errand.name] = Undisturbed.of(errand, self.folder / "straight", self.env)
            return self._made[errand.name]


class Campaign:
    """Makes rounds, each with the next case and the next errand, until there have been enough kills."""

    def __init__(self, scratch: Path, cases: Sequence[Case], seed: int) -> None:
        self._scratch = scratch
        self._cases = cases
        self._seed = seed
        self._env, self.gifski = with_gifski(scratch / "bin")
        rng = random.Random(seed)
        self._dealers = Dealer(DECK, rng), Dealer(OTHER_DECK, rng)
        self._grounds: dict[str, Ground] = {}
        self._lock = threading.Lock()

    def rounds(self, kills: int) -> Iterator[Round]:
        """Rounds, a few at a time, until so many kills have hit."""
        with ThreadPoolExecutor(THREADS) as pool:
            hits, numbers = 0, itertools.count()
            running = [pool.submit(self._round, next(numbers)) for _ in range(THREADS)]
            while running:
                done = running.pop(0).result()
                hits += len(done.blows)
                if hits < kills:
                    running.append(pool.submit(self._round, next(numbers)))
                yield done

    def _round(self, number: int) -> Round:
        case, rng = self._cases[number % len(self._cases)], random.Random(f"{self._seed} {number}")
        ground = self._ground(case)
        folder = self._scratch / f"run-{number}"
        ordeal = Ordeal(case, folder, rng)
        ordeal.suffer(ground.straight, self._dealers[0])
        ordeal.judge(ground.straight)
        done = Round(number, ordeal)
        place = (number + number // len(self._cases)) % (len(ERRANDS) + 1)
        if not done.faults:
            done.ran = self._errand(ground, folder, place, rng)
        if done.faults or done.left:
            kept = self._scratch.with_name(f"{self._scratch.name}-{folder.name}")
            shutil.move(folder, kept)
            done.ordeal.faults.append(f"kept in {kept}")
        else:
            shutil.rmtree(folder)
        return done

    def _errand(self, ground: Ground, folder: Path, place: int, rng: random.Random) -> Ran:
        dealer = self._dealers[1]
        if place < len(ERRANDS):
            before = ground.undisturbed(place)
            return run_errand(ERRANDS[place], folder, ground.straight, before, dealer, rng, self._env)
        spec = self._scratch / f"{BATCH.name}-{folder.name}" / "photo.yaml"
        spec.parent.mkdir()
        shutil.copy(ground.spec, spec)
        return run_batch(spec, ground.straight, dealer, rng)

    def _ground(self, case: Case) -> Ground:
        with self._lock:
            if case.name not in self._grounds:
                folder = self._scratch / f"ground-{len(self._grounds)}"
                self._grounds[case.name] = Ground.of(case, folder, self._env)
            return self._grounds[case.name]


def kills(report: Report, scratch: Path, cases: Sequence[Case], number: int, seed: int) -> int:
    """Kill so many times at least, and report; how many runs have lost or left something.

    Folders of those are kept beside the scratch folder.
    """
    began = time.monotonic()
    campaign = Campaign(scratch, cases, seed)
    report.table(f"{number} kills", {"kills": WHOLE, "in all": WHOLE, "then": TEXT, "wrong": TEXT})
    report.note(f"GIFs by {campaign.gifski}")
    rounds, hits = [], 0
    for each in campaign.rounds(number):
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
    others = (*(errand.name for errand in ERRANDS), BATCH.name)
    report.table("killed while", {**dict.fromkeys((*MOMENTS, *others), WHOLE), "in all": WHOLE})
    for who in VICTIMS:
        row = [hits[Blow(who, when)] for when in (*MOMENTS, *others)]
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
