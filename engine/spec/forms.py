"""What a value of a setting looks like, told from its schema: a word for it in help, and its choices."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import Any

from engine.spec import colours

LONGEST = 24  # characters of choices that are written out as a word for a value
_SAID = re.compile(r"(`[a-z0-9-]+`(?:, `[a-z0-9-]+`)*): ")


def metavar(schema: Mapping[str, Any]) -> str:
    """A word in capitals for what a setting takes, or its few choices: N, PX, 0..1, auto|N; "" if unknown."""
    match schema:
        case {"metavar": text}:
            return str(text)
        case {"const": value}:
            return str(value)
        case {"enum": [*values]}:
            choices = "|".join(map(str, values))
            return choices if len(choices) <= LONGEST else "WORD"
        case {"anyOf": [*branches]}:
            words = dict.fromkeys(metavar(each) for each in branches if each.get("type") != "null")
            return "|".join(words)
        case {"type": "boolean"}:
            return "true|false"
        case {"type": "integer"}:
            return "N"
        case {"type": "number"}:
            low, high = (_bound(schema, "inimum"), _bound(schema, "aximum"))
            return "0..1" if (low, high) == (0, 1) else "X"
        case {"type": "array", "items": {"enum": [*values]}}:
            return "|".join(map(str, values)) if len("|".join(map(str, values))) <= LONGEST else "WORD,..."
        case {"type": "array", "items": items}:
            return f"{metavar(items)},..."
    return ""


def _bound(schema: Mapping[str, Any], name: str) -> float | None:
    """That of a range, whether it belongs to it or not."""
    return schema.get(f"m{name}", schema.get(f"exclusiveM{name}"))


def choices(schema: Mapping[str, Any]) -> dict[str, str]:
    """The words that a setting takes, all or some of its values, and what they mean where the schema says."""
    match schema:
        case {"words": [*words]}:
            return {str(word): str(about) for word, about in words}
        case {"const": value}:
            return {str(value): ""}
        case {"enum": [*values]}:
            return dict.fromkeys(map(str, values), "")
        case {"anyOf": [*branches]}:
            return {word: about for branch in branches for word, about in choices(branch).items()}
        case {"type": "boolean"}:
            return {"true": "", "false": ""}
        case {"type": "array", "items": items}:
            return choices(items)
    return {}


def guess(value: object, schema: Mapping[str, Any]) -> str:
    """The word that a mistyped value, or a word of a list, is perhaps meant to be; "" for none."""
    if not isinstance(value, str) or len(value) > LONGEST * 4:
        return ""
    known = {word.partition(":")[0]: word for word in choices(schema) if not word[:1].isdigit()}
    if "COLOUR" in metavar(schema):
        known |= {name: name for name in colours.names()}
    for word in re.split(r"[,=:\s]+", value.lower()):
        if word and word not in known and (close := difflib.get_close_matches(word, known, 1, 0.65)):
            return close[0]
    return ""


def meanings(description: str) -> dict[str, str]:
    """What a description says of a setting's words: "`a`: this; `b`, `c`: that" -> {"a": "this", ...}.

    What is said of several is said of each.
    """
    found: dict[str, str] = {}
    parts = _SAID.split(description)
    for words, text in zip(parts[1::2], parts[2::2], strict=True):
        about = text.strip().rstrip(";").partition(". ")[0]
        found |= {word.strip(" `"): about for word in words.split(",")}
    return found
