"""What jobs there are, on the disk: an SQLite file that survives whatever ends the server."""

from __future__ import annotations

import json
import secrets
import sqlite3
import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from engine.errors import RunError, SpaceError
from engine.web.options import WAITING, Action, State

VERSION = 1  # of the tables
_JSON = ("settings", "curve")  # columns whose texts are JSON
_TYPES = {"str": "TEXT", "int": "INTEGER", "float": "REAL"}
_FACTS = """
CREATE TABLE IF NOT EXISTS uploads (visitor TEXT NOT NULL, at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS uploads_by_visitor ON uploads (visitor, at);
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


@dataclass(frozen=True)
class Job:
    """A painting of a visitor's: what was asked for, and how far it is. Moments: seconds since the epoch."""

    id: str  # 32 hexadecimal digits
    visitor: str  # the digest of a cookie
    state: State
    name: str  # what it is called on the page
    preset: str | None
    painter: str
    settings: Mapping[str, Any]  # as the visitor gave them
    effort: float  # up to which it is to be painted
    action: Action  # what is next to be done for it
    cost: float  # processor seconds of painting up to its effort, as estimated
    created: float
    changed: float  # when it was last asked for something; what is kept is counted from here
    width: int  # of the picture as it was let in, pixels
    height: int
    doing: str | None = None  # preparing, painting or filming, while its state is painting
    began: float | None = None  # painting, for the last time
    ended: float | None = None
    attempts: int = 0  # of the action, that were killed
    progress: float | None = None  # 0..1
    remaining: float | None = None  # seconds, estimated
    seconds: float | None = None  # of painting
    error: float | None = None
    shapes: int | None = None
    mark: str = "shape"  # what people call one of them
    measure: str = "error"  # and the error
    preview: int = 0  # counts the previews; 0: there is none yet
    message: str | None = None  # why it failed
    share: str | None = None  # by which others may see it
    bytes: int = 0  # that its folder takes
    curve: list[tuple[float, float]] = field(default_factory=list)  # seconds of painting, error

    @property
    def is_waiting(self) -> bool:
        """Whether the server still has to do with it."""
        return self.state in WAITING


class StoreError(RunError):
    """The file can't be read or written, which is nothing that a visitor could mend."""


_COLUMNS = tuple(each.name for each in fields(Job))


def new_id() -> str:
    """One that nobody can guess: 128 random bits."""
    return secrets.token_hex(16)


