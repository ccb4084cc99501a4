"""What a flag takes, told from the models of the settings: a word for it, its range and its default."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.painters.registry import PAINTERS, params_of
from engine.spec.forms import choices, meanings, metavar
from engine.spec.messages import describe, either
from engine.spec.reference import DEFAULT_PAINTER, Fact, facts_of_painter, facts_of_run

PAINTER = "painter.name"


@dataclass(frozen=True)
class FlagFacts:
    """What is known of a flag's setting."""

    metavar: str
    takes: str  # its range, in words
    default: str  # in words
    choices: Mapping[str, str]  # words that it takes, and what they mean, "" where nothing is said of it


@functools.cache
def settings_by_path() -> dict[str, dict[str, Fact]]:
    """All settings by full path with dots, by painter, or by "" where they are the run's."""
    found = {path: {"": fact} for path, fact in facts_of_run().items()}
    for name in PAINTERS:
        for path, fact in facts_of_painter(params_of(name)).items():
            found.setdefault(path, {})[name] = fact
    return found


def facts_of(setting: str) -> FlagFacts:
    """What is known of a setting, by short or full name."""
    from engine.spec.settings import SHORT_NAMES

    path = SHORT_NAMES.get(setting, setting).replace("-", "_")
    if path == PAINTER:
        return FlagFacts(
            "|".join(PAINTERS), either(list(PAINTERS)), f"default: {DEFAULT_PAINTER}", _painters()
        )
    facts = settings_by_path()[path]
    first = next(iter(facts.values()))
    takes = describe(_without_null(first.schema)).partition(" (in YAML")[0]
    meant = meanings(first.about)
    return FlagFacts(
        metavar(first.schema),
        takes,
        _default(facts),
        {word: meant.get(word) or about for word, about in choices(first.schema).items()},
    )


def _painters() -> dict[str, str]:
    return {name: entry.about for name, entry in PAINTERS.items()}


def _without_null(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema without the branch that nobody writes on a command line."""
    if "anyOf" not in schema:
        return schema
    branches = [each for each in schema["anyOf"] if each.get("type") != "null"]
    return branches[0] if len(branches) == 1 else {**schema, "anyOf": branches}


def _default(facts: Mapping[str, Fact]) -> str:
    """In words: one for all, or one for each painter."""
    texts = {name: _as_text(fact) for name, fact in facts.items()}
    first, *others = texts.items()
    differing = [f"{name}: {text.removeprefix('default: ')}" for name, text in others if text != first[1]]
    return f"{first[1]} ({', '.join(differing)})" if differing else first[1]


def _as_text(fact: Fact) -> str:
    if fact.default is None:
        return "must be given"
    if fact.default != "null":
        return f"default: {fact.default.strip('[]')}"
    said = fact.about.partition("null: ")[2].partition(". ")[0].replace("`", "")
    return f"default: {said}" if said else "none by default"
