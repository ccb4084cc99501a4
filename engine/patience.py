"""Bearing with a disk that takes nothing for a while: said once, and tried again."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from engine.errors import RunError, SpaceError
from engine.events import Report, Trouble


class Patience:
    """A context in which a full or unwilling disk is no error; the first refusal is reported."""

    def __init__(self, consequence: str, report: Report) -> None:
        """consequence: ends the sentence about what was refused."""
        self._consequence = consequence
        self._report = report
        self._is_told = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if not isinstance(error, SpaceError | RunError):
            return False
        if not self._is_told:
            self._is_told = True
            self._report(Trouble(f"{str(error).partition(';')[0]}; {self._consequence}."))
        return True
