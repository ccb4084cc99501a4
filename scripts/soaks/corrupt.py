"""Run folders that are damaged in every way there is, and met by every command."""

from __future__ import annotations

import queue
import random
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from engine.events import Event, Progress
from engine.image.pixels import encode_png
from engine.library.render import render
from engine.storage.run_folder import CHECKPOINTS, SNAPSHOTS, SPEC
from scripts.benches.report import TEXT, WHOLE, Report
from scripts.soaks.damages import Damage, Site, disk
from scripts.soaks.hostile import meant
from scripts.soaks.surroundings import NEIGHBOUR, RUN, Surroundings, notes_reading
from scripts.soaks.trials import TRIALS, Digests, carry_out, faults
from tests.doubles.toy import picture
from tests.doubles.warm import WarmTessera

PROCESSES = 2  # that have damages met at a time
SMALL = {
    "size": 60, "count": 40, "grid": "2x2", "effort": 0.3, "result-size": 90,
    "record.every": 1, "checkpoint.every": "0.02s", "export.size": 90,
    "film.size": 64, "film.fps": 10, "film.duration": "1s", "film.hold": "0.2s",
}  # fmt: skip
LOOKS = {
    "polygons": {"painter": "polygons", "shape": "mixed"},
    "net": {"painter": "gng", "look": "net"},
    "stipple": {"painter": "gng", "look": "stipple"},
}
EVERY = 20  # damages between words about how far it is
LEAST = 2  # snapshots of a run, so that there are some to exchange
HALF = 5  # jobs, after which a run is stopped that is to be half finished
ASKED = 0.5  # seconds within which a run asks whether it should stop


@dataclass(frozen=True)
class Bases:
    """Undamaged runs that all others are copies of."""

    runs: dict[str, Path]
    neighbour: Path
    specs: Path  # a folder with what batch is given

    @classmethod
    def make(cls, folder: Path) -> Bases:
        """A finished and a half finished run of each kind, and a neighbour."""
        targets = {}
        for seed, name in enumerate((RUN, NEIGHBOUR)):
            targets[name] = folder / f"{name}.png"
            targets[name].write_bytes(encode_png(picture(40, 60, seed)))
        runs: dict[str, Path] = {}
        for look, settings in LOOKS.items():
            for state, most in {"finished": 10**9, "half finished": HALF}.items():
                name = f"{look}, {state}"
                runs[name] = _rendered(targets[RUN], folder / f"{look}-{len(runs)}" / RUN, settings, most)
        neighbour = _rendered(targets[NEIGHBOUR], folder / NEIGHBOUR, LOOKS["polygons"], 10**9)
        return cls(runs, neighbour, folder)

    def around(self, base: str, path: Path) -> Surroundings:
        """A copy of a run in new surroundings."""
        around = Surroundings.make(path, self.runs[base], self.neighbour)
        for name, run in ((RUN, self.runs[base]), (NEIGHBOUR, self.neighbour)):
            lines = (run / SPEC).read_text().splitlines()
            text = "".join(f"{line}\n" for line in lines if not line.startswith("out:"))
            (path / f"{name}.yaml").write_text(text)
        return around


def _rendered(target: Path, out: Path, settings: dict[str, str], most: int) -> Path:
    out.parent.mkdir(exist_ok=True)
    jobs = 0

    def count(event: Event) -> None:
        nonlocal jobs
        jobs += isinstance(event, Progress) and event.job_seconds is not None
        if jobs == most:
            time.sleep(ASKED)  # so that it ends with this job, each time

    render(
        target,
        folder=out,
        workers=1,
        settings={**SMALL, **settings},
        on_event=count,
        should_stop=lambda: jobs >= most,
    )
    missing = [name for name in CHECKPOINTS if not (out / name).is_file()]
    if missing:
        raise RuntimeError(f"{out}: {missing[0]} was not written")
    if (out / SNAPSHOTS).read_text().count("\n") < LEAST:
        raise RuntimeError(f"{out}: there are fewer than {LEAST} snapshots")
    return out


@dataclass(frozen=True)
class Case:
    """One damage to one run."""

    number: int
    damage: Damage
    base: str


@dataclass
class Outcome:
    """What came of it: a line for each command that went wrong."""

    case: Case
    wrong: list[tuple[str, str]] = field(default_factory=list)  # a command, and what was wrong with it


