"""The formats that are read and written, as records of name, about and hint: what to install first, or ""."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

Records = list[dict[str, Any]]

READ = ("PNG", "JPEG", "WebP", "TIFF", "BMP", "GIF")


def read() -> Records:
    """Those of targets."""
    return [{"name": name, "about": "", "hint": ""} for name in READ]


def films() -> Records:
    """Those of films and animations."""
    from engine.cli.flag_facts import facts_of

    choices = facts_of("film.format").choices
    return [{"name": name, "about": about, "hint": ""} for name, about in choices.items()]


def exported() -> Records:
    """Those of files for other programs."""
    from engine.export.formats import offers

    return [asdict(offer) for offer in offers()]
