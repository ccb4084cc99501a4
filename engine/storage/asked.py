"""What a run was asked for, as its folder tells from outside: what is damaged there counts as missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.errors import SpecError
from engine.formatting import SHAPES, Words
from engine.painters.registry import words_of
from engine.spec.film_models import FilmSettings
from engine.spec.models import BudgetSettings
from engine.storage.documents import written_document
from engine.storage.run_folder import RunFolder

MOST, LONGEST_TEXT = 1e15, 10_000  # of a number that is believed; letters of a text that are shown
LONGEST_NAME = 80  # letters of a setting


@dataclass(frozen=True)
class Asked:
    """The settings that tell runs of one picture apart, and what may end them early; None: not known."""

    painter: str | None = None
    shape: str | None = None  # or the look, of a painter of other marks
    count: int | None = None
    seed: int | None = None
    effort: float | None = None
    time: float | None = None  # seconds
    until: str | None = None
    error: float | None = None


UNKNOWN = Asked()


def read_asked(folder: RunFolder) -> tuple[Mapping[str, Any], str]:
    """The settings of a run as they are written, by dotted path, or why they can't be read."""
    try:
        settings = written_document(folder).settings
    except SpecError as exc:
        return {}, str(exc)
    return {name: setting.value for name, setting in settings.items()}, ""


def asked_of(settings: Mapping[str, Any]) -> Asked:
    """Those that are shown."""
    budget = _budget(settings)
    return Asked(
        painter=_name(settings.get("painter.name")),
        shape=_name(settings.get("painter.shape", settings.get("painter.look"))),
        count=_whole(settings.get("painter.count")),
        seed=_whole(settings.get("seed")),
        effort=budget.effort,
        time=budget.time,
        until=budget.until,
        error=budget.error,
    )


def film_formats(settings: Mapping[str, Any]) -> tuple[str, ...]:
    """The formats of the films that a run was asked for."""
    try:
        model = FilmSettings.model_validate(_below("film.", settings))
    except ValueError:
        return ()
    return model.format if model.enabled else ()


def words_for(settings: Mapping[str, Any]) -> Words:
    """What the painter's marks and error are called."""
    try:
        return words_of(str(settings["painter.name"]), {"look": settings.get("painter.look")})
    except (LookupError, SpecError):
        return SHAPES


def number(value: object) -> float | None:
    """A number that can be one of a run's."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= MOST
    return value if is_number else None  # type: ignore[return-value]


def text(value: object) -> str | None:
    """A text that can't move a terminal's cursor."""
    if not isinstance(value, str):
        return None
    return "".join(letter if letter.isprintable() else " " for letter in value[:LONGEST_TEXT])


def _budget(settings: Mapping[str, Any]) -> BudgetSettings:
    """What may end a run; nothing does when that can't be read."""
    try:
        return BudgetSettings.model_validate(_below("budget.", settings))
    except ValueError:
        return BudgetSettings()


def _below(prefix: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a section by their own names."""
    return {name.removeprefix(prefix): value for name, value in settings.items() if name.startswith(prefix)}


def _name(value: object) -> str | None:
    said = text(value)
    return None if said is None else said[:LONGEST_NAME]


def _whole(value: object) -> int | None:
    """A whole number, which is text in a file of settings."""
    try:
        return int(value) if isinstance(value, str) and len(value) < LONGEST_NAME else None
    except ValueError:
        return None
