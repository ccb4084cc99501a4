"""Files that may hold anything: each is read, or refused in a sentence, within bounds of time and memory."""

from __future__ import annotations

import json
import random
import select
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from scripts.benches.report import SECONDS, TEXT, WHOLE, Report
from scripts.benches.runs import ROOT
from scripts.soaks.mutations import KINDS, SUFFIXES, good_pictures

SECONDS_EACH = 10.0
MEGABYTES = 1_000  # that a reader may take beside what it has when it begins
READERS = 2
PATIENCE = 120.0  # seconds that a reader may take to start
WELL = ("read", "refused")
COMMAND = (sys.executable, "-m", "scripts.soaks.fuzz_worker", str(MEGABYTES))


class Reader:
    """A process that reads files, and is begun anew when one has killed it."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            COMMAND, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        self.is_new = True
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def read(self, kind: str, path: Path) -> tuple[str, str]:
        """What came of a file."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps([kind, str(path)]), file=self._process.stdin, flush=True)
        patience = PATIENCE if self.is_new else SECONDS_EACH
        self.is_new = False
        answer = ""
        if select.select([self._process.stdout], [], [], patience)[0]:
            answer = self._process.stdout.readline()
            if answer:
                found, said = json.loads(answer)
                return found, said
            found, said = "crash", f"exit code {self._process.wait()}"
        else:
            found, said = "hang", f"more than {patience:g} s"
        self.__exit__()
        self.__enter__()
        return found, said


@dataclass
class Tally:
    """What came of all files so far."""

    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)  # of a kind, by word
    slowest: dict[str, float] = field(default_factory=dict)  # seconds, by kind
    kept: list[tuple[Path, str, str]] = field(
        default_factory=list
    )  # a file, the word for its fault, what was said


def fuzz(report: Report, scratch: Path, number: int, seed: int) -> int:
    """Have so many files read, and report; how many of them were not read or refused as promised.

    Those are kept beside the scratch folder.
    """
    good_pictures()
    tally, lock = Tally(), threading.Lock()
    threads = [
        threading.Thread(target=_read_some, args=(scratch, seed, range(first, number, READERS), tally, lock))
        for first in range(READERS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    words = [*WELL, *sorted({word for _, word in tally.outcomes} - set(WELL))]
    report.table(f"{number:,} files, seed {seed}", {**dict.fromkeys(words, WHOLE), "slowest s": SECONDS})
    for kind in KINDS:
        report.row(kind, *(tally.outcomes[kind, word] for word in words), tally.slowest.get(kind))
    if tally.kept:
        report.table("wrong", {"how": TEXT, "said": TEXT})
        for path, word, said in tally.kept:
            report.row(str(path), word, said.strip().rsplit("\n", 1)[-1])
    return sum(tally.outcomes.values()) - sum(tally.outcomes[kind, word] for kind in KINDS for word in WELL)


def _read_some(scratch: Path, seed: int, numbers: range, tally: Tally, lock: threading.Lock) -> None:
    """Make those files and have them read by one process."""
    kinds = list(KINDS)
    with Reader() as reader:
        for number in numbers:
            kind = kinds[number // READERS % len(kinds)]
            path = scratch / f"{kind}-{seed}-{number}{SUFFIXES[kind]}"
            path.write_bytes(KINDS[kind](random.Random(f"{seed} {number}")))
            was_new, began = reader.is_new, time.monotonic()
            word, said = reader.read(kind, path)
            with lock:
                tally.outcomes[kind, word] += 1
                if not was_new:
                    tally.slowest[kind] = max(tally.slowest.get(kind, 0.0), time.monotonic() - began)
                if word in WELL:
                    path.unlink()
                else:
                    kept = path.rename(scratch.with_name(f"{scratch.name}-{path.name}"))
                    tally.kept.append((kept, word, said))
