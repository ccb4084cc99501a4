"""Commands that make something of a finished run, or many runs, killed and begun anew until they end well."""

from __future__ import annotations

import hashlib
import os
import random
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from engine.batch.batch import LOCK
from engine.film.encoders.tools import find_tools
from engine.storage.run_folder import REPORT, SPEC
from engine.storage.status import read_status
from scripts.soaks.blows import ALONE, CHILD, ENCODER, GROUP, Blow, Dealer, kill
from scripts.soaks.ordeals import Straight, ended_in_words
from tests.doubles.runs import HANGS, Command, frames, left_behind, never

MOST = 4  # kills of one errand
BATCHED = "batched"  # the folder of what a batch makes, beside the run's
# Where gifski isn't installed: what the engine asks of it, by a program that dies as well.
STAND_IN = f"""#!{sys.executable}
import sys
from PIL import Image
words = sys.argv[1:]
if "--version" in words:
    sys.exit(print("gifski 0.0.0"))
place = words.index("--output") + 1
first, *others = [Image.open(name).convert("P") for name in words[place + 1 :]]
first.save(words[place], save_all=True, append_images=others, duration=50, loop=0)
"""


@dataclass(frozen=True)
class Errand:
    """A command, who can be killed of it, and what it makes: the same each time."""

    name: str
    words: tuple[object, ...]  # RUN stands for the run's folder
    victims: tuple[str, ...]
    made: Callable[[Path], Any]


def _bytes(*names: str) -> Callable[[Path], list[str]]:
    return lambda folder: [hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names]


def _shown(name: str) -> Callable[[Path], list[str]]:
    return partial(frames, name=name)


def _exists(name: str) -> Callable[[Path], bool]:
    return lambda folder: (folder / name).stat().st_size > 0


RUN = "RUN"
_FILMING = (ALONE, ENCODER, GROUP)
EXPORTS = ("svg", "pdf", "json", "png", "plotter")
ERRANDS = (
    Errand("film", ("film", RUN), _FILMING, _shown("evolution.mp4")),
    Errand("animate", ("animate", RUN), _FILMING, _shown("assemble.mp4")),
    Errand("animate, GIF", ("animate", RUN, "--format", "gif"), _FILMING, _shown("assemble.gif")),
    Errand(
        "export", ("export", RUN, "--format", ",".join(EXPORTS)), (ALONE, GROUP),
        _bytes("picture.svg", "picture.json", "picture.png", "picture.plotter.svg"),
    ),
    Errand("report", ("report", RUN), (ALONE, GROUP), _exists(REPORT)),
)  # fmt: skip
BATCH = Errand("batch", ("batch", "SPECS"), (ALONE, CHILD, GROUP), _exists(SPEC))
DECK = [Blow(who, errand.name) for errand in (*ERRANDS, BATCH) for who in errand.victims]


@dataclass
class Ran:
    """One errand: what it suffered, and what came of it."""

    name: str
    blows: list[Blow] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Undisturbed:
    """What an errand makes when nobody disturbs it."""

    made: Any
    seconds: float

    @classmethod
    def of(cls, errand: Errand, folder: Path, env: dict[str, str]) -> Undisturbed:
        """Run it."""
        command = _command(errand, folder, env)
        command.listen(never, HANGS)
        code, stderr = command.end()
        if code:
            raise RuntimeError(f"{errand.name}, which nobody disturbed, failed: {stderr}")
        return cls(errand.made(folder), time.monotonic() - command.began)


def run_errand(
    ran: Ran, errand: Errand, folder: Path, straight: Straight, before: Undisturbed, dealer: Dealer,
    rng: random.Random, most: int, env: dict[str, str],
) -> None:  # fmt: skip
    """Kill what works on a finished run, up to so many times, and then let it end."""
    pids = []
    for _ in range(most):
        command, blow = _command(errand, folder, env), dealer.take(errand.victims, errand.name)
        pids.append(command.pid)
        if not _strike(command, blow, before.seconds, rng):
            dealer.put(blow)
            command.listen(never, HANGS)
            ran.faults += _failed(command)
            break
        ran.blows.append(blow)
        if blow.who == ENCODER:
            ran.faults += [f"encoder killed: {wrong}" for wrong in [ended_in_words(command)] if wrong]
            ran.left += left_behind(folder, command.pid)
        command.close()
        # A film whose encoder was killed has failed, and stays so until it is made.
        good = ("finished", "failed") if any(each.who == ENCODER for each in ran.blows) else ("finished",)
        if (state := read_status(folder).state) not in good:
            ran.faults.append(f"after {blow.who} was killed the run is {state}")
    last = _command(errand, folder, env)
    last.listen(never, HANGS)
    ran.faults += _failed(last)
    if not ran.faults and errand.made(folder) != before.made:
        ran.faults.append("it has made something else")
    ran.faults += straight.differences(folder)
    ran.left += left_behind(folder, *pids, last.pid)


def run_batch(
    ran: Ran, spec: Path, straight: Straight, dealer: Dealer, rng: random.Random, most: int
) -> None:
    """Kill a batch of one picture up to so many times, and let it end; straight: what the picture is."""
    pids, outputs = list[int](), spec.parent / BATCHED
    words = ("batch", spec, "--outputs", outputs, "--retries", MOST)
    command = Command(*words)
    while len(ran.blows) < most:
        blow = dealer.take(BATCH.victims, BATCH.name)
        pids += [command.pid, *command.children()]
        if not _strike(command, blow, sum(straight.seconds.values()), rng):
            dealer.put(blow)
            break
        ran.blows.append(blow)
        if blow.who != CHILD:
            command.close()
            command = Command(*words)
    command.listen(never, HANGS)
    pids += [command.pid]
    ran.faults += _failed(command)
    folders = [path.parent for path in outputs.glob(f"*/{SPEC}")]
    ran.faults += straight.differences(folders[0]) if len(folders) == 1 else [f"{len(folders)} runs of 1"]
    ran.left += [name for name in left_behind(outputs, *pids) if name != LOCK]


def with_gifski(folder: Path) -> tuple[dict[str, str], str]:
    """Variables with which there is a gifski, and what it is: a stand-in where none is installed."""
    if find_tools().gifski:
        return {}, "gifski"
    folder.mkdir()
    path = folder / "gifski"
    path.write_text(STAND_IN)
    path.chmod(0o755)
    return {
        "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"
    }, "a stand-in for gifski, which is not on PATH"


def _command(errand: Errand, folder: Path, env: dict[str, str]) -> Command:
    return Command(*(folder if word == RUN else word for word in errand.words), env=env)


def _strike(command: Command, blow: Blow, seconds: float, rng: random.Random) -> bool:
    if blow.who != ENCODER:
        command.listen(never, rng.uniform(0, seconds))
    return command.poll() is None and kill(command, blow.who, rng)


def _failed(command: Command) -> list[str]:
    code, stderr = command.end()
    return [f"exit code {code}: {stderr.strip()}"] if code else []
