"""What a run folder tells of its run, read from outside: nothing in it is ever disturbed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from engine import strict_json
from engine.errors import RunError
from engine.events import (
    Failed,
    Filmed,
    Filming,
    Finished,
    Preparing,
    Progress,
    Resumed,
    Started,
    Trouble,
)
from engine.formatting import SHAPES
from engine.records import name_of
from engine.storage.asked import UNKNOWN, Asked, asked_of, film_formats, number, read_asked, text, words_for
from engine.storage.checkpoint_header import Header, read_header
from engine.storage.documents import read_result
from engine.storage.files import state_of
from engine.storage.lock import owner
from engine.storage.run_folder import CHECKPOINTS, FILM, LOCK, LOG, OLDER_LOG, RESULT, SPEC, RunFolder

COMPLETE = ("finished", "time", "error")  # outcomes with which all that was asked for is painted
TAIL = 64_000  # bytes of a log that are read
DOING = {
    name_of(Started): "painting",
    name_of(Resumed): "painting",
    name_of(Progress): "painting",
    name_of(Filming): "filming",
    name_of(Filmed): "filming",
}
# Events with which a command's part of the log begins, and ends.
BEGINNINGS = (name_of(Preparing), name_of(Resumed), name_of(Started))
ENDS = (name_of(Finished), name_of(Failed))

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Status:
    """A run at one moment; None is what isn't known."""

    folder: str
    state: str  # running | finished | interrupted | failed | unreadable
    doing: str  # preparing | painting | filming; "" when nobody works on it
    outcome: str | None  # how painting ended; None: it has not, or its process was killed
    share: float | None  # of the planned work that is done, 0..1
    error: float | None
    shapes: int | None
    evaluations: int | None
    rate: float | None  # evaluations a second, while painting goes on
    seconds: float | None  # of painting so far
    expected_end: str | None  # ISO 8601, while painting goes on
    checkpoint_age: float | None  # seconds
    message: str | None  # why it failed, or can't be read
    pid: int | None
    host: str | None
    target_path: str | None
    target_sha256: str | None
    changed: str | None  # when a file of it was last written, ISO 8601
    mark: str = "shape"  # what people call one of the shapes
    measure: str = "error"  # and the error
    asked: Asked = UNKNOWN  # what tells it from other runs, and what may end it early


def find_runs(path: Path) -> list[Path]:
    """The run folder that a path is, or those right below it; RunError when there is no such folder."""
    try:
        if _is_run(path):
            return [path]
        return sorted(folder for folder in path.iterdir() if _is_run(folder))
    except OSError as exc:
        raise RunError(
            f"{path}: can't be read ({exc.strerror}); name a run's folder, or one with runs in it."
        ) from exc


def folders_named(outputs: Path, name: str) -> list[Path]:
    """The folders that runs of a name may have among the outputs: name, name-2, and so on; oldest first."""
    numbered = re.compile(rf"{re.escape(name)}(-[0-9]+)?")
    paths = outputs.iterdir() if outputs.is_dir() else ()
    found = [path for path in paths if numbered.fullmatch(path.name)]
    return sorted(found, key=lambda path: (len(path.name), path.name))


def unreadable(path: Path, why: str) -> Status:
    """The status of a folder that can't be looked into."""
    nothing = dict.fromkeys(each.name for each in fields(Status))
    known = {"folder": str(path.absolute()), "state": "unreadable", "doing": "", "message": why}
    return Status(**{**nothing, **known, "mark": SHAPES.mark, "measure": SHAPES.error, "asked": UNKNOWN})  # type: ignore[arg-type]


def read_status(path: Path) -> Status:
    """The status of a run; RunError when the folder is no run's. Damaged files count as missing."""
    folder = RunFolder.open(path)
    # First of all: a run that ends while its files are being read must not look like a killed one.
    worker = owner(folder / LOCK)
    records = _records(folder)
    header, result = read_header(folder), _read_result(folder)
    settings, fault = read_asked(folder)
    news = [record for record in records if record["event"] != name_of(Trouble)]
    session = _session(news) if worker else []
    doing = _doing(session, result) if worker else ""
    progress = _last_progress(session) if doing == "painting" else {}
    failure = news[-1] if news and news[-1]["event"] == name_of(Failed) else None
    if worker:
        state = "running"
    elif fault:
        state, failure = "unreadable", {"message": fault}
    elif failure:
        state = "failed"
    else:
        state = "finished" if _is_finished(folder, header, result, settings) else "interrupted"
    return Status(
        folder=str(folder.path),
        state=state,
        doing=doing,
        outcome=None if doing == "painting" else _outcome(header, result),
        **_figures(result, progress, header, _last_progress(news)),
        rate=number(progress.get("rate")),
        expected_end=_expected_end(progress),
        checkpoint_age=_age(header),
        message=text(failure.get("message")) if failure and not worker else None,
        pid=worker.pid if worker else None,
        host=worker.host if worker else None,
        target_path=text(header.target) if header else None,
        target_sha256=text(header.target_sha256) if header else None,
        changed=_changed(folder),
        mark=(words := words_for(settings)).mark,
        measure=words.error,
        asked=asked_of(settings),
    )


