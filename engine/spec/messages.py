"""The sentences that refuse a setting.

They are made from the models' JSON schemas, which know every range and choice; pydantic's own wording is
never shown.
"""

import difflib
import functools
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from engine.spec.forms import guess

_EXPONENT = re.compile(r"[-+]?[0-9.]+[eE]\+?[0-9]+")
_PLAIN = re.compile(r"[\w.,:/#%+-]{1,60}")  # shown as it is; everything else is quoted, escaped, cut


@functools.cache
def schemas_of(model: type[BaseModel]) -> dict[str, dict[str, Any]]:
    """The JSON schema of every single setting of a model, by dotted path."""
    root = model.model_json_schema()

    def walk(schema: dict[str, Any], prefix: str) -> Iterator[tuple[str, dict[str, Any]]]:
        for name, field in schema["properties"].items():
            if "$ref" in field:
                field = root["$defs"][field["$ref"].rpartition("/")[2]]
            if "properties" in field:
                yield from walk(field, f"{prefix}{name}.")
            else:
                yield f"{prefix}{name}", field

    return dict(walk(root, ""))


def refusal(subject: str, value: object, error: Mapping[str, Any], schema: Mapping[str, Any] | None) -> str:
    """Say what is wrong with a value.

    subject: opens the sentence. error: pydantic's details. schema: None when it is about a group of settings.
    """
    shown, expected = show(value), describe(schema or {})
    if error["type"] == "missing" and value is None:
        return f"{subject} is missing" + (f": it must be {expected}" if expected else "")
    if error["type"] in ("value_error", "assertion_error") and not _has_words(schema or {}):
        said = one_line(error["ctx"]["error"])  # a painter's own check, in its author's words
        return f"{subject}: {said}" if schema is None else f"{subject} can't be {shown}: {said}"
    if not expected:
        return f"{subject} can't be {shown}"
    if error["type"] == "value_error" and _is_number(value) and (unit := _unit(schema or {})):
        return f"{subject} needs a unit: {unit.format(value)}"
    hint = " (write it out in digits)" if "whole" in expected and _EXPONENT.fullmatch(shown) else ""
    if error["type"] == "finite_number":
        expected = expected.replace("a number", "a finite number")
    close = guess(value, schema or {})
    perhaps = f"; perhaps {close} is meant" if close else ""
    return f"{subject} must be {expected}, not {shown}{hint}{perhaps}"


def unknown(
    subject: str, value: object, path: str, known: Collection[str], short_names: Collection[str]
) -> str:
    """Say what is wrong with a path that is no setting: a group, below a setting, or a slip of the pen."""
    prefix = ""
    for key in path.split("."):
        inside = [*known, *short_names] if not prefix else known
        heads = (name.removeprefix(prefix).partition(".")[0] for name in inside if name.startswith(prefix))
        siblings = list(dict.fromkeys(heads))
        if key not in siblings:
            break
        prefix += f"{key}."
    else:
        group = [name.removeprefix(prefix) for name in known if name.startswith(prefix)]
        names = dashed(", ".join(group))
        return f"{subject} is a group of settings ({names}), not {show(value)}"
    if not siblings:
        return f"{subject} isn't a setting: {dashed(prefix[:-1])} takes one value"
    elsewhere = [name for name in known if name.rpartition(".")[2] == key]
    close = [prefix + name for name in difflib.get_close_matches(key.lower(), siblings, 1)]
    leaves = {name.rpartition(".")[2]: name for name in known}
    far = [leaves[name] for name in difflib.get_close_matches(key.lower(), leaves, 1, 0.75)]
    if guesses := [*elsewhere, *close, *far]:
        return f"{subject} isn't a setting; perhaps {dashed(guesses[0])} is meant"
    owner = f"{dashed(prefix[:-1])} takes" if prefix else "there are"
    return f"{subject} isn't a setting; {owner} {dashed(', '.join(siblings))}"


def foreign(subject: str, owners: Sequence[str], painter: str, own: Collection[str]) -> str:
    """Say that a setting is another painter's. owners: those that have it; own: what this one has instead."""
    dashes = "--" if subject.startswith("--") and not subject.startswith("--set") else ""
    flags = [f"{dashes}{dashed(name)}" for name in own if name not in ("painter", "count")]
    instead = f"; {painter} has {listed(flags)}" if flags else f", not for {painter}"
    return f"{subject} is for {dashes}painter {either(owners)}{instead}"


def listed(words: Sequence[str]) -> str:
    """The words as a list: "a, b and c"."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def dashed(name: str) -> str:
    """A setting's name as it is written."""
    return name.replace("_", "-")


def show(value: object) -> str:
    """A value on one line, cut when long."""
    if value is None:
        return "null"
    if isinstance(value, str) and not _PLAIN.fullmatch(value):
        return repr(value if len(value) <= 60 else f"{value[:59]}…")
    if isinstance(value, list | tuple):
        shown = ", ".join(show(item) for item in value[:5])
        return f"[{shown}{', …' if len(value) > 5 else ''}]"
    if isinstance(value, dict):
        return "{…}" if value else "{}"
    return str(value)


def one_line(message: object) -> str:
    """A foreign message as the end of our sentence."""
    return " ".join(str(message).split()).rstrip(".")


def _is_number(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[0-9.]+", value) is not None


def _unit(schema: Mapping[str, Any]) -> str:
    """What a plain number lacks; "" when it lacks nothing."""
    return next((branch["unit"] for branch in (schema, *schema.get("anyOf", ())) if "unit" in branch), "")


def _has_words(schema: Mapping[str, Any]) -> bool:
    """Whether a field carries the words for its refusals itself, and not only a type."""
    return any("expected" in branch for branch in (schema, *schema.get("anyOf", ())))


def describe(schema: Mapping[str, Any]) -> str:
    """What a field accepts, in words; "" when its schema doesn't say."""
    match schema:
        case {"expected": text}:
            return str(text)
        case {"const": value}:
            return str(value)
        case {"enum": [*values]}:
            return either([str(value) for value in values])
        case {"anyOf": [*branches]}:
            parts = [describe(branch) for branch in branches]
            return either(parts).replace(" or null", ", or null") if all(parts) else ""
        case {"type": "null"}:
            return "null"
        case {"type": "boolean"}:
            return "true or false"
        case {"type": "integer"}:
            return "a whole number" + _range(schema)
        case {"type": "number"}:
            return "a number" + _range(schema)
        case {"type": "string"}:
            return f"text like {schema['pattern']}" if "pattern" in schema else "text"
        case {"type": "array", "prefixItems": [*items]}:
            return f"a list of {len(items)}: {', '.join(map(describe, items))}"
        case {"type": "array", "items": items} if describe(items):
            return f"a list of {describe(items)}" + (" (at least one)" if schema.get("minItems") else "")
    return ""


def _range(schema: Mapping[str, Any]) -> str:
    """The bounds of a number, in words; "" without any."""
    words = {
        "minimum": "at least",
        "exclusiveMinimum": "above",
        "maximum": "at most",
        "exclusiveMaximum": "below",
        "multipleOf": "divisible by",
    }
    bounds = [f"{word} {schema[key]}" for key, word in words.items() if key in schema]
    if "minimum" in schema and "maximum" in schema:
        bounds[:2] = [f"from {schema['minimum']} to {schema['maximum']}"]
    return " " + " and ".join(bounds) if bounds else ""


def either(words: Sequence[str]) -> str:
    """The words as a choice: "a, b or c"."""
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
