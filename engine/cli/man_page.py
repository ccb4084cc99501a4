"""A page of help as a manual page, in roff."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine import __version__
from engine.cli.help_page import Entry, Page

FILES = (
    ("outputs/", "where runs are, each in a folder of its own"),
    ("~/.config/tessera/config.yaml", "your own defaults, as in a spec file"),
    ("~/.config/tessera/presets/", "your own presets"),
)
VARIABLES = (
    ("TESSERA_*", "defaults too: TESSERA_WORKERS is --workers, TESSERA_FILM_SIZE is film.size"),
    ("XDG_CONFIG_HOME", "instead of ~/.config"),
    ("COLUMNS", "how wide --help is"),
)


def file_name(page: Page) -> str:
    """What the file of a manual page is called: tessera-render.1."""
    return f"{_title(page)}.1"


def as_man(page: Page, others: Sequence[str], exit_codes: str) -> str:
    """The page in roff. others: names of the other pages; exit_codes: a sentence about them."""
    title = _title(page)
    lines = [
        f'.TH {title.upper()} 1 "" "Tessera {__version__}" "Tessera"',
        ".SH NAME",
        f"{_escaped(title)} \\- {_escaped(page.about.rstrip('.'))}",
        ".SH SYNOPSIS",
        f".B {_escaped(page.name)}",
        _escaped(page.usage),
        ".SH DESCRIPTION",
        _escaped(page.about),
    ]
    for heading, entries in page.sections:
        lines += [f'.SH "{_escaped(heading.upper())}"', *_entries(entries)]
    lines += [".SH EXAMPLES"]
    for number, (line, text) in enumerate(page.examples):
        lines += [".PP"] * bool(number) + [f"{_escaped(text[:1].upper() + text[1:])}:", ".PP", ".RS 4", ".nf"]
        lines += [_escaped(line), ".fi", ".RE"]
    lines += [".SH EXIT STATUS", _escaped(exit_codes)]
    for heading, pairs in (("ENVIRONMENT", VARIABLES), ("FILES", FILES)):
        lines += [f".SH {heading}", *_entries([Entry(*pair) for pair in pairs])]
    see = ", ".join(f"\\fB{_escaped(name)}\\fR(1)" for name in others if name != title)
    return "\n".join([*lines, ".SH SEE ALSO", see]) + "\n"


def _title(page: Page) -> str:
    return page.name.replace(" ", "-")


def _entries(entries: Sequence[Entry]) -> Iterator[str]:
    for entry in entries:
        yield from (".TP", f".B {_escaped(entry.names)}", _escaped(entry.about))


def _escaped(text: str) -> str:
    """Text in which nothing is roff's: dashes are those of options, and no line begins with a dot."""
    found = text.replace("\\", "\\e").replace("-", "\\-").replace("`", "\\(ga").replace("'", "\\(aq")
    return f"\\&{found}" if found.startswith(".") else found