def _is_run(folder: Path) -> bool:
    return state_of(folder, SPEC) is not None  # also one that can't be read, and is to be told of


def _records(folder: RunFolder) -> list[Record]:
    """The last lines of the log, oldest first, without those that are cut off."""
    records: list[Record] = []
    for line in b"\n".join(_tail(folder, name) for name in (OLDER_LOG, LOG)).split(b"\n"):
        try:
            record = strict_json.parse(line)
        except ValueError:
            continue
        if isinstance(record, dict) and isinstance(record.get("event"), str):
            records.append(record)
    return records


def _tail(folder: RunFolder, name: str) -> bytes:
    try:
        with folder.opened(name) as file:
            file.seek(max(0, file.seek(0, 2) - TAIL))
            return file.read(TAIL)
    except OSError:
        return b""


def _read_result(folder: RunFolder) -> Record:
    """The content of result.json; empty when it isn't there, or damaged."""
    try:
        return read_result(folder)
    except (OSError, ValueError):
        return {}


def _session(news: list[Record]) -> list[Record]:
    """What the command that works on the folder has logged so far."""
    if news and news[-1]["event"] in ENDS:  # another one's last word
        return []
    starts = [index for index, record in enumerate(news) if record["event"] in BEGINNINGS]
    return news[starts[-1] :] if starts else news


def _doing(session: list[Record], result: Record) -> str:
    doing = DOING.get(session[-1]["event"], "preparing") if session else "preparing"
    return "filming" if doing == "painting" and result else doing


def _last_progress(records: Iterable[Record]) -> Record:
    name = name_of(Progress)
    return next((record for record in reversed(list(records)) if record["event"] == name), {})


def _is_finished(folder: RunFolder, header: Header | None, result: Record, settings: Record) -> bool:
    is_complete = _outcome(header, result) in COMPLETE
    if header is None:  # a run of a version that had no checkpoints
        return is_complete
    films = (f"{FILM}.{suffix}" for suffix in film_formats(settings))
    return (
        is_complete and bool(result) and all(folder.has(film) or (folder / film).is_dir() for film in films)
    )


def _outcome(header: Header | None, result: Record) -> str | None:
    return text(header.outcome if header else result.get("outcome"))


def _figures(result: Record, progress: Record, header: Header | None, last: Record) -> dict[str, Any]:
    """Each figure from the first that has it.

    progress: of the command that works on the run. last: of any; when nobody does, the checkpoint counts
    more, because it is what a resume goes on with.
    """
    kept = asdict(header) if header else {}
    painting = (
        {**progress, "seconds": progress.get("elapsed")},
        kept,
        {**last, "seconds": last.get("elapsed")},
    )
    sources = (result, *painting, {"seconds": result.get("wall_seconds")})

    def first(name: str) -> float | None:
        numbers = (number(source.get(name)) for source in sources)
        return next((number for number in numbers if number is not None), None)

    def count(name: str) -> int | None:
        number = first(name)
        return None if number is None else int(number)

    return {
        **{name: first(name) for name in ("share", "error", "seconds")},
        **{name: count(name) for name in ("shapes", "evaluations")},
    }


def _expected_end(progress: Record) -> str | None:
    remaining, at = number(progress.get("remaining")), _moment(progress.get("at"))
    if remaining is None or at is None:
        return None
    try:
        return (at + timedelta(seconds=remaining)).isoformat(timespec="seconds")
    except OverflowError:  # after the year 9999
        return None


def _age(header: Header | None) -> float | None:
    at = _moment(header.at) if header else None
    return None if at is None else max(0.0, (datetime.now().astimezone() - at).total_seconds())


def _changed(folder: RunFolder) -> str | None:
    states = (state_of(folder.path, name) for name in (SPEC, LOG, RESULT, *CHECKPOINTS))
    moments = [state.st_mtime for state in states if state is not None]
    try:
        return datetime.fromtimestamp(max(moments)).astimezone().isoformat()
    except (ValueError, OverflowError, OSError):  # none, or one that no calendar has
        return None


def _moment(value: object) -> datetime | None:
    try:
        return datetime.fromisoformat(value).astimezone() if isinstance(value, str) else None
    except (ValueError, OverflowError, OSError):  # in the year 0 or 10000 of this zone
        return None