def cases(bases: Sequence[str], seed: int) -> Iterator[Case]:
    """Cases without end: all of the deck in a random order, each time with other runs."""
    deck, rng = [*disk(), *meant()], random.Random(seed)
    number = 0
    while True:
        for damage in rng.sample(deck, len(deck)):
            yield Case(number, damage, bases[(number + number // len(deck)) % len(bases)])
            number += 1


class Campaign:
    """Lets commands meet damages, and compares what they make with what they make of an undamaged run."""

    def __init__(self, bases: Bases, scratch: Path, seed: int, keep: Path | None = None) -> None:
        """keep: a folder for what went wrong."""
        self._bases = bases
        self._scratch = scratch
        self._seed = seed
        self._keep = keep
        self._undamaged: dict[tuple[str, str], Digests] = {}
        self._notes_reading = notes_reading(scratch)

    def undamaged(self, base: str, name: str, command: WarmTessera) -> Digests:
        """What a command makes of a run that is as it should be; RuntimeError when it doesn't."""
        if (base, name) not in self._undamaged:
            path = self._scratch / f"undamaged {base} {name}"
            around = self._bases.around(base, path)
            end = carry_out(TRIALS[name], around, command)
            wrong = [*end.faults, TRIALS[name].check(around, end.said), end.stderr]
            if end.code or any(wrong):
                raise RuntimeError(f"{name}, {base}, undamaged: exit code {end.code}, {wrong}")
            shutil.rmtree(path)
            self._undamaged[base, name] = end.made
        return self._undamaged[base, name]

    def perform(self, case: Case, command: WarmTessera, trials: Sequence[str] = tuple(TRIALS)) -> Outcome:
        """Let commands meet a damage, each in a folder of its own."""
        outcome = Outcome(case)
        for name in trials:
            undamaged = self.undamaged(case.base, name, command)
            path = self._scratch / f"case-{case.number}"
            around = self._bases.around(case.base, path)
            rng = random.Random(f"{self._seed} {case.number}")
            case.damage.do(Site(around.run, around.outside, rng), case.damage.file)
            is_seen = self._notes_reading and case.damage.leads_outside
            end = carry_out(TRIALS[name], around, command, is_seen)
            found = faults(case.damage, TRIALS[name], around, end, undamaged)
            outcome.wrong += [(name, each) for each in found]
            if found and self._keep is not None:
                kept = self._keep / f"{case.number}-{name.replace(' ', '-')}"
                shutil.rmtree(kept, ignore_errors=True)
                shutil.move(path, kept)
                (kept / "stderr.txt").write_text(f"{case.damage.name}, {case.base}\n{found}\n{end.stderr}")
            else:
                shutil.rmtree(path)
        return outcome


def corrupt(
    report: Report,
    scratch: Path,
    chosen: Callable[[Iterator[Case]], Iterator[Case]],
    seed: int,
    keep: Path | None = None,
) -> int:
    """Damage, and report; how many cases have gone wrong. chosen: those that are wanted of all."""
    bases = Bases.make(scratch)
    campaign = Campaign(bases, scratch, seed, keep=keep)
    wanted = list(chosen(cases(tuple(bases.runs), seed)))
    report.table(f"{len(wanted)} damages, {len(TRIALS)} commands each", {"command": TEXT, "wrong": TEXT})
    commands: queue.SimpleQueue[WarmTessera] = queue.SimpleQueue()
    for _ in range(PROCESSES):
        commands.put(WarmTessera())
    try:
        with ThreadPoolExecutor(PROCESSES) as pool:
            outcomes = []
            for outcome in pool.map(partial(_with_any, commands, campaign.perform), wanted):
                outcomes.append(outcome)
                _row(report, outcome, len(outcomes), len(wanted))
    finally:
        while not commands.empty():
            commands.get().close()
    return _summary(report, outcomes, seed)


def _with_any(
    commands: queue.SimpleQueue[WarmTessera], perform: Callable[[Case, WarmTessera], Outcome], case: Case
) -> Outcome:
    """Perform with a process that nobody uses at the time."""
    command = commands.get()
    try:
        return perform(case, command)
    finally:
        commands.put(command)


def _row(report: Report, outcome: Outcome, place: int, number: int) -> None:
    case = outcome.case
    for name, wrong in outcome.wrong:
        report.row(f"{case.number}: {case.damage.name}, {case.base}"[:120], name, wrong)
    if place % EVERY == 0:
        report.note(f"{place} of {number} damages")


def _summary(report: Report, outcomes: Sequence[Outcome], seed: int) -> int:
    wrong = [outcome for outcome in outcomes if outcome.wrong]
    report.table("", {"damages": WHOLE, "wrong": WHOLE})
    report.row("all", len(outcomes), len(wrong))
    kinds = Counter(name for outcome in wrong for name in {name for name, _ in outcome.wrong})
    for name in TRIALS:
        report.row(name, len(outcomes), kinds[name])
    if wrong:
        report.note(f"again: scripts/soak corrupt --seed {seed} --only {wrong[0].case.number} --keep FOLDER")
    return len(wrong)
