"""What a run folder says in words: the settings of its run, and its result."""

from __future__ import annotations

from engine import strict_json
from engine.painters.registry import PAINTERS, earlier_settings, params_of
from engine.spec.settings import Document, Setting, read_document
from engine.storage.facts import Result
from engine.storage.records import valid
from engine.storage.run_folder import RESULT, SPEC, RunFolder

MOST_RESULT = 1_000_000  # bytes of result.json


def run_document(folder: RunFolder) -> Document:
    """The settings of a run, whose spec names all that there were when it was begun; SpecError.

    What came later is as it was before, if that is not the default.
    """
    document = written_document(folder)
    name = document.settings.get("painter.name")
    if name is None or name.value not in PAINTERS:
        return document
    later = earlier_settings(params_of(str(name.value)))
    source = f"{folder / SPEC}: painter"
    missing = {
        f"painter.{key}": Setting(value, f"{source}.{key}")
        for key, value in later.items()
        if f"painter.{key}" not in document.settings
    }
    return Document(document.source, {**document.settings, **missing})


def written_document(folder: RunFolder) -> Document:
    """The settings of a run as they are written; SpecError when they can't be read."""
    return read_document(folder / SPEC, lambda _, most: folder.read(SPEC, most))


def read_result(folder: RunFolder) -> Result:
    """What result.json says; empty when it isn't there. OSError or ValueError when it can't be read."""
    try:
        result = strict_json.parse(folder.read(RESULT, MOST_RESULT))
    except FileNotFoundError:
        return Result()
    return valid(Result, result)
