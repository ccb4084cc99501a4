"""Commands that meet a damaged run, and what is wrong with how they end."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import stat
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from scripts.soaks.damages import Damage
from scripts.soaks.surroundings import MADE, NEIGHBOUR, OUTPUTS, RAN, RUN, Surroundings
from tests.doubles.process_tree import session, working_in
from tests.doubles.runs import GONE
from tests.doubles.warm import WarmTessera

SECONDS = 30  # that a command may take
MEMORY = 4 * 2**30  # bytes of addresses that it may have
CODES = (0, 2, 3, 4, 5, 6)
SAYS = "tessera: "
GIVEN_UP = ("unexpected", "Traceback", "MemoryError", "Error(")  # words of a sentence that is none
LARGEST = 10**8  # bytes of a file that is compared

Digests = Mapping[str, str]


@dataclass(frozen=True)
class Trial:
    """A command, and what of its output has the same bytes each time."""

    words: tuple[str, ...]  # run in the folder of the surroundings
    firm: tuple[str, ...] = ()  # patterns of files below that folder
    check: Callable[[Surroundings, str], str] = lambda around, said: (
        ""
    )  # what is wrong with the rest, when it ends well


def _is_list(around: Surroundings, said: str) -> str:
    """Whether `status` has a row for each run, and the right one for the neighbour."""
    try:
        rows = {Path(row["folder"]).name: row for row in json.loads(said)}
    except (ValueError, TypeError, KeyError):
        return "no list of runs"
    is_right = NEIGHBOUR in rows and (rows[NEIGHBOUR]["state"], rows[NEIGHBOUR]["share"]) == ("finished", 1.0)
    return "" if is_right else "the neighbour's row is missing or wrong"


def _has_neighbour(around: Surroundings, said: str) -> str:
    """Whether `batch` has found the neighbour finished."""
    try:
        jobs = json.loads((around.path / OUTPUTS / "summary.json").read_text())["jobs"]
    except (OSError, ValueError, KeyError):
        return "no summary"
    outcomes = {job["name"]: job["outcome"] for job in jobs}
    return (
        ""
        if outcomes.get("other.yaml") == "skipped"
        else f"the neighbour's job: {outcomes.get('other.yaml')}"
    )


def _is_json(around: Surroundings, said: str) -> str:
    try:
        json.loads(said)
    except ValueError:
        return "no JSON"
    return ""


_OF_RUN = f"{OUTPUTS}/{RUN}"
TRIALS: dict[str, Trial] = {
    "status": Trial(("status", _OF_RUN, "--json"), check=_is_json),
    "status of all": Trial(("status", OUTPUTS, "--json"), check=_is_list),
    "prune": Trial(("prune", OUTPUTS, "--keep", "1", "--json"), check=_is_json),
    "prune --yes": Trial(("prune", OUTPUTS, "--keep", "1", "--json", "--yes"), check=_is_json),
    "report": Trial(("report", _OF_RUN, "--quiet")),
    "export": Trial(
        ("export", _OF_RUN, "--format", "svg,json,pdf,png,plotter", "--quiet"),
        tuple(f"{_OF_RUN}/picture.{suffix}" for suffix in ("svg", "json", "png", "plotter.svg")),
    ),
    "animate": Trial(
        ("animate", _OF_RUN, "--set", "film.format=png", "--quiet"), (f"{_OF_RUN}/assemble.png/*",)
    ),
    "film": Trial(("film", _OF_RUN, "--set", "film.format=png", "--quiet"), (f"{_OF_RUN}/evolution.png/*",)),
    "film as it says": Trial(("film", _OF_RUN, "--quiet")),
    "resume": Trial(
        ("resume", _OF_RUN, "--quiet"), (f"{_OF_RUN}/result.svg", f"{_OF_RUN}/result.png")
    ),
    "render --from": Trial(
        ("render", "photo.yaml", "--from", _OF_RUN, "--out", f"{MADE}/run", "--no-film", "--quiet"),
        (f"{MADE}/run/result.svg",),
    ),
    "batch": Trial(
        ("batch", "photo.yaml", "other.yaml", "--outputs", OUTPUTS, "--retries", "0", "--quiet"),
        check=_has_neighbour,
    ),
}  # fmt: skip


@dataclass(frozen=True)
class End:
    """How a command has ended."""

    code: int | None  # None: not at all
    said: str
    stderr: str
    made: Digests
    faults: tuple[str, ...]  # whatever it was to do


def carry_out(trial: Trial, around: Surroundings, command: WarmTessera, also_reading: bool = False) -> End:
    """Let a command meet what there is, and look at what it leaves."""
    changes = around.remember()
    # Nobody has said that these runs are ours.
    env = {"XDG_STATE_HOME": str(around.path / MADE / "state"), "COLUMNS": "200"}
    code: int | None = None
    try:
        done = command.run(*trial.words, cwd=around.path, env=env, seconds=SECONDS, memory=MEMORY)
        code, said, stderr = done.returncode, done.stdout, done.stderr
    except subprocess.TimeoutExpired as slow:
        said, stderr = str(slow.stdout or ""), str(slow.stderr or "")
    left = _left(command.pid, around.path, 0.0 if code is None else GONE)
    for pid in left:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    faults = [f"{len(left)} processes left"] if left and code is not None else []
    faults += ["ran a program of the folder's"] if (around.path / RAN).exists() else []
    faults += changes(also_reading)
    return End(code, said, stderr, _digests(around, trial.firm), tuple(faults))


def _left(leader: int, folder: Path, seconds: float) -> set[int]:
    """The processes that are there still when they have had some seconds to end."""
    until = time.monotonic() + seconds
    while (left := {*session(leader), *working_in(folder)}) and time.monotonic() < until:
        time.sleep(GONE / 50)  # they are nobody's children
    return left


def faults(damage: Damage, trial: Trial, around: Surroundings, end: End, undamaged: Digests) -> list[str]:
    """What is wrong with how a command ended that met a damage, in words; none when all is well."""
    found = [*end.faults]
    lines = [line for line in end.stderr.splitlines() if line.strip()]
    if end.code is None:
        return [*found, "hangs"]
    if "Traceback" in end.stderr:
        return [*found, f"traceback: {lines[-1][:150]}"]
    if end.code not in CODES:
        found.append(f"exit code {end.code}")
    if foreign := [line for line in lines if not line.startswith(SAYS)]:
        found.append(f"foreign words: {foreign[0][:100]}")
    if end.code and not (lines or end.said or trial.words[0] == "batch"):  # whose summary says it
        found.append("no sentence")
    if given_up := [line for line in lines if any(word in line for word in GIVEN_UP)]:
        found.append(f"no sentence: {given_up[0][-150:]}")
    if end.code:
        return found
    if wrong := trial.check(around, end.said):
        found.append(wrong)
    if not lines and not damage.is_believed and end.made != undamaged:
        names = [
            name for name in undamaged.keys() | end.made.keys() if undamaged.get(name) != end.made.get(name)
        ]
        found.append(f"silently wrong: {min(names)}" + (f" and {len(names) - 1} more" if names[1:] else ""))
    return found


def _digests(around: Surroundings, patterns: tuple[str, ...]) -> Digests:
    """Of files by their names; what is no file, or too large to be one of ours, is named only."""
    found = {}
    for pattern in patterns:
        for path in around.path.glob(pattern):
            info = path.stat() if path.exists() else path.lstat()
            is_file = stat.S_ISREG(info.st_mode) and info.st_size < LARGEST
            content = hashlib.sha256(path.read_bytes()).hexdigest() if is_file else "no file"
            found[path.relative_to(around.path).as_posix()] = content
    return found
