"""The page that visitors see: a file of HTML, filled in with texts of their language, root path and version.

Texts lie in texts/LANGUAGE.json, those of the scripts too: one more file is one more language.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from engine import __version__
from engine.web.wording import FIRST

HERE = Path(__file__).parent
STATIC, TEXTS = HERE / "static", HERE / "texts"
PLACE = re.compile(r"\{\{([a-z0-9.-]+)\}\}")


def languages() -> tuple[str, ...]:
    """The languages that there are texts in, FIRST before the others."""
    return tuple(sorted((path.stem for path in TEXTS.glob("*.json")), key=lambda name: (name != FIRST, name)))


def language_of(accepted: str | None, there: Sequence[str]) -> str:
    """The language that a visitor reads best.

    accepted: what the browser says, such as "de-AT,de;q=0.9,en;q=0.5". there: the languages to choose from,
    the first for whoever reads none of them.
    """
    names = {name.lower(): name for name in there}
    wanted = sorted((_wish(part) for part in (accepted or "").split(",")), key=lambda wish: -wish[1])
    for wish, quality in wanted:
        for one in (wish, wish.partition("-")[0]):
            if quality > 0 and one in names:
                return names[one]
    return there[0]


def _wish(part: str) -> tuple[str, float]:
    """A language and how much it is wanted, 0 to 1, of one part of Accept-Language."""
    name, _, rest = part.partition(";")
    found = re.fullmatch(r"\s*q=([01](?:\.\d{0,3})?)\s*", rest)
    return name.strip().lower(), float(found[1]) if found else 0.0 if rest.strip() else 1.0


def texts(language: str) -> dict[str, str]:
    """All texts in a language by their keys, those of FIRST where it has none."""
    both = (json.loads((TEXTS / f"{name}.json").read_text("utf-8")) for name in (FIRST, language))
    return {key: text for each in both for key, text in each.items()}


def page(root: str, language: str) -> str:
    """The page as HTML.

    root: the path that the server's addresses begin with, "" or such as "/studio". language: of `languages`.
    """
    words = texts(language)
    values = {
        "root": html.escape(root.rstrip("/")),
        "language": html.escape(language),
        "version": html.escape(__version__),
        "texts": _data(words),
    }
    return filled((STATIC / "index.html").read_text("utf-8"), values, words)


def filled(template: str, values: Mapping[str, str], words: Mapping[str, str]) -> str:
    """A template whose places {{key}} have been filled in: with values as they are, and with words as text.

    Raises KeyError for a place that neither knows.
    """
    return PLACE.sub(
        lambda place: values[place[1]] if place[1] in values else html.escape(words[place[1]]), template
    )


def _data(words: Mapping[str, str]) -> str:
    """Words as JSON that can stand in a script element: no "<" can end it, or begin a comment."""
    return json.dumps(words, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