class Store:
    """The jobs in a file; may be used from any thread.

    Two connections: readers never wait for what is being written.
    """

    def __init__(self, path: Path) -> None:
        """Open or make it; RunError for a file that is none of ours, or of a newer version."""
        self._path = path
        try:
            self._writing = _connection(path)
            _make_tables(self._writing, path)
            self._reading = _connection(path)
        except sqlite3.Error as exc:
            raise _explained(path, exc) from exc
        self._one_writes, self._one_reads = threading.Lock(), threading.Lock()

    def close(self) -> None:
        """No more is asked."""
        with self._one_writes, self._one_reads:
            self._reading.close()
            self._writing.close()

    def add(self, job: Job) -> None:
        """A new job; once this returns it survives a power cut."""
        marks = ", ".join("?" * len(_COLUMNS))
        self._write(f"INSERT INTO jobs ({', '.join(_COLUMNS)}) VALUES ({marks})", list(_row(job)))

    def get(self, job: str) -> Job | None:
        """By its id."""
        return next(iter(self._jobs("id = ?", (job,))), None)

    def shared(self, share: str) -> Job | None:
        """By what it is shared by."""
        return next(iter(self._jobs("share = ?", (share,))), None)

    def of_visitor(self, visitor: str) -> list[Job]:
        """Somebody's own, the newest first."""
        return self._jobs("visitor = ? ORDER BY created DESC, id", (visitor,))

    def in_state(self, *states: State) -> list[Job]:
        """Those in one of some states, the oldest first."""
        marks = ", ".join("?" * len(states))
        return self._jobs(f"state IN ({marks}) ORDER BY created, id", states)

    def unchanged_since(self, moment: float) -> list[Job]:
        """Those that nobody has asked for anything since, and that the server has nothing to do with."""
        return self._jobs("changed < ? AND state NOT IN (?, ?) ORDER BY changed", (moment, *WAITING))

    def all(self) -> list[Job]:
        """All of them, the oldest first."""
        return self._jobs("1 ORDER BY created, id", ())

    def update(self, job: str, only_in: Iterable[State] = (), **changes: Any) -> Job | None:
        """Change some of its fields; the job as it is now. None when it is gone, or in no such state."""
        states = tuple(only_in)
        sets = ", ".join(f"{name} = ?" for name in changes)
        condition = f" AND state IN ({', '.join('?' * len(states))})" if states else ""
        values = [_stored(name, value) for name, value in changes.items()]
        rows = self._write(
            f"UPDATE jobs SET {sets} WHERE id = ?{condition} RETURNING *", [*values, job, *states]
        )
        return _job(rows[0]) if rows else None

    def show(self, job: str, share: str | None) -> Job | None:
        """Let others see it by that, or as they do already; None: no longer. None for a job that is gone."""
        change = "NULL" if share is None else "coalesce(share, ?)"
        values = [job] if share is None else [share, job]
        rows = self._write(f"UPDATE jobs SET share = {change} WHERE id = ? RETURNING *", values)
        return _job(rows[0]) if rows else None

    def remove(self, job: str) -> None:
        """Forget it."""
        self._write("DELETE FROM jobs WHERE id = ?", (job,))

    def bytes_of(self, visitor: str | None = None) -> int:
        """What the folders of somebody's jobs take, or of all."""
        where, values = ("", ()) if visitor is None else (" WHERE visitor = ?", (visitor,))
        return self._read(f"SELECT coalesce(sum(bytes), 0) FROM jobs{where}", values)[0][0]

    def note_upload(self, visitor: str, at: float | None = None) -> None:
        """Somebody has sent a picture; those of more than an hour ago are forgotten."""
        moment = time.time() if at is None else at
        self._write("DELETE FROM uploads WHERE at < ?", (moment - 3600,))
        self._write("INSERT INTO uploads VALUES (?, ?)", (visitor, moment))

    def uploads_of(self, visitor: str, since: float) -> list[float]:
        """When somebody has sent pictures, the oldest first."""
        found = self._read(
            "SELECT at FROM uploads WHERE visitor = ? AND at >= ? ORDER BY at", (visitor, since)
        )
        return [row[0] for row in found]

    def fact(self, name: str) -> Any:
        """What was last noted under a name; None for nothing."""
        rows = self._read("SELECT value FROM facts WHERE name = ?", (name,))
        return json.loads(rows[0][0]) if rows else None

    def note(self, name: str, value: Any) -> None:
        """Keep something that JSON has."""
        self._write("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, json.dumps(value)))

    def _jobs(self, condition: str, values: Iterable[Any]) -> list[Job]:
        return [_job(row) for row in self._read(f"SELECT * FROM jobs WHERE {condition}", values)]

    def _read(self, statement: str, values: Iterable[Any]) -> list[sqlite3.Row]:
        try:
            with self._one_reads, closing(self._reading.execute(statement, tuple(values))) as cursor:
                return cursor.fetchall()
        except sqlite3.Error as exc:
            raise _explained(self._path, exc) from exc

    def _write(self, statement: str, values: Iterable[Any]) -> list[sqlite3.Row]:
        try:
            with (
                self._one_writes,
                self._writing,
                closing(self._writing.execute(statement, tuple(values))) as cursor,
            ):
                return cursor.fetchall()
        except sqlite3.Error as exc:
            raise _explained(self._path, exc) from exc


def _connection(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=10, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def _make_tables(connection: sqlite3.Connection, path: Path) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > VERSION:
        raise RunError(f"{path}: is of a newer Tessera; serve with that one, or choose another --outputs.")
    columns = ", ".join(map(_column, fields(Job)))
    with connection:
        connection.executescript(
            f"CREATE TABLE IF NOT EXISTS jobs ({columns});"
            "CREATE INDEX IF NOT EXISTS jobs_by_visitor ON jobs (visitor, created);"
            "CREATE INDEX IF NOT EXISTS jobs_by_state ON jobs (state, created);"
            "CREATE UNIQUE INDEX IF NOT EXISTS jobs_by_share ON jobs (share) WHERE share IS NOT NULL;"
            f"{_FACTS}PRAGMA user_version = {VERSION};"
        )


def _column(each: Any) -> str:
    kind = _TYPES.get(str(each.type).removesuffix(" | None"), "TEXT")
    needed = "" if str(each.type).endswith("| None") else " NOT NULL"
    return f"{each.name} {kind}{' PRIMARY KEY' if each.name == 'id' else ''}{needed}"


def _row(job: Job) -> Iterable[Any]:
    return (_stored(name, getattr(job, name)) for name in _COLUMNS)


def _stored(name: str, value: Any) -> Any:
    return json.dumps(value) if name in _JSON else value


def _job(row: sqlite3.Row) -> Job:
    values = {name: row[name] for name in _COLUMNS}
    read = {name: json.loads(values[name]) for name in _JSON}
    read["curve"] = [(seconds, error) for seconds, error in read["curve"]]
    return Job(**{**values, **read})


def _explained(path: Path, exc: sqlite3.Error) -> StoreError | SpaceError:
    """What is raised instead of what SQLite says."""
    if getattr(exc, "sqlite_errorname", "") == "SQLITE_FULL":
        return SpaceError(f"{path}: there is no space left on the disk; free some and start again.")
    return StoreError(f"{path}: can't be used as a list of jobs ({exc}); choose another --outputs.")
