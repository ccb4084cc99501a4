"""The formats that are read and written, as records of name, about and hint: what to install first, or ""."""

from __future__ import annotations

from typing import Any, get_args

Records = list[dict[str, Any]]

ABOUT_EXPORTS = {
    "svg": "vectors for browsers and drawing programs",
    "pdf": "a page of vectors, for posters and printers",
    "json": "the shapes themselves, which --from reads back",
    "png": "pixels, lossless, of any size",
    "plotter": "lines for pen plotters, a layer for each pen (SVG)",
}


def read() -> Records:
    """Those of targets."""
    from engine.image.formats import readable_formats

    return [
        {"name": each.name, "about": ", ".join(each.suffixes), "hint": each.hint}
        for each in readable_formats()
    ]


def films() -> Records:
    """Those of films and animations."""
    from engine.cli.flag_facts import facts_of

    choices = facts_of("film.format").choices
    return [{"name": name, "about": about, "hint": ""} for name, about in choices.items()]


def exported() -> Records:
    """Those of files for other programs."""
    from engine.spec.fields import FileFormat

    names = get_args(FileFormat)
    return [{"name": name, "about": ABOUT_EXPORTS.get(name, ""), "hint": ""} for name in names]
