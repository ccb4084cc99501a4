"""What a run is made of from outside: check, prepare, paint, film, and tell somebody how it went."""

from __future__ import annotations

import os
import signal
import sys
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType

from engine import __version__
from engine.checkpoint import read_checkpoint
from engine.deadline import deadline
from engine.errors import SpecError, TesseraError
from engine.events import Failed, Finished, Notice, Preparing, Report, Resumed, Trouble
from engine.film.film import check_film, make_films, missing_films, remove_films
from engine.image import open_target
from engine.jit import is_compiled, note_compiled
from engine.log import logged
from engine.notify import notify_of_run
from engine.painter import params_of
from engine.pools import ProcessPool
from engine.render import render as paint
from engine.run import Run, begin, go_on, read_target, write_beginning
from engine.run_folder import SPEC, RunFolder
from engine.settings import Document, read_document, resolve
from engine.spec import RunSpec
from engine.start import open_start

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
DEADLINE = 3  # the exit code when resume will go on

Made = tuple[RunFolder, Finished, int]  # the int is an exit code


def render(spec: RunSpec, outputs: Path, report: Report) -> int:
    """Paint and film what a spec asks for, into its folder or a new one in `outputs`; the exit code."""

    def make() -> Made:
        ends = _ends(spec)
        os.nice(spec.nice)
        target = open_target(spec.target, spec.size, spec.background, spec.importance)
        start = open_start(spec, target)
        if spec.film.enabled:
            check_film(spec.film)  # now, not when hours have been painted
        if spec.out:
            RunFolder.check_free(Path(spec.out))  # now, not when kernels have been compiled for a minute
        prepare(spec, report)
        name = Path(spec.target).stem
        folder = RunFolder.create(Path(spec.out)) if spec.out else RunFolder.create_in(outputs, name)
        with folder.held(), recorded(folder, report) as told:
            folder.clear()
            run = write_beginning(folder, begin(spec, target, start))
            return folder, *_carry_out(run, folder, ends, told)

    return _notified(spec, make, report)


def resume(run: Path, changes: Sequence[Document], report: Report) -> int:
    """Go on with a run, with other settings where that is possible; the exit code."""
    folder = RunFolder.open(run)
    document = read_document(folder / SPEC)
    before, spec = resolve([document], params_of), resolve([document, *changes], params_of)
    if spec.out != before.out:
        raise SpecError("out: a run stays where it is; move its folder instead, and resume it there.")
    is_new = any("budget.until" in document.settings for document in changes)

    def make() -> Made:
        ends = _ends(spec) if is_new else _ends_again(spec, report)
        os.nice(spec.nice)
        with folder.held(), recorded(folder, report) as told:
            found = read_checkpoint(folder)
            for damaged in found.damaged:
                told(
                    Trouble(f"{damaged}: is damaged; going on from the checkpoint before, {found.path.name}.")
                )
            if (version := found.checkpoint.facts["version"]) != __version__:
                told(
                    Notice(
                        f"Begun by Tessera {version}, gone on with by {__version__}: the bytes may differ."
                    )
                )
            target = read_target(folder, found.checkpoint, told)
            if spec.film.enabled:
                check_film(spec.film)
            prepare(spec, told)
            state = go_on(spec, target, found.checkpoint)
            folder.write(SPEC, spec.to_yaml(), durable=True)
            if spec.film != before.film:
                remove_films(folder)
            header = found.checkpoint.header
            told(Resumed(str(folder.path), header.seconds, header.shapes, header.error, found.path.name))
            return folder, *_carry_out(state, folder, ends, told)

    return _notified(spec, make, report)


def _carry_out(run: Run, folder: RunFolder, ends: float | None, report: Report) -> tuple[Finished, int]:
    """Paint and film a run whose folder is held. ends: the deadline, seconds since the epoch."""
    settings = run.spec.film
    with _orderly_stop() as stop:
        finished = paint(run, folder, ends, lambda: stop() > 0, report)
    try:
        if settings.enabled and missing_films(folder, settings) and not stop():
            films = make_films(folder, run.spec, report)
            finished = replace(finished, files=(*finished.files, *map(str, films)))
    finally:
        report(finished)
    if number := stop():
        return finished, 128 + number
    return finished, DEADLINE if finished.outcome == "deadline" else 0


def prepare(spec: RunSpec, report: Report) -> None:
    """Compile the painter's kernels, if that has not been done on this machine.

    That takes a process that does nothing else: what it has linked itself rounds sums in another order than
    what all others load.
    """
    name = spec.painter.name
    report(Preparing(is_compiled(name)))
    if not is_compiled(name):
        with closing(ProcessPool("engine.job:prepare", 1)) as pool:
            pool.submit(name)
            deque(pool.completed(), maxlen=0)
        note_compiled(name)


def _ends(spec: RunSpec) -> float | None:
    """The deadline that a spec means now, in seconds since the epoch."""
    return None if spec.budget.until is None else deadline(spec.budget.until, time.time())


def _ends_again(spec: RunSpec, report: Report) -> float | None:
    """The deadline of a run that goes on; that of another night is none."""
    ends = _ends(spec)
    if ends is not None and ends <= time.time():
        report(Notice(f"The deadline of this run, {spec.budget.until}, is past; it goes on without one."))
        return None
    return ends


def _notified(spec: RunSpec, make: Callable[[], Made], report: Report) -> int:
    """Make something, and run the user's command for how it ended; the exit code."""
    try:
        folder, finished, code = make()
    except TesseraError as error:
        notify_of_run(spec.notify, error.exit_code, None, None, str(error), report)
        raise
    notify_of_run(spec.notify, code, folder.path, finished, "", report)
    return code


@contextmanager
def recorded(folder: RunFolder, report: Report) -> Iterator[Report]:
    """A report that is also written to the folder's log, and so is the error that ends it all.

    A wrong command says nothing about the run.
    """
    told = logged(folder, report)
    try:
        yield told
    except TesseraError as error:
        if error.exit_code != SpecError.exit_code:
            told(Failed(str(error), error.exit_code, traceback.format_exc()))
        raise
    except Exception as error:
        what = f"{folder.path}: something unexpected went wrong ({error!r})"
        failure = TesseraError(f"{what}; please report it, with what log.jsonl says.")
        told(Failed(str(failure), failure.exit_code, traceback.format_exc()))
        raise failure from error


@contextmanager
def _orderly_stop() -> Iterator[Callable[[], int]]:
    """Make the first signal to stop the answer to a question; the second one interrupts at once.

    Yields a function that gives the signal's number, 0 before there was one.
    """
    received = 0

    def note(number: int, frame: FrameType | None) -> None:
        nonlocal received
        if received and number == signal.SIGINT:
            raise KeyboardInterrupt
        if received:
            sys.exit(128 + number)
        received = number

    before = {number: signal.signal(number, note) for number in STOP_SIGNALS}
    try:
        yield lambda: received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
