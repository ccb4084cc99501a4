"""Read files that may hold anything, one by one, and tell what came of each; a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

from engine.batch.jobs_file import read_jobs
from engine.errors import TargetError, TesseraError
from engine.export.json_shapes import read_shapes
from engine.image.target import open_target
from engine.painters.registry import params_of, scene_class
from engine.spec.resolution import resolve
from engine.spec.settings import read_document

LONGEST = 2_000  # characters of a sentence


def read_picture(path: Path) -> None:
    """As a target, its second frame if it has one, and as a mask."""
    open_target(str(path), 16, "auto")
    with contextlib.suppress(TargetError):  # most have none
        open_target(str(path), 16, "auto", frame=1)
    open_target("coffee", 16, importance=str(path))


def read_spec(path: Path) -> None:
    """As a command does, and write it as a run's."""
    resolve([read_document(path)], params_of).to_yaml().encode()


def read_all_jobs(path: Path) -> None:
    """Each of them."""
    for task in read_jobs(path).tasks:
        check_sentence(task.problem or ".")
        if task.spec is not None:
            task.spec.to_yaml().encode()


def read_marks(path: Path) -> None:
    """Those that a painter can go on from, and draw them."""
    found = read_shapes(path)
    try:
        scene = scene_class("polygons").from_marks(found.height, found.width, found.background, found.marks)
    except ValueError as exc:  # which initial_scene makes a sentence of
        check_sentence(f"{exc}.")
    else:
        scene.draw(20, 40)


READERS: dict[str, Callable[[Path], None]] = {
    "picture": read_picture,
    "spec": read_spec,
    "jobs": read_all_jobs,
    "shapes": read_marks,
}


def check_sentence(sentence: str) -> None:
    """AssertionError for what is no sentence for a user."""
    assert sentence.isprintable(), f"not printable: {sentence!r}"
    assert sentence.endswith("."), f"no sentence: {sentence!r}"
    assert len(sentence) <= LONGEST, f"too long: {sentence[:200]!r}"


def outcome(kind: str, path: Path) -> tuple[str, str]:
    """What came of a file: read or refused, or another word for a fault; and what was said."""
    try:
        READERS[kind](path)
    except TesseraError as error:
        try:
            check_sentence(str(error))
        except AssertionError as fault:
            return "sentence", str(fault)
        return "refused", str(error)
    except Exception as error:
        return type(error).__name__, traceback.format_exc()
    return "read", ""


def main(megabytes: int) -> None:
    """Answer each line of standard input, a kind and a path, with a line: the outcome and what was said."""
    answers = os.fdopen(os.dup(1), "w")
    words = os.memfd_create("words")
    os.dup2(words, 1)
    os.dup2(words, 2)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + megabytes * 10**6,) * 2)
    for line in sys.stdin:
        kind, path = json.loads(line)
        found, said = outcome(kind, Path(path))
        sys.stdout.flush()
        if size := os.fstat(words).st_size:
            found, said = "words", os.pread(words, min(size, LONGEST), 0).decode("utf-8", "replace")
            os.ftruncate(words, 0)
            os.lseek(words, 0, os.SEEK_SET)
        print(json.dumps([found, said]), file=answers, flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
