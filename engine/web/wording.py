"""What the server says of looks, samples and settings, in the words of a visitor's language.

The texts of the page itself are in texts/LANGUAGE.json, these are in texts/server/LANGUAGE.json.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "texts" / "server"
_DOCUMENT = re.compile(r"[,:]? (see )?docs/[a-z-]+\.md(#[a-z-]+)?")  # which visitors don't have
FIRST = "en"  # of whoever reads none of those that are there


@cache
def wording(language: str = FIRST) -> Mapping[str, Any]:
    """All of it in a language: groups of texts by name; those of FIRST for a language that isn't there."""
    path = FOLDER / f"{language}.json"
    there = path if language.isalnum() and path.is_file() else FOLDER / f"{FIRST}.json"
    found: dict[str, Any] = json.loads(there.read_text("utf-8"))
    return found


def in_words(name: str) -> str:
    """What is called by its own name, for want of a text: "min-angle" -> "Min angle"."""
    words = name.rpartition(".")[2].replace("-", " ").replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def sentence(description: str) -> str:
    """What a model says of a setting, as a sentence for whoever doesn't know the command line."""
    text = _DOCUMENT.sub("", description).replace("`", "").strip()
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}" if text else ""
