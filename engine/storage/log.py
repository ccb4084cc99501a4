"""log.jsonl: what happened in a run, one line of JSON for each event."""

from __future__ import annotations

import time
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from engine.errors import SpecError, TesseraError, reason, resource_error
from engine.events import Event, EventHandler, Failed, Filming, Progress, Trouble
from engine.records import to_record
from engine.storage.files import state_of
from engine.storage.run_folder import LOG, OLDER_LOG, RunFolder

PROGRESS_EVERY = 10.0  # seconds
LARGEST = 5_000_000  # bytes of a log; then it becomes the older one


def logged(folder: RunFolder, emit: EventHandler) -> EventHandler:
    """A report that also writes the log; of progress and filming each end, and some of the rest.

    When it can't be written, that is reported once, and each later line is tried again.
    """
    last = float("-inf")
    emit_logged = False

    def write(event: Event) -> None:
        nonlocal last, emit_logged
        emit(event)
        now = time.monotonic()
        match event:
            case Progress(tile=done, tiles=all_) | Filming(frame=done, frames=all_):
                if done < all_ and now - last < PROGRESS_EVERY:
                    return
                last = now
        try:
            _rotate(folder)
            folder.append(LOG, to_record(event))
        except (OSError, TesseraError) as exc:
            if not emit_logged:
                emit_logged = True
                why = reason(exc.__cause__ if isinstance(exc.__cause__, OSError) else exc)
                emit(Trouble(f"{folder / LOG}: can't be written ({why}); the run goes on without a log."))

    return write


def _rotate(folder: RunFolder) -> None:
    """Let a log that is large enough become the older one, in place of the one before."""
    state = state_of(folder.path, LOG)
    if state is not None and state.st_size >= LARGEST:
        folder.rename(LOG, OLDER_LOG)


def note(folder: RunFolder, said: Iterable[Event]) -> None:
    """Write to the log what has been reported before there was a folder."""
    write = logged(folder, lambda event: None)
    for event in said:
        write(event)


@contextmanager
def recorded(folder: RunFolder, emit: EventHandler) -> Iterator[EventHandler]:
    """A report that is also written to the folder's log, and so is the error that ends it all.

    A wrong command says nothing about the run.
    """
    emit_logged = logged(folder, emit)
    try:
        yield emit_logged
    except TesseraError as error:
        if error.exit_code != SpecError.exit_code:
            emit_logged(Failed(str(error), error.exit_code, traceback.format_exc()))
        raise
    except Exception as error:
        what = f"{folder.path}: something unexpected went wrong ({error!r})"
        unexpected = TesseraError(f"{what}; please report it, with what log.jsonl says.")
        failure = resource_error(error, str(folder.path)) or unexpected
        emit_logged(Failed(str(failure), failure.exit_code, traceback.format_exc()))
        raise failure from error
