"""The formats that are read and written, as records of name, about and hint: what to install first, or ""."""

from __future__ import annotations

from typing import Any

Records = list[dict[str, Any]]


def read() -> Records:
    """Those of targets."""
    from engine.image.formats import readable_formats

    return [
        {
            "name": each.name,
            "about": " ".join(each.suffixes) + ("; moves or has pages: --frame N" if each.has_frames else ""),
            "hint": each.hint,
        }
        for each in readable_formats()
    ]


def films() -> Records:
    """Those of films and animations."""
    from engine.cli.flag_facts import facts_of

    choices = facts_of("film.format").choices
    return [{"name": name, "about": about, "hint": ""} for name, about in choices.items()]


def exported() -> Records:
    """Those of files for other programs."""
    from engine.export.formats import offers

    return [{"name": each.name, "about": each.about, "hint": each.hint} for each in offers()]
